package notifier

import (
	"context"
	"fmt"
	"maps"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
)

// What staff recall or take back, and what a person does not want any more, leaves
// everything that nobody has in hand: what settles, mail that is ready or leased, what
// waits at a channel's endpoint, the list of whom to tell by hand. Sending, sent and
// doubtful mail stays as it is, and so does mail that was tried: it may have arrived.

const (
	takeOutKind = "notifier.recall"
	// takeOutChunk people are taken out in one transaction.
	takeOutChunk = 1000
	// takingOut stops a mail of which something is about to be taken out; it is ready
	// again at once.
	takingOut = "taking_out"
)

// isTakingOut: something that the mail says is being taken out of it. Mostly nothing is,
// and then the first question ends it.
const isTakingOut = `EXISTS (SELECT 1 FROM take_outs o WHERE o.done_at IS NULL AND o.reason <> '')
	AND EXISTS (SELECT 1 FROM follow_up_items i JOIN take_outs o ON o.event_id = i.event_id AND o.done_at IS NULL AND o.reason <> '' WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id)`

// holdSettling keeps everybody else from settling, and people from being merged, until the
// transaction ends. Whoever changes what waits for people takes these two, in this order
// and after the locks of themes (fan_out).
func (n *Notifier) holdSettling(tx *gorm.DB) error {
	if err := n.db.Lock(tx, settleLock); err != nil {
		return err
	}
	return n.db.LockShared(tx, models.LockPeople)
}

// beginTakeOut has an event taken out of what its people have not been told, for a
// reason, or put back where reason is "". What the fan-out has still to write down asks
// for itself: after this it sees what is so. What was recalled stays so.
func (n *Notifier) beginTakeOut(ctx context.Context, tx *gorm.DB, e models.FollowUpEvent, reason string) error {
	if err := n.db.Lock(tx, "fan_out:"+e.ThemeID); err != nil {
		return err
	}
	err := tx.Exec(`INSERT INTO take_outs (event_id, reason, cursor, taken, gone, created_at) VALUES (?, ?, '', 0, 0, ?)
		ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason, cursor = '', taken = 0, gone = 0, done_at = NULL, created_at = excluded.created_at
		WHERE take_outs.reason <> ?`, e.ID, reason, n.db.Now(), SkipRecalled).Error
	if err != nil {
		return err
	}
	return n.queue.Enqueue(ctx, takeOutKind, e.ID, "", n.db.Now())
}

