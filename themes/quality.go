package themes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Modes of joining by itself.
const (
	ModeOff   = "off"
	ModeFixed = "fixed" // from a probability that the configuration names
	ModeAuto  = "auto"  // from the one that the decisions bear out
)

// QualityDays is how far back Quality looks.
const QualityDays = 84

// Quality is how well suggestions find their theme, measured on what the team
// decided in the last QualityDays.
type Quality struct {
	Model     string    // that reads the texts; models.WordsModel for their words alone
	StandIn   bool      // the preferred model fails
	Encoding  int       // texts that wait for their vector
	Measured  time.Time // when what follows was counted
	Mode      string
	At        float64            // score from which on a suggestion joins by itself; 0: none does
	Decisions int                // on what Model said, ever; LeastDecisions are needed
	Taught    models.Calibration // as it was fitted last; zero before

	Bands []Band // attach, suggest, new
	Weeks []Week // oldest first, the present one last
	All   Tally  // of the Weeks
}

// Band is what was said of suggestions that came in, and what became of it.
type Band struct {
	Name               string // models.BandAttach, …
	Filed              int
	Right, Wrong, Open int // Open: nobody decided
}

// Tally counts decisions. Named of those Proposed had the right theme named first;
// so had Found of those whose theme Existed.
type Tally struct {
	Decisions       int
	Proposed, Named int
	Existed, Found  int
}

// Precision is the share of proposals that were right; -1 without any.
func (t Tally) Precision() float64 { return shareOf(t.Named, t.Proposed) }

// Recall is the share of suggestions with a theme that had it proposed; -1 without
// any.
func (t Tally) Recall() float64 { return shareOf(t.Found, t.Existed) }

func shareOf(n, of int) float64 {
	if of == 0 {
		return -1
	}
	return float64(n) / float64(of)
}

func (t *Tally) count(j *models.Judgement) {
	t.Decisions++
	proposed := j.Band != models.BandNew
	if proposed {
		t.Proposed++
	}
	if proposed && j.Named {
		t.Named++
	}
	if j.Existed {
		t.Existed++
		if proposed && j.Named {
			t.Found++
		}
	}
}

// Week is the decisions of seven days from Start on.
type Week struct {
	Start time.Time
	Tally
}

// Quality gives the last measure, at most Options.Remeasure old.
func (t *Themes) Quality(ctx context.Context, a auth.Actor) (Quality, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return Quality{}, err
	}
	m, err := t.measure(ctx)
	if err != nil {
		return Quality{}, err
	}
	q := Quality{Model: m.model, StandIn: t.StandIn(), Encoding: t.Encoding(), Mode: ModeOff, At: t.attachAt(m.model),
		Measured: m.at, Decisions: m.decisions, Weeks: slices.Clone(m.weeks), All: m.all, Bands: bands(m.since(firstDay(m.at)))}
	switch {
	case t.opts.Attach > 0:
		q.Mode = ModeFixed
	case t.opts.Auto:
		q.Mode = ModeAuto
	}
	if err := t.db.Read(ctx).Limit(1).Find(&q.Taught, "model = ?", m.model).Error; err != nil {
		return q, fmt.Errorf("quality: %w", err)
	}
	return q, nil
}
