package encoder

import "math"

func (plain) attend(out, qkv, weights []float32, n, dim int) {
	size := dim / heads
	scale := float32(1 / math.Sqrt(float64(size)))
	for h := range heads {
		for i := range n {
			q := qkv[i*3*dim+h*size:][:size]
			for j := range n {
				weights[j] = float32(dot(q, qkv[j*3*dim+dim+h*size:][:size]) * scale)
			}
			total := softmax(weights, n)
			o := out[i*dim+h*size:][:size]
			clear(o)
			for j := range n {
				gather(o, qkv[j*3*dim+2*dim+h*size:][:size], weights[j])
			}
			for t := range o {
				o[t] /= total
			}
		}
	}
}

// dot multiplies a with b, of one length, a multiple of lanes.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(a) >= lanes && len(b) >= lanes {
		s0 += float32(a[0] * b[0])
		s1 += float32(a[1] * b[1])
		s2 += float32(a[2] * b[2])
		s3 += float32(a[3] * b[3])
		s4 += float32(a[4] * b[4])
		s5 += float32(a[5] * b[5])
		s6 += float32(a[6] * b[6])
		s7 += float32(a[7] * b[7])
		a, b = a[lanes:], b[lanes:]
	}
	return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
}

// gather adds w times v to o.
func gather(o, v []float32, w float32) {
	v = v[:len(o)]
	for t := range o {
		o[t] += float32(w * v[t])
	}
}

// softmax sets the first n weights to exp(weight - greatest) and returns their
// sum. The weights up to the next multiple of lanes become 0, so that kernels may
// take whole lanes.
func softmax(w []float32, n int) float32 {
	most := w[0]
	for _, v := range w[1:n] {
		most = max(most, v)
	}
	end := (n + lanes - 1) / lanes * lanes
	var s [lanes]float32
	for i := range w[:end] {
		if i >= n {
			w[i] = 0
			continue
		}
		w[i] = exp(w[i] - most)
		s[i%lanes] += w[i]
	}
	return sum(&s)
}

// Coefficients of exp: 2^n * e^r, |r| <= ln 2 / 2, e^r by a polynomial good to one
// unit in the last place.
const (
	log2e  = 1.44269504088896341
	ln2Hi  = 0.693359375 // few bits, so that n*ln2Hi is exact
	ln2Lo  = -2.12194440e-4
	expLow = -87 // below this, e^x is as good as 0
	e5     = 1.9875691500e-4
	e4     = 1.3981999507e-3
	e3     = 8.3334519073e-3
	e2     = 4.1665795894e-2
	e1     = 1.6666665459e-1
	e0     = 5.0000001201e-1
)

// exp is e^x for x <= 0, the same bits on every machine, which math.Exp does not
// promise.
func exp(x float32) float32 {
	x = max(x, expLow)
	n := roundEven(float32(x * log2e))
	f := float32(n)
	r := x - float32(f*ln2Hi)
	r -= float32(f * ln2Lo)
	p := float32(e5)
	p = float32(p*r) + e4
	p = float32(p*r) + e3
	p = float32(p*r) + e2
	p = float32(p*r) + e1
	p = float32(p*r) + e0
	p = float32(float32(p*r)*r) + r
	return float32((p + 1) * math.Float32frombits(uint32(n+127)<<23))
}

// squash sets v to tanh(v) at length 1.
func squash(v []float32) {
	var sq float64
	for i, x := range v {
		t := tanh(x)
		v[i] = t
		sq += float64(t) * float64(t)
	}
	if !(sq > 1e-24) { // weights made to harm; a direction all the same
		clear(v)
		v[0] = 1
		return
	}
	inv := float32(1 / math.Sqrt(sq))
	for i := range v {
		v[i] *= inv
	}
}

// tanh by exp, and near 0, where that would cancel, by its series.
func tanh(x float32) float32 {
	a := float32(math.Abs(float64(x)))
	var t float32
	if a < .125 {
		sq := float32(a * a)
		t = float32(sq*(-17.0/315)) + 2.0/15
		t = float32(t*sq) - 1.0/3
		t = float32(float32(t*sq)*a) + a
	} else {
		e := exp(-2 * a)
		t = (1 - e) / (1 + e)
	}
	return float32(math.Copysign(float64(t), float64(x)))
}
