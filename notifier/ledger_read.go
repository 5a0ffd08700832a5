package notifier

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	defaultPage = 50
	maxPage     = 100
	maxTold     = 200
)

// Filter of Deliveries. Empty fields do not filter; Limit is 50, at most 100.
type Filter struct {
	State  string
	Theme  string
	Cursor string
	Limit  int
}

// pageSize is how many rows a page has of which so many are asked for.
func pageSize(asked int) int {
	if asked <= 0 {
		asked = defaultPage
	}
	return min(asked, maxPage)
}

// paged cuts what was read, one row more than a page has, and names the next page by the
// cursor of the last row, "" at the end.
func paged[T any](rows []T, size int, cursor func(T) string) ([]T, string) {
	if len(rows) <= size {
		return rows, ""
	}
	return rows[:size], cursor(rows[size-1])
}

// DeliveryRow is a delivery with the names of its person and theme (staff's).
// Content is never given out.
type DeliveryRow struct {
	models.Delivery
	PersonName string
	ThemeTitle string
	// SuggestionID is what a mail about one suggestion is about, "" for others.
	SuggestionID string
}

var states = []models.DeliveryState{
	models.DeliveryReady, models.DeliveryLeased, models.DeliverySending, models.DeliverySent, models.DeliveryInDoubt,
	models.DeliveryFailed, models.DeliveryExpired, models.DeliverySkipped, models.DeliveryCancelled,
}

// Deliveries lists mails, newest first, and the cursor of the next page, "" at
// the end. A mail about several themes stands under the newest. Needs
// auth.ReadDeliveries.
func (n *Notifier) Deliveries(ctx context.Context, a auth.Actor, f Filter) (rows []DeliveryRow, next string, err error) {
	if err := auth.Can(a, auth.ReadDeliveries); err != nil {
		return nil, "", err
	}
	if f.State != "" && !slices.Contains(states, models.DeliveryState(f.State)) {
		return nil, "", models.BadField("state", "delivery_state_unknown", f.State)
	}
	if f.Cursor != "" && !models.IsID(models.PrefixDelivery, f.Cursor) {
		return nil, "", models.BadField("cursor", "cursor_unreadable")
	}
	f.Limit = pageSize(f.Limit)
	q := n.db.Read(ctx).Table("deliveries").Select("deliveries.*, p.name AS person_name, t.title AS theme_title").
		Joins("LEFT JOIN people p ON p.id = deliveries.person_id").Joins("LEFT JOIN themes t ON t.id = deliveries.theme_id")
	id := "deliveries.id"
	if f.State != "" {
		q = q.Where(inState(models.DeliveryState(f.State)))
		if isHeldNow(models.DeliveryState(f.State)) { // few: they are sorted, and not sought among all
			id += " || ''"
		}
	}
	for condition, value := range map[string]string{"deliveries.theme_id = ?": f.Theme, id + " < ?": f.Cursor} {
		if value != "" {
			q = q.Where(condition, value)
		}
	}
	if err := q.Order(id + " DESC").Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", wrapLedger("list deliveries", err)
	}
	rows, next = paged(rows, f.Limit, func(r DeliveryRow) string { return r.ID })
	for i := range rows {
		rows[i].Content = ""
	}
	return rows, next, n.nameSuggestions(ctx, rows)
}

// isHeldNow: some node has these in its hands, and the index of leases has them.
func isHeldNow(s models.DeliveryState) bool {
	return s == models.DeliveryLeased || s == models.DeliverySending
}

// inState is a condition on deliveries for a known state, written as the partial indexes have it.
func inState(s models.DeliveryState) string {
	one := "deliveries.state = '" + string(s) + "'"
	if isHeldNow(s) {
		return "deliveries.lease_until IS NOT NULL AND " + one
	}
	return one
}

// Told is one change that a person was to hear of. SkipReason says why they do
// not; State is the delivery's, "collecting" while the change settles, "" when
// skipped before there was one.
type Told struct {
	EventID    string
	Kind       string
	ThemeID    string
	ThemeTitle string
	// PublicTitle is what everybody may read of it; empty for a private theme.
	PublicTitle models.Text
	Status      string
	At          time.Time
	// DueAt is when it is looked at next, and Hold why it waits until then; of a mail
	// that is made, RunAt is when it goes.
	DueAt      time.Time
	Hold       string
	RunAt      *time.Time
	SkipReason string
	DeliveryID string
	State      string
	Answer     string
	SentAt     *time.Time
	ToldAt     *time.Time // by hand
}

// WhyTold answers why a person was told of changes or not, the latest 200,
// newest first; of a merged person, who they are. Needs auth.ReadDeliveries.
// NotFound person_not_found.
func (n *Notifier) WhyTold(ctx context.Context, a auth.Actor, personID string) ([]Told, error) {
	if err := auth.Can(a, auth.ReadDeliveries); err != nil {
		return nil, err
	}
	personID, err := models.StandingPerson(n.db.Read(ctx), personID)
	if err != nil {
		return nil, wrapLedger("why told", err)
	}
	var there int64
	if err := n.db.Read(ctx).Model(&models.Person{}).Where("id = ?", personID).Count(&there).Error; err != nil {
		return nil, wrapLedger("why told", err)
	}
	if there == 0 {
		return nil, models.Fail(models.NotFound, "person_not_found")
	}
	return n.heard(ctx, personID)
}

