package cluster_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/dedup/cluster"
)

// planted are items of k groups: alike within, a little alike between.
func planted(n, k int, r *rand.Rand) func(i int) []cluster.Neighbour {
	return func(i int) (out []cluster.Neighbour) {
		for j := range n {
			s := .2 + .3*r.Float64()
			if i%k == j%k {
				s = 1.4 + .4*r.Float64()
			}
			out = append(out, cluster.Neighbour{Item: j, S: s})
		}
		return out
	}
}

// clusters are the groups of n items.
func clusters(n int, near func(i int) []cluster.Neighbour, o cluster.Options) []int32 {
	g := cluster.NewGraph(n, o)
	for i := range n {
		g.Near(i, near(i))
	}
	return g.Clusters()
}

func TestPlantedGroupsAreFound(t *testing.T) {
	for _, n := range []int{60, 1200} { // by average linkage, by Leiden
		k := 6 * n / 60
		got := clusters(n, planted(n, k, rand.New(rand.NewPCG(1, 2))), cluster.Options{})
		for i := range n {
			if got[i] != int32(i%k) {
				t.Fatalf("%d items: item %d is in group %d, want %d", n, i, got[i], i%k)
			}
		}
	}
}

// What one item says of another counts for nothing until the other says it too,
// among many; a hub near to everybody chains nothing together.
func TestAHubChainsNothingTogether(t *testing.T) {
	near := planted(900, 45, rand.New(rand.NewPCG(3, 4)))
	got := clusters(901, func(i int) []cluster.Neighbour {
		if i == 900 {
			return near(0)
		}
		return append(near(i), cluster.Neighbour{Item: 900, S: 2})
	}, cluster.Options{})
	groups := map[int32]bool{}
	for _, g := range got[:900] {
		groups[g] = true
	}
	if len(groups) != 45 {
		t.Errorf("%d groups, want 45", len(groups))
	}
}

// Whatever is said, in whatever order, every item has a group, and saying it
// again changes nothing.
func TestAnythingMayBeSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "items")
		few := rapid.SampledFrom([]int{-1, 0}).Draw(t, "few")
		said := make([][]cluster.Neighbour, n)
		for i := range said {
			for range rapid.IntRange(0, 8).Draw(t, "near") {
				s := rapid.SampledFrom([]float64{-1, 0, .5, 1, 2.4, math.NaN(), math.Inf(1)}).Draw(t, "s")
				said[i] = append(said[i], cluster.Neighbour{Item: rapid.IntRange(-2, n+1).Draw(t, "item"), S: s})
			}
		}
		o := cluster.Options{Few: few, Neighbours: 5}
		a := clusters(n, func(i int) []cluster.Neighbour { return said[i] }, o)
		g := cluster.NewGraph(n, o)
		for i := range slices.Backward(said) {
			g.Near(i, said[i])
			g.Near(i, said[i])
		}
		if b := g.Clusters(); len(a) != n || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%v then %v", a, b)
		}
		g.Edges(func(a, b int, s float64) {
			back := 0.0
			g.Of(b, func(c int, s float64) {
				if c == a {
					back = s
				}
			})
			if a >= b || s <= 0 || back != s {
				t.Fatalf("edge %d %d %f, back %f", a, b, s, back)
			}
		})
	})
}
