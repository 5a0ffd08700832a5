package themes

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/learn"
	"github.com/heedhq/heed/models"
)

const (
	heldOut     = 5  // one in so many pairs shows whether what was learned helps
	leastOfEach = 10 // pairs of either answer among these
)

// lessons are the pairs to learn from, and those to test on.
type lessons struct{ fit, test []learn.Example }

// learn fits the model that corrects how alike two texts are, on the pairs that
// the decisions speak of. It is used only when it orders pairs it has not seen at
// least as well as the index does without.
func (t *Themes) learn(ctx context.Context, v *view, js []models.Judgement, c *models.Calibration) error {
	ls, err := t.lessons(ctx, v, js)
	if err != nil {
		return err
	}
	c.LearnedFrom = len(ls.fit) + len(ls.test)
	tried := learn.Fit(ls.fit)
	before, enough := ordered(ls.test, func(e learn.Example) float64 { return e.Dense[0] })
	after, _ := ordered(ls.test, func(e learn.Example) float64 { return tried.Score(e.Dense, e.A, e.B) })
	c.OrderBefore, c.OrderAfter = before, after
	if c.LearnedUsed = enough && after >= before; !c.LearnedUsed {
		return nil
	}
	c.Learned = learn.Fit(append(ls.fit, ls.test...)).Marshal()
	return nil
}

// lessons reads the texts and vectors of the judged suggestions, some at a time.
func (t *Themes) lessons(ctx context.Context, v *view, js []models.Judgement) (lessons, error) {
	var ls lessons
	for some := range slices.Chunk(js, 200) {
		if err := ctx.Err(); err != nil {
			return ls, err
		}
		ids, ths := make([]string, 0, len(some)), []string{}
		for _, j := range some {
			ids = append(ids, j.SuggestionID)
			ths = append(ths, j.SaidTheme, j.ChosenTheme)
		}
		var rows []models.Suggestion
		if err := t.db.Read(ctx).Select("id", "title", "text").Find(&rows, "id IN ?", ids).Error; err != nil {
			return ls, fmt.Errorf("read texts: %w", err)
		}
		var known vectorsOf
		if v.reader != nil {
			var err error
			if known, err = t.index.vectors(ctx, v.reader, true, "item_id IN ?", ids); err != nil {
				return ls, err
			}
		}
		live, err := roots(t.db.Read(ctx), ths)
		if err != nil {
			return ls, err
		}
		texts := make(map[string]dedup.Query, len(rows))
		for _, r := range rows {
			texts[r.ID] = dedup.Query{Title: r.Title, Text: r.Text, Vector: known[r.ID].vec, Except: r.ID}
		}
		for _, j := range some {
			began := time.Now()
			if q, ok := texts[j.SuggestionID]; ok {
				ls.add(v.index, q, j, live)
			}
			pause(ctx, time.Since(began)) // half the speed leaves room for who waits for an answer
		}
	}
	return ls, nil
}

// add makes a judgement into pairs: the suggestion and what is nearest to it in
// the theme where it belongs, and in the one where it does not.
func (l *lessons) add(index *dedup.Index, q dedup.Query, j models.Judgement, live map[string]string) {
	h := fnv.New32a()
	h.Write([]byte(j.SuggestionID))
	into := &l.fit
	if h.Sum32()%heldOut == 0 {
		into = &l.test
	}
	pair := func(theme string, same bool) {
		if theme = live[theme]; theme == "" {
			return
		}
		within := q
		within.Limit, within.Allow = 1, func(id string) bool { return id == theme }
		for _, c := range index.Match(within) {
			if e, ok := index.Example(q, c.Item, same); ok {
				*into = append(*into, e)
			}
		}
	}
	pair(j.SaidTheme, j.Named)
	if !j.Named && j.Existed {
		pair(j.ChosenTheme, true)
	}
}

// ordered is how often, of a pair that says the same and one that does not, the
// first has the higher score; ok when there are enough of both to tell.
func ordered(es []learn.Example, score func(learn.Example) float64) (share float64, ok bool) {
	type scored struct {
		s    float64
		same bool
	}
	all := make([]scored, len(es))
	n := [2]float64{}
	for i, e := range es {
		all[i] = scored{score(e), e.Same}
		n[side(e.Same)]++
	}
	if min(n[0], n[1]) < leastOfEach {
		return 0, false
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(a.s, b.s) })
	below, won := 0.0, 0.0
	for i := 0; i < len(all); {
		tied := [2]float64{}
		k := i
		for ; k < len(all) && all[k].s == all[i].s; k++ {
			tied[side(all[k].same)]++
		}
		won += tied[1] * (below + tied[0]/2)
		below += tied[0]
		i = k
	}
	return won / (n[0] * n[1]), true
}

func side(same bool) int {
	if same {
		return 1
	}
	return 0
}