// ToldPage answers the same of the person behind a mail's link. NotFound
// unsubscribe_unknown.
func (n *Notifier) ToldPage(ctx context.Context, token string) ([]Told, error) {
	p, err := n.subscriber(n.db.Read(ctx), token)
	if err != nil {
		return nil, wrapLedger("why told", err)
	}
	return n.heard(ctx, p.ID)
}

func (n *Notifier) heard(ctx context.Context, personID string) ([]Told, error) {
	var rows []struct {
		Told
		Snapshot string
	}
	err := n.db.Read(ctx).Raw(`SELECT e.id AS event_id, e.kind, e.theme_id, t.title AS theme_title, CASE WHEN t.public = TRUE THEN t.public_title ELSE '' END AS public_title,
			e.created_at AS at, e.snapshot, i.due_at, i.hold, i.skip_reason, i.told_at, i.delivery_id, d.run_at, COALESCE(d.state, '') AS state, COALESCE(d.answer, '') AS answer, d.sent_at
		FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id LEFT JOIN themes t ON t.id = e.theme_id
		LEFT JOIN deliveries d ON d.id = i.delivery_id
		WHERE i.person_id = ? ORDER BY e.created_at DESC, e.id DESC LIMIT ?`, personID, maxTold).Scan(&rows).Error
	if err != nil {
		return nil, wrapLedger("why told", err)
	}
	out := make([]Told, 0, len(rows))
	for _, r := range rows {
		s, err := readSnapshot(models.FollowUpEvent{ID: r.EventID, Snapshot: r.Snapshot})
		if err != nil {
			return nil, wrapLedger("why told", err)
		}
		r.Status = string(s.To)
		switch {
		case r.State == string(models.DeliverySkipped):
			r.SkipReason = r.Answer
		case r.State == "" && r.SkipReason == "":
			r.State = "collecting"
		}
		out = append(out, r.Told)
	}
	return out, nil
}

// Retry sends a mail that failed, is in doubt or waits, now. A bounced address
// is thereby given another chance. Needs auth.RetryDelivery. Errors: NotFound
// delivery_not_found, Conflict delivery_over.
func (n *Notifier) Retry(ctx context.Context, a auth.Actor, id string) error {
	return n.decide(ctx, a, id, "retry a delivery", func(ctx context.Context, tx *gorm.DB, d models.Delivery) error {
		now := n.db.Now()
		if isSealed(d.Kind) && d.Content == "" { // what it said is gone
			return models.Fail(models.Conflict, "delivery_over", string(d.State))
		}
		if d.Kind != string(KindSignInCode) && d.NotAfter.Before(now.Add(mailLife)) {
			d.NotAfter = now.Add(mailLife) // a person wants it now, however old
		}
		err := tx.Exec("DELETE FROM suppressions WHERE address = ? AND scope = 'all' AND reason LIKE '"+bounce+"%'", d.Address).Error
		if err != nil {
			return err
		}
		n.db.AfterCommit(ctx, n.laneOf(d.Lane).nudge)
		// A late answer to what is in doubt counts; one to what has failed since is of no use.
		return tx.Exec("UPDATE deliveries SET fence = fence + CASE WHEN state = 'failed' THEN 1 ELSE 0 END, state = 'ready', run_at = ?, not_after = ?, updated_at = ? WHERE id = ?", now, d.NotAfter, now, id).Error
	})
}

// Cancel holds a mail back that failed, is in doubt or waits. Needs
// auth.RetryDelivery. Errors: NotFound delivery_not_found, Conflict
// delivery_over.
func (n *Notifier) Cancel(ctx context.Context, a auth.Actor, id string) error {
	return n.decide(ctx, a, id, "cancel a delivery", func(_ context.Context, tx *gorm.DB, _ models.Delivery) error {
		return tx.Exec("UPDATE deliveries SET state = 'cancelled', content = '', updated_at = ? WHERE id = ?", n.db.Now(), id).Error
	})
}

// decide lets a member change what becomes of a delivery that is in nobody's
// hands.
func (n *Notifier) decide(ctx context.Context, a auth.Actor, id, operation string, act func(context.Context, *gorm.DB, models.Delivery) error) error {
	if err := auth.Can(a, auth.RetryDelivery); err != nil {
		return err
	}
	err := n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var d models.Delivery
		// A sender that claims it in this moment waits, then passes over it.
		res := n.db.Claim(tx).Limit(1).Find(&d, "id = ?", id)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			var there int64
			if err := tx.Model(&models.Delivery{}).Where("id = ?", id).Count(&there).Error; err != nil {
				return err
			}
			if there == 0 {
				return models.Fail(models.NotFound, "delivery_not_found")
			}
			return models.Fail(models.Conflict, "delivery_over", string(models.DeliveryLeased))
		}
		switch d.State {
		case models.DeliveryReady, models.DeliveryInDoubt, models.DeliveryFailed:
			return act(ctx, tx, d)
		}
		return models.Fail(models.Conflict, "delivery_over", string(d.State))
	})
	return wrapLedger(operation, err)
}

func (n *Notifier) laneOf(name string) *lane {
	if name == models.LaneNow {
		return n.now
	}
	return n.normal
}
