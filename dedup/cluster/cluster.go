package cluster

import (
	"cmp"
	"slices"

	"github.com/heedhq/heed/dedup/leiden"
	"github.com/heedhq/heed/dedup/linkage"
)

// Neighbour is an item near another, numbered from 0, and how alike they are:
// dedup's S, about 0 to 2.5.
type Neighbour struct {
	Item int
	S    float64
}

// Neighbours is how many of an item's nearest count unless Options say otherwise.
const Neighbours = 30

// asUnlike is the share of Least that any two items have in common.
const asUnlike = .6

// Options of NewGraph; the zero value is what was measured best.
type Options struct {
	Neighbours int     // of an item that count; 0 is the constant
	Resolution float64 // of Leiden: more gives smaller groups; 0 is 4
	Least      float64 // S below which two items are not alike at all
	Few        int     // items up to which average linkage groups them; 0 is 500, less than 0 never
	Together   float64 // mean S from which average linkage joins groups; 0 is .8
	Seed       uint64  // the same seed, the same groups
}

func (o Options) whole() Options {
	if o.Neighbours <= 0 {
		o.Neighbours = Neighbours
	}
	if o.Resolution <= 0 {
		o.Resolution = 4
	}
	if o.Few == 0 {
		o.Few = 500
	}
	if o.Together <= 0 {
		o.Together = .8
	}
	return o
}

// Graph collects who is near whom, in any order and at any pace. It is not safe
// for concurrent use.
type Graph struct {
	o    Options
	near [][]Neighbour // by item, best first, at most o.Neighbours
}

// NewGraph returns a graph of n items without neighbours.
func NewGraph(n int, o Options) *Graph {
	return &Graph{o: o.whole(), near: make([][]Neighbour, max(n, 0))}
}

// Near says what is near item i; said again, it replaces what was said before.
func (g *Graph) Near(i int, ns []Neighbour) {
	kept := make([]Neighbour, 0, len(ns))
	for _, n := range ns {
		if n.Item >= 0 && n.Item < len(g.near) && n.Item != i && n.S > max(0, g.o.Least) { // false for NaN
			kept = append(kept, n)
		}
	}
	slices.SortFunc(kept, func(a, b Neighbour) int { return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(b.S, a.S)) })
	kept = slices.CompactFunc(kept, func(a, b Neighbour) bool { return a.Item == b.Item })
	slices.SortFunc(kept, func(a, b Neighbour) int { return cmp.Or(cmp.Compare(b.S, a.S), cmp.Compare(a.Item, b.Item)) })
	g.near[i] = slices.Clip(kept[:min(len(kept), g.o.Neighbours)])
}

func (g *Graph) said(a, b int) float64 {
	for _, n := range g.near[a] {
		if n.Item == b {
			return n.S
		}
	}
	return 0
}

// Of calls f for each item that is among a's nearest as a is among its own.
func (g *Graph) Of(a int, f func(b int, s float64)) {
	for _, n := range g.near[a] {
		if back := g.said(n.Item, a); back != 0 {
			f(n.Item, (n.S+back)/2)
		}
	}
}

// Edges calls f once for each two items that are each among the other's nearest,
// a < b.
func (g *Graph) Edges(f func(a, b int, s float64)) {
	for a := range g.near {
		g.Of(a, func(b int, s float64) {
			if a < b {
				f(a, b, s)
			}
		})
	}
}

// Clusters groups the items by what is known of them by now.
func (g *Graph) Clusters() []int32 {
	if len(g.near) <= g.o.Few {
		return linkage.Average(len(g.near), g.either, g.o.Together)
	}
	var edges []leiden.Edge
	g.Edges(func(a, b int, s float64) {
		s -= asUnlike * g.o.Least
		edges = append(edges, leiden.Edge{A: int32(a), B: int32(b), W: float32(s * s)})
	})
	return leiden.Partition(len(g.near), edges, g.o.Resolution, g.o.Seed)
}

// either is how alike two items are when one of them says so: among few items
// the nearest of a large group do not hold all of its pairs.
func (g *Graph) either(a, b int) float64 { return max(g.said(a, b), g.said(b, a)) }
