package ui

import (
	"strconv"
	"strings"
	"time"
)

// Quality is how well suggestions find their theme, by the team's decisions.
type Quality struct {
	// Model reads the texts; empty while they are compared by their words alone.
	Model   string
	StandIn bool
	// Measured is when everything was counted.
	Measured time.Time
	// Waiting is how many texts wait to be read.
	Waiting int
	// Mode is when suggestions join by themselves: off, fixed or auto. Sure is from
	// how many percent on they do; 0 for never.
	Mode string
	Sure int
	// Decisions of Needed were made before auto starts.
	Decisions, Needed int
	// Promised is how many of 100 shall belong where they join.
	Promised int
	// Would is what the decisions say of Sure, Reach how many of those with a theme
	// would join it; both without Of when nothing was fitted.
	Would, Reach Ratio
	Precision    Ratio
	Recall       Ratio
	Bands        []QualityBand
	Weeks        []QualityWeek
	// Pairs were learned from; LearnedUsed when that orders unseen pairs no worse:
	// Before and After are percent of them in the right order, 0 when not tried.
	Pairs         int
	LearnedUsed   bool
	Before, After int
	Replay        Replay
}

// Any reports whether anything was decided yet.
func (q Quality) Any() bool {
	for _, b := range q.Bands {
		if b.Right+b.Wrong > 0 {
			return true
		}
	}
	return q.Precision.Of > 0 || q.Recall.Of > 0 || q.Decisions > 0
}

// Ratio is so many of so many.
type Ratio struct{ N, Of int }

// Percent is the share, rounded down: what is not all is not 100.
func (r Ratio) Percent() int {
	if r.Of == 0 {
		return 0
	}
	return r.N * 100 / r.Of
}

// QualityBand is what was said of suggestions (attach, suggest, new) and what
// became of it.
type QualityBand struct {
	Name                      string
	Filed, Right, Wrong, Open int
}

// QualityWeek is the decisions of seven days.
type QualityWeek struct {
	Start             time.Time
	Decisions         int
	Precision, Recall Ratio
}

// The chart's own measures; it is stretched to the width it has.
const chartWidth, chartHeight = 600, 120

// PrecisionLine is the path of the weeks' precision.
func (q Quality) PrecisionLine() string {
	return q.line(func(w QualityWeek) Ratio { return w.Precision })
}

// RecallLine is the path of the weeks' recall.
func (q Quality) RecallLine() string {
	return q.line(func(w QualityWeek) Ratio { return w.Recall })
}

// PrecisionDots and RecallDots are the weeks that have a value.
func (q Quality) PrecisionDots() string { return dots(q.PrecisionLine()) }

// RecallDots: see PrecisionDots.
func (q Quality) RecallDots() string { return dots(q.RecallLine()) }

func dots(line string) string {
	return strings.ReplaceAll(line, "L", "M") // round caps make a line without length a dot
}

// line joins the weeks that have a value.
func (q Quality) line(of func(QualityWeek) Ratio) string {
	var b strings.Builder
	pen := "M"
	for i, w := range q.Weeks {
		r := of(w)
		if r.Of == 0 {
			pen = "M"
			continue
		}
		x := (2*i + 1) * chartWidth / (2 * len(q.Weeks))
		y := chartHeight - r.N*chartHeight/r.Of
		b.WriteString(pen + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h0")
		pen = "L"
	}
	return b.String()
}

// Replay is what another threshold would have done.
type Replay struct {
	// Sure is the threshold in percent as it was typed, Error what is wrong with it.
	Sure, Error string
	Days        []Option
	Result      *Replayed
	// CSV is where the doubtful ones are a file.
	CSV string
}

// Replayed is the answer: Of Filed suggestions Joined would have joined by
// themselves; Right is of those that people decided on. Spared decisions would
// not have been needed; Returned suggestions would have waited for one.
type Replayed struct {
	Off              bool
	Sure, Days       int
	Filed, Joined    int
	Right            Ratio
	Spared, Returned int
	Doubtful         []Doubtful
}

// Doubtful is a suggestion that would have joined Theme. Outcome is right, wrong,
// refused or open; Chosen is where people put a wrong one.
type Doubtful struct {
	Title, Lang, URL string
	Theme            ThemeRef
	Outcome          string
	Chosen           ThemeRef
}
