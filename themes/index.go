package themes

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/chinese"
	"github.com/heedhq/heed/models"
)

const pollOther = time.Second // how often other nodes' changes are looked for

// follower keeps the index in step with the rows: loaded at start, then by the
// activities. An item of the index is a suggestion in one of its themes
// ("sug…" for the first, "sug…|thm…" for further ones, "sug…|not|thm…" for one that
// a person said it does not belong to) or a theme's public
// title and text in one language ("thm…|en", "thm…|zh", "thm…" where nobody named
// the language).
type follower struct {
	db       *models.DB
	readers  []*reader     // the preferred one first; none: words only
	patience time.Duration // before another model stands in
	wait     time.Duration // of a match for what was just written
	recent   *recent
	view     atomic.Pointer[view]
	next     atomic.Pointer[view] // being built, nil most of the time
	warm     chan struct{}        // closed when loaded
	loaded   sync.Once
	applied  atomic.Int64
	mu       sync.Mutex
	step     chan struct{}                                                                 // closed and replaced when applied grows
	models   []string                                                                      // that stored vectors are of
	read     func(ctx context.Context, r *reader, texts []textRow, vecs [][]float32) error // told of texts that were read afterwards
}

// view is an index made of one model's vectors, and what is needed to keep it. A
// change of the model makes a new one beside it.
type view struct {
	index   *dedup.Index
	reader  *reader             // whose vectors; nil: words only
	further map[string][]string // suggestion → its further items
	seq     int64               // of the last activity in it
}

func newView(r *reader) *view {
	return &view{index: dedup.NewIndex(), reader: r, further: map[string][]string{}}
}

// bilingual is a Meaning with a dictionary, by which words of one language are
// found in the other.
type bilingual interface {
	Dictionary() (*chinese.Dictionary, error)
}

// empty returns a view without texts, that knows the dictionary.
func (f *follower) empty(r *reader) *view {
	v := newView(r)
	for _, m := range f.readers {
		b, ok := m.Meaning.(bilingual)
		if !ok {
			continue
		}
		if d, err := b.Dictionary(); err != nil {
			slog.Error("index: dictionary", "error", err)
		} else {
			v.index.UseDictionary(d)
		}
		break
	}
	return v
}

func newFollower(db *models.DB, o Options) *follower {
	f := &follower{db: db, patience: o.StandIn, wait: cmp.Or(o.Wait, shortWait), recent: newRecent(), warm: make(chan struct{}), step: make(chan struct{})}
	if f.patience == 0 {
		f.patience = failPatience
	}
	for _, m := range []Meaning{o.Endpoint, o.Meaning} {
		if m != nil {
			f.readers = append(f.readers, newReader(m, o.Shelve, cmp.Or(o.Wait, shortWait)))
		}
	}
	f.view.Store(newView(nil))
	return f
}

// Run loads the index and keeps it, and gives every text its vector, until ctx
// ends.
func (t *Themes) Run(ctx context.Context) {
	var workers sync.WaitGroup
	workers.Go(func() { t.study(ctx) })
	workers.Go(func() { t.watch(ctx) })
	for _, r := range t.index.readers {
		workers.Go(func() { t.index.work(ctx, r) })
	}
	t.index.run(ctx)
	workers.Wait()
}

// Warming reports whether the index is still being loaded; matches then know
// only a part of the suggestions.
func (t *Themes) Warming() bool {
	select {
	case <-t.index.warm:
		return false
	default:
		return true
	}
}

// Indexed is how many texts the index holds.
func (t *Themes) Indexed() int { return t.index.view.Load().index.Len() }

func (f *follower) run(ctx context.Context) {
	v := f.start(ctx)
	var built chan *view
	for ctx.Err() == nil {
		changed := f.db.Changed() // before reading, so that no commit falls between
		n, err := f.catchUp(ctx, v)
		if err != nil && ctx.Err() == nil {
			slog.Error("index: catch up", "error", err)
			pause(ctx, time.Second)
		}
		f.reached(v.seq)
		if w := f.wanted(v.reader); built == nil && w != v.reader {
			built = f.build(ctx, w)
		}
		if n > 0 && len(built) == 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case next := <-built:
			v, built = f.turn(ctx, v, next), nil
		case <-changed:
		case <-time.After(pollOther):
		}
	}
}

// start loads the first index, which is asked while it grows.
func (f *follower) start(ctx context.Context) *view {
	v := f.view.Load()
	for ctx.Err() == nil {
		r, err := f.first(ctx)
		if err == nil {
			v = f.empty(r)
			f.view.Store(v)
			err = f.load(ctx, v)
		}
		if err == nil {
			f.reached(v.seq)
			f.loaded.Do(func() { close(f.warm) })
			break
		}
		if ctx.Err() == nil {
			slog.Error("index: load", "error", err)
			pause(ctx, time.Second)
		}
	}
	return v
}

