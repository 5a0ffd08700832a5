package themes

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
)

// Meaning turns texts into vectors of what they mean: length 1, nil for a text
// that says nothing. Vectors of two models do not compare.
type Meaning interface {
	Model() string
	Embed(ctx context.Context, texts []meaning.Text) ([][]float32, error)
}

const (
	askPatience  = 2 * time.Second       // for a query's vector
	shortWait    = 50 * time.Millisecond // for a place among those who read at once, and for what was just written
	failPatience = time.Minute           // before another model stands in
	leastPause   = time.Second           // between tries of a model that fails
	mostPause    = time.Minute
)

// reader is one model, what waits for it, and how it fares.
type reader struct {
	Meaning
	waiting *backlog
	aside   *aside        // texts over which it fails
	upset   int           // failures over the next batch in a row, its worker's alone
	slots   chan struct{} // held by who reads for a caller
	wait    time.Duration // for one of them
	asked   atomic.Int64  // when the last one did, in Unix nanoseconds
	failing atomic.Int64  // since when, in Unix nanoseconds; 0 while it works
}

func newReader(m Meaning, shelve, wait time.Duration) *reader {
	return &reader{Meaning: m, waiting: newBacklog(), aside: newAside(shelve), slots: make(chan struct{}, runtime.GOMAXPROCS(0)), wait: wait}
}

// failed notes a failure and reports whether it is the first in a row.
func (r *reader) failed() bool { return r.failing.CompareAndSwap(0, time.Now().UnixNano()) }

// works notes a success.
func (r *reader) works() {
	if r.failing.Swap(0) != 0 {
		slog.Info("meaning: the model answers again", "model", r.Model())
	}
}

// down reports whether it has failed for at least d.
func (r *reader) down(d time.Duration) bool {
	since := r.failing.Load()
	return since != 0 && time.Since(time.Unix(0, since)) >= d
}

// read asks for the vectors of texts, at once, on behalf of a caller who waits: nil
// when the model fails or is busy. A failing model is asked again by its worker,
// never by a caller.
func (r *reader) read(ctx context.Context, xs ...meaning.Text) [][]float32 {
	if r.down(0) {
		return nil
	}
	busy := time.NewTimer(r.wait)
	defer busy.Stop()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-busy.C:
		return nil
	case <-ctx.Done():
		return nil
	}
	r.asked.Store(time.Now().UnixNano())
	ask, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	vecs, err := r.Embed(ask, xs)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, meaning.ErrRefused) && r.failed() {
			slog.Warn("meaning: the model fails; similar suggestions are found by words until it answers or another stands in", "model", r.Model(), "error", err)
		}
		return nil
	}
	return vecs
}

// vectorsFor gives the queries' vectors for v's index, nil where there is none. What
// was not asked before is read at once.
func (f *follower) vectorsFor(ctx context.Context, v *view, xs ...meaning.Text) [][]float32 {
	out := make([][]float32, len(xs))
	if v.reader == nil {
		return out
	}
	keys, at, lacking := make([]textKey, len(xs)), []int{}, []meaning.Text{}
	for i, x := range xs {
		keys[i] = keyOf(v.reader.Model(), x.Title, x.Text)
		vec, ok := f.recent.get(keys[i])
		if out[i] = vec; !ok {
			at, lacking = append(at, i), append(lacking, x)
		}
	}
	if len(lacking) == 0 {
		return out
	}
	for i, vec := range v.reader.read(ctx, lacking...) {
		if vec != nil {
			f.recent.put(keys[at[i]], vec)
		}
		out[at[i]] = vec
	}
	return out
}

// ask finds the index to look in and the query's vector for it.
func (f *follower) ask(ctx context.Context, title, text string) (*view, []float32) {
	v, vecs := f.askAll(ctx, meaning.Text{Title: title, Text: text})
	return v, vecs[0]
}

// askAll is ask for several queries, which are read at once.
func (f *follower) askAll(ctx context.Context, xs ...meaning.Text) (*view, [][]float32) {
	v, written := f.view.Load(), f.db.LastSeq()
	vecs := f.vectorsFor(ctx, v, xs...)
	f.fresh(ctx, written)
	if now := f.view.Load(); now.reader != v.reader { // another model took over meanwhile
		return now, make([][]float32, len(xs))
	}
	return f.view.Load(), vecs
}

// row is the stored form of a suggestion's vector, nil without one.
func row(v *view, vec []float32, title, text string) *models.Vector {
	packed := models.PackVector(vec)
	if packed == nil {
		return nil
	}
	return &models.Vector{Model: v.reader.Model(), Digest: models.Digest(title, text), Vector: packed}
}

// Model names the model of whose vectors the index is made, "" while texts are
// compared by their words alone. Thresholds hold for one model.
func (t *Themes) Model() string {
	if r := t.index.view.Load().reader; r != nil {
		return r.Model()
	}
	return ""
}

// Encoding is how many texts wait for their vector.
func (t *Themes) Encoding() (left int) {
	for _, r := range t.index.readers {
		left += r.waiting.len()
	}
	return left
}

// StandIn reports whether the preferred model fails and the built-in one, or
// words alone, stand in for it.
func (t *Themes) StandIn() bool {
	rs := t.index.readers
	return len(rs) > 0 && rs[0].down(0)
}

// wanted is the model that the index should be made of: the preferred one when
// every text has its vector, the other while it fails.
func (f *follower) wanted(now *reader) *reader {
	if len(f.readers) < 2 {
		return now
	}
	preferred, other := f.readers[0], f.readers[1]
	switch {
	case now == preferred && preferred.down(f.patience):
		return other
	case now == other && !preferred.down(0) && preferred.waiting.len() == 0:
		return preferred
	}
	return now
}

// first is the model to start with: the preferred one when nearly all texts have
// its vector already.
func (f *follower) first(ctx context.Context) (*reader, error) {
	if len(f.readers) == 0 {
		return nil, nil
	}
	last := f.readers[len(f.readers)-1]
	if len(f.readers) == 1 {
		return last, nil
	}
	var texts, known int64
	if err := f.db.Read(ctx).Model(&models.Suggestion{}).Where("echo_of = ''").Count(&texts).Error; err != nil {
		return nil, err
	}
	if err := f.db.Read(ctx).Model(&models.Vector{}).Where("model = ?", f.readers[0].Model()).Count(&known).Error; err != nil {
		return nil, err
	}
	if known*10 >= texts*9 {
		return f.readers[0], nil
	}
	return last, nil
}
