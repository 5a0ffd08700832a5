package issuesync

import (
	"sync"
	"time"
)

// lane is the one way of writes: one at a time, with a pause between them. A
// job that is not due gets a time to come back at instead of waiting in it:
// the workers have other things to do.
type lane struct {
	gap  time.Duration
	mu   sync.Mutex
	last time.Time            // the latest slot given away
	left time.Time            // when the lane was left last
	slot map[string]time.Time // by link, until it comes back
	busy bool
}

func newLane(gap time.Duration) *lane { return &lane{gap: gap, slot: map[string]time.Time{}} }

// enter takes the lane for key, which must leave it; or says when to come back.
func (l *lane) enter(key string, now time.Time) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, reserved := l.slot[key]
	if !reserved {
		if at = l.last.Add(l.gap); at.Before(now) {
			at = now
		}
		l.last, l.slot[key] = at, at
	}
	switch {
	case at.After(now):
		return at, false
	case l.busy: // a slow answer: the slot stays due
		return now.Add(l.gap), false
	case l.left.Add(l.gap).After(now): // the one before took long
		return l.left.Add(l.gap), false
	}
	delete(l.slot, key)
	l.busy = true
	return now, true
}

// leave lets the next one in, a gap after now.
func (l *lane) leave(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy, l.left = false, now
}
