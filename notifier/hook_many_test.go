package notifier

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// However many wait at a channel that is removed, all of them are told by hand, and nobody
// waits until the last of them is handed back.
func TestManyAreHandedBackFromAChannel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const many = 1300
		x, w, _ := h.bridged(true)
		th := h.theme(exports, models.StatusReceived)
		h.onTelegram(th, "@wei")
		h.give(th, models.StatusPlanned, nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.until("one waits at the channel", func() bool { return h.count("webhook_messages", "state = 'ready'") == 1 })
		h.write(func(_ context.Context, tx *gorm.DB) error {
			var m models.WebhookMessage
			var i models.FollowUpItem
			if err := tx.First(&m).Error; err != nil {
				return err
			}
			if err := tx.First(&i).Error; err != nil {
				return err
			}
			var ms []models.WebhookMessage
			var is []models.FollowUpItem
			var ps []models.Person
			for range many - 1 {
				i.PersonID, m.ID = models.NewID(models.PrefixPerson), models.NewID(models.PrefixWebhookMsg)
				m.PersonID, m.Source, m.RunAt, m.State, m.LeaseOwner, m.LeaseUntil = i.PersonID, i.EventID+"/"+i.PersonID, h.db.Now().Add(oneDay), models.WebhookReady, "", nil
				ms, is, ps = append(ms, m), append(is, i), append(ps, models.Person{ID: i.PersonID, CreatedAt: h.db.Now(), UpdatedAt: h.db.Now()})
			}
			if err := tx.CreateInBatches(ps, 500).Error; err != nil {
				return err
			}
			if err := tx.CreateInBatches(is, 500).Error; err != nil {
				return err
			}
			return tx.CreateInBatches(ms, 500).Error
		})
		x.halt()
		admin := auth.Actor{Kind: models.ActorMember, ID: "mem_9", Role: models.RoleAdmin}
		es, err := w.Endpoints(t.Context(), admin)
		if err != nil || len(es) != 1 {
			t.Fatal(es, err)
		}
		if err := w.Remove(t.Context(), admin, es[0].ID); err != nil {
			t.Fatal(err)
		}
		h.until("all are told by hand", func() bool {
			return h.count("follow_up_items", "skip_reason = 'no_channel'") == many && h.count("webhook_messages", "state = 'failed'") == many
		})
	})
}
