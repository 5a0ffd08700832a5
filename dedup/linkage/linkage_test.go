package linkage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAverage(t *testing.T) {
	points := []float64{0, 1, 10, 11, 12, 30}
	like := func(i, j int) float64 { return -math.Abs(points[i] - points[j]) }
	for threshold, want := range map[float64][]int32{
		1:     {0, 1, 2, 3, 4, 5},
		-1:    {0, 0, 1, 1, 2, 3},
		-1.5:  {0, 0, 1, 1, 1, 2},
		-10.5: {0, 0, 0, 0, 0, 1},
		-99:   {0, 0, 0, 0, 0, 0},
	} {
		if got := Average(6, like, threshold); !slices.Equal(got, want) {
			t.Errorf("at %v: %v, want %v", threshold, got, want)
		}
	}
}

// A row of items each like the next only: one near pair is not enough.
func TestNearPairsDoNotChain(t *testing.T) {
	got := Average(64, func(i, j int) float64 {
		if j == i+1 {
			return 1
		}
		return 0
	}, .4)
	size := make([]int, 64)
	for _, g := range got {
		if size[g]++; size[g] > 3 {
			t.Fatalf("chained: %v", got)
		}
	}
}

func TestHostileSimilarities(t *testing.T) {
	never := func(int, int) float64 { t.Error("asked for a pair of none"); return 0 }
	if got := Average(0, never, 0); got != nil {
		t.Errorf("nobody: %v", got)
	}
	if got := Average(1, never, math.NaN()); !slices.Equal(got, []int32{0}) {
		t.Errorf("one: %v", got)
	}
	for _, s := range []float64{math.NaN(), math.Inf(-1)} {
		if got := Average(5, func(int, int) float64 { return s }, -1e9); slices.Max(got) != 4 {
			t.Errorf("similarity %v joined: %v", s, got)
		}
	}
	if got := Average(50, func(int, int) float64 { return math.Inf(1) }, 1); slices.Max(got) != 0 {
		t.Errorf("all the same: %v", got)
	}
	mixed := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0}
	if got := Average(40, func(i, j int) float64 { return mixed[(i*j)%4] }, .5); len(got) != 40 {
		t.Errorf("mixed: %v", got)
	}
	if got := Average(3, func(int, int) float64 { return 1 }, math.NaN()); !slices.Equal(got, []int32{0, 1, 2}) {
		t.Errorf("threshold that is no number: %v", got)
	}
}

// naive joins the nearest two groups again and again, the slow way.
func naive(n int, s [][]float64, threshold float64) []int32 {
	groups := make([][]int, n)
	for i := range groups {
		groups[i] = []int{i}
	}
	mean := func(a, b []int) float64 {
		sum := 0.0
		for _, i := range a {
			for _, j := range b {
				sum += s[min(i, j)][max(i, j)]
			}
		}
		return sum / float64(len(a)*len(b))
	}
	for len(groups) > 1 {
		x, y, best := 0, 0, math.Inf(-1)
		for j := range groups {
			for i := range j {
				if m := mean(groups[i], groups[j]); m > best {
					x, y, best = i, j, m
				}
			}
		}
		if best < threshold {
			break
		}
		groups[x] = append(groups[x], groups[y]...)
		groups = slices.Delete(groups, y, y+1)
	}
	out := make([]int32, n)
	slices.SortFunc(groups, func(a, b []int) int { return slices.Min(a) - slices.Min(b) })
	for g, members := range groups {
		for _, i := range members {
			out[i] = int32(g)
		}
	}
	return out
}

// It finds what joining the nearest two groups, one pair after the other, finds.
func TestAverageAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 25).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		kinds := rapid.IntRange(1, 5).Draw(t, "kinds")
		s := make([][]float64, n)
		for i := range s {
			s[i] = make([]float64, n)
			for j := range s[i] {
				s[i][j] = r.Float64()
				if i%kinds == j%kinds {
					s[i][j] += .3
				}
			}
		}
		threshold := rapid.Float64Range(0, 1.3).Draw(t, "threshold")
		got := Average(n, func(i, j int) float64 { return s[i][j] }, threshold)
		if want := naive(n, s, threshold); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func BenchmarkAverage500(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	s := make([]float64, 500*500)
	for i := range s {
		s[i] = r.Float64()
	}
	for b.Loop() {
		Average(500, func(i, j int) float64 { return s[i*500+j] }, .6)
	}
}
