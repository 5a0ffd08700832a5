//go:build unix

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/test/process"
)

const (
	manyClients    = 50
	postsPerClient = 40
)

// Fifty clients post at once: each is answered, and each post is stored once.
func TestManyClients(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		h := &house{t: t, Process: process.New(t, process.Options{Env: map[string]string{"HEED_DATABASE__URL": database}}).Start()}
		var mu sync.Mutex
		var took []time.Duration
		ids, codes := map[string]string{}, map[int]int{}
		began := time.Now()
		err := together(manyClients, numbers(manyClients*postsPerClient), func(n int) error {
			start := time.Now()
			a, err := h.Try(http.MethodPost, api+"/suggestions", post(n), nil)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			took, codes[a.Status] = append(took, time.Since(start)), codes[a.Status]+1
			var filed struct{ ID string }
			err = decode(a, "POST /suggestions", &filed)
			ids[mark(n)] = filed.ID
			return err
		})
		whole := time.Since(began)
		if err != nil {
			t.Errorf("refused: %v", firstLine(err))
		}
		for code := range codes {
			if code >= 500 {
				t.Errorf("answered %d, %d times", code, codes[code])
			}
		}
		h.hasEach(t, ids)
		slices.Sort(took)
		t.Logf("%d posts by %d clients in %s: %.0f a second, p50 %s, p99 %s, answers %v, RSS %d MB", len(took), manyClients, whole.Round(time.Millisecond),
			float64(len(took))/whole.Seconds(), at(took, 50), at(took, 99), codes, h.RSS()>>20)
		h.sound()
		h.Stop()
	})
}

// hasEach checks that the store holds exactly what was answered.
func (h *house) hasEach(t *testing.T, ids map[string]string) {
	t.Helper()
	stored := h.everySuggestion("")
	if len(stored) != manyClients*postsPerClient {
		t.Errorf("%d suggestions stored, want %d", len(stored), manyClients*postsPerClient)
	}
	seen := map[string]bool{}
	for _, s := range stored {
		if seen[s.ExternalID] {
			t.Errorf("%s is stored twice", s.ExternalID)
		}
		seen[s.ExternalID] = true
		if ids[s.ExternalID] != s.ID {
			t.Errorf("%s is stored as %s, answered as %s", s.ExternalID, s.ID, ids[s.ExternalID])
		}
	}
	for m := range ids {
		if !seen[m] {
			t.Errorf("%s was answered and is not stored", m)
		}
	}
}

// post is different for each n, and alike enough that the index has work to do.
func post(n int) map[string]any {
	things := []string{"dark mode", "price alerts", "an address book", "larger text", "custom fees", "a weekly summary", "QR codes from the gallery"}
	places := []string{"on my phone", "in the browser", "on the tablet", "for my parents", "at work"}
	return map[string]any{
		"text":        fmt.Sprintf("Please add %s %s, I asked for it %d times already.", things[n%len(things)], places[n%len(places)], n),
		"external_id": mark(n), "person": map[string]any{"email": fmt.Sprintf("client%04d@example.test", n%500)},
	}
}

func mark(n int) string { return fmt.Sprintf("post-%05d", n) }

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func at(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)].Round(100 * time.Microsecond)
}

// firstLine keeps a joined error readable.
func firstLine(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
		return firstLine(many.Unwrap()[0])
	}
	return errors.Unwrap(fmt.Errorf("%w", err))
}
