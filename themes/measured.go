package themes

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/heedhq/heed/models"
)

const (
	measureEvery = time.Minute
	measureMost  = time.Minute // that it may take, whoever still waits for it
)

// measured keeps the last measure: it reads ten thousand suggestions and their
// decisions, so it is taken once for all who look at the same time.
type measured struct {
	now    atomic.Pointer[measure]
	flight singleflight.Group
}

// measure is what Quality and Replay count from. Nobody changes one.
type measure struct {
	at        time.Time
	model     string
	decisions int
	filed     []filedRow // of the last year, latest first
	weeks     []Week
	all       Tally
}

// since are the suggestions that came in since then.
func (m *measure) since(t time.Time) []filedRow {
	out := make([]filedRow, 0, len(m.filed))
	for _, r := range m.filed {
		if !r.at.Before(t) {
			out = append(out, r)
		}
	}
	return out
}

// measure gives the last measure, or takes one when that is too old or of another
// model. One that is being taken goes on for the others when a caller gives up.
func (t *Themes) measure(ctx context.Context) (*measure, error) {
	name := t.index.view.Load().name()
	every := t.opts.Remeasure
	if every == 0 {
		every = measureEvery
	}
	if m := t.measured.now.Load(); m != nil && m.model == name && t.db.Now().Sub(m.at) < every {
		return m, nil
	}
	c := t.measured.flight.DoChan(name, func() (any, error) {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), measureMost)
		defer stop()
		m, err := t.takeMeasure(ctx, name)
		if err == nil {
			t.measured.now.Store(m)
		}
		return m, err
	})
	select {
	case r := <-c:
		if r.Err != nil {
			return nil, fmt.Errorf("quality: %w", r.Err)
		}
		return r.Val.(*measure), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (t *Themes) takeMeasure(ctx context.Context, name string) (*measure, error) {
	m := &measure{at: t.db.Now(), model: name}
	var n int64
	if err := t.db.Read(ctx).Model(&models.Judgement{}).Where("model = ? AND stands = TRUE", name).Count(&n).Error; err != nil {
		return nil, err
	}
	m.decisions = int(n)
	if err := t.weeks(ctx, m, firstDay(m.at)); err != nil {
		return nil, err
	}
	var err error
	m.filed, err = t.filed(ctx, m.at.AddDate(0, 0, -mostDays), m.at)
	return m, err
}

// firstDay is the first of the QualityDays up to now.
func firstDay(now time.Time) time.Time {
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-QualityDays)
}

// weeks reads the decisions since a day.
func (t *Themes) weeks(ctx context.Context, m *measure, since time.Time) error {
	for day := 0; day < QualityDays; day += 7 {
		m.weeks = append(m.weeks, Week{Start: since.AddDate(0, 0, day)})
	}
	var js []models.Judgement
	err := t.db.Read(ctx).Select("band", "named", "existed", "decided_at").Where("stands = TRUE AND decided_at >= ?", since).
		Order("decided_at DESC").Limit(latest).Find(&js).Error
	for i := range js {
		week := min(len(m.weeks)-1, int(js[i].DecidedAt.Sub(since)/(7*24*time.Hour)))
		m.weeks[week].count(&js[i])
		m.all.count(&js[i])
	}
	return err
}

func bands(rows []filedRow) []Band {
	out := []Band{{Name: models.BandAttach}, {Name: models.BandSuggest}, {Name: models.BandNew}}
	for i := range rows {
		b := &out[slices.IndexFunc(out, func(b Band) bool { return b.Name == rows[i].Band })]
		b.Filed++
		switch {
		case rows[i].DecidedAt.IsZero():
			b.Open++
		case rows[i].Correct:
			b.Right++
		default:
			b.Wrong++
		}
	}
	return out
}
