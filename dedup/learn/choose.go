package learn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// strengths are how much one decision may weigh against the prior, by how many
// there are.
func strengths(n int) [3]float64 {
	most := min(2, float64(n)/400)
	return [3]float64{most / 16, most / 4, most}
}

// Of few decisions nothing is believed, of enough what they prove: among so few
// even a gain that looks certain is often none.
const few, enough = 100, 200

// sure is how many standard errors a gain must be for it to be believed whole.
const sure = 2

func believed(n int, gain, doubt float64) float64 {
	if gain <= 0 || n <= few {
		return 0
	}
	return min(1, gain/(sure*doubt)) * min(1, float64(n-few)/(enough-few))
}

// many decisions are enough to leave out one fifth of them only.
const many = 2000

// choose leaves out a fifth of the decisions in turn and looks with which
// strength those are ordered best. It returns that and how much to believe what
// is learned with it: 0 to 1, by how sure it is that it orders better than the
// prior. With few decisions nothing may be learned that only seems so.
func (d *design) choose(features int) (strength, trust float64) {
	n, rounds := len(d.same), 5
	if n >= many {
		rounds = 1
	}
	order := rand.New(rand.NewPCG(3, 4)).Perm(n)
	out := order[:n*rounds/5]
	same, prior := pick(d.same, out), pick(d.offset, out)
	before, most := placements(prior, same), 0.0
	for _, c := range strengths(n) {
		gain, doubt := surplus(before, placements(d.leftOut(features, c, order, rounds), same), same)
		believed := believed(n, gain, doubt)
		if believed > 0 && gain*believed > most { // false for NaN: an answer is not among those left out
			strength, trust, most = c, believed, gain*believed
		}
	}
	return strength, trust
}

func pick[T any](of []T, which []int) []T {
	out := make([]T, len(which))
	for k, i := range which {
		out[k] = of[i]
	}
	return out
}

// leftOut is the log-odds of the first rounds fifths of order, each by a model
// that has learned from the other four.
func (d *design) leftOut(features int, c float64, order []int, rounds int) []float64 {
	n := len(order)
	var z []float64
	for r := range rounds {
		out := order[n*r/5 : n*(r+1)/5]
		use := make([]bool, n)
		for i := range use {
			use[i] = true
		}
		for _, i := range out {
			use[i] = false
		}
		w := d.descend(features, c, use)
		for _, i := range out {
			z = append(z, d.offset[i]+d.dot(w, i))
		}
	}
	return z
}

// placements is, for each example, the share of those with the other answer
// that it is on the right side of; ties count half. Their mean over either
// answer is how often a pair that says the same is above one that does not.
func placements(z []float64, same []bool) []float64 {
	order := make([]int, len(z))
	total := [2]float64{}
	for i := range order {
		order[i] = i
		total[side(same[i])]++
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	p := make([]float64, len(z))
	below := [2]float64{}
	for i := 0; i < len(order); {
		k, tied := i, [2]float64{}
		for ; k < len(order) && z[order[k]] == z[order[i]]; k++ {
			tied[side(same[order[k]])]++
		}
		for ; i < k; i++ {
			e := order[i]
			other := 1 - side(same[e])
			p[e] = (below[other] + tied[other]/2) / total[other]
			if !same[e] {
				p[e] = 1 - p[e]
			}
		}
		below[0], below[1] = below[0]+tied[0], below[1]+tied[1]
	}
	return p
}

func side(same bool) int {
	if same {
		return 1
	}
	return 0
}

// surplus is how much better the order of after is, and the standard error of
// that (DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more
// correlated receiver operating characteristic curves", Biometrics 44, 1988).
func surplus(before, after []float64, same []bool) (gain, doubt float64) {
	var n, sum, square [2]float64
	for i, b := range before {
		s, x := side(same[i]), after[i]-b
		n[s]++
		sum[s] += x
		square[s] += x * x
	}
	for s := range n {
		mean := sum[s] / n[s]
		doubt += (square[s]/n[s] - mean*mean) / (n[s] - 1)
	}
	return sum[1] / n[1], math.Sqrt(max(0, doubt))
}
