package dedup

import "math"

// fitLogistic fits a logistic regression with an L2 penalty of l2 on the
// standardised features (the bias free) by Newton's method. It returns the
// coefficients for the features as they are. rows must not be empty.
func fitLogistic(rows [][]float64, right []bool, l2 float64) (bias float64, coef []float64) {
	n, k := len(rows), len(rows[0])
	mean, dev := spread(rows)
	w := make([]float64, k+1)
	z := make([]float64, k+1)
	for range 30 {
		grad, hess := make([]float64, k+1), make([][]float64, k+1)
		for j := range hess {
			hess[j] = make([]float64, k+1)
			if j > 0 {
				grad[j], hess[j][j] = l2*w[j], l2
			}
			hess[j][j] += 1e-9
		}
		for i := range n {
			z[0] = 1
			dot := w[0]
			for j, x := range rows[i] {
				z[j+1] = (x - mean[j]) / dev[j]
				dot += w[j+1] * z[j+1]
			}
			p := 1 / (1 + math.Exp(-dot))
			e := p
			if right[i] {
				e--
			}
			for a := range z {
				grad[a] += e * z[a]
				for b := range a + 1 {
					hess[a][b] += p * (1 - p) * z[a] * z[b]
				}
			}
		}
		step := solve(hess, grad)
		most := 0.0
		for j := range w {
			w[j] -= step[j]
			most = max(most, math.Abs(step[j]))
		}
		if most < 1e-7 {
			break
		}
	}
	coef, bias = make([]float64, k), w[0]
	for j := range coef {
		coef[j] = w[j+1] / dev[j]
		bias -= coef[j] * mean[j]
	}
	return bias, coef
}

func spread(rows [][]float64) (mean, dev []float64) {
	k := len(rows[0])
	mean, dev = make([]float64, k), make([]float64, k)
	for _, r := range rows {
		for j, x := range r {
			mean[j] += x / float64(len(rows))
		}
	}
	for _, r := range rows {
		for j, x := range r {
			dev[j] += (x - mean[j]) * (x - mean[j]) / float64(len(rows))
		}
	}
	for j := range dev {
		if dev[j] = math.Sqrt(dev[j]); dev[j] < 1e-9 {
			dev[j] = 1
		}
	}
	return mean, dev
}

// solve returns x of a·x = b for a symmetric positive a, of which the lower half
// is given, by Cholesky's method.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	l := make([][]float64, n)
	for i := range n {
		l[i] = make([]float64, i+1)
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(max(sum, 1e-12))
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
	}
	x := make([]float64, n)
	for i := range n {
		sum := b[i]
		for k := range i {
			sum -= l[i][k] * x[k]
		}
		x[i] = sum / l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		sum := x[i]
		for k := i + 1; k < n; k++ {
			sum -= l[k][i] * x[k]
		}
		x[i] = sum / l[i][i]
	}
	return x
}
