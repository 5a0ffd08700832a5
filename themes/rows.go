package themes

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

const loadBatch = 2000

// textRow is an item of the index as the rows have it.
type textRow struct {
	dedup.Item
	suggestion string // "" for a theme's text
	digest     int64
}

// stored is a vector's row.
type stored struct {
	digest int64
	vec    []float32 // nil where only the digest was asked for
}

// sheet is what is read and put into the index at a time.
type sheet struct {
	rows    []textRow
	waiting map[*reader][]string // items that are to be looked at by its worker
}

// load puts every row into v. What changes meanwhile is read again by catchUp,
// for the sequence is taken first.
func (f *follower) load(ctx context.Context, v *view) error {
	if err := f.db.Read(ctx).Raw("SELECT n FROM counters WHERE name = 'activity'").Scan(&v.seq).Error; err != nil {
		return err
	}
	sheets := make(chan sheet, 1) // one is read while another is put into the index
	var err error
	go func() {
		defer close(sheets)
		err = f.sheets(ctx, v, sheets)
	}()
	var putting sync.WaitGroup
	for range runtime.GOMAXPROCS(0) { // much of putting needs no lock
		putting.Go(func() {
			for p := range sheets {
				v.put(p)
			}
		})
	}
	putting.Wait()
	if err != nil {
		return err
	}
	return f.knowModels(ctx)
}

// sheets reads every text there is, with its vector.
func (f *follower) sheets(ctx context.Context, v *view, to chan<- sheet) error {
	public := map[string]bool{} // by every live theme
	for last := ""; ; {
		var ths []models.Theme
		if err := f.db.Read(ctx).Where("id > ? AND merged_into = '' AND gone_at IS NULL", last).Order("id").Limit(loadBatch).Find(&ths).Error; err != nil {
			return err
		}
		if len(ths) == 0 {
			break
		}
		last = ths[len(ths)-1].ID
		for _, th := range ths {
			public[th.ID] = th.Public
		}
		p, err := f.sheet(ctx, v, v.publish(ths), "item_id >= ? AND item_id <= ?", ths[0].ID, last+lastLanguage)
		if err != nil {
			return err
		}
		to <- p
	}
	for last := ""; ; {
		ss, err := f.told(ctx, "id > ? AND echo_of = '' ORDER BY id LIMIT ?", last, loadBatch)
		if err != nil {
			return err
		}
		if len(ss) == 0 {
			break
		}
		first := ss[0].ID
		last = ss[len(ss)-1].ID
		st, err := f.standing(ctx, "suggestion_id >= ? AND suggestion_id <= ?", first, last)
		if err != nil {
			return err
		}
		rows := textRows(ss, st, public)
		v.refile(rows)
		p, err := f.sheet(ctx, v, rows, "item_id >= ? AND item_id <= ?", first, last+lastPart)
		if err != nil {
			return err
		}
		to <- p
	}
	return nil
}

// lastPart makes a suggestion's id that of its last thinkable part, in whatever
// order the database sorts.
var lastPart = "|" + models.PrefixTheme + "_" + strings.Repeat("z", 26)

// knowModels finds the models that there are vectors of, by a few looks into the
// index rather than through all rows.
func (f *follower) knowModels(ctx context.Context) error {
	var known []string
	for last := ""; ; {
		var next sql.NullString
		if err := f.db.Read(ctx).Raw("SELECT MIN(model) FROM vectors WHERE model > ?", last).Scan(&next).Error; err != nil {
			return err
		}
		if !next.Valid {
			break
		}
		last = next.String
		known = append(known, last)
	}
	for _, r := range f.readers {
		if !slices.Contains(known, r.Model()) {
			known = append(known, r.Model())
		}
	}
	f.mu.Lock()
	f.models = known
	f.mu.Unlock()
	return nil
}

// reloadThemes brings the texts of themes in step with the rows.
func (f *follower) reloadThemes(ctx context.Context, v *view, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var ths []models.Theme
	if err := f.db.Read(ctx).Find(&ths, "id IN ?", ids).Error; err != nil {
		return err
	}
	ths = slices.DeleteFunc(ths, func(th models.Theme) bool { return !th.IsLive() })
	for _, id := range ids {
		if !slices.ContainsFunc(ths, func(th models.Theme) bool { return th.ID == id }) {
			v.unpublish(id, nil)
		}
	}
	items := make([]string, 0, len(languages)*len(ids))
	for _, id := range ids {
		for _, l := range languages {
			items = append(items, id+l.part)
		}
	}
	p, err := f.sheet(ctx, v, v.publish(ths), "item_id IN ?", items)
	if err != nil {
		return err
	}
	v.put(p)
	return nil
}

