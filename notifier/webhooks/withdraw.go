package webhooks

import (
	"context"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// byHandChunk messages are handed back in one transaction.
const byHandChunk = 500

// Withdraw takes back, inside the caller's Write, what waits to be told to people on
// channels and that nobody is sending; where says of which rows (i) of follow_up_items, and
// takes args. It returns them as "event/person": what becomes of them is for the caller to
// write down.
func (h *Hooks) Withdraw(tx *gorm.DB, where string, args map[string]any) ([]string, error) {
	q := `SELECT m.id, m.event_id, m.person_id, m.tries FROM follow_up_items i JOIN webhook_messages m ON m.person_id = i.person_id AND m.event_id = i.event_id
		WHERE ` + where + ` AND i.skip_reason = '` + SkipChannel + `' AND m.person_id <> '' AND m.state = 'ready' ORDER BY m.id`
	if h.db.Dialect() != "sqlite" {
		q += " FOR UPDATE OF m"
	}
	var ms []models.WebhookMessage
	if err := tx.Raw(q, args).Scan(&ms).Error; err != nil || len(ms) == 0 {
		return nil, err
	}
	var untried, tried, out []string
	for _, m := range ms {
		out = append(out, m.EventID+"/"+m.PersonID)
		if m.Tries == 0 {
			untried = append(untried, m.ID)
		} else {
			tried = append(tried, m.ID)
		}
	}
	for ids := range chunks(untried, byHandChunk) {
		if err := tx.Exec("DELETE FROM webhook_messages WHERE id IN ?", ids).Error; err != nil {
			return nil, err
		}
	}
	for ids := range chunks(tried, byHandChunk) {
		if err := tx.Exec("UPDATE webhook_messages SET state = 'failed', updated_at = ? WHERE id IN ?", h.db.Now(), ids).Error; err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ofPeople are the messages to people that an endpoint has not sent.
const ofPeople = "m.person_id <> '' AND m.state IN ('ready', 'leased') AND m.endpoint_id = "

// tellByHand ends what waits at an endpoint for people, who are told by hand then: a chunk
// of them, so that nobody waits for it. Of an endpoint that is off or gone handBackRest
// finds the others.
func (h *Hooks) tellByHand(tx *gorm.DB, endpoint string) (more bool, err error) {
	var ids []string
	if err := tx.Raw("SELECT m.id FROM webhook_messages m WHERE "+ofPeople+"? LIMIT ?", endpoint, byHandChunk).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return false, err
	}
	var ms []models.WebhookMessage
	if err := h.db.Hold(tx).Select("id", "event_id", "person_id").Order("id").Find(&ms, "id IN ? AND state IN ('ready', 'leased')", ids).Error; err != nil {
		return false, err
	}
	for _, m := range ms {
		err := tx.Exec("UPDATE webhook_messages SET state = 'failed', lease_owner = '', lease_until = NULL, updated_at = ? WHERE id = ?", h.db.Now(), m.ID).Error
		if err == nil {
			err = handBack(tx, m)
		}
		if err != nil {
			return false, err
		}
	}
	return len(ids) == byHandChunk, nil
}

// handBackRest hands one more chunk of people back whose endpoint is off or gone.
func (h *Hooks) handBackRest(ctx context.Context) (busy bool, err error) {
	var endpoints []string // a look without a write lock first: mostly there is nothing
	err = h.db.Read(ctx).Raw(`SELECT e.id FROM webhook_endpoints e WHERE (e.disabled_at IS NOT NULL OR e.gone_at IS NOT NULL)
		AND EXISTS (SELECT 1 FROM webhook_messages m WHERE ` + ofPeople + `e.id)`).Scan(&endpoints).Error
	for _, e := range endpoints {
		if err == nil {
			err = h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
				more, err := h.tellByHand(tx, e)
				busy = busy || more
				return err
			})
		}
	}
	return busy, err
}
