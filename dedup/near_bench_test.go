package dedup

import (
	"math/rand"
	"testing"
)

// BenchmarkScan scans the leading signs of a million vectors, as every match among
// so many does.
func BenchmarkScan(b *testing.B) {
	const n = 1_000_000
	r := rand.New(rand.NewSource(1))
	var v vectors
	v.dim = 512
	v.grow(n)
	signs := make([]uint64, v.words())
	for i := range v.scale {
		v.scale[i] = 1
		for j := range signs {
			signs[j] = r.Uint64()
		}
		v.sign(uint32(i), signs)
	}
	p := v.probe(direction("asked", "", 0))
	var met []uint64
	b.SetBytes(n * 32)
	for b.Loop() {
		met = v.scan(p, 0, n, 0, 100, met[:0])
	}
}

// BenchmarkSqueeze makes a vector what is kept of it.
func BenchmarkSqueeze(b *testing.B) {
	vec := direction("squeezed", "", 0)
	var s squeezed
	for b.Loop() {
		s.squeeze(vec)
	}
}
