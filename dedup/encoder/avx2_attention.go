//go:build goexperiment.simd && amd64

package encoder

import (
	"math"
	"simd/archsimd"
)

func (avx2) attend(out, qkv, weights []float32, n, dim int) {
	size := dim / heads
	factor := float32(1 / math.Sqrt(float64(size)))
	for h := range heads {
		for i := range n {
			q := qkv[i*3*dim+h*size:][:size]
			score(weights, q, qkv[dim+h*size:], n, 3*dim, factor)
			sum := avxSoftmax(weights, n)
			o := out[i*dim+h*size:][:size]
			for t := 0; t < size; t += strip {
				mix((*[strip]float32)(o[t:]), weights[:n], qkv[2*dim+h*size+t:], 3*dim, &sum)
			}
		}
	}
}

// score sets weights to q times each of n keys, stride apart, times factor; up to
// three weights after those are overwritten.
func score(weights, q, keys []float32, n, stride int, factor float32) {
	scale := archsimd.BroadcastFloat32x4(factor)
	key := func(j int) []float32 { return keys[min(j, n-1)*stride:][:len(q)] }
	for j := 0; j < n; j += 4 {
		k0, k1, k2, k3 := key(j), key(j+1), key(j+2), key(j+3)
		var a0, a1, a2, a3 archsimd.Float32x8
		for t := 0; t+lanes <= len(q); t += lanes {
			v := eight(q[t:])
			a0 = a0.Add(v.Mul(eight(k0[t:])))
			a1 = a1.Add(v.Mul(eight(k1[t:])))
			a2 = a2.Add(v.Mul(eight(k2[t:])))
			a3 = a3.Add(v.Mul(eight(k3[t:])))
		}
		s := a0.AddPairsGrouped(a1).AddPairsGrouped(a2.AddPairsGrouped(a3))
		s.GetLo().Add(s.GetHi()).Mul(scale).Store((*[4]float32)(weights[j:]))
	}
	archsimd.ClearAVXUpperBits()
}

const strip = 32 // values that are mixed together: four registers

// mix sets o to the sum of values, stride apart, each times its weight, over the
// sum of the weights.
func mix(o *[strip]float32, weights, values []float32, stride int, sum *float32) {
	var o0, o1, o2, o3 archsimd.Float32x8
	for _, w := range weights {
		v := (*[strip]float32)(values)
		values = values[min(stride, len(values)):]
		p := all(w)
		o0 = o0.Add(p.Mul(eight(v[0:])))
		o1 = o1.Add(p.Mul(eight(v[8:])))
		o2 = o2.Add(p.Mul(eight(v[16:])))
		o3 = o3.Add(p.Mul(eight(v[24:])))
	}
	d := all(*sum)
	store(o0.Div(d), o[0:])
	store(o1.Div(d), o[8:])
	store(o2.Div(d), o[16:])
	store(o3.Div(d), o[24:])
	archsimd.ClearAVXUpperBits()
}

// avxSoftmax is softmax, eight at a time.
func avxSoftmax(w []float32, n int) float32 {
	end := (n + lanes - 1) / lanes * lanes
	for i := n; i < end; i++ {
		w[i] = w[0]
	}
	top := eight(w)
	for i := lanes; i < end; i += lanes {
		top = top.Max(eight(w[i:]))
	}
	exponentials(w[:end], most(top))
	clear(w[n:end])
	var s archsimd.Float32x8
	for i := 0; i < end; i += lanes {
		s = s.Add(eight(w[i:]))
	}
	return total(s)
}

// exponentials sets w to exp(w - top).
func exponentials(w []float32, top float32) {
	t := all(top)
	for i := 0; i+lanes <= len(w); i += lanes {
		store(avxExp(eight(w[i:]).Sub(t)), w[i:])
	}
	archsimd.ClearAVXUpperBits()
}

// avxExp is exp.
func avxExp(x archsimd.Float32x8) archsimd.Float32x8 {
	x = x.Max(all(expLow))
	f := x.Mul(all(log2e)).RoundToEven()
	r := x.Sub(f.Mul(all(ln2Hi))).Sub(f.Mul(all(ln2Lo)))
	p := all(e5).Mul(r).Add(all(e4))
	p = p.Mul(r).Add(all(e3))
	p = p.Mul(r).Add(all(e2))
	p = p.Mul(r).Add(all(e1))
	p = p.Mul(r).Add(all(e0))
	p = p.Mul(r).Mul(r).Add(r)
	power := f.ConvertToInt32().Add(archsimd.BroadcastInt32x8(127)).ShiftAllLeft(23).AsFloat32x8()
	return p.Add(all(1)).Mul(power)
}
