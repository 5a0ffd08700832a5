package webhooks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	cursorName = "webhooks"
	readBatch  = 200
)

// readActivities makes messages of the activities since the cursor, in the cursor's
// transaction.
func (h *Hooks) readActivities(ctx context.Context) (busy bool, pause time.Duration, err error) {
	read, err := h.db.Consume(ctx, cursorName, readBatch, func(ctx context.Context, tx *gorm.DB, acts []models.Activity) error {
		es, err := endpoints(tx)
		if err != nil || len(es) == 0 {
			return err
		}
		for i := range acts {
			if err := h.tell(ctx, tx, es, &acts[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return read == readBatch, 0, err
}

// endpoints are those that may want something: one that is off for a while goes on
// collecting, so that nothing is lost when it is switched on again.
func endpoints(tx *gorm.DB) (es []models.WebhookEndpoint, err error) {
	return es, tx.Where("gone_at IS NULL").Order("id").Find(&es).Error
}

// tell makes one message for each endpoint that wants the activity.
func (h *Hooks) tell(ctx context.Context, tx *gorm.DB, es []models.WebhookEndpoint, act *models.Activity) error {
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	if act.Verb == models.ThemeStatus {
		if err := h.owe(ctx, tx, es, act, c); err != nil {
			return err
		}
	}
	var d *described
	var made []models.WebhookMessage
	for _, t := range typesOf(act, c) {
		for i := range es {
			e := &es[i]
			if act.Seq <= e.SinceSeq || !wants(e, t) {
				continue
			}
			if d == nil {
				x, err := h.describe(tx, act, c)
				if err != nil {
					return err
				}
				d = &x
			}
			if e.Product != "" && !slices.Contains(d.products, e.Product) {
				continue
			}
			m, err := h.message(e, Payload{Type: t, Timestamp: act.CreatedAt.UTC(), Data: d.data}, act.ID+"/"+string(t))
			if err != nil {
				return err
			}
			m.ThemeID, m.SuggestionID = act.ThemeID, act.SuggestionID
			made = append(made, m)
		}
	}
	return h.store(ctx, tx, made)
}

// message is a message that is ready now.
func (h *Hooks) message(e *models.WebhookEndpoint, p Payload, source string) (models.WebhookMessage, error) {
	content, err := p.encode()
	now := h.db.Now()
	return models.WebhookMessage{ID: models.NewID(models.PrefixWebhookMsg), EndpointID: e.ID, Type: string(p.Type), Source: source, Content: content,
		State: models.WebhookReady, RunAt: now, CreatedAt: now, UpdatedAt: now}, err
}

// store writes messages down; what was made before stays as it is.
func (h *Hooks) store(ctx context.Context, tx *gorm.DB, ms []models.WebhookMessage) error {
	if len(ms) == 0 {
		return nil
	}
	h.db.AfterCommit(ctx, h.nudge)
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "endpoint_id"}, {Name: "source"}}, DoNothing: true}).CreateInBatches(ms, 50).Error
}
