package notifier

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const lostLease = "the sender was lost after the final dot may have been sent"

// mayResend is sendsAgain in SQL. Held kinds wait for a person at their first doubt: a
// second copy of a long list is worse than a late one. Other mail is sent once more.
var mayResend = "(doubts <= 1 AND kind NOT IN " + sqlKinds(isHeld) + ")"

func sendsAgain(d models.Delivery) bool { return d.Doubts <= 1 && !traitsOf(Kind(d.Kind)).held }

// sweep frees what dead senders held, but nothing that is in this node's own hands, and
// decides on doubts: by asking the relay where that is possible; else a mail in doubt is
// sent once more with the same Message-ID, and after a second doubt, or at once where its
// kind is held, waits for a person. Codes that are of no use any more go.
func (n *Notifier) sweep(ctx context.Context) (busy bool, pause time.Duration, err error) {
	now := n.db.Now()
	var some bool // a look without a write lock first: mostly there is nothing
	err = n.db.Read(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM deliveries WHERE lease_until < @now)
		OR EXISTS (SELECT 1 FROM deliveries WHERE state = 'in_doubt' AND (@asks AND run_at <= @now OR `+mayResend+` AND run_at <= @now OR lane = 'now' AND not_after <= @now))
		OR EXISTS (SELECT 1 FROM deliveries WHERE lane = 'now' AND state = 'ready' AND not_after <= @now)`, map[string]any{"now": now, "asks": n.o.Prober != nil}).Scan(&some).Error
	sparing := err == nil && n.sparing(time.Now())
	if err == nil && some {
		err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
			n.db.AfterCommit(ctx, n.normal.nudge)
			n.db.AfterCommit(ctx, n.now.nudge)
			if err := n.prolong(tx); err != nil {
				return err
			}
			if err := n.free(tx, " AND lease_until < ? AND (lease_owner = ? OR ?)", now, n.owner, !sparing); err != nil {
				return err
			}
			return n.decideDoubts(tx)
		})
	}
	if err == nil && some && n.o.Prober != nil {
		err = n.askRelay(ctx)
	}
	if err != nil {
		return false, 0, fmt.Errorf("sweep deliveries: %w", err)
	}
	return false, 0, nil
}

// free ends leases: what was not yet on its way is ready again, what may have
// been sent is in doubt.
func (n *Notifier) free(tx *gorm.DB, which string, args ...any) error {
	now := n.db.Now()
	err := tx.Exec("UPDATE deliveries SET state = 'ready', lease_owner = '', lease_until = NULL, updated_at = ? WHERE "+inState(models.DeliveryLeased)+which,
		append([]any{now}, args...)...).Error
	if err != nil {
		return err
	}
	err = tx.Exec("INSERT INTO attempts (delivery_id, n, outcome, answer, created_at) SELECT id, attempts + 1, 'in_doubt', ?, ? FROM deliveries WHERE "+inState(models.DeliverySending)+which,
		append([]any{lostLease, now}, args...)...).Error
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE deliveries SET state = 'in_doubt', attempts = attempts + 1, doubts = doubts + 1, run_at = ?, answer = ?, lease_owner = '',
		lease_until = NULL, updated_at = ? WHERE `+inState(models.DeliverySending)+which, append([]any{n.doubtAt(now), lostLease, now}, args...)...).Error
}

// doubtAt is when a doubt is decided: what was on its way when its sender died may still
// arrive, so the relay is not asked at once.
func (n *Notifier) doubtAt(now time.Time) time.Time {
	if n.o.Prober != nil {
		return now.Add(doubtPause)
	}
	return now
}

func (n *Notifier) decideDoubts(tx *gorm.DB) error {
	now := n.db.Now()
	err := expire(tx, now, "state = 'in_doubt' AND not_after <= ? AND ("+mayResend+" OR lane = 'now')", now)
	if err == nil {
		err = expire(tx, now, "lane = 'now' AND state = 'ready' AND not_after <= ?", now)
	}
	if err != nil {
		return err
	}
	if n.o.Prober != nil {
		return nil // asked first, outside of this transaction
	}
	return tx.Exec("UPDATE deliveries SET state = 'ready', updated_at = ? WHERE state = 'in_doubt' AND "+mayResend+" AND run_at <= ?", now, now).Error
}

// ReleaseStale ends every lease at once; for a node that knows it is the only
// one (models.DB.ServeAlone), at its start. What the relay had taken is known from the
// answers beside the database, which this node keeps from then on.
func (n *Notifier) ReleaseStale(ctx context.Context) error {
	err := n.takeAnswers(ctx, n.db.Beside(".answers"))
	if err != nil {
		return fmt.Errorf("release stale deliveries: %w", err)
	}
	err = n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := n.free(tx, ""); err != nil {
			return err
		}
		return n.decideDoubts(tx)
	})
	if err != nil {
		return fmt.Errorf("release stale deliveries: %w", err)
	}
	return nil
}

// giveBack ends what this node still holds when it stops.
func (n *Notifier) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE deliveries SET state = 'ready', lease_owner = '', lease_until = NULL, updated_at = ? WHERE "+inState(models.DeliveryLeased)+" AND lease_owner = ?",
			n.db.Now(), n.owner).Error
	})
}
