package webhooks

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	lease    = time.Minute // several times what a request may take
	atOnce   = 4           // requests to one endpoint at a time
	claimed  = 8           // messages taken in one transaction
	stumbles = 5           // failures in a row after which an endpoint is tried by one message at a time
	probeMin = 5 * time.Second
	probeMax = 5 * time.Minute
)

// active is what of an endpoint (e) may be spoken to now.
const active = `e.disabled_at IS NULL AND e.gone_at IS NULL AND (e.not_before IS NULL OR e.not_before <= @now)`

// dispatch gives each endpoint that has something due a goroutine of its own, so that
// one that stalls delays no other.
func (h *Hooks) dispatch(ctx context.Context, speakers *sync.WaitGroup) (busy bool, pause time.Duration, err error) {
	if err := h.free(ctx); err != nil {
		return false, 0, err
	}
	if err := h.giveUpLate(ctx); err != nil {
		return false, 0, err
	}
	if busy, err = h.handBackRest(ctx); err != nil {
		return false, 0, err
	}
	var due []string
	err = h.db.Read(ctx).Raw(`SELECT e.id FROM webhook_endpoints e WHERE `+active+` AND EXISTS (
		SELECT 1 FROM webhook_messages m WHERE m.endpoint_id = e.id AND m.state = 'ready' AND m.run_at <= @now)`, map[string]any{"now": h.db.Now()}).Scan(&due).Error
	if err != nil {
		return false, 0, err
	}
	for _, id := range due {
		if !h.take(id) {
			continue
		}
		speakers.Go(func() {
			again := false
			defer func() { h.leave(id, again) }()
			again = h.speak(ctx, id)
		})
	}
	return busy, 0, nil
}

func (h *Hooks) take(endpoint string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy[endpoint] {
		return false
	}
	h.busy[endpoint] = true
	return true
}

// leave lets go of an endpoint; again looks for what came in that very moment.
func (h *Hooks) leave(endpoint string, again bool) {
	h.mu.Lock()
	delete(h.busy, endpoint)
	h.mu.Unlock()
	if again {
		h.nudge()
	}
}

// free brings back what a dead node held: an endpoint may get it twice, with the same
// webhook-id.
func (h *Hooks) free(ctx context.Context) error {
	var some []string
	err := h.db.Read(ctx).Model(&models.WebhookMessage{}).Where("state = 'leased' AND lease_until < ?", h.db.Now()).Limit(1).Pluck("id", &some).Error
	if err != nil || len(some) == 0 {
		return err
	}
	return h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE webhook_messages SET state = 'ready', lease_owner = '', lease_until = NULL, updated_at = ? WHERE state = 'leased' AND lease_until < ?", h.db.Now(), h.db.Now()).Error
	})
}

// ReleaseStale brings back what is leased, all of it: for a node that is alone.
func (h *Hooks) ReleaseStale(ctx context.Context) error {
	return h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE webhook_messages SET state = 'ready', lease_owner = '', lease_until = NULL WHERE state = 'leased'").Error
	})
}

// giveUpLate ends what is of no more use.
func (h *Hooks) giveUpLate(ctx context.Context) error {
	var late []models.WebhookMessage
	err := h.db.Read(ctx).Where("state = 'ready' AND not_after < ?", h.db.Now()).Limit(100).Find(&late).Error
	if err != nil || len(late) == 0 {
		return err
	}
	return h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for _, m := range late {
			res := tx.Exec("UPDATE webhook_messages SET state = 'failed', updated_at = ? WHERE id = ? AND state = 'ready'", h.db.Now(), m.ID)
			if res.Error != nil {
				return res.Error
			}
			if res.RowsAffected == 1 {
				if err := handBack(tx, m); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// speak sends what is due to one endpoint until nothing is, which it reports.
func (h *Hooks) speak(ctx context.Context, endpoint string) bool {
	for ctx.Err() == nil {
		e, ms, err := h.claim(ctx, endpoint)
		if err != nil {
			slog.Error("webhooks: claim", "endpoint", endpoint, "error", err)
			return false
		}
		if len(ms) == 0 {
			return true
		}
		var tries sync.WaitGroup
		places := make(chan struct{}, atOnce)
		for i := range ms {
			places <- struct{}{}
			tries.Go(func() {
				defer func() { <-places }()
				h.try(ctx, e, ms[i])
			})
		}
		tries.Wait()
	}
	return false
}

// claim leases what is due to one endpoint; one message alone where it has failed
// again and again.
func (h *Hooks) claim(ctx context.Context, endpoint string) (e models.WebhookEndpoint, ms []models.WebhookMessage, err error) {
	err = h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		ms = nil
		now := h.db.Now()
		res := tx.Raw("SELECT e.* FROM webhook_endpoints e WHERE e.id = @id AND "+active, map[string]any{"id": endpoint, "now": now}).Scan(&e)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		want := claimed
		if e.Fails >= stumbles {
			want = 1
		}
		err := h.db.Claim(tx).Where("endpoint_id = ? AND state = 'ready' AND run_at <= ?", endpoint, now).Order("run_at, id").Limit(want).Find(&ms).Error
		if err != nil || len(ms) == 0 {
			return err
		}
		if ms, err = h.leaveTakenOut(tx, ms); err != nil || len(ms) == 0 {
			return err
		}
		ids := make([]string, len(ms))
		for i := range ms {
			ids[i] = ms[i].ID
			ms[i].State, ms[i].LeaseOwner = models.WebhookLeased, h.owner
			ms[i].Fence++
		}
		return tx.Exec("UPDATE webhook_messages SET state = 'leased', lease_owner = ?, lease_until = ?, fence = fence + 1, updated_at = ? WHERE id IN ?",
			h.owner, now.Add(lease), now, ids).Error
	})
	if err != nil {
		return e, nil, fmt.Errorf("claim: %w", err)
	}
	return e, ms, nil
}

// try sends one leased message and writes down what came of it.
func (h *Hooks) try(ctx context.Context, e models.WebhookEndpoint, m models.WebhookMessage) {
	if ctx.Err() != nil { // it was not tried, and is another's at once
		h.giveBack(ctx, m)
		return
	}
	// What has begun ends: half a request is a message that came twice.
	r := h.request(context.WithoutCancel(ctx), &e, &m)
	for {
		err := h.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *gorm.DB) error { return h.conclude(ctx, tx, m, r) })
		if err == nil {
			return
		}
		slog.Error("webhooks: write down an answer", "message", m.ID, "error", err)
		select {
		case <-ctx.Done():
			return // its lease runs out
		case <-time.After(h.o.Poll):
		}
	}
}

func (h *Hooks) giveBack(ctx context.Context, m models.WebhookMessage) {
	err := h.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE webhook_messages SET state = 'ready', lease_owner = '', lease_until = NULL WHERE id = ? AND lease_owner = ? AND fence = ? AND state = 'leased'", m.ID, h.owner, m.Fence).Error
	})
	if err != nil {
		slog.Error("webhooks: give a lease back", "message", m.ID, "error", err)
	}
}
