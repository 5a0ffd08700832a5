package themes_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// endpoint is a server of /v1/embeddings that can fall ill.
type endpoint struct {
	mu      sync.Mutex
	illness func(w http.ResponseWriter, r *http.Request, input []string) bool // answers itself and says so
	url     string
	asked   int
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{}
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	e.url = s.URL
	return e
}

func (e *endpoint) suffer(f func(w http.ResponseWriter, r *http.Request, input []string) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.illness = f
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct{ Input []string }
	json.NewDecoder(r.Body).Decode(&q)
	e.mu.Lock()
	ill := e.illness
	e.asked += len(q.Input)
	e.mu.Unlock()
	if ill != nil && ill(w, r, q.Input) {
		return
	}
	type datum struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	var a struct {
		Data []datum `json:"data"`
	}
	for i, s := range q.Input {
		a.Data = append(a.Data, datum{i, append(direction(s), .001)}) // 257 numbers
	}
	json.NewEncoder(w).Encode(a)
}

func (h *house) uses(model string) {
	h.t.Helper()
	until(h.t, model+" in use", func() bool { return h.th.Model() == model })
}

// The endpoint takes over when it has read everything, the built-in model stands
// in while it fails, and at no time is a text lost or filing stopped.
func TestAnEndpointGoesAwayAndComesBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		m, e := &mind{name: "mind"}, newEndpoint(t)
		h := newHouse(t, db)
		ids := h.bare("the board is slow", "too bright at night", "one more wish")
		h.stop()
		e.suffer(func(w http.ResponseWriter, _ *http.Request, _ []string) bool { w.WriteHeader(500); return true })
		h = newHouseOf(t, db, themes.Options{Meaning: m, StandIn: 300 * time.Millisecond,
			Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
		h.uses("mind") // texts that it has not read: it is not used yet
		until(t, "the built-in vectors", func() bool { return len(h.vectors("mind")) == len(ids) })
		until(t, "the failure is known", h.th.StandIn)
		e.suffer(nil)
		h.uses("endpoint/bge")
		if got := h.vectors("endpoint/bge"); !slices.Equal(got, ids) || h.th.StandIn() || h.th.Encoding() != 0 {
			t.Errorf("vectors of %v, %d wait", got, h.th.Encoding())
		}
		f := h.file("a dark theme please", "")
		until(t, "both vectors of a filed text", func() bool {
			return slices.Contains(h.vectors("mind"), f.Suggestion.ID) && slices.Contains(h.vectors("endpoint/bge"), f.Suggestion.ID)
		})
		e.suffer(func(w http.ResponseWriter, _ *http.Request, _ []string) bool {
			io.WriteString(w, `{"data":[{"index":0,"embedding":[1,2]}]}`) // another shape than before
			return true
		})
		late := h.file("everything is sluggish", "") // by words, at once
		if late.Suggestion.ID == "" || !h.th.StandIn() {
			t.Error("a wrong answer went unnoticed")
		}
		h.uses("mind")
		until(t, "the built-in vector", func() bool { return slices.Contains(h.vectors("mind"), late.Suggestion.ID) })
		if found := h.th.Match(ctx, "", "this takes forever"); len(found.Candidates) == 0 {
			t.Error("the built-in model finds nothing")
		}
		e.suffer(nil)
		h.uses("endpoint/bge")
		if got := h.vectors("endpoint/bge"); len(got) != len(ids)+2 {
			t.Errorf("what was missed has no vector: %v", got)
		}
		if found := h.th.Match(ctx, "", "this takes forever"); len(found.Candidates) == 0 {
			t.Error("the endpoint finds nothing")
		}
		h.stop()
		before := e.asked
		h = newHouseOf(t, db, themes.Options{Meaning: m, Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
		if h.th.Model() != "endpoint/bge" || h.th.Encoding() != 0 || e.asked != before {
			t.Errorf("after a restart: %s, %d wait, %d asked", h.th.Model(), h.th.Encoding(), e.asked-before)
		}
		h.sound()
	})
}

// A slow endpoint costs a caller two seconds once, and nobody anything after
// that until it answers again.
func TestASlowEndpointIsNotAskedWhilePeopleWait(t *testing.T) {
	e := newEndpoint(t)
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: &mind{name: "mind"}, StandIn: time.Hour,
		Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
	h.uses("endpoint/bge")
	e.suffer(func(_ http.ResponseWriter, r *http.Request, _ []string) bool { <-r.Context().Done(); return true })
	began := time.Now()
	for i := range 20 {
		h.th.Match(ctx, "", fmt.Sprintf("query number %d", i))
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("20 queries took %v", took)
	}
}

// A text that the endpoint will not have stops no other.
func TestARefusedTextStopsNoOther(t *testing.T) {
	e := newEndpoint(t)
	e.suffer(func(w http.ResponseWriter, _ *http.Request, input []string) bool {
		bad := slices.ContainsFunc(input, func(s string) bool { return strings.Contains(s, "poison") })
		if bad {
			w.WriteHeader(http.StatusBadRequest)
		}
		return bad
	})
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{
		Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
	h.bare("one", "two", "poison", "four", "five")
	h.file("more poison", "")
	h.settled()
	if got := h.vectors("endpoint/bge"); len(got) != 4 || h.th.StandIn() {
		t.Errorf("vectors of %v", got)
	}
}

// A text over which the endpoint breaks down, by an error or by never answering,
// holds nobody up: the others of its batch get their vectors, the endpoint stays in
// use, the log tells of it once, and the text is tried again later.
func TestAPoisonedTextStopsNoOther(t *testing.T) {
	for name, breakDown := range map[string]func(w http.ResponseWriter, r *http.Request){
		"server error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"cut off":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"nonsense":     func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":[]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			logged := captureLog(t)
			e := newEndpoint(t)
			var poisoned atomic.Int64
			e.suffer(func(w http.ResponseWriter, r *http.Request, input []string) bool {
				if !slices.ContainsFunc(input, func(s string) bool { return strings.Contains(s, "poison") }) {
					return false
				}
				poisoned.Add(1)
				breakDown(w, r)
				return true
			})
			h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{
				Meaning: &mind{name: "mind"}, StandIn: time.Hour, Shelve: 50 * time.Millisecond,
				Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
			ids := h.bare("one", "two", "poison", "four", "five", "six", "more poison", "eight")
			until(t, "the others' vectors", func() bool { return len(h.vectors("endpoint/bge")) == len(ids)-2 })
			h.uses("endpoint/bge") // nothing waits
			before := poisoned.Load()
			until(t, "another try", func() bool { return poisoned.Load() > before+2 })
			if h.th.StandIn() {
				t.Error("the endpoint counts as failing")
			}
			if n := strings.Count(logged.String(), "set aside"); n != 2 {
				t.Errorf("the log tells %d times of two texts:\n%s", n, logged)
			}
			e.suffer(nil) // mended
			until(t, "every vector", func() bool { return len(h.vectors("endpoint/bge")) == len(ids) })
		})
	}
}

// An endpoint that fails over everything, or has no time, is not mistaken for one
// that is upset by a text: nothing is set aside.
func TestAnEndpointThatIsDownSetsNothingAside(t *testing.T) {
	for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadRequest, http.StatusNotFound} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			logged, e := captureLog(t), newEndpoint(t)
			e.suffer(func(w http.ResponseWriter, _ *http.Request, _ []string) bool { w.WriteHeader(status); return true })
			h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{
				Endpoint: meaning.NewEndpoint(meaning.EndpointOptions{URL: e.url, Model: "bge"})})
			ids := h.bare("one", "two", "three")
			until(t, "the failure is known", h.th.StandIn)
			time.Sleep(1200 * time.Millisecond) // a try more
			if h.th.Encoding() < len(ids) || strings.Contains(logged.String(), "set aside") || strings.Contains(logged.String(), "has no vector") {
				t.Errorf("%d wait; the log:\n%s", h.th.Encoding(), logged)
			}
			e.suffer(nil)
			until(t, "every vector", func() bool { return len(h.vectors("endpoint/bge")) == len(ids) })
		})
	}
}

// captureLog keeps what is logged while the test runs.
func captureLog(t *testing.T) *logBook {
	b, before := &logBook{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return b
}

type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
