package dedup

import (
	"cmp"
	"math"
	"slices"
)

const (
	nearest   = 20  // items that vote
	bandwidth = .12 // of the vote, in s
)

// likely are the parts of an item's score. The meaning of the words (encoder)
// is a further term when it is known.
type likely struct{ jaccard, cosine float64 }

func (l likely) s() float64 { return l.jaccard + l.cosine/2 }

// verdict is a theme with what speaks for it.
type verdict struct {
	theme uint32
	items []hit // of the pool, nearest first
	votes float64
	voted int // of the nearest
	best3 float64
	score float64
}

// rank orders sc.pool by s, nearest first.
func (x *Index) rank(t text, sc *scratch) {
	x.fillQuery(t, &sc.query)
	qNorm := x.grams.weigh(&sc.query)
	for i := range sc.pool {
		d := &x.docs[sc.pool[i].doc]
		sc.item.fill(x.vocab, x.tokens.at(d.at, int(d.n)), int(d.title))
		j, c := likeness(&sc.query, &sc.item, qNorm, x.grams.weigh(&sc.item))
		sc.pool[i].s = likely{j, c}.s()
	}
	slices.SortFunc(sc.pool, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.s, a.s), cmp.Compare(b.bm25, a.bm25), cmp.Compare(a.doc, b.doc))
	})
}

func (x *Index) fillQuery(t text, b *bag) {
	b.reset()
	var run []rune
	for i, k := range t.tokens {
		count := float32(1)
		if i < t.title {
			count = 2
		}
		if k.word != "" {
			b.addWord(k.word, count)
			continue
		}
		if !k.joined {
			run = run[:0]
		}
		run = append(run, k.char)
		b.addChars(run[max(0, len(run)-charMax):], count)
	}
}

// decide groups the ranked pool by theme, best first. An item without a theme
// stands alone.
func decide(pool []hit) []verdict {
	var out []verdict
	at := map[uint32]int{}
	for i, h := range pool {
		if h.s <= 0 {
			break
		}
		n, ok := at[h.theme]
		if !ok || h.theme == unassigned {
			n = len(out)
			out = append(out, verdict{theme: h.theme})
			if h.theme != unassigned {
				at[h.theme] = n
			}
		}
		v := &out[n]
		v.items = append(v.items, h)
		if i < nearest {
			v.voted++
			v.votes += math.Exp((h.s - pool[0].s) / bandwidth)
		}
	}
	var total float64
	for i := range out {
		v := &out[i]
		for _, h := range v.items[:min(3, len(v.items))] {
			v.best3 += h.s
		}
		v.best3 /= float64(min(3, len(v.items)))
		total += v.votes
	}
	mean5 := 0.0
	for _, h := range pool[:min(5, len(pool))] {
		mean5 += h.s / float64(min(5, len(pool)))
	}
	for i := range out {
		out[i].score = accept.probability(out[i].features(out, total, mean5))
	}
	slices.SortStableFunc(out, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(b.items[0].s, a.items[0].s))
	})
	return out
}

// features are what the acceptance is decided on; see accept.
func (v *verdict) features(all []verdict, total, mean5 float64) features {
	votes, top := 0.0, math.Max(0, v.items[0].s-alone)
	for i := range all {
		if o := &all[i]; o != v {
			votes, top = max(votes, o.votes), max(top, o.items[0].s)
		}
	}
	return features{
		v.items[0].s,
		v.best3,
		v.votes / total,
		(v.votes - votes) / total,
		v.items[0].s - top,
		float64(v.voted) / nearest,
		mean5,
	}
}
