package people

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// People is the service. Its methods are safe for concurrent use; Run keeps the
// index of names in step.
type People struct {
	db     *models.DB
	redact *redact.Redactor
}

// New returns the service.
func New(db *models.DB, r *redact.Redactor) *People { return &People{db: db, redact: r} }

// idle is how long new names may go unnoticed that another node wrote.
const idle = 5 * time.Second

// Run indexes people who are new or were changed, until ctx ends.
func (p *People) Run(ctx context.Context) {
	for ctx.Err() == nil {
		woken := p.db.Changed() // before it looks, so that nothing between is missed
		if _, err := p.Index(ctx); err != nil && ctx.Err() == nil {
			slog.Error("people: index", "error", err)
		}
		timer := time.NewTimer(idle)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
		// A burst of filings is one batch, not one for each.
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// wrap names the operation in an error that is not of the vocabulary.
func wrap(operation string, err error) error {
	if err == nil || models.KindOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", operation, err)
}
