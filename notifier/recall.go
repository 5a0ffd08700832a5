package notifier

import (
	"context"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	recallKind = "notifier.recall"
	// recallChunk people are taken out in one transaction.
	recallChunk = 1000
	// recallFor is how long something of a change may wait: a weekly digest, put off.
	recallFor = 14 * day
)

// Recalled says what a recall did, or would do: Held people hear nothing of the change,
// Sent had been told, or were being told, before.
type Recalled struct{ Held, Sent int }

// Recallable counts, for the events of activities, who could still be kept from hearing
// of each; nothing for who may not announce.
func (n *Notifier) Recallable(ctx context.Context, a auth.Actor, activities []string) (events map[string]string, held map[string]int, err error) {
	if err := auth.Can(a, auth.Announce); err != nil || len(activities) == 0 {
		return nil, nil, nil
	}
	var rows []struct {
		ID, ActivityID string
		N              int
	}
	err = n.db.Read(ctx).Raw(`SELECT e.id, e.activity_id, COUNT(*) AS n FROM follow_up_events e JOIN follow_up_items i ON i.event_id = e.id
		LEFT JOIN deliveries d ON d.id = i.delivery_id
		WHERE e.activity_id IN ? AND e.created_at > ? AND e.recalled_at IS NULL AND i.skip_reason = '' AND (i.delivery_id = '' OR d.state = 'ready' AND d.body_hash = '')
		GROUP BY e.id, e.activity_id`, activities, n.db.Now().Add(-recallFor)).Scan(&rows).Error
	events, held = map[string]string{}, map[string]int{}
	for _, r := range rows {
		events[r.ActivityID], held[r.ActivityID] = r.ID, r.N
	}
	return events, held, wrapLedger("recallable", err)
}

// RecallableOf is Recallable of a theme's latest changes.
func (n *Notifier) RecallableOf(ctx context.Context, a auth.Actor, theme string) (events map[string]string, held map[string]int, err error) {
	var activities []string
	err = n.db.Read(ctx).Raw("SELECT activity_id FROM follow_up_events WHERE theme_id = ? ORDER BY rev DESC LIMIT 5", theme).Scan(&activities).Error
	if err != nil {
		return nil, nil, wrapLedger("recallable", err)
	}
	return n.Recallable(ctx, a, activities)
}

// Recall takes a change back out of all mail that nobody has in hand: what settles,
// what is held, what is ready. Twice is once. Needs auth.Announce. NotFound
// event_not_found.
func (n *Notifier) Recall(ctx context.Context, a auth.Actor, event string) (Recalled, error) {
	var out Recalled
	if err := auth.Can(a, auth.Announce); err != nil {
		return out, err
	}
	err := n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var e models.FollowUpEvent
		if err := tx.Limit(1).Find(&e, "id = ?", event).Error; err != nil {
			return err
		}
		if e.ID == "" || e.ThemeID == "" {
			return models.Fail(models.NotFound, "event_not_found")
		}
		// Who is still to be written down is written down as recalled.
		if err := n.db.Lock(tx, "fan_out:"+e.ThemeID); err != nil {
			return err
		}
		res := tx.Exec("UPDATE follow_up_events SET recalled_at = ? WHERE id = ? AND recalled_at IS NULL", n.db.Now(), event)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		if err := n.queue.Enqueue(ctx, recallKind, event, "", n.db.Now()); err != nil { // whatever becomes of us
			return err
		}
		return n.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.FollowUpRecalled, ThemeID: e.ThemeID, Snapshot: models.Change{Event: e.ID}.Encode()})
	})
	if err == nil {
		err = n.takeBack(ctx, models.Job{Key: event})
	}
	if err != nil {
		return out, wrapLedger("recall", err)
	}
	err = n.db.Read(ctx).Raw(`SELECT COALESCE(SUM(CASE WHEN i.skip_reason = 'recalled' THEN 1 ELSE 0 END), 0) AS held,
		COALESCE(SUM(CASE WHEN d.state IN ('leased', 'sending', 'sent', 'in_doubt') OR d.state = 'ready' THEN 1 ELSE 0 END), 0) AS sent
		FROM follow_up_items i LEFT JOIN deliveries d ON d.id = i.delivery_id WHERE i.event_id = ?`, event).Scan(&out).Error
	return out, wrapLedger("recall", err)
}

// takeBack is the job that takes a recalled event out, chunk by chunk.
func (n *Notifier) takeBack(ctx context.Context, j models.Job) error {
	for from := ""; ; {
		var people []string
		err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			people = nil
			err := tx.Raw(`SELECT i.person_id FROM follow_up_items i WHERE i.event_id = ? AND i.person_id > ? AND i.skip_reason = '' ORDER BY i.person_id LIMIT ?`,
				j.Key, from, recallChunk).Scan(&people).Error
			if err != nil || len(people) == 0 {
				return err
			}
			// A sender that takes one of these in this moment has it; we pass over it.
			var mails []string
			err = n.db.Claim(tx).Model(&models.Delivery{}).Where("state = 'ready' AND body_hash = '' AND id IN (?)",
				tx.Table("follow_up_items").Select("delivery_id").Where("event_id = ? AND person_id IN ?", j.Key, people)).Pluck("id", &mails).Error
			if err != nil {
				return err
			}
			args := map[string]any{"event": j.Key, "from": people[0], "to": people[len(people)-1], "mails": append(mails, "-"), "now": n.db.Now()}
			err = tx.Exec(`UPDATE follow_up_items SET skip_reason = 'recalled', delivery_id = '' WHERE event_id = @event AND person_id >= @from AND person_id <= @to
				AND skip_reason = '' AND (delivery_id = '' OR delivery_id IN @mails)`, args).Error
			if err != nil {
				return err
			}
			return n.cancelEmpty(tx, "d.id IN @mails", args)
		})
		if err != nil || len(people) < recallChunk {
			return err
		}
		from = people[len(people)-1]
	}
}
