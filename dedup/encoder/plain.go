package encoder

import "math"

// plain is arithmetic in Go alone, for every machine. It also says in which order
// the other kernels must add. A conversion to float32 around a product is not
// idle: it forbids the compiler to fuse the product into the sum, which would
// change the last bit on some machines.
type plain struct{}

func (plain) name() string { return "plain" }

// coupled is how many rows multiply takes at a time: widened to 64 bits, they still
// fit into the second-nearest cache.
const coupled = 16

// multiply packs two outputs into one 64-bit word, 32 bits apart, so that one
// multiplication serves both: x*(a + b<<32) = x*a + (x*b)<<32. Sums fit into 32
// bits each (limitOf), so they come apart again exactly.
func (plain) multiply(y []float32, x *rows, m *matrix) {
	p := x.pairs[:m.in]
	for top := 0; top < x.n; top += coupled {
		n := min(coupled, x.n-top)
		for i := 0; i < n; i += 2 {
			j := min(i+1, n-1) // the last of an odd number of rows goes with itself
			couple(x.couples[i/2*m.in:][:m.in], x.row(top+i, m.in), x.row(top+j, m.in))
		}
		for c := 0; c < m.out; c += panel {
			pack(p, m.panelAt(c))
			for i := 0; i < n; i += 2 {
				j := min(i+1, n-1)
				a0, a1, b0, b1 := dotPairs(x.couples[i/2*m.in:][:m.in], p)
				finish(y[(top+i)*m.out+c:], a0, a1, x.scale[top+i], m, c)
				finish(y[(top+j)*m.out+c:], b0, b1, x.scale[top+j], m, c)
			}
		}
	}
}

// couple puts two rows side by side.
//
//go:norace
func couple(to [][2]int64, a, b []int16) {
	a, b = a[:len(to)], b[:len(to)]
	for k := range to {
		to[k] = [2]int64{int64(a[k]), int64(b[k])}
	}
}

// pack packs a panel of weights, outputs 0 and 1, 2 and 3.
//
//go:norace
func pack(p [][panel / 2]int64, w [][panel][block]int8) {
	for k := range w {
		from, to := &w[k], (*[block][panel / 2]int64)(p[k*block:])
		for t := range to {
			to[t][0] = int64(from[0][t]) + int64(from[1][t])<<32
			to[t][1] = int64(from[2][t]) + int64(from[3][t])<<32
		}
	}
}

// dotPairs multiplies a couple of rows with a packed panel. Two by two is what fits
// into the registers of amd64, and only while the loop has a function of its own.
// Here and in the other innermost loops the race detector would see only weights,
// which never change, and one goroutine's scratch, and would make every test that
// embeds a text twenty times slower.
//
//go:noinline
//go:norace
func dotPairs(x [][2]int64, p [][panel / 2]int64) (a0, a1, b0, b1 int64) {
	x = x[:len(p)]
	for k := range p {
		q, r := p[k][0], p[k][1]
		u, v := x[k][0], x[k][1]
		a0 += u * q
		a1 += u * r
		b0 += v * q
		b1 += v * r
	}
	return a0, a1, b0, b1
}

// finish writes panel outputs of one row.
func finish(y []float32, s0, s1 int64, scale float32, m *matrix, c int) {
	y, w, b := y[:panel], m.scale[c:c+panel], m.bias[c:c+panel]
	for t, s := range [panel]int32{int32(s0), upper(s0), int32(s1), upper(s1)} {
		y[t] = float32(float32(s)*float32(scale*w[t])) + b[t]
	}
}

// upper is the second of the two sums in s.
func upper(s int64) int32 { return int32((s - int64(int32(s))) >> 32) }

func (plain) quantise(q []int16, v []float32, limit float32) float32 {
	var most float32
	for _, x := range v {
		most = max(most, float32(math.Abs(float64(x))))
	}
	if !(most >= 1e-30 && most <= 1e30) { // nothing, or weights made to harm
		clear(q)
		return 0
	}
	inv := limit / most
	q = q[:len(v)]
	for i, x := range v {
		q[i] = int16(roundEven(float32(x * inv)))
	}
	return most / limit
}

// roundEven rounds |x| < 1<<22 to the nearest whole number, halves to the even
// one: adding 1.5*2^23 leaves no room for a fraction.
func roundEven(x float32) int32 {
	const magic = 3 << 22
	return int32(float32(x+magic) - magic)
}

// sum is the order in which lanes are added up.
func sum(s *[lanes]float32) float32 {
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

func (plain) normalise(y, x, scale, bias []float32) {
	var s [lanes]float32
	for i := 0; i+lanes <= len(x); i += lanes {
		for t, v := range x[i : i+lanes] {
			s[t] += v
		}
	}
	mean := sum(&s) / float32(len(x))
	s = [lanes]float32{}
	for i := 0; i+lanes <= len(x); i += lanes {
		for t, v := range x[i : i+lanes] {
			d := v - mean
			s[t] += float32(d * d)
		}
	}
	inv := float32(1 / math.Sqrt(float64(sum(&s)/float32(len(x)))+1e-6))
	y, scale, bias = y[:len(x)], scale[:len(x)], bias[:len(x)]
	for i, v := range x {
		y[i] = float32(float32((v-mean)*inv)*scale[i]) + bias[i]
	}
}

func (plain) add(y, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += x[i]
	}
}

func (plain) rectify(y []float32) {
	for i, v := range y {
		y[i] = max(v, 0)
	}
}
