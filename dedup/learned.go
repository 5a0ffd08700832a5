package dedup

import (
	"github.com/heedhq/heed/dedup/learn"
)

// Learn lets what people decided correct how alike two texts are; nil forgets
// it. Scores made before and after do not compare.
func (x *Index) Learn(m *learn.Model) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.learned = m
}

// Example makes a decision on a text and an item into something to learn from:
// the pair as a match would score it. ok is false for an unknown item.
func (x *Index) Example(q Query, item string, same bool) (e learn.Example, ok bool) {
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	x.mu.RLock()
	defer x.mu.RUnlock()
	n, ok := x.ids.find(item)
	if !ok {
		return e, false
	}
	t, p := x.read(q), x.vectors.probe(q.Vector)
	sc.pool = append(sc.pool[:0], hit{doc: n, theme: x.themes.root(x.docs[n].theme)})
	if p != nil {
		x.compare(p, sc)
	}
	x.likeness(t, p, sc)
	h := &sc.pool[0]
	return learn.Example{Dense: h.dense(), A: learn.NewWords(spelled(t.tokens, nil)), B: learn.NewWords(spelled(x.restore(n), nil)), Same: same}, true
}

// dense are the features of a pair, s first.
func (h *hit) dense() []float64 {
	return []float64{h.s, h.jaccard, h.cosine, h.meaning, h.covered}
}

// correct gives every hit of the pool the s that was learned. What was learned with
// vectors says nothing of a query that has none.
func (x *Index) correct(t text, p *probe, sc *scratch) {
	if x.learned == nil || (p == nil) != (x.vectors.dim == 0) {
		return
	}
	sc.spelled = spelled(t.tokens, sc.spelled)
	sc.words.Read(sc.spelled)
	for i := range sc.pool {
		h := &sc.pool[i]
		sc.spelled = spelled(x.restore(h.doc), sc.spelled)
		sc.others.Read(sc.spelled)
		h.s = x.learned.Score(h.dense(), sc.words, sc.others)
	}
}

// spelled is a text as the words that are learned from: stems, characters.
func spelled(ts []token, out []string) []string {
	out = out[:0]
	for _, t := range ts {
		if t.word != "" {
			out = append(out, stem(t.word))
			continue
		}
		out = append(out, string(t.char))
	}
	return out
}

// Neighbour is an item near a text.
type Neighbour struct {
	Item, Theme string  // Theme is "" for an item without one
	S           float64 // how alike: about 0 (nothing) to 2.5 (the same text)
}

// Nearest returns the items near a text that the query may see, at most limit:
// the best of the theme that Match would name first, then all by S.
func (x *Index) Nearest(q Query, limit int) []Neighbour {
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	x.begin(q, sc)
	defer x.mu.RUnlock()
	verdicts := x.search(q, poolSize, poolTheme, sc)
	if len(verdicts) == 0 {
		return nil
	}
	first := verdicts[0].items[0].doc
	out := make([]Neighbour, 0, len(sc.pool))
	out = append(out, x.neighbour(verdicts[0].items[0]))
	for _, h := range sc.pool {
		if h.doc != first && len(out) < limit {
			out = append(out, x.neighbour(h))
		}
	}
	return out
}

func (x *Index) neighbour(h hit) Neighbour {
	return Neighbour{Item: x.ids.of(h.doc), Theme: x.themes.themes[h.theme].name, S: h.s}
}
