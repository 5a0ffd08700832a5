//go:build goexperiment.simd && amd64

package encoder

import (
	"math"
	"simd/archsimd"
)

// eight loads eight floats.
func eight(s []float32) archsimd.Float32x8 { return archsimd.LoadFloat32x8((*[lanes]float32)(s)) }

func store(v archsimd.Float32x8, s []float32) { v.Store((*[lanes]float32)(s)) }

func all(x float32) archsimd.Float32x8 { return archsimd.BroadcastFloat32x8(x) }

// total adds up the lanes as plain does, and the largest of them is most's. No
// vector may be alive across them.
func total(v archsimd.Float32x8) float32 {
	var s [lanes]float32
	v.Store(&s)
	archsimd.ClearAVXUpperBits()
	return sum(&s)
}

func most(v archsimd.Float32x8) float32 {
	var s [lanes]float32
	v.Store(&s)
	archsimd.ClearAVXUpperBits()
	return max(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7])
}

func (avx2) quantise(q []int16, v []float32, limit float32) float32 {
	var top archsimd.Float32x8
	zero := top
	for i := 0; i+lanes <= len(v); i += lanes {
		x := eight(v[i:])
		top = top.Max(x.Max(zero.Sub(x)))
	}
	m := most(top)
	if !(m >= 1e-30 && m <= 1e30) { // nothing, or weights made to harm
		clear(q)
		return 0
	}
	round(q, v, limit/m)
	return m / limit
}

// round sets q to v times inv, to the nearest whole number.
func round(q []int16, v []float32, inv float32) {
	f := all(inv)
	for i := 0; i+lanes <= len(v); i += lanes {
		x := eight(v[i:]).Mul(f).RoundToEven().ConvertToInt32()
		x.GetLo().SaturateToInt16Concat(x.GetHi()).Store((*[lanes]int16)(q[i:]))
	}
	archsimd.ClearAVXUpperBits()
}

func (avx2) normalise(y, x, scale, bias []float32) {
	var s archsimd.Float32x8
	for i := 0; i+lanes <= len(x); i += lanes {
		s = s.Add(eight(x[i:]))
	}
	mean := total(s) / float32(len(x))
	variance := spread(x, mean) / float32(len(x))
	m, inv := all(mean), all(float32(1/math.Sqrt(float64(variance)+1e-6)))
	for i := 0; i+lanes <= len(x); i += lanes {
		store(eight(x[i:]).Sub(m).Mul(inv).Mul(eight(scale[i:])).Add(eight(bias[i:])), y[i:])
	}
	archsimd.ClearAVXUpperBits()
}

// spread is the sum of the squared distances from the mean.
func spread(x []float32, mean float32) float32 {
	var s archsimd.Float32x8
	m := all(mean)
	for i := 0; i+lanes <= len(x); i += lanes {
		d := eight(x[i:]).Sub(m)
		s = s.Add(d.Mul(d))
	}
	return total(s)
}

func (avx2) add(y, x []float32) {
	for i := 0; i+lanes <= len(y); i += lanes {
		store(eight(y[i:]).Add(eight(x[i:])), y[i:])
	}
	archsimd.ClearAVXUpperBits()
}

func (avx2) rectify(y []float32) {
	var zero archsimd.Float32x8
	for i := 0; i+lanes <= len(y); i += lanes {
		store(eight(y[i:]).Max(zero), y[i:])
	}
	archsimd.ClearAVXUpperBits()
}
