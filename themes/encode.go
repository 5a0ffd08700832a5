package themes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
)

const (
	encodeBatch = 16   // texts that are read and written at a time
	manyTexts   = 1000 // so many are worth a line in the log
	upsetMost   = 2    // times that a batch may fail before it is halved
)

// errUpset: the model works, but fails over one of these texts.
var errUpset = errors.New("the model fails over a text")

// work gives what waits for r its vectors until ctx ends. It makes way for those
// who wait for a query's vector. When the process dies, what was not written
// waits again at the next start.
func (f *follower) work(ctx context.Context, r *reader) {
	select {
	case <-f.warm:
	case <-ctx.Done():
	}
	if n := r.waiting.len(); n >= manyTexts {
		slog.Info("meaning: texts wait for their vectors", "model", r.Model(), "texts", n)
	}
	wait, many := leastPause, r.waiting.len() >= manyTexts
	for ctx.Err() == nil {
		began := time.Now()
		n, err := f.workOnce(ctx, r)
		if err != nil {
			pause(ctx, wait)
			if !errors.Is(err, errUpset) {
				wait = min(2*wait, mostPause)
			}
			continue
		}
		wait = leastPause
		if n == 0 {
			if many {
				slog.Info("meaning: every text has its vector", "model", r.Model())
			}
			many = false
			select {
			case <-r.waiting.nudge:
			case <-time.After(pollOther):
			case <-ctx.Done():
			}
		} else if time.Since(time.Unix(0, r.asked.Load())) < time.Since(began)+100*time.Millisecond {
			pause(ctx, time.Since(began))
		}
	}
}

// workOnce handles one batch, or one text that was set aside, and says how many;
// without any it asks a failing model whether it answers again.
func (f *follower) workOnce(ctx context.Context, r *reader) (int, error) {
	if id := r.aside.due(time.Now()); id != "" {
		return 1, f.encodeSome(ctx, r, []string{id}, true)
	}
	ids := r.waiting.take(encodeBatch)
	if len(ids) == 0 {
		if r.down(0) {
			_, err := r.embed(ctx, []meaning.Text{probe})
			return 0, err
		}
		return 0, nil
	}
	err := f.encodeSome(ctx, r, ids, r.upset >= upsetMost)
	switch {
	case err == nil:
		r.upset = 0
	case errors.Is(err, errUpset):
		r.upset++
	}
	if err != nil {
		if ctx.Err() == nil && !r.down(0) && !errors.Is(err, errUpset) { // of the model's own failures is told where they begin
			slog.Error("meaning: vectors could not be stored", "model", r.Model(), "error", err)
		}
		for _, id := range slices.Backward(ids) {
			r.waiting.add(id)
		}
		return 0, err
	}
	r.waiting.done(ids)
	return len(ids), nil
}

// encodeSome is encode. When halve is set, a batch over which the model fails
// although it answers is halved down to the texts that do it; they are set aside,
// and the others are not held up.
func (f *follower) encodeSome(ctx context.Context, r *reader, ids []string, halve bool) error {
	err := f.encode(ctx, r, ids)
	switch {
	case err == nil:
		for _, id := range ids {
			r.aside.drop(id)
		}
		return nil
	case !halve || !errors.Is(err, errUpset):
		return err
	case len(ids) == 1:
		if r.aside.put(ids[0], time.Now()) {
			slog.Warn("meaning: the model fails over a text; the text is set aside and tried again now and then", "model", r.Model(), "text", ids[0], "error", err)
		}
		return nil
	}
	half := len(ids) / 2
	if err := f.encodeSome(ctx, r, ids[:half], true); err != nil {
		return err
	}
	return f.encodeSome(ctx, r, ids[half:], true)
}

// encode makes, stores and puts into the index the vectors that items lack, and
// deletes those of what is no item any more. It may be done again at any time.
func (f *follower) encode(ctx context.Context, r *reader, ids []string) error {
	rows, err := f.items(ctx, ids)
	if err != nil {
		return err
	}
	known, err := f.vectors(ctx, r, true, "item_id IN ?", ids)
	if err != nil {
		return err
	}
	var lacking, have []textRow
	var gone []string
	var theirs [][]float32
	for _, id := range ids {
		i := slices.IndexFunc(rows, func(row textRow) bool { return row.ID == id })
		if i < 0 {
			gone = append(gone, id)
		} else if s, ok := known.of(&rows[i]); ok { // another node was faster, or what came after failed before
			f.set(r, id, s.vec)
			have, theirs = append(have, rows[i]), append(theirs, s.vec)
		} else {
			lacking = append(lacking, rows[i])
		}
	}
	texts := make([]meaning.Text, len(lacking))
	for i, row := range lacking {
		texts[i] = meaning.Text{Title: row.Title, Text: row.Text}
	}
	vecs, err := r.embed(ctx, texts)
	if err != nil {
		return err
	}
	if err := f.store(ctx, r, lacking, vecs, gone); err != nil {
		return err
	}
	for i, row := range lacking {
		f.set(r, row.ID, vecs[i])
	}
	return f.read(ctx, r, append(have, lacking...), append(theirs, vecs...))
}

