package bench

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	baselineFor      = 2 * time.Second
	baselineRequests = 2000
	rowsAWrite       = 6
)

// writeBaseline measures bare models.Write of six rows from as many callers as
// there will be clients, so that a report carries what this machine could do at
// that moment. The rows are removed again.
func (h *house) writeBaseline(ctx context.Context) (*Measured, error) {
	db := h.app.DB
	until := time.Now().Add(baselineFor)
	limited, cancel := context.WithDeadline(ctx, until.Add(patience))
	defer cancel()
	var out []outcome
	began := time.Now()
	for time.Now().Before(until) { // rounds, for nobody knows how many writes fit
		round, _, err := drive(limited, h.opts.Clients, max(64, 8*h.opts.Clients), func(_, _ int) {}, func(ctx context.Context, _ int) (int, []byte, error) {
			return 200, nil, db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(sixPeople(db.Now())).Error })
		}, func(_, _ int, _ []byte) {})
		if err != nil {
			return nil, err
		}
		for _, o := range round {
			if o.status == 0 {
				return nil, fmt.Errorf("write baseline: a write failed")
			}
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

func sixPeople(now time.Time) []models.Person {
	rows := make([]models.Person, rowsAWrite)
	for i := range rows {
		rows[i] = models.Person{ID: models.NewID(models.PrefixPerson), Segment: baselineSegment, CreatedAt: now, UpdatedAt: now}
	}
	return rows
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
