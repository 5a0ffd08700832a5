package notifier

import (
	"context"
	"slices"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// BounceFilter of Bounces. Empty fields do not filter; Limit is 50, at most 100.
type BounceFilter struct {
	Outcome  string
	Delivery string
	Cursor   string
	Limit    int
}

// BounceRow is a report with the person whose mail it is about, "" when it is about none
// of ours.
type BounceRow struct {
	models.BounceReport
	PersonID   string
	PersonName string
}

// BounceOutcomes are what a report may have led to.
func BounceOutcomes() []string {
	return []string{models.BounceSuppressed, models.BounceCounted, models.BounceUnsubscribed, models.BounceNoted, models.BounceRefused, models.BounceIgnored}
}

// Bounces lists the reports that came, newest first, and the cursor of the next page, "" at
// the end. Needs auth.ReadDeliveries. Errors: Invalid outcome bounce_outcome_unknown,
// cursor cursor_unreadable.
func (n *Notifier) Bounces(ctx context.Context, a auth.Actor, f BounceFilter) (rows []BounceRow, next string, err error) {
	if err := auth.Can(a, auth.ReadDeliveries); err != nil {
		return nil, "", err
	}
	if f.Outcome != "" && !slices.Contains(BounceOutcomes(), f.Outcome) {
		return nil, "", models.BadField("outcome", "bounce_outcome_unknown", f.Outcome)
	}
	if f.Cursor != "" && !models.IsID(models.PrefixBounce, f.Cursor) {
		return nil, "", models.BadField("cursor", "cursor_unreadable")
	}
	f.Limit = pageSize(f.Limit)
	q := n.db.Read(ctx).Table("bounce_reports b").Select("b.*, COALESCE(p.id, '') AS person_id, COALESCE(p.name, '') AS person_name").
		Joins("LEFT JOIN deliveries d ON d.id = b.delivery_id").Joins("LEFT JOIN people p ON p.id = d.person_id")
	for column, value := range map[string]string{"b.outcome = ?": f.Outcome, "b.delivery_id <> '' AND b.delivery_id = ?": f.Delivery, "b.id < ?": f.Cursor} {
		if value != "" {
			q = q.Where(column, value)
		}
	}
	if err := q.Order("b.id DESC").Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", wrapLedger("list bounces", err)
	}
	rows, next = paged(rows, f.Limit, func(r BounceRow) string { return r.ID })
	return rows, next, nil
}

// BounceWays is how bounces come back: to an address of their own, into a mailbox that is
// read (when it last was, and what went wrong), by HTTP; and whether the relay can be
// asked about mail in doubt.
type BounceWays struct {
	Address   string
	Mailbox   bool
	CheckedAt time.Time
	Problem   string
	Hook      bool
	Probe     bool
}

// BounceWays tells how it is set up. Needs auth.ReadDeliveries.
func (n *Notifier) BounceWays(ctx context.Context, a auth.Actor) (BounceWays, error) {
	w := BounceWays{Address: n.o.BounceAddress, Mailbox: n.o.BounceMailbox != "", Hook: n.o.BounceSecret != "", Probe: n.o.Prober != nil}
	if err := auth.Can(a, auth.ReadDeliveries); err != nil || !w.Mailbox {
		return w, err
	}
	m, err := parseMailbox(n.o.BounceMailbox)
	if err != nil {
		w.Problem = err.Error()
		return w, nil
	}
	var row models.BounceMailbox
	err = n.db.Read(ctx).Limit(1).Find(&row, "name = ?", m.name()).Error
	w.CheckedAt, w.Problem = row.CheckedAt, row.LastError
	return w, wrapLedger("bounce ways", err)
}
