package themes

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

const (
	loadBatch = 2000
	pollOther = time.Second           // how often other nodes' changes are looked for
	freshWait = 50 * time.Millisecond // how long a match waits for what was just written
)

// follower keeps the index in step with the rows: loaded at start, then by the
// activities. An item of the index is a suggestion in one of its themes
// ("sug…" for the first, "sug…|thm…" for further ones) or a theme's public
// title and text (the theme's id).
type follower struct {
	db      *models.DB
	index   *dedup.Index
	warm    chan struct{} // closed when loaded
	loaded  sync.Once
	applied atomic.Int64
	step    chan struct{} // closed and replaced when applied grows
	mu      sync.Mutex
	further map[string][]string // suggestion → its further items
}

func newFollower(db *models.DB) *follower {
	return &follower{db: db, index: dedup.NewIndex(), warm: make(chan struct{}), step: make(chan struct{}), further: map[string][]string{}}
}

// Run loads the index and keeps it until ctx ends.
func (t *Themes) Run(ctx context.Context) { t.index.run(ctx) }

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
func (t *Themes) Indexed() int { return t.index.index.Len() }

func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := f.load(ctx); err == nil {
			break
		} else if ctx.Err() == nil {
			slog.Error("index: load", "error", err)
			pause(ctx, time.Second)
		}
	}
	for ctx.Err() == nil {
		changed := f.db.Changed() // before reading, so that no commit falls between
		n, err := f.catchUp(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("index: catch up", "error", err)
			pause(ctx, time.Second)
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(pollOther):
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// load puts every row into the index. What changes meanwhile is read again by
// catchUp, for the sequence is taken first.
func (f *follower) load(ctx context.Context) error {
	var seq int64
	if err := f.db.Read(ctx).Raw("SELECT n FROM counters WHERE name = 'activity'").Scan(&seq).Error; err != nil {
		return err
	}
	for last := ""; ; {
		var ths []models.Theme
		if err := f.db.Read(ctx).Where("id > ? AND merged_into = '' AND gone_at IS NULL", last).Order("id").Limit(loadBatch).Find(&ths).Error; err != nil {
			return err
		}
		for i := range ths {
			f.putTheme(&ths[i])
		}
		if len(ths) < loadBatch {
			break
		}
		last = ths[len(ths)-1].ID
	}
	for last := ""; ; {
		var ids []string
		if err := f.db.Read(ctx).Model(&models.Suggestion{}).Where("id > ?", last).Order("id").Limit(loadBatch).Pluck("id", &ids).Error; err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		if err := f.reload(ctx, "s.id >= ? AND s.id <= ?", ids[0], last); err != nil {
			return err
		}
	}
	f.reached(seq)
	f.loaded.Do(func() { close(f.warm) })
	return nil
}

func (f *follower) reached(seq int64) {
	f.applied.Store(seq)
	f.mu.Lock()
	close(f.step)
	f.step = make(chan struct{})
	f.mu.Unlock()
}

// fresh waits a moment for what this process committed before the call.
func (f *follower) fresh(ctx context.Context) {
	want := f.db.LastSeq()
	timeout := time.NewTimer(freshWait)
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
func (f *follower) catchUp(ctx context.Context) (int, error) {
	var acts []models.Activity
	if err := f.db.Read(ctx).Where("seq > ?", f.applied.Load()).Order("seq").Limit(500).Find(&acts).Error; err != nil {
		return 0, err
	}
	if len(acts) == 0 {
		return 0, nil
	}
	suggestions, ths, moved := map[string]bool{}, map[string]bool{}, []string{}
	for _, a := range acts {
		switch a.Verb {
		case models.SuggestionFiled, models.SuggestionEdited:
			suggestions[a.SuggestionID] = true
		case models.SuggestionAssigned, models.ThemeMerged, models.ThemeSplit:
			moved = append(moved, a.ID)
		case models.ActivityUndone:
			moved = append(moved, a.ID)
			ths[a.ThemeID] = true
		case models.ThemeCreated, models.ThemeConfirmed, models.ThemeEdited, models.ThemeStatus:
			ths[a.ThemeID] = true
		}
		if a.Verb == models.ThemeMerged {
			ths[a.ThemeID] = true
		}
	}
	if len(moved) > 0 {
		var ids []string
		if err := f.db.Read(ctx).Model(&models.Move{}).Where("activity_id IN ? AND what = 'suggestion'", moved).Pluck("row_id", &ids).Error; err != nil {
			return 0, err
		}
		for _, id := range ids {
			suggestions[id] = true
		}
	}
	if err := f.reloadThemes(ctx, ths); err != nil {
		return 0, err
	}
	if err := f.reloadSuggestions(ctx, suggestions); err != nil {
		return 0, err
	}
	f.reached(acts[len(acts)-1].Seq)
	return len(acts), nil
}

func (f *follower) reloadThemes(ctx context.Context, ids map[string]bool) error {
	for id := range ids {
		var th models.Theme
		res := f.db.Read(ctx).Limit(1).Find(&th, "id = ?", id)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 || !th.IsLive() {
			f.index.Remove(id)
			continue
		}
		f.putTheme(&th)
	}
	return nil
}

// putTheme indexes what a theme is called for the public. A team's own title
// says nothing a person would write, so it is left out.
func (f *follower) putTheme(th *models.Theme) {
	f.index.SetPublic(th.ID, th.Public)
	title := join(th.PublicTitle)
	if title == "" {
		f.index.Remove(th.ID)
		return
	}
	f.index.Put(dedup.Item{ID: th.ID, Theme: th.ID, Title: title, Text: join(th.PublicText), Public: th.Public})
}

func join(x models.Text) string {
	s := ""
	for _, p := range []string{x.Any, x.EN, x.ZH} {
		if p != "" && s != "" {
			s += "\n"
		}
		s += p
	}
	return s
}

func (f *follower) reloadSuggestions(ctx context.Context, ids map[string]bool) error {
	batch := make([]string, 0, 500)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := f.reload(ctx, "s.id IN ?", batch)
		batch = batch[:0]
		return err
	}
	for id := range ids {
		if batch = append(batch, id); len(batch) == cap(batch) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// indexRow is a suggestion in one of its themes, or in none.
type indexRow struct {
	ID, Title, Text, ThemeID string
	SpanStart, SpanEnd       int
	Public                   bool
}

func (f *follower) reload(ctx context.Context, where string, args ...any) error {
	var rows []indexRow
	err := f.db.Read(ctx).Raw(`SELECT s.id, s.title, s.text, COALESCE(x.theme_id, '') AS theme_id,
			COALESCE(x.span_start, 0) AS span_start, COALESCE(x.span_end, 0) AS span_end, COALESCE(h.public, FALSE) AS public
		FROM suggestions s LEFT JOIN suggestion_themes x ON x.suggestion_id = s.id LEFT JOIN themes h ON h.id = x.theme_id
		WHERE `+where+` ORDER BY s.id, x.created_at, x.theme_id`, args...).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("read suggestions for the index: %w", err)
	}
	last := ""
	for _, r := range rows {
		item := dedup.Item{ID: r.ID, Theme: r.ThemeID, Title: r.Title, Text: r.Text, Public: r.Public}
		if 0 <= r.SpanStart && r.SpanStart < r.SpanEnd && r.SpanEnd <= len(r.Text) {
			item.Text = r.Text[r.SpanStart:r.SpanEnd]
		}
		if r.ID != last {
			for _, id := range f.further[r.ID] {
				f.index.Remove(id)
			}
			delete(f.further, r.ID)
		} else {
			item.ID += "|" + r.ThemeID
			f.further[r.ID] = append(f.further[r.ID], item.ID)
		}
		last = r.ID
		f.index.Put(item)
	}
	return nil
}
