package auth

import (
	"sync"
	"time"
)

const (
	cachedTokens = 1000
	cachedFor    = 10 * time.Second // also how long another node honours a revoked token
)

// tokenCache remembers who stands behind a token, by its hash, so that a
// request does not read the database. The zero value is empty.
type tokenCache struct {
	mu     sync.Mutex
	byHash map[string]cachedToken
	age    int // grows with each clear: what was read before is not kept after
}

type cachedToken struct {
	actor Actor
	until time.Time
}

func (c *tokenCache) get(hash string, now time.Time) (Actor, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.byHash[hash]
	return t.actor, ok && now.Before(t.until)
}

func (c *tokenCache) generation() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.age
}

// put keeps the actor unless the cache was cleared since age was asked.
func (c *tokenCache) put(hash string, t cachedToken, age int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age != c.age {
		return
	}
	if c.byHash == nil {
		c.byHash = map[string]cachedToken{}
	}
	if len(c.byHash) >= cachedTokens {
		c.evict(now)
	}
	c.byHash[hash] = t
}

// evict makes room: what is over goes, and if nothing is, whatever comes first.
func (c *tokenCache) evict(now time.Time) {
	for h, t := range c.byHash {
		if !now.Before(t.until) {
			delete(c.byHash, h)
		}
	}
	for h := range c.byHash {
		if len(c.byHash) < cachedTokens {
			return
		}
		delete(c.byHash, h)
	}
}

func (c *tokenCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byHash = nil
	c.age++
}
