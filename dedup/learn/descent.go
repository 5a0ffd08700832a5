package learn

import (
	"math"
	"math/rand/v2"
)

// design holds the examples as sparse rows: those of example i are from[i] to
// from[i+1] of id and x.
type design struct {
	from   []int
	id     []int32   // of the feature
	x      []float32 // its value
	same   []bool
	offset []float64 // what the prior says, in logits
}

const (
	maxSweeps = 40
	settled   = 1e-2 // greatest change of a dual variable's logit in the last sweep
)

// descend returns the w that makes ½|w|² + c·Σ ln(1 + exp(−y·(offset + w·x)))
// least, y being 1 for the same and −1 for not: logistic regression, by dual
// coordinate descent (Yu, Huang, Lin, "Dual coordinate descent methods for
// logistic regression and maximum entropy models", Machine Learning 85, 2011).
func (d *design) descend(features int, c float64, use []bool) []float64 {
	n := len(d.same)
	w := make([]float64, features)
	square := make([]float64, n)
	dual := make([]float64, n) // as logits: the dual variable is c·sigmoid(dual)
	var order []int32
	for i := range n {
		if use != nil && !use[i] {
			continue
		}
		order = append(order, int32(i))
		dual[i] = -d.sign(i) * d.offset[i]
		d.add(w, i, d.sign(i)*c*sigmoid(dual[i]))
		for _, x := range d.x[d.from[i]:d.from[i+1]] {
			square[i] += float64(x) * float64(x)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range maxSweeps {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		most := 0.0
		for _, i := range order {
			i := int(i)
			was := c * sigmoid(dual[i])
			t := solve(d.sign(i)*(d.offset[i]+d.dot(w, i)), was, c, square[i], dual[i])
			most = max(most, math.Abs(t-dual[i]))
			dual[i] = t
			d.add(w, i, d.sign(i)*(c*sigmoid(t)-was))
		}
		if most < settled {
			break
		}
	}
	return w
}

// solve solves t + margin + q·(c·sigmoid(t) − was) = 0, which rises with t, by
// Newton's method kept between bounds.
func solve(margin, was, c, q, t float64) float64 {
	low, high := -margin-q*(c-was), -margin+q*was
	t = min(high, max(low, t))
	for range 30 {
		p := sigmoid(t)
		f := t + margin + q*(c*p-was)
		if f > 0 {
			high = t
		} else {
			low = t
		}
		step := f / (1 + q*c*p*(1-p))
		next := t - step
		if next < low || next > high {
			next = (low + high) / 2
		}
		if math.Abs(next-t) < 1e-9 {
			return next
		}
		t = next
	}
	return t
}

func (d *design) put(id int, x float64) {
	d.id, d.x = append(d.id, int32(id)), append(d.x, float32(x))
}

func (d *design) sign(i int) float64 {
	if d.same[i] {
		return 1
	}
	return -1
}

func (d *design) dot(w []float64, i int) float64 {
	sum := 0.0
	for k := d.from[i]; k < d.from[i+1]; k++ {
		sum += w[d.id[k]] * float64(d.x[k])
	}
	return sum
}

func (d *design) add(w []float64, i int, by float64) {
	for k := d.from[i]; k < d.from[i+1]; k++ {
		w[d.id[k]] += by * float64(d.x[k])
	}
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
