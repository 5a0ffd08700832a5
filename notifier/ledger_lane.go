package notifier

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	normalBatch = 200
	nowBatch    = 10
	firstPause  = 5 * time.Second
	longPause   = 5 * time.Minute
)

// lane hands deliveries of one kind of urgency to the connections of one pool.
// One goroutine claims ahead of the senders, so a relay that is slow delays
// only what it is given.
type lane struct {
	n        *Notifier
	name     string
	pool     *Pool
	batch    int
	woken    chan struct{}
	mails    chan letter
	register *register
	place    int // of its first sender among the answers

	mu      sync.Mutex
	fails   int // in a row, without the relay being reached
	since   time.Time
	until   time.Time // nothing is tried before
	problem string
}

func newLane(n *Notifier, name string, pool *Pool, batch int) *lane {
	return &lane{n: n, name: name, pool: pool, batch: batch, woken: make(chan struct{}, 1), mails: make(chan letter, 2*batch), register: newRegister(n)}
}

func (l *lane) nudge() { wake(l.woken) }

// run claims and sends until ctx ends.
func (l *lane) run(ctx context.Context) {
	var senders, writer sync.WaitGroup
	stopped := make(chan struct{})
	writer.Go(func() { l.register.run(ctx, stopped) })
	for i := range l.pool.options.Connections {
		senders.Go(func() { l.send(ctx, l.place+i) })
	}
	l.n.loop(ctx, l.name+" lane", func() <-chan struct{} { return l.woken }, l.fill)
	senders.Wait()
	close(stopped)
	writer.Wait()
}

// fill claims a batch when the senders are running out.
func (l *lane) fill(ctx context.Context) (busy bool, pause time.Duration, err error) {
	want := l.batch
	if len(l.mails) >= want {
		return false, 0, nil // a sender wakes us
	}
	wait, probing := l.paused()
	if wait > 0 {
		return false, wait, nil
	}
	if probing { // one mail asks whether the relay is back, not a hundred
		if want = 1; len(l.mails) > 0 {
			return false, 0, nil
		}
	}
	ds, awake, more, err := l.claim(ctx, want)
	if err != nil {
		return false, 0, err
	}
	l.n.hold(ds)
	letters, err := l.n.compose(ctx, ds)
	if err != nil {
		l.n.letGo(ds...) // the leases run out
		return false, 0, err
	}
	for _, m := range letters {
		m.awake = awake[m.d.ID]
		l.mails <- m // there is room: only this goroutine fills it
	}
	return more && !probing, 0, nil
}

// unread are the columns that sending asks nothing of.
var unread = []string{"State", "LeaseOwner", "LeaseUntil", "BodyHash", "SentAt", "UpdatedAt"}

// claim leases what is due. What is too late is marked so instead, and what would come
// to its person at night waits for their morning.
func (l *lane) claim(ctx context.Context, want int) (ds []models.Delivery, awake map[string]awake, more bool, err error) {
	due := func(tx *gorm.DB) *gorm.DB {
		return tx.Where("lane = ? AND state = 'ready' AND run_at <= ?", l.name, l.n.db.Now()).Order(l.order()).Limit(want)
	}
	var some []string // a look without a write lock first: mostly there is nothing
	if err := due(l.n.db.Read(ctx)).Model(&models.Delivery{}).Limit(1).Pluck("id", &some).Error; err != nil || len(some) == 0 {
		return nil, nil, false, err
	}
	err = l.n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		ds = nil
		var rows []models.Delivery
		if err := due(l.n.db.Claim(tx)).Omit(unread...).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		more = len(rows) == want
		var err error
		if awake, err = l.awake(tx, rows); err != nil {
			return err
		}
		now := l.n.db.Now()
		var take, late []string
		for _, d := range rows {
			if !now.Before(d.NotAfter) {
				late = append(late, d.ID)
				continue
			}
			if from := awake[d.ID].from(now); from.After(now) {
				if err := putOff(tx, d, from, now); err != nil {
					return err
				}
				continue
			}
			take = append(take, d.ID)
			d.Fence++
			d.State, d.LeaseOwner = models.DeliveryLeased, l.n.owner
			ds = append(ds, d)
		}
		if len(late) > 0 {
			if err := expire(tx, now, "id IN ?", late); err != nil {
				return err
			}
		}
		if len(take) == 0 {
			return nil
		}
		return tx.Exec("UPDATE deliveries SET state = 'leased', lease_owner = ?, lease_until = ?, fence = fence + 1, updated_at = ? WHERE id IN ?",
			l.n.owner, now.Add(l.n.o.Lease), now, take).Error
	})
	if err != nil {
		return nil, nil, false, fmt.Errorf("claim: %w", err)
	}
	return ds, awake, more, nil
}

// order: nobody waits to sign in because many suggestions are being confirmed.
func (l *lane) order() string {
	if l.name == models.LaneNow {
		return "CASE WHEN kind = 'received' THEN 1 ELSE 0 END, run_at"
	}
	return "run_at"
}

// expire gives up what came too late to be of use, and the secret in it.
func expire(tx *gorm.DB, now time.Time, where string, args ...any) error {
	return tx.Exec("UPDATE deliveries SET state = 'expired', content = '', lease_owner = '', lease_until = NULL, updated_at = ? WHERE "+where,
		append([]any{now}, args...)...).Error
}

// paused tells how long the relay is left alone, and whether the next mail is
// to find out if it is back.
func (l *lane) paused() (wait time.Duration, probing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails == 0 {
		return 0, false
	}
	return l.until.Sub(l.n.db.Now()), true
}

// unreachable notes that the relay could not be used and returns when it is
// tried next: after 5 s, 10 s, 20 s … 5 minutes. Several senders that fail at
// once count once.
func (l *lane) unreachable(problem string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.n.db.Now()
	if l.fails == 0 {
		l.since = now
	}
	if !now.Before(l.until) {
		l.until = now.Add(min(firstPause<<min(l.fails, 10), longPause))
		l.fails++
	}
	l.problem = problem
	return l.until
}

// reached notes that the relay answered.
func (l *lane) reached() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails > 0 {
		l.fails, l.until, l.problem = 0, time.Time{}, ""
		l.nudge()
	}
}

func (l *lane) status() RelayStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := RelayStatus{Configured: l.pool != nil, Down: l.fails > 0}
	if s.Down {
		s.Since, s.RetryAt, s.Problem = l.since, l.until, l.problem
	}
	return s
}
