package notifier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
)

// channelBatch people are handed to the endpoints of their channels in one
// transaction.
const channelBatch = 100

// channelPolls polls pass between two looks through the list.
const channelPolls = 10

// onChannel is a row to tell by hand whose person is known on a channel that has an
// endpoint.
type onChannel struct {
	models.FollowUpItem
	Channel string
	Handle  string
}

// speakOnChannels hands who has no address for mail, but a handle on a channel with an
// endpoint, to that endpoint instead of to a member. As with mail, a change settles
// first; what was there before the endpoint stays on the list.
func (n *Notifier) speakOnChannels(ctx context.Context) (busy bool, pause time.Duration, err error) {
	if time.Since(n.spoke) < channelPolls*n.o.Poll { // the whole list is looked through: not every time
		return false, 0, nil
	}
	ways, err := n.o.Webhooks.Channels(ctx)
	if err != nil || len(ways) == 0 {
		return false, 0, err
	}
	for _, channel := range slices.Sorted(maps.Keys(ways)) {
		full, err := n.speakOn(ctx, ways[channel])
		if err != nil {
			return false, 0, fmt.Errorf("speak on %s: %w", channel, err)
		}
		busy = busy || full
	}
	if !busy {
		n.spoke = time.Now()
	}
	return busy, 0, nil
}

func (n *Notifier) speakOn(ctx context.Context, way models.WebhookEndpoint) (full bool, err error) {
	since := n.db.Now().Add(-mailLife)
	if way.CreatedAt.After(since) {
		since = way.CreatedAt
	}
	var rows []onChannel
	err = n.db.Read(ctx).Raw(`SELECT i.*, @channel AS channel, (SELECT a.value FROM addresses a WHERE a.person_id = i.person_id AND a.channel = @channel
			ORDER BY a.verified_at IS NULL, a.created_at, a.value LIMIT 1) AS handle
		FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id
		WHERE `+untold+` AND i.due_at <= @now AND e.created_at >= @since
			AND EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = i.person_id AND a.channel = @channel)
			AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = i.person_id AND a.channel = 'email')
			AND NOT EXISTS (SELECT 1 FROM webhook_messages m WHERE m.event_id = i.event_id AND m.person_id = i.person_id)
		ORDER BY i.event_id, i.person_id LIMIT @limit`,
		map[string]any{"channel": way.Channel, "now": n.db.Now(), "since": since, "limit": channelBatch}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, err
	}
	items := make([]models.FollowUpItem, len(rows))
	for i := range rows {
		items[i] = rows[i].FollowUpItem
	}
	said, err := n.toTell(ctx, items)
	if err != nil {
		return false, err
	}
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := n.db.LockShared(tx, models.LockPeople); err != nil {
			return err
		}
		for i := range rows {
			if err := n.handOver(ctx, tx, way, rows[i], said[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return len(rows) == channelBatch, err
}

// handOver takes one row off the list and queues its message, both or neither.
func (n *Notifier) handOver(ctx context.Context, tx *gorm.DB, way models.WebhookEndpoint, row onChannel, say ToTell) error {
	res := tx.Exec("UPDATE follow_up_items SET skip_reason = ? WHERE event_id = ? AND person_id = ? AND skip_reason = ? AND told_at IS NULL", SkipChannel, row.EventID, row.PersonID, SkipNoChannel)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error // told, or moved, meanwhile
	}
	if row.ThemeID != "" { // what came before it is not told any more
		err := tx.Exec(`UPDATE follow_up_items SET skip_reason = 'superseded' WHERE person_id = @person AND theme_id = @theme AND skip_reason = 'no_channel' AND told_at IS NULL
			AND event_id IN (SELECT o.id FROM follow_up_events o JOIN follow_up_events e ON e.id = @event AND e.theme_id = o.theme_id AND e.kind = o.kind WHERE o.rev < e.rev)`,
			map[string]any{"person": row.PersonID, "theme": row.ThemeID, "event": row.EventID}).Error
		if err != nil {
			return err
		}
	}
	s := webhooks.Spoken{EventID: row.EventID, PersonID: row.PersonID, At: say.At, Handle: row.Handle, Locale: say.Locale, Text: say.Text, Suggestion: say.Suggestion, Status: string(say.Status)}
	p := n.o.Renderer.catalog.For(n.localeOf(say.Locale))
	s.Subject = p.T("hook.subject."+string(say.Kind), n.o.Renderer.product)
	if say.Confidential { // it is read behind the receipt alone: the channel says that there is something
		s.URL = n.o.PublicURL + "/receipt?next=/s/" + say.Suggestion
		s.Text = p.T("hook.text.confidential", s.URL)
	}
	if row.ThemeID != "" {
		var th models.Theme
		if err := tx.Limit(1).Find(&th, "id = ?", row.ThemeID).Error; err != nil {
			return err
		}
		s.Theme = &th
	}
	return n.o.Webhooks.Speak(ctx, tx, way, s)
}