// takeOutAll is the job that takes an event out, chunk by chunk. It goes on where it
// stopped.
func (n *Notifier) takeOutAll(ctx context.Context, j models.Job) error {
	for {
		x, more, err := n.takeOutNext(ctx, j.Key)
		switch {
		case err != nil:
			return fmt.Errorf("take out %s: %w", j.Key, err)
		case x.DoneAt != nil:
			return nil
		case !more: // its audience is still being written down
			return jobs.Later{At: n.db.Now().Add(time.Second)}
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// takeOutNext does one chunk and says how far it is, and whether more people are there.
func (n *Notifier) takeOutNext(ctx context.Context, event string) (x models.TakeOut, more bool, err error) {
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := n.holdSettling(tx); err != nil {
			return err
		}
		if x, err = takeOutOf(n.db.Hold(tx), event); err != nil || x.DoneAt != nil {
			return err
		}
		var people []string
		err := tx.Raw("SELECT person_id FROM follow_up_items WHERE event_id = ? AND person_id > ? ORDER BY person_id LIMIT ?", event, x.Cursor, takeOutChunk).Scan(&people).Error
		if err != nil {
			return err
		}
		if len(people) > 0 {
			if err := n.takeOutChunk(ctx, tx, &x, people[len(people)-1]); err != nil {
				return err
			}
		}
		if more = len(people) == takeOutChunk; !more {
			if err := n.endTakeOut(tx, &x); err != nil {
				return err
			}
		}
		return tx.Save(&x).Error
	})
	return x, more, err
}

// endTakeOut ends it where the whole audience has been written down.
func (n *Notifier) endTakeOut(tx *gorm.DB, x *models.TakeOut) error {
	var open bool
	err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM follow_up_events e JOIN follow_up_events l ON l.id = e.id OR e.bulk_id <> '' AND l.activity_id = e.bulk_id
		JOIN fanouts f ON f.event_id = l.id AND f.done_at IS NULL WHERE e.id = ?)`, x.EventID).Scan(&open).Error
	if now := n.db.Now(); !open {
		x.DoneAt = &now
	}
	return err
}

// takeOutOf is how far an event has been taken out; one that was never asked for is done.
func takeOutOf(db *gorm.DB, event string) (x models.TakeOut, err error) {
	res := db.Limit(1).Find(&x, "event_id = ?", event)
	if res.Error == nil && res.RowsAffected == 0 {
		x.DoneAt = new(x.CreatedAt)
	}
	return x, res.Error
}

func (n *Notifier) takeOutChunk(ctx context.Context, tx *gorm.DB, x *models.TakeOut, to string) (err error) {
	from := x.Cursor
	x.Cursor = to
	if x.Reason == "" {
		n.db.AfterCommit(ctx, func() { wake(n.settle) })
		return tx.Exec(`UPDATE follow_up_items SET skip_reason = '', hold = '', due_at = ? WHERE event_id = ? AND person_id > ? AND person_id <= ? AND skip_reason = ?`,
			models.Milli(n.db.Now().Add(n.o.Settle)), x.EventID, from, to, SkipTakenBack).Error
	}
	n.db.AfterCommit(ctx, n.normal.nudge)
	if err := n.takeOut(tx, x.EventID, from, to, x.Reason); err != nil {
		return err
	}
	var are struct{ Taken, Gone int }
	err = tx.Raw(`SELECT COALESCE(SUM(CASE WHEN i.skip_reason = ? THEN 1 ELSE 0 END), 0) AS taken,
			COALESCE(SUM(CASE WHEN i.skip_reason = 'channel' OR i.told_at IS NOT NULL OR d.state IN ('ready', 'leased', 'sending', 'sent', 'in_doubt') THEN 1 ELSE 0 END), 0) AS gone
		FROM follow_up_items i LEFT JOIN deliveries d ON d.id = i.delivery_id WHERE i.event_id = ? AND i.person_id > ? AND i.person_id <= ?`, x.Reason, x.EventID, from, to).Scan(&are).Error
	x.Taken, x.Gone = x.Taken+are.Taken, x.Gone+are.Gone
	return err
}

// takeOut takes an event out of what these people – after from, up to to – have not been
// told. Who calls it holds settling.
func (n *Notifier) takeOut(tx *gorm.DB, event, from, to, reason string) error {
	return n.takeOutWhere(tx, "i.event_id = @event AND i.person_id > @from AND i.person_id <= @to", map[string]any{"event": event, "from": from, "to": to}, reason)
}

// takeOutWhere takes out rows (i) of follow_up_items.
func (n *Notifier) takeOutWhere(tx *gorm.DB, where string, with map[string]any, reason string) error {
	args := maps.Clone(with)
	args["reason"], args["now"] = reason, n.db.Now()
	var mails []string
	err := n.db.Hold(tx).Model(&models.Delivery{}).Where(`lane = 'normal' AND state IN ('ready', 'leased') AND body_hash = '' AND id IN (
		SELECT i.delivery_id FROM follow_up_items i WHERE `+where+` AND i.skip_reason = '' AND i.delivery_id <> '')`, args).Order("id").Pluck("id", &mails).Error
	if err != nil {
		return err
	}
	waits := `i.skip_reason = '' AND (i.delivery_id = '' OR i.delivery_id IN @mails) OR i.skip_reason = 'no_channel' AND i.told_at IS NULL`
	if n.o.Webhooks != nil {
		spoken, err := n.o.Webhooks.Withdraw(tx, where, args)
		if err != nil {
			return err
		}
		args["spoken"] = append(spoken, "")
		waits += ` OR i.skip_reason = '` + webhooks.SkipChannel + `' AND i.event_id || '/' || i.person_id IN @spoken`
	}
	args["mails"] = append(mails, "")
	err = tx.Exec(`UPDATE follow_up_items AS i SET skip_reason = @reason, delivery_id = '', hold = '' WHERE `+where+` AND (`+waits+`)`, args).Error
	if err != nil || len(mails) == 0 {
		return err
	}
	return n.leave(tx, args)
}

// leave ends mails (@mails) that have nothing left to say. The others are written anew:
// whoever had leased one finds that it is no longer theirs. Their keys are given up, so
// that what is told after all can have a mail of its own.
func (n *Notifier) leave(tx *gorm.DB, args map[string]any) error {
	const said = `EXISTS (SELECT 1 FROM follow_up_items i WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id)`
	const freed = `fence = fence + 1, lease_owner = '', lease_until = NULL, dedup_key = kind || '/out/' || id, updated_at = @now WHERE id IN @mails AND `
	err := tx.Exec(`UPDATE deliveries SET state = 'cancelled', content = '', `+freed+`NOT `+said, args).Error
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE deliveries SET state = 'ready', theme_id = (SELECT i.theme_id FROM follow_up_items i WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id ORDER BY i.event_id DESC LIMIT 1), `+
		freed+said, args).Error
}

// dropUnwanted takes out what the person wants no more. Who calls it holds settling.
func (n *Notifier) dropUnwanted(tx *gorm.DB, person string) error {
	for reason, unwanted := range map[string]string{SkipPreference: itemOff, SkipMuted: itemMuted} {
		err := n.takeOutWhere(tx, "i.person_id = @person AND i.kind IN "+sqlKinds(isChoosable)+" AND "+unwanted, map[string]any{"person": person}, reason)
		if err != nil {
			return err
		}
	}
	return nil
}

// resumeTakeOuts brings back what is not done and whose job was lost.
func (n *Notifier) resumeTakeOuts(ctx context.Context) error {
	var open []string
	err := n.db.Read(ctx).Raw(`SELECT o.event_id FROM take_outs o WHERE o.done_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = ? AND j.key = o.event_id) LIMIT 100`, takeOutKind).Scan(&open).Error
	for _, event := range open {
		if err == nil {
			err = n.queue.Enqueue(ctx, takeOutKind, event, "", n.db.Now())
		}
	}
	return wrapLedger("open take-outs", err)
}
