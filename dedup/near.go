package dedup

import (
	"cmp"
	"slices"
)

const (
	glanced  = 3200 // documents whose leading signs differ least are compared by all signs
	nearby   = 200  // of these, the nearest are compared by their vectors
	farthest = .42  // share of signs that may differ; half of them do by chance
	beyond   = .04  // more of the leading ones, of which fewer tell less
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

// begin makes sc ready for a search and locks the index for it.
func (x *Index) begin(q Query, sc *scratch) {
	x.glance(q.Vector, sc)
	x.mu.RLock()
}

// glance scans the leading signs of all documents for a match that is about to
// begin. It takes most of a match's time where there are many, so what is put
// meanwhile does not wait for it.
func (x *Index) glance(vec []float32, sc *scratch) {
	x.scanning.RLock()
	defer x.scanning.RUnlock()
	x.mu.RLock()
	v, n, age := x.vectors, len(x.vectors.scale), x.age
	x.mu.RUnlock()
	sc.probe, sc.scanned, sc.age = v.probe(vec), 0, age
	if sc.probe != nil {
		sc.count = v.counts()
		sc.scan(&v, n)
	}
}

// scan goes on with the scan to document n.
func (sc *scratch) scan(v *vectors, n int) {
	if len(sc.apart) < n {
		sc.apart = append(make([]uint16, 0, n+n/4), sc.apart[:sc.scanned]...)[:n+n/4]
	}
	v.scan(sc.probe, sc.scanned, n, sc.apart, sc.count)
	sc.scanned = n
}

// nearest finds the documents that the query may see whose signs differ least,
// at least nearby of them where there are so many.
func (x *Index) nearest(p *probe, q Query, sc *scratch) (found []hit) {
	if sc.age != x.age { // documents have other numbers since
		sc.scanned, sc.age, sc.count = 0, x.age, x.vectors.counts()
	}
	n := min(len(x.docs), len(x.vectors.scale))
	sc.scan(&x.vectors, n)
	from, last := 0, len(sc.count)
	for want := glanced; from < last && len(found) < nearby; want *= 4 { // again, wider, when most may not be seen
		to := from
		for some := 0; to < last && some < want; to++ {
			some += sc.count[to]
		}
		found = append(found, x.closest(p, q, sc, n, from, to)...)
		from = to
	}
	return found
}

// closest looks at the documents of whose leading signs from to to differ, and
// returns the nearby of them whose signs differ least.
func (x *Index) closest(p *probe, q Query, sc *scratch, n, from, to int) []hit {
	sc.close = sc.close[:0]
	for i, lead := range sc.apart[:n] {
		if int(lead) < from || int(lead) >= to {
			continue
		}
		if !x.vectors.has(uint32(i)) {
			continue
		}
		d := x.vectors.apart(p, uint32(i), int(lead))
		if d > int(farthest*float64(x.vectors.dim)) || x.docs[i].dead || !x.sees(q, uint32(i), x.themes.root(x.docs[i].theme), sc) {
			continue
		}
		sc.close = append(sc.close, uint64(d)<<32|uint64(i))
	}
	slices.Sort(sc.close)
	found := make([]hit, 0, min(nearby, len(sc.close)))
	for _, c := range sc.close[:cap(found)] {
		n := uint32(c)
		found = append(found, hit{doc: n, theme: x.themes.root(x.docs[n].theme), likely: likely{meaning: x.vectors.cosine(p, n)}, compared: true})
	}
	return found
}
