package notifier

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// outcome is how one try at a delivery ended. tried counts it as an attempt.
type outcome struct {
	d        models.Delivery
	state    models.DeliveryState
	runAt    time.Time
	answer   string
	tried    bool
	doubt    bool
	suppress bool
}

const (
	suppressFor = 30 * 24 * time.Hour
	doubtPause  = 5 * time.Second
	bounce      = "bounce: "
)

// noSuchMailbox are the refusals that speak of the address and not of the
// mail, its sender or today.
var noSuchMailbox = []string{"5.1.1", "5.1.2", "5.2.1"}

func (n *Notifier) sent(d models.Delivery, answer string) outcome {
	return outcome{d: d, state: models.DeliverySent, runAt: d.RunAt, answer: answer, tried: true}
}

func (n *Notifier) failed(d models.Delivery, answer string) outcome {
	return outcome{d: d, state: models.DeliveryFailed, runAt: d.RunAt, answer: answer, tried: true}
}

func (n *Notifier) skipped(d models.Delivery, reason string) outcome {
	if reason == takingOut { // its other changes go without it, in a moment
		return n.later(d, n.db.Now().Add(doubtPause), d.Answer)
	}
	return outcome{d: d, state: models.DeliverySkipped, runAt: d.RunAt, answer: reason}
}

// later gives a delivery back without counting a try.
func (n *Notifier) later(d models.Delivery, at time.Time, answer string) outcome {
	return outcome{d: d, state: models.DeliveryReady, runAt: at, answer: answer}
}

// conclude decides what an error of Pool.Send means for the delivery, and for
// the relay.
func (l *lane) conclude(ctx context.Context, d models.Delivery, err error) outcome {
	now := l.n.db.Now()
	var refused *ErrRefused
	var doubt *ErrInDoubt
	var unavailable *ErrUnavailable
	switch {
	case errors.As(err, &refused):
		if refused.Stage != StageAddress {
			l.reached()
		}
		o := outcome{d: d, state: models.DeliveryFailed, runAt: d.RunAt, answer: refused.Answer().String(), tried: true}
		if refused.Temporary {
			o.state, o.runAt = models.DeliveryReady, now.Add(backoff(d, d.Attempts+1))
		} else {
			o.suppress = refused.Stage != StageAddress && slices.Contains(noSuchMailbox, refused.Enhanced)
		}
		return o
	case errors.As(err, &doubt):
		return outcome{d: d, state: models.DeliveryInDoubt, runAt: now.Add(doubtPause), answer: storable(err), tried: true, doubt: true}
	case ctx.Err() != nil: // we stop; nothing was sent
		return l.n.later(d, d.RunAt, d.Answer)
	case errors.As(err, &unavailable) && (unavailable.Stage == StageConnect || unavailable.Stage == StageMail):
		return l.n.later(d, l.unreachable(storable(err)), storable(err))
	case errors.As(err, &unavailable):
		// It broke over this mail: others may pass.
		return outcome{d: d, state: models.DeliveryReady, runAt: now.Add(backoff(d, d.Attempts+1)), answer: storable(err), tried: true}
	}
	return l.n.later(d, now.Add(firstPause), storable(err)) // our own database, before the dot
}

// storable is an error as a row can hold it and a page show it, whatever a relay wrote.
func storable(err error) string { return parseAnswer(0, err.Error()).Text }

// backoff after the n-th temporary refusal. Sign-in mail is of use for minutes
// only.
func backoff(d models.Delivery, n int) time.Duration {
	steps := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 8 * time.Hour}
	switch {
	case d.Kind == string(KindSignInCode):
		steps = []time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute}
	case d.Lane == models.LaneNow:
		steps = append([]time.Duration{5 * time.Second, 20 * time.Second}, steps...)
	}
	return steps[min(max(n, 1), len(steps))-1]
}

// mayBeSent: an acceptance counts also when the lease ran out meanwhile and nobody has
// claimed it since.
const mayBeSent = "state || '' IN ('sending', 'in_doubt', 'ready')"

// apply writes an outcome down that is no acceptance, if the delivery is still the one it
// was leased as.
func (o *outcome) apply(tx *gorm.DB, now time.Time) error {
	runAt := o.runAt
	if o.state == models.DeliveryReady && runAt.After(o.d.NotAfter) {
		runAt = o.d.NotAfter // to be found, and then given up
	}
	content := "content"
	if o.state != models.DeliveryReady && o.state != models.DeliveryInDoubt {
		content = "''"
	}
	res := tx.Exec(`UPDATE deliveries SET state = ?, run_at = ?, answer = ?, attempts = attempts + ?, doubts = doubts + ?, content = `+content+`,
		lease_owner = '', lease_until = NULL, updated_at = ? WHERE id = ? AND fence = ? AND state IN ('leased', 'sending') AND lease_owner = ?`,
		o.state, runAt, o.answer, count(o.tried), count(o.doubt), now, o.d.ID, o.d.Fence, o.d.LeaseOwner)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	if o.suppress {
		if _, err := suppress(tx, o.d, o.answer, now); err != nil {
			return err
		}
	}
	if !o.tried {
		return nil
	}
	result := string(o.state)
	if o.state == models.DeliveryReady {
		result = "deferred"
	}
	return tx.Exec("INSERT INTO attempts (delivery_id, n, outcome, answer, created_at) SELECT id, attempts, ?, ?, ? FROM deliveries WHERE id = ?",
		result, o.answer, now, o.d.ID).Error
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
