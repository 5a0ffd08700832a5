package themes

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/heedhq/heed/dedup/learn"
	"github.com/heedhq/heed/models"
)

const (
	pollTaught = 5 * time.Second  // how often other nodes' calibrations are looked for
	refitAfter = 50               // judgements
	refitPause = 10 * time.Minute // for a fit that was asked for, before it is again
)

// lesson is what the decisions taught, as this node knows it.
type lesson struct {
	wake  chan struct{}
	now   atomic.Pointer[map[string]taught] // by model
	asked map[string]time.Time              // when a fit was asked for last, by model; study's alone
}

// taught is a calibration and its learned model, nil where that is not used.
type taught struct {
	models.Calibration
	model *learn.Model
}

func newLesson() *lesson {
	return &lesson{wake: make(chan struct{}, 1), asked: map[string]time.Time{}}
}

// nudge makes study look at once.
func (l *lesson) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lesson) of(model string) (taught, bool) {
	all := l.now.Load()
	if all == nil {
		return taught{}, false
	}
	c, ok := (*all)[model]
	return c, ok
}

// threshold is the score from which on a suggestion joins by itself, 0 for none.
func (l *lesson) threshold(model string) float64 {
	c, ok := l.of(model)
	if !ok || c.Decisions < LeastDecisions {
		return 0
	}
	return c.Threshold
}

// attachAt is the score from which on a suggestion that a model was asked about
// joins by itself, 0 for none.
func (t *Themes) attachAt(model string) float64 {
	switch {
	case t.opts.Attach > 0:
		return t.opts.Attach
	case t.opts.Auto:
		return t.taught.threshold(model)
	}
	return 0
}

// joins reports whether a suggestion joins its first candidate by itself.
func (t *Themes) joins(model string, c *models.Candidate) bool {
	at := t.attachAt(model)
	return at > 0 && c.Score >= at && isSure(c)
}

// asked names the model that a match with this vector asks.
func asked(v *view, vec []float32) string {
	if vec == nil {
		return models.WordsModel
	}
	return v.name()
}

// name is the model whose vectors the index is made of.
func (v *view) name() string {
	if v.reader == nil {
		return models.WordsModel
	}
	return v.reader.Model()
}

// study keeps what was taught in step with the rows and the index, and asks for
// it to be fitted anew when enough was decided, until ctx ends.
func (t *Themes) study(ctx context.Context) {
	var in *view        // that was given what was learned,
	var given time.Time // as fitted then
	for ctx.Err() == nil {
		err := t.reread(ctx)
		if err == nil {
			err = t.askRefit(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("calibration: read", "error", err)
		}
		v := t.index.view.Load()
		if c, ok := t.taught.of(v.name()); ok && (v != in || !c.FittedAt.Equal(given)) {
			v.index.Learn(c.model)
			in, given = v, c.FittedAt
		}
		select {
		case <-ctx.Done():
		case <-t.taught.wake:
		case <-time.After(pollTaught):
		}
	}
}

// reread loads the calibrations that changed.
func (t *Themes) reread(ctx context.Context) error {
	var known []struct {
		Model    string
		FittedAt time.Time
	}
	if err := t.db.Read(ctx).Model(&models.Calibration{}).Select("model", "fitted_at").Scan(&known).Error; err != nil {
		return err
	}
	next, changed := map[string]taught{}, false
	for _, k := range known {
		if c, ok := t.taught.of(k.Model); ok && c.FittedAt.Equal(k.FittedAt) {
			next[k.Model] = c
			continue
		}
		var c taught
		if err := t.db.Read(ctx).First(&c.Calibration, "model = ?", k.Model).Error; err != nil {
			return err
		}
		if c.LearnedUsed {
			m, err := learn.Unmarshal(c.Learned)
			if err != nil { // of an older version: the next fit makes it anew
				slog.Warn("calibration: what was learned cannot be read", "model", k.Model, "error", err)
			}
			c.model = m
		}
		next[k.Model], changed = c, true
	}
	if changed {
		t.taught.now.Store(&next)
	}
	return nil
}

// askRefit asks for Calibrate once enough was decided since the last time.
func (t *Themes) askRefit(ctx context.Context) error {
	if t.opts.Refit == nil {
		return nil
	}
	for _, name := range t.names() {
		c, _ := t.taught.of(name)
		if time.Since(t.taught.asked[name]) < refitPause && !c.FittedAt.After(t.taught.asked[name]) {
			continue // it is under way
		}
		var n int64
		err := t.db.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM judgements WHERE model = ? AND stands = TRUE AND decided_at > ? LIMIT ?) x`,
			name, c.FittedAt, refitAfter).Scan(&n).Error
		if err != nil {
			return err
		}
		if n >= refitAfter {
			t.taught.asked[name] = time.Now()
			return t.opts.Refit(ctx)
		}
	}
	return nil
}

// names are the models that suggestions are matched by now.
func (t *Themes) names() []string {
	if name := t.index.view.Load().name(); name != models.WordsModel {
		return []string{name, models.WordsModel}
	}
	return []string{models.WordsModel}
}
