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

// verdict is a theme with what speaks for it.
type verdict struct {
	theme uint32
	items []hit // of the pool, nearest first
	votes float64
	voted int // of the nearest
	best3 float64
	score float64

	witnesses int     // voted, without those that joined unasked
	sure      float64 // score, likewise
}

// rank gives every hit of sc.pool its s and orders them, nearest first.
func (x *Index) rank(t text, p *probe, sc *scratch) {
	x.likeness(t, p, sc)
	x.correct(t, p, sc)
	slices.SortFunc(sc.pool, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.s, a.s), cmp.Compare(b.bm25, a.bm25), cmp.Compare(a.doc, b.doc))
	})
}

// likeness gives every hit of sc.pool its features and s.
func (x *Index) likeness(t text, p *probe, sc *scratch) {
	sc.query.read(x.stop, t.tokens, t.title)
	qNorm, length := x.grams.weigh(&sc.query), sc.query.length()
	for i := range sc.pool {
		h := &sc.pool[i]
		d := &x.docs[h.doc]
		sc.item.fill(x.vocab, x.tokens.at(d.at, int(d.n)), int(d.title))
		l := x.less(likeness(&sc.query, &sc.item, qNorm, x.grams.weigh(&sc.item)))
		h.jaccard, h.cosine, h.covered, h.shared = l.jaccard, l.cosine, l.covered, l.shared
		h.s = h.likely.s(length)
		if d.han != t.han && x.dictionary != nil {
			sc.gloss = x.glossOfDoc(d, sc.gloss)
			h.cosine = x.across(t.gloss, sc.gloss)
			h.s = acrossWords * h.cosine
		}
		if p != nil {
			if !h.compared { // its vector is still to be made: what texts with such words mean, on average
				h.meaning = .35 + .5*h.cosine
			}
			h.s += (shortMeaning*(1-length) + longMeaning*length) * h.meaning
		}
	}
}

// decide groups the ranked pool by theme, best first. An item without a theme
// stands alone.
func (x *Index) decide(p *probe, sc *scratch) []verdict {
	pool := sc.pool
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
	for i := range out {
		v := &out[i]
		for _, h := range v.items[:min(3, len(v.items))] {
			v.best3 += h.s
		}
		v.best3 /= 3
	}
	total := allVotes(out)
	for i := range out {
		x.score(&out[i], out, pool, p, total)
	}
	if x.lacks(NoVote) {
		return out // in the order in which their nearest items were met
	}
	slices.SortStableFunc(out, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(b.votes, a.votes), cmp.Compare(b.items[0].s, a.items[0].s))
	})
	return out
}

func allVotes(vs []verdict) (total float64) {
	for i := range vs {
		total += vs[i].votes
	}
	return total
}

// score says how sure it is that the query belongs to v, one of all.
func (x *Index) score(v *verdict, all []verdict, pool []hit, p *probe, votes float64) {
	if x.lacks(NoAcceptance) {
		v.score = min(1, v.items[0].s/mostLike)
		return
	}
	_, by, f := x.evidence(v, all, pool, p, votes)
	v.score = by.probability(f)
}

// evidence is the features of v, and the name and the function that they are
// weighed by.
func (x *Index) evidence(v *verdict, all []verdict, pool []hit, p *probe, votes float64) (name string, by logistic, f []float64) {
	fs := v.features(all, pool, votes)
	if p == nil {
		return "byWords", byWords(), fs[:]
	}
	f = append(fs[:], x.middle(p, v.items), v.items[0].cosine)
	if v.voted < LeastVoted {
		return "byOne", byOne(), f
	}
	return "byMeaning", byMeaning(), f
}

// middle is the cosine of the query and the mean of the items' vectors.
func (x *Index) middle(p *probe, items []hit) float64 {
	sum := make([]float32, x.vectors.dim)
	for _, h := range items {
		if h.compared {
			x.vectors.add(sum, h.doc)
		}
	}
	var dot, squares float32
	for i, s := range sum {
		dot += s * p.vec[i]
		squares += s * s
	}
	if squares == 0 {
		return items[0].meaning
	}
	return float64(dot) / math.Sqrt(float64(squares))
}

// features are what the acceptance is decided on; see the type.
func (v *verdict) features(all []verdict, pool []hit, total float64) features {
	votes, top := 0.0, math.Max(0, v.items[0].s-alone)
	for i := range all {
		if o := &all[i]; o != v {
			votes, top = max(votes, o.votes), max(top, o.items[0].s)
		}
	}
	others, n := 0.0, 0
	for i := 0; i < len(pool) && n < 5; i++ {
		if h := pool[i]; h.theme != v.theme || h.theme == unassigned && h.doc != v.items[0].doc {
			others += h.s / 5
			n++
		}
	}
	return features{
		v.items[0].s,
		v.best3,
		v.votes / total,
		(v.votes - votes) / total,
		v.items[0].s - top,
		float64(v.voted) / nearest,
		others,
		v.items[0].covered,
		v.items[0].shared,
		float64(5-n) / 5,
	}
}