// items reads the texts of items, and maybe of more.
func (f *follower) items(ctx context.Context, ids []string) ([]textRow, error) {
	var suggestions, ths []string
	for _, id := range ids {
		if id, _, _ = strings.Cut(id, "|"); models.IsID(models.PrefixTheme, id) {
			ths = append(ths, id)
		} else {
			suggestions = append(suggestions, id)
		}
	}
	var rows []textRow
	if len(suggestions) > 0 {
		var err error
		if rows, err = f.texts(ctx, suggestions); err != nil {
			return nil, err
		}
	}
	if len(ths) > 0 {
		var live []models.Theme
		if err := f.db.Read(ctx).Find(&live, "id IN ? AND merged_into = '' AND gone_at IS NULL", ths).Error; err != nil {
			return nil, err
		}
		rows = append(rows, themeRows(live)...)
	}
	return rows, nil
}

// embed is Embed with an eye on how the model fares. What the model refuses has
// no vector; the others of its batch are asked for alone. errUpset says that the
// model answers, but not to these texts.
func (r *reader) embed(ctx context.Context, texts []meaning.Text) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	vecs, err := r.Embed(ctx, texts)
	switch {
	case err == nil:
		r.works()
		return vecs, nil
	case ctx.Err() != nil:
		return nil, err
	case errors.Is(err, meaning.ErrRefused) && len(texts) > 1:
		half := len(texts) / 2
		left, err := r.embed(ctx, texts[:half])
		if err != nil {
			return nil, err
		}
		right, err := r.embed(ctx, texts[half:])
		return append(left, right...), err
	case !errors.Is(err, meaning.ErrBusy) && texts[0] != probe && r.answers(ctx):
		r.works()
		if !errors.Is(err, meaning.ErrRefused) {
			return nil, fmt.Errorf("%w: %w", errUpset, err)
		}
		slog.Warn("meaning: a text has no vector", "model", r.Model(), "error", err)
		return [][]float32{nil}, nil
	case ctx.Err() == nil && r.failed():
		slog.Warn("meaning: the model fails; it is tried again, and another stands in where there is one", "model", r.Model(), "error", err)
	}
	return nil, err
}

// probe is what a model that failed is asked, to tell whether it was the text.
var probe = meaning.Text{Text: "Does it answer again?"}

// answers reports whether the model reads what is harmless.
func (r *reader) answers(ctx context.Context) bool {
	_, err := r.Embed(ctx, []meaning.Text{probe})
	return err == nil
}

// store writes vectors and deletes those of what is gone.
func (f *follower) store(ctx context.Context, r *reader, rows []textRow, vecs [][]float32, gone []string) error {
	var out []models.Vector
	var blank []string // an older text of theirs may have had a vector
	for i, row := range rows {
		if packed := models.PackVector(vecs[i]); packed != nil {
			out = append(out, models.Vector{Model: r.Model(), ItemID: row.ID, Digest: row.digest, Vector: packed})
		} else {
			blank = append(blank, row.ID)
		}
	}
	if len(out)+len(gone)+len(blank) == 0 {
		return nil
	}
	slices.SortFunc(out, func(a, b models.Vector) int { return strings.Compare(a.ItemID, b.ItemID) }) // nodes lock rows in one order
	f.mu.Lock()
	known := f.models
	f.mu.Unlock()
	return f.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for _, d := range []struct{ of, items []string }{{known, gone}, {[]string{r.Model()}, blank}} {
			if len(d.items) == 0 {
				continue
			}
			if err := tx.Delete(&models.Vector{}, "model IN ? AND item_id IN ?", d.of, d.items).Error; err != nil {
				return err
			}
		}
		if len(out) == 0 {
			return nil
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&out).Error
	})
}

// set puts a vector into the indexes that are made of r's.
func (f *follower) set(r *reader, id string, vec []float32) {
	for _, v := range []*view{f.view.Load(), f.next.Load()} {
		if v != nil && v.reader == r && vec != nil {
			v.index.SetVector(id, vec)
		}
	}
}
