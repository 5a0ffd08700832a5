package webhooks

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

func TestOldMessagesAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		e, _ := h.endpoint(r.URL, nil, SuggestionFiled)
		for range 2 {
			if _, err := h.SendTest(ctx, admin, e.ID); err != nil {
				t.Fatal(err)
			}
			h.clock.Add(20 * 24 * time.Hour)
		}
		if err := h.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		if m, a := h.count("webhook_messages", "1 = 1"), h.count("webhook_attempts", "1 = 1"); m != 1 || a != 1 {
			t.Errorf("%d messages, %d tries", m, a)
		}
	})
}

// What a person was told is taken out some days after it is over, with their handle; what
// still waits keeps it, and so does what is told to systems, which holds no such words.
func TestWhatPeopleWereToldIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.o.KeepTexts = 7 * 24 * time.Hour
		r := receive(t, nil)
		e, _ := h.endpoint(r.URL, func(p *Patch) { p.Channel = new("telegram") }, SuggestionFiled)
		ids := map[models.WebhookState]string{}
		made := h.db.Now()
		h.write(func(_ context.Context, tx *gorm.DB) error {
			for i, state := range []models.WebhookState{models.WebhookSent, models.WebhookFailed, models.WebhookReady} {
				m := models.WebhookMessage{ID: models.NewID(models.PrefixWebhookMsg), EndpointID: e.ID, Type: string(FollowUpMessage), Source: string(state), EventID: "evt_1", PersonID: "per_1",
					Content: `{"data":{"handle":"@wei","text":"your refund"}}`, State: state, RunAt: made.Add(time.Duration(i) * 365 * 24 * time.Hour), CreatedAt: made, UpdatedAt: made}
				if ids[state] = m.ID; state == models.WebhookSent {
					m.SentAt = &made
				}
				if err := tx.Create(&m).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := h.SendTest(ctx, admin, e.ID); err != nil {
			t.Fatal(err)
		}
		look := func(when string, texts int) {
			t.Helper()
			if err := h.Forget(ctx); err != nil {
				t.Fatal(err)
			}
			if n := h.count("webhook_messages", "content LIKE '%refund%' OR content LIKE '%@wei%'"); n != texts {
				t.Errorf("%s: %d hold the words, want %d", when, n, texts)
			}
			if n := h.count("webhook_messages", "1 = 1"); n != 4 {
				t.Errorf("%s: %d messages", when, n)
			}
		}
		h.clock.Add(6 * 24 * time.Hour)
		look("within the days", 3)
		h.clock.Add(2 * 24 * time.Hour)
		look("after them", 1)
		if n := h.count("webhook_messages", "id = ? AND state = 'sent' AND type = 'follow_up.message'", ids[models.WebhookSent]); n != 1 {
			t.Error("that there was a message is gone too")
		}
		if n := h.count("webhook_messages", "type = 'webhook.test' AND content <> ''"); n != 1 {
			t.Error("what systems are told is gone too")
		}
		_, err := h.Replay(ctx, admin, ids[models.WebhookFailed])
		if e, ok := err.(*models.Error); !ok || e.Code != "webhook_text_gone" {
			t.Errorf("sent again without words: %v", err)
		}
	})
}
