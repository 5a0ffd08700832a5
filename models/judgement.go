package models

import "time"

// WordsModel is the model's name of a match by words alone.
const WordsModel = "words"

// Bands: what was said of a suggestion when it came in.
const (
	BandAttach  = "attach"  // it belongs to SaidTheme, so it joined
	BandSuggest = "suggest" // it is likely to
	BandNew     = "new"     // it is like nothing
)

// Separation is a person's word that two themes are not the same: a merge taken
// back, or a split. Nothing proposes against it.
type Separation struct {
	ThemeID    string `gorm:"primaryKey"`
	OtherID    string `gorm:"primaryKey"`
	ActivityID string
	CreatedAt  time.Time
}

// Judgement is whether a person's decision bore out what was said of a
// suggestion. SaidTheme is the first theme that was named, "" for none, and Score
// the probability given to it; Sure that nothing else kept it from joining by
// itself: two of its suggestions were near and nothing differed. ChosenTheme is
// where the person put it, "" where they only said that it is not SaidTheme.
//
// Named: SaidTheme is where it belongs. Existed: ChosenTheme was there when the
// suggestion came in. Correct: what the band said is so. Of a suggestion's
// judgements the last one Stands.
type Judgement struct {
	SuggestionID string `gorm:"primaryKey"`
	ActivityID   string `gorm:"primaryKey"`
	Stands       bool
	Model        string
	Band         string
	SaidTheme    string
	Score        float64
	Sure         bool
	ChosenTheme  string
	Named        bool
	Existed      bool
	Correct      bool
	DecidedAt    time.Time
}

// Calibration is what the decisions on one model's proposals taught. Threshold is
// the probability from which a suggestion may join a theme by itself, 0 for at
// none: of the Decisions, Above had it, of which AboveRight were borne out;
// Existing is of how many the theme existed. Learned corrects how alike two texts
// are (package dedup/learn), from LearnedFrom pairs; it is used when, on pairs it
// had not seen, it ordered a share OrderAfter rightly and the model alone no more
// than that (OrderBefore). Since is the last suggestion that was scored before
// Learned was taken into use or out of it: scores up to it are on another scale and
// say nothing of the threshold.
type Calibration struct {
	Model       string `gorm:"primaryKey"`
	Threshold   float64
	Decisions   int
	Above       int
	AboveRight  int
	Existing    int
	Learned     []byte
	LearnedFrom int
	LearnedUsed bool
	OrderBefore float64
	OrderAfter  float64
	Since       string
	LearnedAt   time.Time
	FittedAt    time.Time
}

// Precision is the share of what would have joined by itself that belonged
// there; 0 without a threshold.
func (c *Calibration) Precision() float64 { return share(c.AboveRight, c.Above) }

// Recall is the share of what had a theme to join that would have joined it by
// itself.
func (c *Calibration) Recall() float64 { return share(c.AboveRight, c.Existing) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
