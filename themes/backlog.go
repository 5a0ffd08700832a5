package themes

import "sync"

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
