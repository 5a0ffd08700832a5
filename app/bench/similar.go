package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const warmQueries = 50 // not counted: the first ones fill caches

// Similar measures GET /api/v1/similar with texts on the topics that are
// stored, in words that are not, while suggestions come in when Options.Adding
// says so.
func Similar(ctx context.Context, o Options) (*Report, error) {
	if err := o.CheckSimilar(); err != nil {
		return nil, err
	}
	return run(ctx, "similar", o, func(ctx context.Context, h *house, r *Report) (err error) {
		texts := newTexts(askTexts, topicsOf(h.opts.Items))
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
		if o.Adding > 0 {
			added := h.add(ctx)
			defer func() {
				out, wall := added()
				m := measure(out, wall)
				r.Added = &m
				r.note("adding ", out)
			}()
		}
		found := newFound()
		r.Found = found.n
		return r.timed(ctx, o, "Asking", o.Queries, ask(warmQueries), found.look)
	})
}

// add posts suggestions, opts.Adding a second whatever the answers take, until
// the returned function is called; it says how they were answered.
func (h *house) add(ctx context.Context) (end func() ([]outcome, time.Duration)) {
	client := newClient(h.app.URL(), h.token, 4*h.opts.Adding)
	texts := newTexts(addTexts, topicsOf(h.opts.Items))
	for range h.posted { // what was said before is found without a look
		texts.next()
	}
	var mu sync.Mutex
	var out []outcome
	post := func(body []byte) {
		began := time.Now()
		status, _, err := client.ask(ctx, "/api/v1/suggestions", body)
		if err != nil {
			status = 0
		}
		mu.Lock()
		defer mu.Unlock()
		out = append(out, outcome{time.Since(began), status})
	}
	began, stop := time.Now(), make(chan struct{})
	var posting sync.WaitGroup
	posting.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(h.opts.Adding))
		defer tick.Stop()
		for n := 0; ; n++ {
			body, err := h.postOf(texts.next(), fmt.Sprintf("adder-%d", n%posters))
			if err != nil {
				return
			}
			posting.Go(func() { post(body) })
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return func() ([]outcome, time.Duration) {
		wall := time.Since(began)
		close(stop)
		posting.Wait()
		client.close()
		return out, wall
	}
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
