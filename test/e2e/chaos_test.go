//go:build unix

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// chaos kills the house while others work in it. Only the test's own goroutine uses
// it; the workers use stubborn.
type chaos struct {
	*house
	rand  *rand.Rand
	kills []string    // what was going on at each
	when  []time.Time // of each
}

// stubborn is the poster of a client that knows its network: it asks again, with
// the same key, until it has an answer. tries counts what it took.
func (h *house) stubborn(tries *atomic.Int64) poster {
	return func(key, path string, body, out any) error {
		headers := map[string]string{}
		if key != "" {
			headers["Idempotency-Key"] = key
		}
		last := ""
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
			tries.Add(1)
			a, err := h.Try(http.MethodPost, api+path, body, headers)
			switch {
			case err != nil:
				last = err.Error()
			case a.Status >= 500: // stopping, or not ready yet
				last = fmt.Sprintf("%d %s", a.Status, a.Body)
			default:
				return decode(a, "POST "+path, out)
			}
		}
		return fmt.Errorf("POST %s: no answer for a minute: %s", path, last)
	}
}

// during lets the work run and kills the house as often as told, each time once the
// measured progress has passed a random mark below its whole. It returns when the
// work is done and the house runs.
func (c *chaos) during(what string, kills, whole int, progress func() int, work func() error) {
	c.t.Helper()
	done := make(chan error, 1)
	go func() { done <- work() }()
	marks := make([]int, kills)
	for i := range marks { // one in each part of the way, so that the last is not always at the end
		part := max(1, whole*4/5/kills)
		marks[i] = i*part + c.rand.IntN(part)
	}
	for _, mark := range marks {
		for ended := false; progress() < mark; time.Sleep(time.Millisecond) {
			select {
			case err := <-done:
				done <- err
				ended = true
			default:
			}
			if ended {
				break
			}
		}
		time.Sleep(time.Duration(c.rand.IntN(30_000)) * time.Microsecond)
		at := progress()
		c.Kill()
		c.when = append(c.when, time.Now())
		c.kills = append(c.kills, fmt.Sprintf("%s at %d of %d", what, at, whole))
		c.Start()
	}
	if err := <-done; err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// counting is a poster that counts what was answered.
func counting(post poster, answered *atomic.Int64) poster {
	return func(key, path string, body, out any) error {
		err := post(key, path, body, out)
		answered.Add(1)
		return err
	}
}

// where names the places of the kills, shortly.
func (c *chaos) where() string { return strings.Join(c.kills, "; ") }
