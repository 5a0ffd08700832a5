package webhooks

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	defaultPage = 50
	maxPage     = 100
	// maxReplay is how many messages one call replays.
	maxReplay = 5000
	// keep is how long messages are kept: as long as they may be replayed.
	keep = 30 * 24 * time.Hour
)

// Filter pages through messages. Endpoint and State narrow it, "" for all; Limit is
// 50, at most 100.
type Filter struct {
	Endpoint string
	State    models.WebhookState
	Cursor   string
	Limit    int
}

// Messages lists what endpoints were and will be told, the latest first, without what
// is said, and the cursor of the next page, "" at the end. Needs auth.Administer.
func (h *Hooks) Messages(ctx context.Context, a auth.Actor, f Filter) (ms []models.WebhookMessage, next string, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 {
		f.Limit = defaultPage
	}
	f.Limit = min(f.Limit, maxPage)
	q := h.db.Read(ctx).Omit("content").Order("id DESC").Limit(f.Limit + 1)
	if f.Endpoint != "" {
		q = q.Where("endpoint_id = ?", f.Endpoint)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Cursor != "" {
		if !models.IsID(models.PrefixWebhookMsg, f.Cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", f.Cursor)
	}
	if err := q.Find(&ms).Error; err != nil {
		return nil, "", wrap("list messages", err)
	}
	if len(ms) > f.Limit {
		ms = ms[:f.Limit]
		next = ms[f.Limit-1].ID
	}
	return ms, next, nil
}

// Message reads one with its tries. Needs auth.Administer. NotFound
// webhook_message_not_found.
func (h *Hooks) Message(ctx context.Context, a auth.Actor, id string) (m models.WebhookMessage, tries []models.WebhookAttempt, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return m, nil, err
	}
	if m, err = h.findMessage(h.db.Read(ctx), id); err != nil {
		return m, nil, wrap("read a message", err)
	}
	err = h.db.Read(ctx).Order("n").Find(&tries, "message_id = ?", id).Error
	return m, tries, wrap("read a message", err)
}

func (h *Hooks) findMessage(tx *gorm.DB, id string) (m models.WebhookMessage, err error) {
	res := tx.Limit(1).Find(&m, "id = ?", id)
	if res.Error == nil && res.RowsAffected == 0 {
		return m, models.Fail(models.NotFound, "webhook_message_not_found", id)
	}
	return m, res.Error
}

// again makes a message ready, whatever became of it, unless somebody is sending it.
const again = "UPDATE webhook_messages SET state = 'ready', run_at = @now, round = 0, not_after = NULL, updated_at = @now WHERE state <> 'leased' AND "

// Replay sends one message again, with the same webhook-id. Needs auth.Administer.
// Errors: NotFound webhook_message_not_found, Conflict webhook_off, webhook_told_by_hand
// for a message to a person who was told otherwise meanwhile, webhook_text_gone for one
// whose text is no longer kept.
func (h *Hooks) Replay(ctx context.Context, a auth.Actor, id string) (m models.WebhookMessage, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return m, err
	}
	err = h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if m, err = h.findMessage(h.db.Hold(tx), id); err != nil {
			return err
		}
		if e, err := h.find(tx, m.EndpointID); err != nil {
			return err
		} else if !e.Active() {
			return models.Fail(models.Conflict, "webhook_off")
		}
		if m.Content == "" {
			return models.Fail(models.Conflict, "webhook_text_gone")
		}
		if err := takeBack(tx, m); err != nil {
			return err
		}
		h.db.AfterCommit(ctx, h.nudge)
		if err := tx.Exec(again+"id = @id", map[string]any{"now": h.db.Now(), "id": id}).Error; err != nil {
			return err
		}
		m, err = h.findMessage(tx, id)
		return err
	})
	return m, wrap("replay a message", err)
}

