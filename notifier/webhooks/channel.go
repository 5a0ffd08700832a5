package webhooks

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// SkipChannel is the reason of an item whose person is told through a channel's
// endpoint and not by mail.
const SkipChannel = "channel"

// channelLife is how long a message to a person is worth sending.
const channelLife = 72 * time.Hour

// Spoken is what a person is to be told on a channel.
type Spoken struct {
	EventID, PersonID string
	At                time.Time
	Handle, Locale    string
	Subject, Text     string
	Theme             *models.Theme // nil where it is about a suggestion
	Suggestion        string
	Status            string
	URL               string // where the person reads it, "" where Text says all
}

// Channels are the endpoints that lead to people, by channel.
func (h *Hooks) Channels(ctx context.Context) (map[string]models.WebhookEndpoint, error) {
	var es []models.WebhookEndpoint
	err := h.db.Read(ctx).Find(&es, "channel <> '' AND gone_at IS NULL AND disabled_at IS NULL").Error
	out := map[string]models.WebhookEndpoint{}
	for _, e := range es {
		out[e.Channel] = e
	}
	return out, err
}

// Speak queues, inside the caller's Write, one message to a person.
func (h *Hooks) Speak(ctx context.Context, tx *gorm.DB, e models.WebhookEndpoint, s Spoken) error {
	d := Data{FollowUp: s.EventID, Channel: e.Channel, Handle: s.Handle, Locale: s.Locale, Subject: s.Subject, Text: s.Text, Status: s.Status, URL: s.URL}
	if s.Theme != nil {
		d.Theme = h.theme(s.Theme)
	}
	if s.Suggestion != "" {
		d.Suggestion = &Suggestion{ID: s.Suggestion}
	}
	m, err := h.message(&e, Payload{Type: FollowUpMessage, Timestamp: s.At.UTC(), Data: d}, s.EventID+"/"+s.PersonID)
	if err != nil {
		return err
	}
	m.EventID, m.PersonID, m.SuggestionID, m.NotAfter = s.EventID, s.PersonID, s.Suggestion, new(m.CreatedAt.Add(channelLife))
	if s.Theme != nil {
		m.ThemeID = s.Theme.ID
	}
	return h.store(ctx, tx, []models.WebhookMessage{m})
}

// handBack puts who was not reached on the list of those to tell by hand; of what was
// taken out meanwhile nobody is told.
func handBack(tx *gorm.DB, m models.WebhookMessage) error {
	if m.EventID == "" {
		return nil
	}
	person, err := models.StandingPerson(tx, m.PersonID)
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE follow_up_items SET skip_reason = COALESCE((SELECT o.reason FROM take_outs o WHERE o.event_id = ? AND o.reason <> ''), 'no_channel')
		WHERE event_id = ? AND person_id = ? AND skip_reason = ?`, m.EventID, m.EventID, person, SkipChannel).Error
}

// leaveTakenOut ends messages to people that tell of what was taken out since they were
// queued, or tried, and returns the others.
func (h *Hooks) leaveTakenOut(tx *gorm.DB, ms []models.WebhookMessage) ([]models.WebhookMessage, error) {
	var events, out []string
	for _, m := range ms {
		if m.EventID != "" {
			events = append(events, m.EventID)
		}
	}
	if len(events) == 0 {
		return ms, nil
	}
	if err := tx.Raw("SELECT event_id FROM take_outs WHERE reason <> '' AND event_id IN ?", events).Scan(&out).Error; err != nil || len(out) == 0 {
		return ms, err
	}
	var stay []models.WebhookMessage
	for _, m := range ms {
		if !slices.Contains(out, m.EventID) {
			stay = append(stay, m)
			continue
		}
		err := tx.Exec("UPDATE webhook_messages SET state = 'failed', updated_at = ? WHERE id = ?", h.db.Now(), m.ID).Error
		if err == nil {
			err = handBack(tx, m)
		}
		if err != nil {
			return nil, err
		}
	}
	return stay, nil
}
