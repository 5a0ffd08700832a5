package themes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	replayDays  = 30
	mostDays    = 365
	mostDoubted = 10
)

// Replayed is what a threshold would have done to the suggestions of some days, by
// the scores that they were given when they came in.
type Replayed struct {
	Threshold float64 // 0: nothing joins by itself
	Days      int
	Filed     int // suggestions that the model in use was asked about; of the latest ten thousand
	Joined    int // of these would have joined by themselves
	Decided   int // of which people decided,
	Right     int // and bore out
	Spared    int // decisions that nobody would have had to make
	Returned  int // suggestions that joined and would have waited for a person
	Doubtful  []Doubtful
}

// Precision is the share of what would have joined that belonged there, by the
// decisions; -1 without any.
func (r *Replayed) Precision() float64 { return shareOf(r.Right, r.Decided) }

// Doubtful is a suggestion that would have joined Theme. Chosen is where a person
// put it instead, nil where they did not say.
type Doubtful struct {
	Suggestion models.Suggestion
	Theme      models.Theme
	Chosen     *models.Theme
	Decided    bool
	Right      bool
	Reasons    []models.Reason
}

// Replay says what a threshold would have done in the last days (0: 30). It counts
// from the last measure, at most Options.Remeasure old, changes nothing and matches
// nothing anew.
func (t *Themes) Replay(ctx context.Context, a auth.Actor, threshold float64, days int) (*Replayed, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	if threshold != 0 && !(threshold >= .5 && threshold <= 1) {
		return nil, models.BadField("threshold", "threshold_range")
	}
	if days == 0 {
		days = replayDays
	}
	if days < 1 || days > mostDays {
		return nil, models.BadField("days", "days_range", mostDays)
	}
	m, err := t.measure(ctx)
	if err != nil {
		return nil, err
	}
	rows := m.since(m.at.AddDate(0, 0, -days))
	r := &Replayed{Threshold: threshold, Days: days}
	var joined []filedRow
	for i := range rows {
		if rows[i].Model == m.model && r.count(&rows[i]) {
			joined = append(joined, rows[i])
		}
	}
	return r, t.doubts(ctx, a, r, joined)
}

// count adds a suggestion and reports whether it would have joined.
func (r *Replayed) count(j *filedRow) bool {
	r.Filed++
	decided := !j.DecidedAt.IsZero()
	if r.Threshold == 0 || j.SaidTheme == "" || !j.Sure || j.Score < r.Threshold {
		if j.Band == models.BandAttach {
			r.Returned++
		}
		return false
	}
	r.Joined++
	if decided {
		r.Decided++
	}
	if decided && j.Named {
		r.Right++
	}
	if j.Band != models.BandAttach && (j.Named || !decided && j.waiting) {
		r.Spared++
	}
	return true
}

// doubts tells the most doubtful of those that would have joined: where people
// decided otherwise, then by score.
func (t *Themes) doubts(ctx context.Context, a auth.Actor, r *Replayed, joined []filedRow) error {
	wrong := func(j *filedRow) int {
		if !j.DecidedAt.IsZero() && !j.Named {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(joined, func(x, y filedRow) int {
		return cmp.Or(cmp.Compare(wrong(&x), wrong(&y)), cmp.Compare(x.Score, y.Score))
	})
	joined = joined[:min(mostDoubted, len(joined))]
	r.Doubtful = []Doubtful{}
	if len(joined) == 0 {
		return nil
	}
	var ids, ths []string
	for _, j := range joined {
		ids = append(ids, j.SuggestionID)
		ths = append(ths, j.SaidTheme, j.ChosenTheme)
	}
	var rows []models.Suggestion
	if err := t.db.Read(ctx).Find(&rows, "id IN ?", ids).Error; err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	live, err := t.Live(ctx, a, ths)
	if err != nil {
		return err
	}
	for _, j := range joined {
		i := slices.IndexFunc(rows, func(s models.Suggestion) bool { return s.ID == j.SuggestionID })
		th, ok := live[j.SaidTheme]
		if i < 0 || !ok { // the theme is gone meanwhile
			continue
		}
		d := Doubtful{Suggestion: rows[i], Theme: th, Decided: !j.DecidedAt.IsZero(), Right: j.Named}
		if c := rows[i].Candidates.V; len(c) > 0 {
			d.Reasons = c[0].Reasons
		}
		if chosen, ok := live[j.ChosenTheme]; ok && !j.Named {
			d.Chosen = &chosen
		}
		r.Doubtful = append(r.Doubtful, d)
	}
	return nil
}
