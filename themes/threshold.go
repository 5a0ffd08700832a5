package themes

import (
	"cmp"
	"math"
	"slices"
)

const (
	// LeastDecisions is how many decisions there must be before anything joins a
	// theme by itself.
	LeastDecisions = 200
	// Promised is the share of what joins by itself that shall belong there.
	Promised = .97

	doubt     = .05 // chance that a worse threshold looks as good as this one
	lastRight = .9  // of the lowest ones that would join must be right
)

// outcome is a decision on something that had nothing but its score against it.
type outcome struct {
	score float64
	right bool
}

// threshold is the lowest score from which on those at or above it keep what is
// Promised, with how many these are and how many of them are right; 0 when there
// is none.
//
// A share of right ones alone would be too good to be true: of a few decisions
// many are all right by chance, and of many thresholds one is. So it must be
// unlikely (doubt) that as few go wrong although fewer than Promised belong there:
// the exact bound of Clopper and Pearson, which asks for 99 decisions without a
// miss, 157 with one. An isotonic curve of the probability has no such bound, and
// with few decisions follows the last of them. Because the bound is on all of them
// together, the lowest ones, those of the threshold's own score, the last ten and
// the last fifty, are looked at for themselves as well: many that are sure must
// not carry some that are not.
func threshold(os []outcome) (at float64, above, right int) {
	os = slices.Clone(os)
	slices.SortFunc(os, func(a, b outcome) int { return cmp.Compare(b.score, a.score) })
	wrong := make([]int, len(os)+1) // among the first n
	equal := 0                      // of one score so far
	for i, o := range os {
		wrong[i+1] = wrong[i]
		if !o.right {
			wrong[i+1]++
		}
		n := i + 1
		if equal++; n < len(os) && os[n].score == o.score || o.score <= 0 {
			continue // all of a score or none
		}
		ok := keeps(n, wrong[n])
		for _, last := range []int{equal, min(n, 10), min(n, 50)} {
			ok = ok && float64(wrong[n]-wrong[n-last]) <= (1-lastRight)*float64(last)+1e-9
		}
		if equal = 0; ok {
			at, above, right = o.score, n, n-wrong[n]
		}
	}
	return at, above, right
}

// keeps reports whether so few wrong ones of n are unlikely unless what is
// Promised is kept.
func keeps(n, wrong int) bool {
	miss := 1 - Promised
	if float64(wrong) > miss*float64(n) {
		return false
	}
	sum := 0.0 // of the binomial probabilities of 0 … wrong misses
	term := float64(n) * math.Log1p(-miss)
	for k := 0; ; k++ {
		sum += math.Exp(term)
		if sum > doubt {
			return false
		}
		if k == wrong {
			return true
		}
		term += math.Log(float64(n-k)/float64(k+1)) + math.Log(miss/(1-miss))
	}
}
