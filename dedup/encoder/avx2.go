//go:build goexperiment.simd && amd64

package encoder

import (
	"simd/archsimd"
	"unsafe"
)

// bestKernel returns the fastest kernel this CPU can run.
func bestKernel() kernel {
	if archsimd.X86.AVX2() {
		return avx2{}
	}
	return plain{}
}

// avx2 is plain with eight floats or sixteen whole numbers at a time.
//
// Go's scalar floats use the old SSE encoding, which is ten times slower while the
// upper halves of the registers are in use. So no function below mixes the two:
// it calls ClearAVXUpperBits, with no vector alive, before it goes back to scalars
// or returns.
type avx2 struct{}

func (avx2) name() string { return "avx2" }

func (avx2) multiply(y []float32, x *rows, m *matrix) {
	p := x.words[:m.in/block]
	for c := 0; c < m.out; c += panel {
		extend(p, m.panelAt(c))
		t := tile{scale: (*[panel]float32)(m.scale[c:]), bias: (*[panel]float32)(m.bias[c:])}
		for i := 0; i < x.n; i += 2 {
			j := min(i+1, x.n-1) // the last of an odd number of rows goes with itself
			t.y0, t.s0 = (*[panel]float32)(y[i*m.out+c:]), &x.scale[i]
			t.y1, t.s1 = (*[panel]float32)(y[j*m.out+c:]), &x.scale[j]
			t.run(x.row(i, m.in), x.row(j, m.in), p)
		}
	}
}

// extend writes a panel of weights with 16 bits each.
//
//go:norace
func extend(p [][panel][block]int16, w [][panel][block]int8) {
	w = w[:len(p)]
	for k := range p {
		from, to := &w[k], &p[k]
		archsimd.LoadInt8x16(&from[0]).ExtendToInt16().Store(&to[0])
		archsimd.LoadInt8x16(&from[1]).ExtendToInt16().Store(&to[1])
		archsimd.LoadInt8x16(&from[2]).ExtendToInt16().Store(&to[2])
		archsimd.LoadInt8x16(&from[3]).ExtendToInt16().Store(&to[3])
	}
	archsimd.ClearAVXUpperBits()
}

// tile is two rows of activations times one panel of weights.
type tile struct {
	y0, y1      *[panel]float32
	s0, s1      *float32
	scale, bias *[panel]float32
}

// run needs len(p) blocks in each row. This loop is where the time goes. It walks
// by pointers, because indexing costs a third of the speed; the slices must have
// room for one element more than is read, so that no pointer ever leaves them. The
// comparison in the middle never holds: it only parts the loop, or else the
// compiler puts all eight products before all eight sums, runs out of registers
// and is half as fast.
//
//go:norace
//go:nocheckptr
func (t *tile) run(x0, x1 []int16, p [][panel][block]int16) {
	x0, x1 = x0[:len(p)*block+1], x1[:len(p)*block+1]
	_ = p[:len(p)+1]
	var a0, a1, a2, a3, b0, b1, b2, b3 archsimd.Int32x8
	pa, pb, pw := unsafe.Pointer(&x0[0]), unsafe.Pointer(&x1[0]), unsafe.Pointer(&p[0])
	for range p {
		a, b := archsimd.LoadInt16x16(words(pa)), archsimd.LoadInt16x16(words(pb))
		w := archsimd.LoadInt16x16(words(pw))
		pw = unsafe.Add(pw, size)
		a0, b0 = a0.Add(a.DotProductPairs(w)), b0.Add(b.DotProductPairs(w))
		w = archsimd.LoadInt16x16(words(pw))
		pw = unsafe.Add(pw, size)
		a1, b1 = a1.Add(a.DotProductPairs(w)), b1.Add(b.DotProductPairs(w))
		if pa == pw {
			break
		}
		pa, pb = unsafe.Add(pa, size), unsafe.Add(pb, size)
		w = archsimd.LoadInt16x16(words(pw))
		pw = unsafe.Add(pw, size)
		a2, b2 = a2.Add(a.DotProductPairs(w)), b2.Add(b.DotProductPairs(w))
		w = archsimd.LoadInt16x16(words(pw))
		pw = unsafe.Add(pw, size)
		a3, b3 = a3.Add(a.DotProductPairs(w)), b3.Add(b.DotProductPairs(w))
	}
	scale, bias := archsimd.LoadFloat32x4(t.scale), archsimd.LoadFloat32x4(t.bias)
	sumInts(a0, a1, a2, a3).Mul(archsimd.BroadcastFloat32x4(*t.s0).Mul(scale)).Add(bias).Store(t.y0)
	sumInts(b0, b1, b2, b3).Mul(archsimd.BroadcastFloat32x4(*t.s1).Mul(scale)).Add(bias).Store(t.y1)
	archsimd.ClearAVXUpperBits()
}

const size = 2 * block // bytes of a block of activations or extended weights

func words(p unsafe.Pointer) *[block]int16 { return (*[block]int16)(p) }

// sumInts adds up the lanes of each.
func sumInts(a, b, c, d archsimd.Int32x8) archsimd.Float32x4 {
	s := a.AddPairsGrouped(b).AddPairsGrouped(c.AddPairsGrouped(d))
	return s.GetLo().Add(s.GetHi()).ConvertToFloat32()
}