// build makes an index of another model's vectors; nil comes when it could not.
func (f *follower) build(ctx context.Context, r *reader) chan *view {
	built := make(chan *view, 1)
	go func() {
		v := f.empty(r)
		f.next.Store(v)
		if err := f.load(ctx, v); err != nil {
			if ctx.Err() == nil {
				slog.Error("index: load", "model", r.Model(), "error", err)
				pause(ctx, time.Second)
			}
			v = nil
		}
		built <- v
	}()
	return built
}

// turn lets the built index take over once it knows what the old one does.
func (f *follower) turn(ctx context.Context, v, next *view) *view {
	defer f.next.Store(nil)
	// Some text always waits for its vector where many come in: having been built
	// for, the other model takes over unless it fails by now.
	if next == nil || next.reader.down(f.patience) {
		return v
	}
	for {
		n, err := f.catchUp(ctx, next)
		if err != nil {
			return v
		}
		if n == 0 {
			break
		}
	}
	f.view.Store(next)
	f.reached(next.seq)
	slog.Info("index: another model's vectors are in use", "model", next.reader.Model(), "before", v.reader.Model())
	return next
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// reached tells those who wait in fresh.
func (f *follower) reached(seq int64) {
	if f.applied.Swap(seq) == seq {
		return
	}
	f.mu.Lock()
	close(f.step)
	f.step = make(chan struct{})
	f.mu.Unlock()
}

// fresh waits a moment until the index knows the activity want, the last that
// this process had committed when it was asked.
func (f *follower) fresh(ctx context.Context, want int64) {
	timeout := time.NewTimer(f.wait)
	defer timeout.Stop()
	for {
		f.mu.Lock()
		step := f.step
		f.mu.Unlock()
		if f.applied.Load() >= want {
			return
		}
		select {
		case <-step:
		case <-f.warmed():
			return // still loading: do not wait for that
		case <-timeout.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// warmed returns a channel that is ready at once while the index loads.
func (f *follower) warmed() <-chan struct{} {
	select {
	case <-f.warm:
		return nil
	default:
		c := make(chan struct{})
		close(c)
		return c
	}
}

// catchUp reads the next activities and brings the items they concern in step
// with the rows as they are now.
func (f *follower) catchUp(ctx context.Context, v *view) (int, error) {
	var acts []models.Activity
	if err := f.db.Read(ctx).Where("seq > ?", v.seq).Order("seq").Limit(500).Find(&acts).Error; err != nil {
		return 0, err
	}
	if len(acts) == 0 {
		return 0, nil
	}
	suggestions, ths, moved := map[string]bool{}, map[string]bool{}, []string{}
	for _, a := range acts {
		switch a.Verb {
		case models.SuggestionFiled, models.SuggestionEdited, models.DecisionMade, models.EmergencyOpened:
			suggestions[a.SuggestionID] = true
		case models.SuggestionAssigned, models.ThemeMerged, models.ThemeSplit, models.SuggestionClosed:
			moved = append(moved, a.ID)
		case models.ActivityUndone:
			moved = append(moved, a.ID)
			ths[a.ThemeID] = true
			if a.SuggestionID != "" { // a word may have been taken back
				suggestions[a.SuggestionID] = true
			}
		case models.ThemeCreated, models.ThemeConfirmed, models.ThemeEdited, models.ThemeStatus:
			ths[a.ThemeID] = true
		}
		if a.Verb == models.ThemeMerged {
			ths[a.ThemeID] = true
		}
	}
	if err := f.concerned(ctx, acts, moved, suggestions); err != nil {
		return 0, err
	}
	if err := f.reloadThemes(ctx, v, slices.Collect(maps.Keys(ths))); err != nil {
		return 0, err
	}
	for ids := range slices.Chunk(slices.Collect(maps.Keys(suggestions)), 500) {
		if err := f.reloadSuggestions(ctx, v, ids); err != nil {
			return 0, err
		}
	}
	v.seq = acts[len(acts)-1].Seq
	return len(acts), nil
}

// concerned adds the suggestions that activities moved, and those that lead now
// where a lead went away.
func (f *follower) concerned(ctx context.Context, acts []models.Activity, moved []string, suggestions map[string]bool) error {
	var changed []string
	if len(moved) > 0 {
		if err := f.db.Read(ctx).Model(&models.Move{}).Where("activity_id IN ? AND what IN ('suggestion', 'state')", moved).Distinct().Pluck("row_id", &changed).Error; err != nil {
			return err
		}
	}
	for _, a := range acts {
		if a.Verb == models.SuggestionEdited {
			changed = append(changed, a.SuggestionID)
		}
	}
	for some := range slices.Chunk(changed, 500) {
		var leads []string
		if err := f.db.Read(ctx).Raw(`SELECT DISTINCT l.id FROM suggestions s JOIN suggestions l ON l.exact_hash = s.exact_hash AND l.exact_hash <> '' AND l.echo_of = ''
			WHERE s.id IN ?`, some).Scan(&leads).Error; err != nil {
			return err
		}
		for _, id := range append(leads, some...) {
			suggestions[id] = true
		}
	}
	return nil
}
