package leiden

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// cliques returns k complete graphs of size nodes each; join gives the edges
// between them.
func cliques(k, size int, join ...Edge) []Edge {
	var es []Edge
	for c := range k {
		for i := range size {
			for j := range i {
				es = append(es, Edge{int32(c*size + i), int32(c*size + j), 1})
			}
		}
	}
	return append(es, join...)
}

func ring(k, size int) []Edge {
	var join []Edge
	for c := range k {
		join = append(join, Edge{int32(c * size), int32((c+1)%k*size + 1), 1})
	}
	return cliques(k, size, join...)
}

func TestCliquesAreFound(t *testing.T) {
	got := Partition(9, cliques(3, 3, Edge{0, 3, 1}, Edge{4, 6, 1}), 1, 1)
	if want := []int32{0, 0, 0, 1, 1, 1, 2, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("three triangles: %v", got)
	}
	for seed := range uint64(20) {
		got := Partition(12*5, ring(12, 5), 3, seed)
		for v, c := range got {
			if int(c) != v/5 {
				t.Fatalf("seed %d, ring of cliques: node %d in %d (%v)", seed, v, c, got)
			}
		}
		// CPM has no limit of resolution: the size of the ring does not matter.
		for v, c := range PartitionCPM(300*5, ring(300, 5), .2, seed) {
			if int(c) != v/5 {
				t.Fatalf("seed %d, CPM, ring of 300 cliques: node %d in %d", seed, v, c)
			}
		}
	}
}

// Zachary's karate club (1977), the optimum of whose modularity is known: .4198.
func TestKarateClub(t *testing.T) {
	pairs := []int32{2, 1, 3, 1, 3, 2, 4, 1, 4, 2, 4, 3, 5, 1, 6, 1, 7, 1, 7, 5, 7, 6, 8, 1, 8, 2, 8, 3, 8, 4, 9, 1, 9, 3, 10, 3,
		11, 1, 11, 5, 11, 6, 12, 1, 13, 1, 13, 4, 14, 1, 14, 2, 14, 3, 14, 4, 17, 6, 17, 7, 18, 1, 18, 2, 20, 1, 20, 2, 22, 1, 22, 2,
		26, 24, 26, 25, 28, 3, 28, 24, 28, 25, 29, 3, 30, 24, 30, 27, 31, 2, 31, 9, 32, 1, 32, 25, 32, 26, 32, 29, 33, 3, 33, 9, 33, 15,
		33, 16, 33, 19, 33, 21, 33, 23, 33, 24, 33, 30, 33, 31, 33, 32, 34, 9, 34, 10, 34, 14, 34, 15, 34, 16, 34, 19, 34, 20, 34, 21,
		34, 23, 34, 24, 34, 27, 34, 28, 34, 29, 34, 30, 34, 31, 34, 32, 34, 33}
	var es []Edge
	for i := 0; i < len(pairs); i += 2 {
		es = append(es, Edge{pairs[i] - 1, pairs[i+1] - 1, 1})
	}
	for seed := range uint64(10) {
		if q := modularity(34, es, Partition(34, es, 1, seed)); q < .4155 || q > .41979 {
			t.Errorf("seed %d: modularity %.4f, the best is .4198", seed, q)
		}
	}
}

func modularity(n int, es []Edge, part []int32) float64 {
	g, gamma := weighed(n, es, 1)
	return 2 * g.quality(part, gamma) * gamma
}

// weighed is the graph as Partition sees it, and its gamma.
func weighed(n int, es []Edge, resolution float64) (*graph, float64) {
	g, total := newGraph(n, es), 0.0
	for v := range n {
		g.mass[v] = g.strength(v)
		total += g.mass[v]
	}
	return g, resolution / max(total, 1e-30)
}

// A planted partition is found again although half of each node's edges lead
// elsewhere.
func TestPlantedCommunities(t *testing.T) {
	const n, k = 2000, 20
	es := planted(n, k, 20, .5)
	part := Partition(n, es, 1, 7)
	agree := 0
	r := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		a, b := r.IntN(n), r.IntN(n)
		if (part[a] == part[b]) == (a%k == b%k) {
			agree++
		}
	}
	if agree < 19900 {
		t.Errorf("%d of 20000 pairs of nodes are told right", agree)
	}
}

func planted(n, k, degree int, mixed float64) []Edge {
	r := rand.New(rand.NewPCG(3, 4))
	var es []Edge
	for v := range n {
		for range degree / 2 {
			u := r.IntN(n)
			if r.Float64() >= mixed {
				u = u/k*k + v%k
			}
			es = append(es, Edge{int32(v), int32(u % n), .5 + r.Float32()})
		}
	}
	return es
}

