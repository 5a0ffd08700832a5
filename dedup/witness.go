package dedup

import "slices"

// part takes out of the pool what people said does not belong to its theme.
func (x *Index) part(sc *scratch) {
	sc.against = sc.against[:0]
	sc.pool = slices.DeleteFunc(sc.pool, func(h hit) bool {
		if x.docs[h.doc].against {
			sc.against = append(sc.against, h)
			return true
		}
		return false
	})
}

// Two texts are near copies when they share so much of what they write or mean.
const (
	copyWords   = .5  // Jaccard overlap of their n-grams
	copyMeaning = .88 // cosine of their vectors
)

// refused reports whether the query is a near copy of a text of which a person
// said that it does not belong to v's theme, and nearer to it than to the theme.
func (sc *scratch) refused(v *verdict) bool {
	return slices.ContainsFunc(sc.against, func(h hit) bool {
		return h.theme == v.theme && h.s > v.items[0].s && (h.jaccard >= copyWords || h.compared && h.meaning >= copyMeaning)
	})
}

// settle decides, leaves out the themes that were refused, and says of the first
// what the items that a person put there say alone.
func (x *Index) settle(p *probe, sc *scratch) []verdict {
	vs := slices.DeleteFunc(x.decide(p, sc), func(v verdict) bool { return sc.refused(&v) })
	for i := range vs {
		vs[i].witnesses, vs[i].sure = vs[i].voted, vs[i].score
	}
	if len(vs) == 0 || !slices.ContainsFunc(vs[0].items, func(h hit) bool { return x.docs[h.doc].unasked }) {
		return vs
	}
	all := sc.pool
	sc.pool = slices.DeleteFunc(slices.Clone(all), func(h hit) bool { return x.docs[h.doc].unasked })
	vs[0].witnesses, vs[0].sure = 0, 0
	if len(sc.pool) > 0 {
		for _, w := range x.decide(p, sc) {
			if w.theme == vs[0].theme && w.theme != unassigned {
				vs[0].witnesses, vs[0].sure = w.voted, w.score
			}
		}
	}
	sc.pool = all
	return vs
}
