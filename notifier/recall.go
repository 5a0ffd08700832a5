package notifier

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	// recallFor is how long something of a change may wait: a weekly digest, put off.
	recallFor = 14 * day
	// heldAnew is how old the count of who has not heard of a change of very many may be.
	heldAnew = 10 * time.Minute
)

// Recalled says how far a recall is: Held people were taken out so far and hear nothing of
// the change, Sent had been told, or were being told, before. Done says that nobody is
// left to look at; until then nothing of it is sent either.
type Recalled struct {
	Held, Sent int
	Done       bool
}

// Holding is a change that could still be kept from people: People of them, as they were
// counted last where they are very many.
type Holding struct {
	Event  string
	People int
}

// Recallable counts, for the events of activities, who could still be kept from hearing
// of each; nothing for who may not announce. What it costs does not grow with those who
// follow a theme.
func (n *Notifier) Recallable(ctx context.Context, a auth.Actor, activities []string) (held map[string]Holding, err error) {
	if err := auth.Can(a, auth.Announce); err != nil || len(activities) == 0 {
		return nil, nil
	}
	// Of very many: who was counted last, or else who was written down.
	var rows []struct {
		ID, ActivityID string
		Few            bool
		N              int
	}
	err = n.db.Read(ctx).Raw(`SELECT e.id, e.activity_id, (SELECT COUNT(*) FROM (SELECT 1 FROM follow_up_items i WHERE i.event_id = e.id LIMIT @many) x) < @many AS few,
			COALESCE((SELECT c.people FROM held_counts c WHERE c.event_id = e.id), (SELECT f.people FROM fanouts f WHERE f.event_id = e.id),
				(SELECT h.people_count FROM themes h WHERE h.id = e.theme_id), 0) AS n
		FROM follow_up_events e WHERE e.activity_id IN @acts AND e.created_at > @since AND e.recalled_at IS NULL AND e.notify = TRUE`,
		map[string]any{"acts": activities, "since": n.db.Now().Add(-recallFor), "many": countedAtOnce + 1}).Scan(&rows).Error
	held = map[string]Holding{}
	for _, r := range rows {
		if err == nil && r.Few {
			r.N, err = n.countHeld(ctx, r.ID)
		}
		if r.N > 0 {
			held[r.ActivityID] = Holding{r.ID, r.N}
		}
	}
	return held, wrapLedger("recallable", err)
}

// countHeld counts who could be kept from hearing of an event, one by one.
func (n *Notifier) countHeld(ctx context.Context, event string) (held int, err error) {
	err = n.db.Read(ctx).Raw(`SELECT COUNT(*) FROM follow_up_items i LEFT JOIN deliveries d ON d.id = i.delivery_id
		WHERE i.event_id = ? AND (i.skip_reason = '' AND (i.delivery_id = '' OR d.state IN ('ready', 'leased') AND d.body_hash = '')
			OR i.skip_reason = 'no_channel' AND i.told_at IS NULL)`, event).Scan(&held).Error
	return held, err
}

// recountHeld counts anew for one of the events of very many whose count is old, until
// nobody is left.
func (n *Notifier) recountHeld(ctx context.Context) error {
	var events []string
	now := n.db.Now()
	err := n.db.Read(ctx).Raw(`SELECT e.id FROM fanouts f JOIN follow_up_events l ON l.id = f.event_id
		JOIN follow_up_events e ON e.id = l.id OR l.bulk_id <> '' AND e.bulk_id = l.bulk_id AND e.theme_id <> ''
		LEFT JOIN held_counts c ON c.event_id = e.id
		WHERE f.people > 5000 AND f.created_at > @since AND f.done_at IS NOT NULL AND e.recalled_at IS NULL AND e.notify = TRUE
			AND (c.event_id IS NULL OR c.people > 0 AND c.counted_at < @old) ORDER BY e.id DESC LIMIT 1`,
		map[string]any{"since": now.Add(-recallFor), "old": now.Add(-heldAnew)}).Scan(&events).Error
	for _, event := range events {
		var held int
		if held, err = n.countHeld(ctx, event); err != nil {
			break
		}
		err = n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO held_counts (event_id, people, counted_at) VALUES (?, ?, ?)
				ON CONFLICT (event_id) DO UPDATE SET people = excluded.people, counted_at = excluded.counted_at`, event, held, now).Error
		})
	}
	return wrapLedger("count what is held", err)
}

// RecallableOf is Recallable of a theme's latest changes, the latest first.
func (n *Notifier) RecallableOf(ctx context.Context, a auth.Actor, theme string) (out []Holding, err error) {
	activities, err := n.latest(ctx, theme)
	if err != nil {
		return nil, err
	}
	held, err := n.Recallable(ctx, a, activities)
	for _, act := range activities {
		if h, ok := held[act]; ok {
			out = append(out, h)
		}
	}
	return out, err
}

// latest are the activities of a theme's latest changes, the latest first.
func (n *Notifier) latest(ctx context.Context, theme string) (activities []string, err error) {
	err = n.db.Read(ctx).Raw("SELECT activity_id FROM follow_up_events WHERE theme_id = ? ORDER BY rev DESC LIMIT 5", theme).Scan(&activities).Error
	return activities, wrapLedger("latest changes", err)
}

// Recalling are the recalls of a theme's changes that are not done yet.
func (n *Notifier) Recalling(ctx context.Context, a auth.Actor, theme string) (out []Recalled, err error) {
	if err := auth.Can(a, auth.ReadDeliveries); err != nil {
		return nil, err
	}
	var rows []models.TakeOut
	err = n.db.Read(ctx).Raw(`SELECT o.* FROM take_outs o JOIN follow_up_events e ON e.id = o.event_id
		WHERE o.done_at IS NULL AND o.reason = ? AND e.theme_id = ? ORDER BY o.event_id`, SkipRecalled, theme).Scan(&rows).Error
	for _, x := range rows {
		out = append(out, recalled(x))
	}
	return out, wrapLedger("recalling", err)
}

func recalled(x models.TakeOut) Recalled {
	return Recalled{Held: x.Taken, Sent: x.Gone, Done: x.DoneAt != nil}
}

// Recall takes a change back out of all mail that nobody is sending: what settles, what
// is held, what is ready, what is to be told on a channel or by hand. From its answer on
// nothing of it is sent; where very many are concerned taking it out goes on after it, and
// asking again says how far it is. Twice is once. Needs auth.Announce. NotFound
// event_not_found.
func (n *Notifier) Recall(ctx context.Context, a auth.Actor, event string) (out Recalled, err error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return out, err
	}
	var again bool
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		again = false
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
		if again = res.RowsAffected == 0; res.Error != nil || again {
			return res.Error
		}
		if err := n.beginTakeOut(ctx, tx, e, SkipRecalled); err != nil {
			return err
		}
		return n.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.FollowUpRecalled, ThemeID: e.ThemeID, Snapshot: models.Change{Event: e.ID}.Encode()})
	})
	if err != nil {
		return out, wrapLedger("recall", err)
	}
	var x models.TakeOut
	if again {
		x, err = takeOutOf(n.db.Read(ctx), event)
	} else {
		x, _, err = n.takeOutNext(ctx, event) // few are answered for at once
	}
	return recalled(x), wrapLedger("recall", err)
}
