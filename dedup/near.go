package dedup

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

const (
	glanced  = 1600    // documents whose leading signs differ least are compared by all signs
	nearby   = 200     // of these, the nearest are compared by their vectors
	farthest = .42     // share of signs that may differ; half of them do by chance
	beyond   = .04     // more of the leading ones, of which fewer tell less
	few      = 50_000  // documents among which all is looked at at once
	sampled  = 8       // chunks of more that say how far what is looked at lies
	many     = 200_000 // documents that are scanned by all processors
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
	x.glance([]Query{q}, []*scratch{sc})
	x.mu.RLock()
}

// glance scans the leading signs of all documents for matches that are about to
// begin. It takes most of a match's time where there are many, so what is put
// meanwhile does not wait for it, and several matches share one pass.
func (x *Index) glance(qs []Query, scs []*scratch) {
	x.scanning.RLock()
	defer x.scanning.RUnlock()
	x.mu.RLock()
	v, n, age := x.vectors, len(x.vectors.scale), x.age
	x.mu.RUnlock()
	var with []*scratch
	for i, sc := range scs {
		sc.probe = v.probe(qs[i].Vector)
		if sc.forget(&v, age); sc.probe != nil {
			with = append(with, sc)
		}
	}
	sweep(&v, n, with)
}

// sweep scans n documents for several matches, by all processors where they are
// many: chunk by chunk, so that one is read once.
func sweep(v *vectors, n int, scs []*scratch) {
	shares := 1
	if n >= many {
		shares = runtime.GOMAXPROCS(0)
	}
	for _, sc := range scs {
		sc.parts = slices.Grow(sc.parts, shares)[:shares]
		sc.scanned = n
	}
	var scanning sync.WaitGroup
	for i := range shares {
		scanning.Go(func() {
			for _, sc := range scs {
				sc.parts[i] = sc.parts[i][:0]
			}
			for from, end := i*n/shares, (i+1)*n/shares; from < end; {
				to := min(end, (from/chunkDocs+1)*chunkDocs)
				for _, sc := range scs {
					sc.parts[i] = v.scan(sc.probe, from, to, 0, sc.bound, sc.parts[i])
				}
				from = to
			}
		})
	}
	scanning.Wait()
	for _, sc := range scs {
		for _, p := range sc.parts {
			sc.met = append(sc.met, p...)
		}
	}
}

// forget is what begins a scan: how far it goes is judged by a sample.
func (sc *scratch) forget(v *vectors, age int) {
	sc.scanned, sc.age, sc.met, sc.bound = 0, age, sc.met[:0], v.farthest()
	n := len(v.scale)
	if sc.probe == nil || n <= few {
		return
	}
	whole := n / chunkDocs
	for i := range sampled {
		c := i * whole / sampled
		sc.met = v.scan(sc.probe, c*chunkDocs, (c+1)*chunkDocs, 0, sc.bound, sc.met)
	}
	sc.bound = sc.upTo(0, 2*glanced*sampled/whole)
	sc.met = sc.met[:0]
}

// farthest is how many leading signs may differ.
func (v *vectors) farthest() int { return int((farthest + beyond) * float64(v.leading())) }

// widen scans once more, for what is farther than what was met.
func (sc *scratch) widen(v *vectors) bool {
	if sc.bound == v.farthest() {
		return false
	}
	sc.met = v.scan(sc.probe, 0, sc.scanned, sc.bound, v.farthest(), sc.met)
	sc.bound = v.farthest()
	return true
}

// nearest finds the documents that the query may see whose signs differ least,
// at least nearby of them where there are so many.
func (x *Index) nearest(p *probe, q Query, sc *scratch) (found []hit) {
	if sc.age != x.age { // documents have other numbers since
		sc.forget(&x.vectors, x.age)
	}
	n := len(x.vectors.scale)
	sc.met = x.vectors.scan(sc.probe, sc.scanned, n, 0, sc.bound, sc.met) // what was put since
	sc.scanned = n
	for from, want := 0, glanced; len(found) < nearby; want *= 4 { // again, wider, when most may not be seen
		to := sc.upTo(from, want)
		if to == from {
			if !sc.widen(&x.vectors) {
				break
			}
			to = sc.upTo(from, want)
		}
		found = append(found, x.closest(p, q, sc, from, to)...)
		from = to
	}
	return found
}

// upTo is how many leading signs may differ so that so many documents are met of
// which at least from do.
func (sc *scratch) upTo(from, want int) (to int) {
	sc.count = append(sc.count[:0], make([]int, sc.bound)...)
	for _, m := range sc.met {
		sc.count[m>>32]++
	}
	for to = from; to < sc.bound && want > 0; to++ {
		want -= sc.count[to]
	}
	return to
}

// closest looks at the documents of whose leading signs from to to differ, and
// returns the nearby of them whose signs differ least.
func (x *Index) closest(p *probe, q Query, sc *scratch, from, to int) []hit {
	sc.close = sc.close[:0]
	for _, m := range sc.met {
		lead, n := int(m>>32), uint32(m)
		if lead < from || lead >= to {
			continue
		}
		if x.docs[n].dead || !x.sees(q, n, x.themes.root(x.docs[n].theme), sc) {
			continue
		}
		d := x.vectors.apart(p, n, lead)
		if d > int(farthest*float64(x.vectors.dim)) || !x.vectors.has(n) {
			continue
		}
		sc.close = append(sc.close, uint64(d)<<32|uint64(n))
	}
	slices.Sort(sc.close)
	found := make([]hit, 0, min(nearby, len(sc.close)))
	for _, c := range sc.close[:cap(found)] {
		n := uint32(c)
		found = append(found, hit{doc: n, theme: x.themes.root(x.docs[n].theme), likely: likely{meaning: x.vectors.cosine(p, n)}, compared: true})
	}
	return found
}
