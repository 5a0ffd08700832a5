package themes

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Which promises a list holds.
const (
	PromisesOverdue = "overdue" // their day has passed
	PromisesDue     = "due"     // it comes within a week
	PromisesDecide  = "decide"  // the next mail waits for a person
	PromisesKept    = "kept"    // it does not wait for a person
)

// PromiseFilter chooses of the open themes with a promise. State "" is all of them.
type PromiseFilter struct {
	State   string
	Product string
	Status  models.Status
	Cursor  string
	Limit   int // at most MaxPage, 50 when 0
}

// Promises lists open themes by the day when their people hear next, the first day
// first, and gives the cursor of the next page.
func (t *Themes) Promises(ctx context.Context, a auth.Actor, f PromiseFilter) ([]models.Theme, string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	if f.Status != "" && (!f.Status.IsSettable() || !f.Status.IsOpen()) {
		return nil, "", models.BadField("status", "status_unknown", string(f.Status))
	}
	q, err := t.promised(t.db.Read(ctx), f.State)
	if err != nil {
		return nil, "", err
	}
	if f.Product != "" {
		q = q.Where("product = ?", f.Product)
	}
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.Cursor != "" {
		key, id, err := uncursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("(promise_date, id) > (?, ?)", fromMillis(n), id)
	}
	limit := page(f.Limit)
	ths := []models.Theme{}
	if err := q.Order("promise_date, id").Limit(limit + 1).Find(&ths).Error; err != nil {
		return nil, "", fmt.Errorf("list promises: %w", err)
	}
	if len(ths) <= limit {
		return ths, "", nil
	}
	ths = ths[:limit]
	last := &ths[limit-1]
	return ths, cursor(strconv.FormatInt(last.PromiseDate.UnixMilli(), 10), last.ID), nil
}

func (t *Themes) promised(q *gorm.DB, state string) (*gorm.DB, error) {
	now := t.db.Now()
	q = q.Where("promise_date IS NOT NULL AND merged_into = '' AND gone_at IS NULL AND status <> 'candidate'")
	switch state {
	case "":
		return q, nil
	case PromisesOverdue:
		return q.Where("promise_date <= ?", now), nil
	case PromisesDue:
		return q.Where("promise_date > ? AND promise_date <= ?", now, now.Add(7*24*time.Hour)), nil
	case PromisesDecide:
		return q.Where("decide_at IS NOT NULL"), nil
	case PromisesKept:
		return q.Where("decide_at IS NULL"), nil
	}
	return nil, models.BadField("state", "promise_state_unknown", state)
}

// PromisesWaiting counts the themes whose next mail waits for a person, or whose day
// has passed.
func (t *Themes) PromisesWaiting(ctx context.Context, a auth.Actor) (int64, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return 0, err
	}
	var n int64
	err := t.db.Read(ctx).Raw(`SELECT (SELECT COUNT(*) FROM themes WHERE decide_at IS NOT NULL AND merged_into = '' AND gone_at IS NULL)
		+ (SELECT COUNT(*) FROM themes WHERE promise_date IS NOT NULL AND promise_date <= ? AND decide_at IS NULL AND merged_into = '' AND gone_at IS NULL AND status <> 'candidate')`,
		t.db.Now()).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count promises: %w", err)
	}
	return n, nil
}

// PromisedProducts names the products of themes that promise something.
func (t *Themes) PromisedProducts(ctx context.Context, a auth.Actor) ([]string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	out := []string{}
	err := t.db.Read(ctx).Raw(`SELECT DISTINCT product FROM themes WHERE promise_date IS NOT NULL AND product <> '' AND merged_into = '' AND gone_at IS NULL ORDER BY product LIMIT 100`).Scan(&out).Error
	return out, err
}

// DefaultPromise is the day that a status promises from now on; the zero time where it
// promises none.
func (t *Themes) DefaultPromise(s models.Status) time.Time {
	if d := t.opts.Promises.from(s, t.db.Now()); d != nil {
		return *d
	}
	return time.Time{}
}

// Now is the time by which a promise is overdue.
func (t *Themes) Now() time.Time { return t.db.Now() }
