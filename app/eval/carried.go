package eval

import (
	"cmp"
	"slices"

	"github.com/heedhq/heed/dedup"
)

// promised is the share of what joins that shall belong there.
const promised = .97

// most is the greatest recall that any threshold reaches while what is promised is
// kept, on these very texts: the bound of what a threshold carried to others can.
func most(vs []verdict) float64 {
	var scored []*verdict
	belong := 0
	for i := range vs {
		v := &vs[i]
		belong += one(v.asked && v.belongs)
		if v.asked && v.voted >= dedup.LeastVoted {
			scored = append(scored, v)
		}
	}
	slices.SortFunc(scored, func(a, b *verdict) int { return cmp.Compare(b.score, a.score) })
	right, best := 0, 0
	for i, v := range scored {
		right += one(v.right())
		if last := i+1 == len(scored) || scored[i+1].score != v.score; last && float64(right) >= promised*float64(i+1) {
			best = right
		}
	}
	return share(best, belong)
}
