package dedup

import (
	"cmp"
	"slices"
)

const (
	nearby   = 200 // documents whose signs differ least are compared by their vectors
	farthest = .42 // share of signs that may differ; half of them do by chance
)

// compare gives every document of the pool its cosine.
func (x *Index) compare(p *probe, sc *scratch) {
	for i := range sc.pool {
		h := &sc.pool[i]
		if h.compared = x.vectors.has(h.doc); h.compared {
			h.meaning = x.vectors.cosine(p, h.doc)
		}
	}
}

// near adds to the pool the documents nearest in meaning, whatever words they
// use.
func (x *Index) near(p *probe, q Query, size, perTheme int, sc *scratch) {
	known := map[uint32]bool{}
	for i := range sc.pool {
		known[sc.pool[i].doc] = true
	}
	found := x.nearest(p, q, sc)
	slices.SortFunc(found, func(a, b hit) int { return cmp.Or(cmp.Compare(b.meaning, a.meaning), cmp.Compare(a.doc, b.doc)) })
	taken, more := map[uint32]int{}, 0
	for _, h := range found {
		if more == size {
			break
		}
		if h.theme != unassigned {
			if taken[h.theme]++; taken[h.theme] > perTheme {
				continue
			}
		}
		more++
		if !known[h.doc] {
			sc.pool = append(sc.pool, h)
		}
	}
}

// nearest finds the documents that the query may see whose signs differ least,
// at least nearby of them where there are so many.
func (x *Index) nearest(p *probe, q Query, sc *scratch) (found []hit) {
	n := min(len(x.docs), len(x.vectors.scale))
	if len(sc.apart) < n {
		sc.apart = make([]uint16, n+n/4)
	}
	count := x.vectors.distances(p, n, sc.apart)
	from, last := 0, int(farthest*float64(x.vectors.dim))
	for want := nearby; from < last && len(found) < nearby; want *= 4 { // again, wider, when most may not be seen
		to := from
		for some := 0; to < last && some < want; to++ {
			some += count[to]
		}
		for i, d := range sc.apart[:n] {
			if int(d) < from || int(d) >= to || x.docs[i].dead {
				continue
			}
			doc := &x.docs[i]
			theme := x.themes.root(doc.theme)
			if x.sees(q, uint32(i), theme, sc) {
				h := hit{doc: uint32(i), theme: theme, compared: true}
				h.meaning = x.vectors.cosine(p, h.doc)
				found = append(found, h)
			}
		}
		from = to
	}
	return found
}