// reloadSuggestions brings the texts of suggestions in step with the rows.
func (f *follower) reloadSuggestions(ctx context.Context, v *view, ids []string) error {
	rows, err := f.texts(ctx, ids)
	if err != nil {
		return err
	}
	items := v.refile(rows)
	there := map[string]bool{}
	for _, r := range rows {
		items, there[r.suggestion] = append(items, r.ID), true
	}
	for _, id := range ids {
		if !there[id] { // it is an echo by now
			items = append(items, v.drop(id)...)
		}
	}
	p, err := f.sheet(ctx, v, rows, "item_id IN ?", items)
	if err != nil {
		return err
	}
	v.put(p)
	return nil
}

// put puts a sheet into the index. Only then are its texts queued: the index
// ignores a vector that comes before its text.
func (v *view) put(p sheet) {
	items := make([]dedup.Item, len(p.rows))
	for i, row := range p.rows {
		items[i] = row.Item
	}
	v.index.Put(items...)
	for r, ids := range p.waiting {
		for _, id := range ids {
			r.waiting.add(id)
		}
	}
}

// drop takes a suggestion out of the index and says what items it had.
func (v *view) drop(id string) []string {
	items := append(v.further[id], id)
	for _, item := range items {
		v.index.Remove(item)
	}
	delete(v.further, id)
	return items
}

// refile takes the further items of suggestions out of the index, notes those
// that rows have, and returns the ones that were there before.
func (v *view) refile(rows []textRow) (before []string) {
	for _, r := range rows {
		if r.ID == r.suggestion {
			for _, id := range v.further[r.ID] {
				v.index.Remove(id)
			}
			before = append(before, v.further[r.ID]...)
			delete(v.further, r.ID)
		} else {
			v.further[r.suggestion] = append(v.further[r.suggestion], r.ID)
		}
	}
	return before
}

// sheet gives items their vectors for v, which stand among those that where names.
// What lacks one is to wait for it, and so is what has one and is no item, to
// lose it.
func (f *follower) sheet(ctx context.Context, v *view, rows []textRow, where string, args ...any) (sheet, error) {
	p := sheet{rows: rows, waiting: map[*reader][]string{}}
	for _, r := range f.readers {
		known, err := f.vectors(ctx, r, r == v.reader, where, args...)
		if err != nil {
			return p, err
		}
		for i := range rows {
			s, ok := known.of(&rows[i])
			if !ok {
				p.waiting[r] = append(p.waiting[r], rows[i].ID)
			} else if r == v.reader {
				rows[i].Vector = s.vec
			}
		}
		for _, row := range rows {
			delete(known, row.ID)
		}
		for id := range known {
			p.waiting[r] = append(p.waiting[r], id)
		}
	}
	return p, nil
}

// vectorsOf are vectors by item.
type vectorsOf map[string]stored

// of finds an item's vector: its own, or its suggestion's when that is of the
// same text.
func (m vectorsOf) of(r *textRow) (stored, bool) {
	s, ok := m[r.ID]
	if ok && s.digest == r.digest {
		return s, true
	}
	s, ok = m[r.suggestion]
	return s, ok && s.digest == r.digest
}

// vectors reads a model's vectors, or their digests alone. Damaged ones are left
// out, so that they are made again.
func (f *follower) vectors(ctx context.Context, r *reader, whole bool, where string, args ...any) (vectorsOf, error) {
	column := "''"
	if whole {
		column = "vector"
	}
	rows, err := f.db.Read(ctx).Raw("SELECT item_id, digest, "+column+" FROM vectors WHERE model = ? AND "+where, append([]any{r.Model()}, args...)...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read vectors: %w", err)
	}
	defer rows.Close()
	out := vectorsOf{}
	var block []float32 // many vectors are cut out of one piece of memory
	for rows.Next() {
		var id string
		var s stored
		var packed sql.RawBytes
		if err := rows.Scan(&id, &s.digest, &packed); err != nil {
			return nil, fmt.Errorf("read vectors: %w", err)
		}
		if whole {
			if n := len(packed); cap(block) < n && n <= 4+models.MaxVector {
				block = make([]float32, 0, 64*n)
			}
			if s.vec, err = models.UnpackVector(packed, block); err != nil {
				slog.Warn("a stored vector is damaged and is made again", "item", id, "model", r.Model())
				continue
			}
			block = block[len(s.vec):len(s.vec)]
			s.vec = slices.Clip(s.vec)
		}
		out[id] = s
	}
	return out, rows.Err()
}
