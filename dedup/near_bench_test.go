package dedup

import (
	"math/rand"
	"testing"
)

// BenchmarkDistances scans the signs of a million vectors, as every match among
// so many does.
func BenchmarkDistances(b *testing.B) {
	const n = 1_000_000
	r := rand.New(rand.NewSource(1))
	var v vectors
	v.dim = 512
	v.grow(n)
	for i := range v.scale {
		v.scale[i] = 1
		for j, s := range v.signsOf(uint32(i)) {
			_ = s
			v.signsOf(uint32(i))[j] = r.Uint64()
		}
	}
	p := v.probe(direction("asked", "", 0))
	apart := make([]uint16, n)
	b.SetBytes(n * 64)
	for b.Loop() {
		v.distances(p, n, apart)
	}
}
