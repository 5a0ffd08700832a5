package themes

import (
	"container/list"
	"crypto/sha256"
	"strings"
	"sync"
)

const recentMost = 256 // some 2 KB each

// recent keeps the vectors of the texts asked about last: who types asks again
// and again, and then files the same text.
type recent struct {
	mu    sync.Mutex
	order *list.List // of remembered, latest first
	byKey map[textKey]*list.Element
}

type textKey [sha256.Size]byte

type remembered struct {
	key textKey
	vec []float32
}

func newRecent() *recent { return &recent{order: list.New(), byKey: map[textKey]*list.Element{}} }

// keyOf takes title and text as one, as models read them.
func keyOf(model, title, text string) textKey {
	return sha256.Sum256([]byte(model + "\xff" + strings.TrimSpace(title+" "+text)))
}

func (c *recent) get(k textKey) ([]float32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(remembered).vec, true
}

func (c *recent) put(k textKey, vec []float32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[k]; ok {
		return
	}
	c.byKey[k] = c.order.PushFront(remembered{key: k, vec: vec})
	if c.order.Len() > recentMost {
		last := c.order.Back()
		delete(c.byKey, last.Value.(remembered).key)
		c.order.Remove(last)
	}
}