// What is no evidence is left out, and no graph stops or breaks it.
func TestHostileGraphs(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	if Partition(0, []Edge{{0, 1, 1}}, 1, 1) != nil || Partition(-3, nil, 1, 1) != nil {
		t.Error("no nodes, but an answer")
	}
	bad := []Edge{{0, 0, 5}, {0, 1, 0}, {1, 2, -1}, {0, 2, nan}, {0, 2, inf}, {-1, 0, 1}, {0, 3, 1}, {math.MaxInt32, math.MinInt32, 1}}
	for _, f := range []func(int, []Edge, float64, uint64) []int32{Partition, PartitionCPM} {
		if got := f(3, bad, 1, 1); !slices.Equal(got, []int32{0, 1, 2}) {
			t.Errorf("edges that are none joined nodes: %v", got)
		}
		for _, resolution := range []float64{0, -1, math.NaN()} {
			if got := f(4, []Edge{{0, 2, 1}, {1, 3, .1}}, resolution, 1); !slices.Equal(got, []int32{0, 1, 0, 1}) {
				t.Errorf("resolution %v: %v, want the connected components", resolution, got)
			}
		}
		if got := f(3, cliques(1, 3), math.Inf(1), 1); !slices.Equal(got, []int32{0, 1, 2}) {
			t.Errorf("infinite resolution: %v", got)
		}
		for _, w := range []float32{math.SmallestNonzeroFloat32, 1e-30, 3e38} {
			es := cliques(2, 4, Edge{0, 4, 1})
			for i := range es {
				es[i].W = w
			}
			if got := f(8, es, min(1, float64(w)/2), 1); len(got) != 8 || got[3] != got[0] {
				t.Errorf("weights of %g: %v", w, got)
			}
		}
	}
	var star []Edge
	for v := int32(1); v < 1000; v++ {
		star = append(star, Edge{0, v, 1})
	}
	if got := Partition(1000, star, 1, 1); slices.Max(got) > 31 {
		t.Errorf("a star falls into %d", slices.Max(got)+1)
	}
	if got := Partition(150, cliques(1, 150), 1, 1); slices.Max(got) != 0 {
		t.Errorf("a complete graph falls into %d", slices.Max(got)+1)
	}
}

// drawGraph draws any graph, with edges that are none among them.
func drawGraph(t *rapid.T) (int, []Edge) {
	n := rapid.IntRange(1, 40).Draw(t, "n")
	node := rapid.Int32Range(0, int32(n)) // n does not exist
	weight := rapid.SampledFrom([]float32{-1, 0, 1e-3, .3, 1, 1, 2, 1e6, float32(math.NaN())})
	return n, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Edge {
		return Edge{node.Draw(t, "a"), node.Draw(t, "b"), weight.Draw(t, "w")}
	}), 0, 150).Draw(t, "edges")
}

func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, es := drawGraph(t)
		resolution := rapid.Float64Range(0, 5).Draw(t, "resolution")
		seed := rapid.Uint64().Draw(t, "seed")
		g, gamma := weighed(n, es, resolution)
		part := Partition(n, es, resolution, seed)
		if !slices.Equal(part, Partition(n, es, resolution, seed)) {
			t.Fatal("the same question, another answer")
		}
		isPartition(t, g, part)
		notWorse(t, g, part, gamma, seed)

		for v := range g.mass {
			g.mass[v] = 1
		}
		part = PartitionCPM(n, es, resolution, seed)
		isPartition(t, g, part)
		notWorse(t, g, part, resolution, seed)
	})
}

// isPartition: numbered by first nodes, and each community connected.
func isPartition(t *rapid.T, g *graph, part []int32) {
	if len(part) != g.nodes() {
		t.Fatalf("%d nodes answered for %d", len(part), g.nodes())
	}
	next := int32(0)
	for _, c := range part {
		if c > next || c < 0 {
			t.Fatalf("not numbered by first nodes: %v", part)
		}
		if c == next {
			next++
		}
	}
	if !slices.Equal(part, g.split(part)) {
		t.Fatalf("a community falls apart: %v", part)
	}
}

func notWorse(t *rapid.T, g *graph, part []int32, gamma float64, seed uint64) {
	once := singles(g.nodes())
	newMover(g, once, gamma).run(rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)))
	q, slack := g.quality(part, gamma), 0.0
	for _, w := range g.w {
		slack += 1e-6 * float64(w)
	}
	if one := g.quality(singles(g.nodes()), gamma); q < one-slack {
		t.Fatalf("quality %g, of single nodes %g", q, one)
	}
	if moved := g.quality(once, gamma); q < moved-slack {
		t.Fatalf("quality %g, after one pass of moves %g", q, moved)
	}
}

// Before the last repair, too: refinement keeps parts connected, so that only
// rounding and ties are left to split.
func TestRefinedPartsAreConnected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, es := drawGraph(t)
		g, gamma := weighed(n, es, rapid.Float64Range(0, 3).Draw(t, "resolution"))
		part := rapid.SliceOfN(rapid.Int32Range(0, int32(min(n, 4)-1)), n, n).Draw(t, "part")
		refined, _ := newRefiner(g, part, gamma).run(rand.New(rand.NewPCG(1, 2)))
		isPartition(t, g, refined)
		for v, c := range refined {
			if part[slices.Index(refined, c)] != part[v] {
				t.Fatalf("a refined part reaches over %v: %v", part, refined)
			}
		}
	})
}

func BenchmarkPartition50k(b *testing.B) {
	es := planted(50_000, 1500, 20, .4)
	b.ReportAllocs()
	for b.Loop() {
		Partition(50_000, es, 1, 1)
	}
}
