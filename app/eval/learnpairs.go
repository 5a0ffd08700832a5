package eval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/heedhq/heed/dedup/learn"
)

// askedPairs is one in how many pairs, the last of a file, are asked about.
const askedPairs = 5

// LearningPairs measures what decisions on pairs of texts teach: Spearman's
// correlation of the score and what people said of the last fifth of a file, after
// as many decisions of the others as points say.
func LearningPairs(ctx context.Context, o Options, path string, points []int) (t Table, err error) {
	pairs, err := read[pair](path)
	if err != nil {
		return t, err
	}
	points = slices.Compact(slices.Sorted(slices.Values(points)))
	asked := len(pairs) / askedPairs
	if most := len(pairs) - asked; asked == 0 || len(points) == 0 || points[0] < 0 || points[len(points)-1] > most {
		return t, fmt.Errorf("decisions: %v of %d pairs: give numbers from 0 to %d, so that a fifth is left to ask about", points, len(pairs), most)
	}
	h, err := newHouse()
	if err != nil {
		return t, err
	}
	es, err := h.examples(ctx, o, pairs)
	if err != nil {
		return t, err
	}
	said := make([]float64, asked)
	for i := range es {
		es[i].Same = pairs[i].Label == 1
	}
	es, rest := es[:len(es)-asked], es[len(es)-asked:]
	for i := range rest {
		said[i] = float64(one(rest[i].Same))
	}
	t = Table{Measurement: "learning", Of: "decisions", Columns: shares("Spearman"),
		Conditions: fmt.Sprintf("%s, the last %d of %d pairs asked, learned from the first", name(path), asked, len(pairs))}
	for _, n := range points {
		model := learn.Fit(es[:n])
		scores := make([]float64, asked)
		for i := range rest {
			scores[i] = model.Score(rest[i].Dense, rest[i].A, rest[i].B)
		}
		t.add(fmt.Sprint(n), spearman(scores, said))
	}
	return t, nil
}

// spearman is the correlation of the places of a and b in their orders; NaN when
// either is all the same.
func spearman(a, b []float64) float64 {
	a, b = places(a), places(b)
	mean := float64(len(a)-1) / 2
	both, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		x, y := a[i]-mean, b[i]-mean
		both, aa, bb = both+x*y, aa+x*x, bb+y*y
	}
	return both / math.Sqrt(aa*bb)
}

// places are where each value stands among all, from 0; equal ones share theirs.
func places(of []float64) []float64 {
	order := make([]int, len(of))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(of[x], of[y]) })
	out := make([]float64, len(of))
	for i := 0; i < len(order); {
		n := i
		for n < len(order) && of[order[n]] == of[order[i]] {
			n++
		}
		for _, at := range order[i:n] {
			out[at] = float64(i+n-1) / 2
		}
		i = n
	}
	return out
}