// takeBack takes who was not reached off the list of those to tell by hand.
func takeBack(tx *gorm.DB, m models.WebhookMessage) error {
	if m.EventID == "" || m.State != models.WebhookFailed {
		return nil
	}
	person, err := models.StandingPerson(tx, m.PersonID)
	if err != nil {
		return err
	}
	res := tx.Exec("UPDATE follow_up_items SET skip_reason = ? WHERE event_id = ? AND person_id = ? AND skip_reason = 'no_channel' AND told_at IS NULL", SkipChannel, m.EventID, person)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Fail(models.Conflict, "webhook_told_by_hand")
	}
	return res.Error
}

// ReplaySince sends again what an endpoint was told since then, the oldest first, each
// with its webhook-id; at most 5,000, and more says that there are others. What people
// were told through it is not told again. Needs auth.Administer. Errors: NotFound
// webhook_not_found, Conflict webhook_off.
func (h *Hooks) ReplaySince(ctx context.Context, a auth.Actor, endpoint string, since time.Time) (n int, more bool, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return 0, false, err
	}
	err = h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		n, more = 0, false
		e, err := h.find(tx, endpoint)
		if err != nil {
			return err
		}
		if !e.Active() {
			return models.Fail(models.Conflict, "webhook_off")
		}
		var ids []string
		err = tx.Model(&models.WebhookMessage{}).Where("endpoint_id = ? AND created_at >= ? AND event_id = '' AND type <> ? AND (state IN ('sent', 'failed') OR round > 0)", endpoint, since.UTC(), Test).
			Where("state <> 'leased'").Order("id").Limit(maxReplay+1).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if more = len(ids) > maxReplay; more {
			ids = ids[:maxReplay]
		}
		n = len(ids)
		h.db.AfterCommit(ctx, h.nudge)
		for part := range chunks(ids, 500) {
			if err := tx.Exec(again+"id IN @ids", map[string]any{"now": h.db.Now(), "ids": part}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return n, more, wrap("replay", err)
}

func chunks(ids []string, size int) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(ids) > 0 {
			n := min(size, len(ids))
			if !yield(ids[:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}

// SendTest sends a test at once, also to an endpoint that is off, and returns what
// came of it. It is tried once. It waits for the answer: never call it inside of a
// Write. Needs auth.Administer. NotFound webhook_not_found.
func (h *Hooks) SendTest(ctx context.Context, a auth.Actor, endpoint string) (m models.WebhookMessage, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return m, err
	}
	var e models.WebhookEndpoint
	err = h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if e, err = h.find(tx, endpoint); err != nil {
			return err
		}
		id := models.NewID(models.PrefixWebhookMsg)
		m, err = h.message(&e, Payload{Type: Test, Timestamp: h.db.Now().UTC(), Data: Data{URL: h.o.PublicURL + "/settings/webhooks/" + e.ID}}, "test/"+id)
		if err != nil {
			return err
		}
		m.ID, m.Round, m.State, m.LeaseOwner, m.LeaseUntil, m.Fence = id, len(waits), models.WebhookLeased, h.owner, new(h.db.Now().Add(lease)), 1
		return tx.Create(&m).Error
	})
	if err != nil {
		return m, wrap("send a test", err)
	}
	r := h.request(ctx, &e, &m)
	if r.outcome == OutcomeLater {
		r.outcome = OutcomeFailed // it is not tried again
	}
	err = h.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *gorm.DB) error {
		return h.conclude(ctx, tx, m, r)
	})
	if err != nil {
		return m, wrap("send a test", err)
	}
	m, err = h.findMessage(h.db.Read(ctx), m.ID)
	return m, wrap("send a test", err)
}

// Waiting counts what an endpoint is still to be told, up to 10,000. Needs
// auth.Administer.
func (h *Hooks) Waiting(ctx context.Context, a auth.Actor, endpoint string) (n int, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return 0, err
	}
	err = h.db.Read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM webhook_messages WHERE endpoint_id = ? AND state = 'ready' LIMIT 10000) x", endpoint).Scan(&n).Error
	return n, wrap("count what waits", err)
}
