package themes

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	latest      = 10_000 // judgements and suggestions that are looked at
	learnedLong = 30 * 24 * time.Hour
	stoodLong   = 14 * 24 * time.Hour // after which what joined by itself counts as left there
)

// Calibrate learns from the decisions and stores what they taught. It takes up to
// some minutes: for a job. Calling it again is harmless.
func (t *Themes) Calibrate(ctx context.Context) error {
	for _, name := range t.names() {
		if err := t.calibrate(ctx, name); err != nil {
			return fmt.Errorf("calibrate %s: %w", name, err)
		}
	}
	return nil
}

func (t *Themes) calibrate(ctx context.Context, name string) error {
	now := t.db.Now()
	c := models.Calibration{LearnedAt: now}
	if err := t.db.Read(ctx).Limit(1).Find(&c, "model = ?", name).Error; err != nil {
		return err
	}
	c.Model, c.FittedAt = name, now
	c.Learned = append([]byte{}, c.Learned...) // what was stored empty is read as nil, and no NULL is kept
	var js []models.Judgement
	err := t.db.Read(ctx).Where("model = ? AND stands = TRUE", name).Order("decided_at DESC").Limit(latest).Find(&js).Error
	if err != nil || len(js) == 0 {
		return err
	}
	c.Decisions = len(js)
	if err := t.relearn(ctx, name, js, &c); err != nil {
		return err
	}
	left, err := t.leftStanding(ctx, name)
	if err != nil {
		return err
	}
	fit(&c, append(js, left...))
	err = t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&c).Error
	})
	t.taught.nudge()
	return err
}

// relearn learns anew when there is twice as much to learn from as the last time,
// or that is long ago. Not more often: each time the scores change their scale,
// and the threshold must wait for decisions on the new one.
func (t *Themes) relearn(ctx context.Context, name string, js []models.Judgement, c *models.Calibration) error {
	v := t.index.view.Load()
	if v.name() != name || c.LearnedUsed && len(js) < 2*c.LearnedFrom && c.FittedAt.Sub(c.LearnedAt) < learnedLong {
		return nil
	}
	used, before := c.LearnedUsed, c.Learned
	if err := t.learn(ctx, v, js, c); err != nil {
		return err
	}
	c.LearnedAt = c.FittedAt
	if !c.LearnedUsed {
		c.Learned = []byte{}
	}
	if used == c.LearnedUsed && bytes.Equal(before, c.Learned) {
		return nil
	}
	err := t.db.Read(ctx).Model(&models.Suggestion{}).Order("id DESC").Limit(1).Pluck("id", &c.Since).Error
	if err != nil {
		return fmt.Errorf("read suggestions: %w", err)
	}
	return nil
}

// fit finds the threshold and what it would have done.
func fit(c *models.Calibration, js []models.Judgement) {
	var os []outcome
	c.Existing = 0
	for _, j := range js {
		if j.Existed && j.SuggestionID > c.Since {
			c.Existing++
		}
		if j.SaidTheme != "" && j.Sure && j.SuggestionID > c.Since {
			os = append(os, outcome{j.Score, j.Named})
		}
	}
	c.Threshold, c.Above, c.AboveRight = threshold(os)
}

// leftStanding are the suggestions that joined a theme by themselves and that
// nobody has said a word about for long: seen on the theme's page and left there.
// Without them, what joins rightly would never count, and what joins wrongly
// always.
func (t *Themes) leftStanding(ctx context.Context, name string) ([]models.Judgement, error) {
	rows, err := t.filed(ctx, t.db.Now().Add(-year), t.db.Now().Add(-stoodLong))
	if err != nil {
		return nil, err
	}
	var out []models.Judgement
	for _, r := range rows {
		if r.Band == models.BandAttach && r.Model == name && r.DecidedAt.IsZero() {
			r.Named, r.Existed, r.Correct, r.ChosenTheme = true, true, true, r.SaidTheme
			out = append(out, r.Judgement)
		}
	}
	return out, nil
}

const year = 365 * 24 * time.Hour

// filedRow is what was said of a suggestion, with the judgement that stands; its
// DecidedAt is zero while nobody decided.
type filedRow struct {
	models.Judgement
	at      time.Time
	waiting bool
}

// filed gives what was said of the latest suggestions that came in between since
// and until, latest first: those that a model was asked about.
func (t *Themes) filed(ctx context.Context, since, until time.Time) ([]filedRow, error) {
	const step = 1000
	out := []filedRow{}
	var last string
	err := t.db.Read(ctx).Model(&models.Suggestion{}).Where("created_at <= ?", until).Order("id DESC").Limit(1).Pluck("id", &last).Error
	if err != nil {
		return nil, fmt.Errorf("read suggestions: %w", err)
	}
	last += "~" // that one too: no id has it
	for seen := 0; seen < latest; {
		q := t.db.Read(ctx).Select("id", "action", "candidates", "asks", "matched_by", "waiting", "created_at").Order("id DESC").Limit(step)
		q = q.Where("id < ? AND echo_of = ''", last) // of who says the same one is enough
		var rows []models.Suggestion
		if err := q.Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read suggestions: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		seen += len(rows)
		last = rows[len(rows)-1].ID
		some, err := t.judged(ctx, rows, since, until)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if rows[len(rows)-1].CreatedAt.Before(since) {
			break
		}
	}
	return out, nil
}

// judged puts beside suggestions what people decided.
func (t *Themes) judged(ctx context.Context, rows []models.Suggestion, since, until time.Time) ([]filedRow, error) {
	var js []models.Judgement
	err := t.db.Read(ctx).Where("suggestion_id >= ? AND suggestion_id <= ? AND stands = TRUE", rows[len(rows)-1].ID, rows[0].ID).Find(&js).Error
	if err != nil {
		return nil, fmt.Errorf("read judgements: %w", err)
	}
	decided := make(map[string]models.Judgement, len(js))
	for _, j := range js {
		decided[j.SuggestionID] = j
	}
	var out []filedRow
	for i := range rows {
		s := &rows[i]
		if s.MatchedBy == "" || s.CreatedAt.Before(since) || s.CreatedAt.After(until) {
			continue
		}
		r := filedRow{Judgement: saidOf(s), at: s.CreatedAt, waiting: s.Waiting}
		if j, ok := decided[s.ID]; ok {
			r.Judgement = j
		}
		out = append(out, r)
	}
	return out, nil
}
