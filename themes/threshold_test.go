package themes

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Whatever was decided: what a threshold lets join kept, on these decisions, what
// is promised, and it is one that was there.
func TestAThresholdKeepsWhatIsPromised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sure := rapid.Float64Range(0, 1).Draw(t, "sure")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		os := make([]outcome, rapid.IntRange(0, 1500).Draw(t, "decisions"))
		for i := range os {
			s := float64(r.IntN(rapid.IntRange(1, 1000).Draw(t, "steps"))) / 1000
			os[i] = outcome{s, r.Float64() < max(s, sure)}
		}
		at, above, right := threshold(os)
		n, ok := 0, 0
		for _, o := range os {
			if at > 0 && o.score >= at {
				n++
				if o.right {
					ok++
				}
			}
		}
		if n != above || ok != right {
			t.Fatalf("says %d of %d, and it is %d of %d", right, above, ok, n)
		}
		if at > 0 && float64(ok) < Promised*float64(n) {
			t.Fatalf("from %v on %d of %d are right", at, ok, n)
		}
		if at > 0 && n < 99 {
			t.Fatalf("%d decisions are too few to promise anything", n)
		}
	})
}

func TestAThresholdIsSoughtWhereItIsSure(t *testing.T) {
	many := func(n int, score float64, wrong int) (os []outcome) {
		for i := range n {
			os = append(os, outcome{score - float64(i)/1e6, i >= wrong})
		}
		return os
	}
	for _, c := range []struct {
		name  string
		os    []outcome
		found bool
		low   float64 // it is above this
	}{
		{"nothing decided", nil, false, 0},
		{"98 without a miss", many(98, .9, 0), false, 0},
		{"99 without a miss", many(99, .9, 0), true, .89},
		{"156 with one", many(156, .9, 1), false, 0},
		{"three in a hundred are wrong", many(1000, .9, 30), false, 0},
		{"one in a hundred is", many(1000, .9, 10), true, .89},
		{"many that are sure do not carry some that are not", append(many(2000, .95, 0), many(50, .5, 20)...), true, .94},
		{"a score counts whole or not at all", append(many(200, .95, 0), outcome{.9, true}, outcome{.9, false}, outcome{.9, false}, outcome{.9, false}, outcome{.9, false}, outcome{.9, false}, outcome{.9, false}), true, .94},
	} {
		at, _, _ := threshold(c.os)
		if at > 0 != c.found || at < c.low {
			t.Errorf("%s: %v", c.name, at)
		}
	}
}
