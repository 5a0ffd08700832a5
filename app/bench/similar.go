package bench

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
)

const warmQueries = 50 // not counted: the first ones fill caches

// Similar measures GET /api/v1/similar with texts on the topics that are
// stored, in words that are not.
func Similar(ctx context.Context, o Options) (*Report, error) {
	if o.Queries < 1 {
		return nil, errors.New("--queries must be 1 or more")
	}
	return run(ctx, "similar", o, func(ctx context.Context, h *house, r *Report) error {
		texts := newTexts(askTexts, topicsOf(o.Items))
		paths := make([]string, warmQueries+o.Queries)
		for i := range paths {
			paths[i] = "/api/v1/similar?limit=5&text=" + url.QueryEscape(texts.next().body)
		}
		ask := func(from int) func(context.Context, int) (int, []byte, error) {
			return func(ctx context.Context, i int) (int, []byte, error) { return h.client.ask(ctx, paths[from+i], nil) }
		}
		if _, _, err := drive(ctx, o.Clients, warmQueries, func(_, _ int) {}, ask(0), func(_, _ int, _ []byte) {}); err != nil {
			return err
		}
		found := newFound()
		r.Found = found.n
		return r.timed(ctx, o, "Asking", o.Queries, ask(warmQueries), found.look)
	})
}

// found counts answers by how many candidates they name.
type found struct {
	mu sync.Mutex
	n  map[string]int
}

func newFound() *found { return &found{n: map[string]int{}} }

func (f *found) look(_, status int, answer []byte) {
	var a struct{ Candidates []json.RawMessage }
	if status != http.StatusOK || json.Unmarshal(answer, &a) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n[strconv.Itoa(len(a.Candidates))]++
}
