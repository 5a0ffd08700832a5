package webhooks

import (
	"context"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// forgetStep is how many messages are forgotten in one transaction.
const forgetStep = 1000

// Forget is for retention: it takes what people were told out of messages to them that
// were sent or given up longer than KeepTexts ago, and removes messages that are too old
// to be replayed, all in small steps.
func (h *Hooks) Forget(ctx context.Context) error {
	if err := h.forgetTexts(ctx); err != nil {
		return wrap("forget texts", err)
	}
	for ctx.Err() == nil {
		var n int
		err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			var ids []string
			err := tx.Model(&models.WebhookMessage{}).Where("created_at < ? AND state <> 'leased'", h.db.Now().Add(-keep)).Order("created_at").Limit(forgetStep).Pluck("id", &ids).Error
			if n = len(ids); err != nil || n == 0 {
				return err
			}
			if err := tx.Exec("DELETE FROM webhook_attempts WHERE message_id IN ?", ids).Error; err != nil {
				return err
			}
			return tx.Exec("DELETE FROM webhook_messages WHERE id IN ?", ids).Error
		})
		if err != nil || n == 0 {
			return wrap("forget messages", err)
		}
	}
	return ctx.Err()
}

// forgetTexts keeps of a message to a person its id, type and state, and neither the
// words nor the handle.
func (h *Hooks) forgetTexts(ctx context.Context) error {
	for ctx.Err() == nil {
		var n int
		err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			var ids []string
			before := h.db.Now().Add(-h.o.KeepTexts)
			err := tx.Model(&models.WebhookMessage{}).Where("created_at < ? AND event_id <> '' AND content <> '' AND state IN ('sent', 'failed') AND updated_at < ?", before, before).
				Order("created_at").Limit(forgetStep).Pluck("id", &ids).Error
			if n = len(ids); err != nil || n == 0 {
				return err
			}
			return tx.Exec("UPDATE webhook_messages SET content = '' WHERE id IN ?", ids).Error
		})
		if err != nil || n == 0 {
			return err
		}
	}
	return ctx.Err()
}
