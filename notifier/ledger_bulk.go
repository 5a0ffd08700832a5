package notifier

import (
	"context"
	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// fanOutBulk does one chunk of people for all events of one decision, so that what it
// says to one person is written down in one transaction and goes into one mail.
func (n *Notifier) fanOutBulk(_ context.Context, tx *gorm.DB, lead models.FollowUpEvent, f *models.Fanout) error {
	chunks, err := n.bulkChunks(tx, lead, f)
	if err != nil {
		return err
	}
	moved, more, leaving := false, false, isLeaving(f.Cursor)
	sources := make([]string, len(chunks))
	var people []string
	for i, c := range chunks {
		mine, err := c.anybodyMoved()
		if err != nil {
			return err
		}
		moved = moved || mine
		if leaving && !mine {
			continue
		}
		sources[i] = c.source(mine)
		var some []string
		if err := tx.Raw(sources[i]+" AND v.person_id > @from ORDER BY v.person_id LIMIT @limit", c.args()).Scan(&some).Error; err != nil {
			return err
		}
		people, more = append(people, some...), more || len(some) == fanOutChunk
	}
	people = distinct(people)
	more = more || len(people) > fanOutChunk
	people = people[:min(len(people), fanOutChunk)]
	to := ""
	if len(people) > 0 {
		to = people[len(people)-1]
	}
	for i, c := range chunks {
		if c.to = to; sources[i] != "" && to != "" {
			if err := c.tell(sources[i]); err != nil {
				return err
			}
		}
	}
	f.People += len(people)
	(&chunk{n: n, f: f, to: to, leaving: leaving}).advance(more, moved)
	return nil
}

// holdThemes keeps other fan-outs from the themes of an event, always in one order.
func (n *Notifier) holdThemes(tx *gorm.DB, e models.FollowUpEvent) error {
	themes := []string{e.ThemeID}
	if e.BulkID != "" {
		if err := tx.Model(&models.FollowUpEvent{}).Where("bulk_id = ?", e.BulkID).Order("theme_id").Pluck("theme_id", &themes).Error; err != nil {
			return err
		}
	}
	for _, id := range themes {
		if err := n.db.Lock(tx, "fan_out:"+id); err != nil {
			return err
		}
	}
	return nil
}

// bulkChunks are the events of a decision in the order of their themes.
func (n *Notifier) bulkChunks(tx *gorm.DB, lead models.FollowUpEvent, f *models.Fanout) ([]*chunk, error) {
	var events []models.FollowUpEvent
	if err := tx.Order("theme_id").Find(&events, "bulk_id = ? AND id <> ?", lead.BulkID, lead.ID).Error; err != nil {
		return nil, err
	}
	chunks := make([]*chunk, 0, len(events))
	for _, e := range events {
		e.CreatedAt = lead.CreatedAt // all of it is due at once
		chunks = append(chunks, &chunk{n: n, tx: tx, e: e, f: f})
	}
	return chunks, nil
}
