package themes

import (
	"sync"
	"time"
)

// backlog is the set of items that wait for a vector of one model, the latest
// first. It is made anew from the rows at start, so it need not be stored.
type backlog struct {
	mu     sync.Mutex
	order  []string        // oldest first; may name what is done
	queued map[string]bool // by item: true while it waits, false while it is worked on
	nudge  chan struct{}
}

func newBacklog() *backlog {
	return &backlog{queued: map[string]bool{}, nudge: make(chan struct{}, 1)}
}

// add queues an item; again when it is being worked on, for it changed since.
func (b *backlog) add(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queued[id] {
		return
	}
	b.queued[id] = true
	b.order = append(b.order, id)
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}

// take hands out at most n items, the latest first.
func (b *backlog) take(n int) (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.order) > 0 && len(ids) < n {
		last := len(b.order) - 1
		id := b.order[last]
		b.order[last] = ""
		b.order = b.order[:last]
		if b.queued[id] {
			b.queued[id] = false
			ids = append(ids, id)
		}
	}
	return ids
}

// done takes items out that were not queued again.
func (b *backlog) done(ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if !b.queued[id] {
			delete(b.queued, id)
		}
	}
}

// len is how many items wait or are worked on.
func (b *backlog) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.queued)
}

const (
	asideLeast = time.Minute
	asideMost  = time.Hour
)

// aside is the set of items over whose text a model fails. Each is tried again
// alone, at growing intervals; what changes meanwhile is queued anew as ever.
type aside struct {
	mu    sync.Mutex
	items map[string]shelved
	least time.Duration
}

type shelved struct {
	until time.Time
	wait  time.Duration
}

func newAside(least time.Duration) *aside {
	if least == 0 {
		least = asideLeast
	}
	return &aside{items: map[string]shelved{}, least: least}
}

// put sets an item aside, for twice as long as the time before; true the first
// time.
func (a *aside) put(id string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, known := a.items[id]
	s.wait = min(max(2*s.wait, a.least), asideMost)
	s.until = now.Add(s.wait)
	a.items[id] = s
	return !known
}

// due names an item whose time has come, "" for none.
func (a *aside) due(now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, s := range a.items {
		if !s.until.After(now) {
			return id
		}
	}
	return ""
}

// drop forgets an item: it was read, or is gone.
func (a *aside) drop(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.items, id)
}
