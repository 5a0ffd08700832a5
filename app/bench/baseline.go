package bench

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	baselineFor      = time.Second
	baselineRequests = 2000
	rowsAWrite       = 6
)

// writeBaseline measures bare models.Write of six rows by six statements from as many callers as
// there will be clients, so that a report carries what this machine could do at
// that moment. The rows are removed again.
func (h *house) writeBaseline(ctx context.Context) (*Measured, error) {
	db := h.app.DB
	until := time.Now().Add(baselineFor)
	limited, cancel := context.WithDeadline(ctx, until.Add(patience))
	defer cancel()
	var out []outcome
	var trouble atomic.Pointer[error]
	began := time.Now()
	for time.Now().Before(until) { // rounds, for nobody knows how many writes fit
		round, _, err := drive(limited, h.opts.Clients, max(64, 8*h.opts.Clients), func(_, _ int) {}, func(ctx context.Context, _ int) (int, []byte, error) {
			err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return sixPeople(tx, db.Now()) })
			if err != nil {
				trouble.Store(&err)
			}
			return http.StatusOK, nil, err
		}, func(_, _ int, _ []byte) {})
		if err != nil {
			return nil, err
		}
		if e := trouble.Load(); e != nil {
			return nil, fmt.Errorf("write baseline: %w", *e)
		}
		out = append(out, round...)
	}
	m := measure(out, time.Since(began))
	err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("segment = ?", baselineSegment).Delete(&models.Person{}).Error
	})
	return &m, err
}

const baselineSegment = "bench-baseline"

// sixPeople stores six rows by six statements.
func sixPeople(tx *gorm.DB, now time.Time) error {
	for range rowsAWrite {
		if err := tx.Create(&models.Person{ID: models.NewID(models.PrefixPerson), Segment: baselineSegment, CreatedAt: now, UpdatedAt: now}).Error; err != nil {
			return err
		}
	}
	return nil
}

// httpBaseline measures requests that do nothing, and opens the connections.
func (h *house) httpBaseline(ctx context.Context) (Measured, error) {
	out, wall, err := drive(ctx, h.opts.Clients, baselineRequests, func(_, _ int) {}, func(ctx context.Context, _ int) (int, []byte, error) {
		return h.client.ask(ctx, "/livez", nil)
	}, func(_, _ int, _ []byte) {})
	if err != nil {
		return Measured{}, err
	}
	return measure(out, wall), nil
}
