package eval

import (
	"fmt"
	"math"
	"strings"
)

// Logistic is a probability of features: 1/(1+exp(−(Bias+Coef·x))).
type Logistic struct {
	Bias float64   `json:"bias"`
	Coef []float64 `json:"coef"`
}

// Go is the function as dedup/accept.go has it.
func (l Logistic) Go() string {
	coef := make([]string, len(l.Coef))
	for i, c := range l.Coef {
		coef[i] = strings.TrimSuffix(fmt.Sprintf("%.3f", c), ".000")
	}
	return fmt.Sprintf("logistic{bias: %.3f, coef: []float64{%s}}", l.Bias, strings.Join(coef, ", "))
}

func (l Logistic) probability(x []float64) float64 {
	z := l.Bias
	for i, c := range l.Coef {
		z += c * x[i]
	}
	return 1 / (1 + math.Exp(-z))
}

const (
	penalty  = 1  // L2, on features of spread 1; the bias is free
	newton   = 50 // steps at most
	unmoved  = 1e-7
	constant = 1e-9 // a spread that is none
)

// fitLogistic fits a logistic regression by Newton's method; the features of
// without stay out. There must be rows.
func fitLogistic(rows [][]float64, right []bool, without []int) Logistic {
	k := len(rows[0])
	mean, spread := moments(rows, without)
	w, z := make([]float64, k+1), make([]float64, k+1) // the bias first
	for range newton {
		gradient, hessian := make([]float64, k+1), make([][]float64, k+1)
		for j := range hessian {
			hessian[j] = make([]float64, j+1)
			if hessian[j][j] = constant; j > 0 {
				gradient[j], hessian[j][j] = penalty*w[j], penalty
			}
		}
		for i, row := range rows {
			z[0] = 1
			for j, x := range row {
				z[j+1] = (x - mean[j]) / spread[j]
			}
			p := 1 / (1 + math.Exp(-dot(w, z)))
			for a := range z {
				gradient[a] += (p - float64(one(right[i]))) * z[a]
				for b := range a + 1 {
					hessian[a][b] += p * (1 - p) * z[a] * z[b]
				}
			}
		}
		moved := 0.0
		for j, step := range solve(hessian, gradient) {
			w[j] -= step
			moved = max(moved, math.Abs(step))
		}
		if moved < unmoved {
			break
		}
	}
	l := Logistic{Bias: w[0], Coef: make([]float64, k)}
	for j := range l.Coef {
		l.Coef[j] = w[j+1] / spread[j]
		l.Bias -= l.Coef[j] * mean[j]
	}
	return l
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// moments are the mean and spread of each feature; a feature that stays out has
// so great a spread that it is always 0.
func moments(rows [][]float64, without []int) (mean, spread []float64) {
	k, n := len(rows[0]), float64(len(rows))
	mean, spread = make([]float64, k), make([]float64, k)
	for _, r := range rows {
		for j, x := range r {
			mean[j] += x / n
		}
	}
	for _, r := range rows {
		for j, x := range r {
			spread[j] += (x - mean[j]) * (x - mean[j]) / n
		}
	}
	for j := range spread {
		if spread[j] = math.Sqrt(spread[j]); spread[j] < constant {
			spread[j] = 1
		}
	}
	for _, j := range without {
		spread[j] = math.Inf(1)
	}
	return mean, spread
}

// solve returns x of a·x = b for a symmetric positive a, of which the lower half
// is given, by Cholesky's method.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	l, x := make([][]float64, n), make([]float64, n)
	for i := range n {
		l[i] = make([]float64, i+1)
		for j := range i + 1 {
			sum := a[i][j] - dot(l[i][:j], l[j][:j])
			if i == j {
				l[i][i] = math.Sqrt(max(sum, 1e-12))
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
		x[i] = (b[i] - dot(l[i][:i], x[:i])) / l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k][i] * x[k]
		}
		x[i] /= l[i][i]
	}
	return x
}
