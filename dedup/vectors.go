package dedup

import (
	"math"
	"math/bits"
)

// vectors keeps a unit vector of meaning for each document, coarsely: the signs
// of its numbers, which are scanned for every match, and four bits a number, by
// which what the scan found is compared. Full vectors are their owner's to keep.
// Chunks of chunkDocs documents grow without copying.
type vectors struct {
	dim   int // a multiple of 64; 0 until the first vector
	signs [][]uint64
	fine  [][]byte
	scale []float32 // by document: of its four-bit numbers; 0 where there is no vector
}

const chunkDocs = 1 << 12

func (v *vectors) words() int { return v.dim / 64 }

// grow makes room for n documents.
func (v *vectors) grow(n int) {
	for len(v.scale) < n {
		v.scale = append(v.scale, 0)
	}
	for v.dim > 0 && len(v.signs)*chunkDocs < n {
		v.signs = append(v.signs, make([]uint64, chunkDocs*v.words()))
		v.fine = append(v.fine, make([]byte, chunkDocs*v.dim/2))
	}
}

func (v *vectors) signsOf(n uint32) []uint64 {
	w := v.words()
	i := int(n%chunkDocs) * w
	return v.signs[n/chunkDocs][i : i+w]
}

func (v *vectors) fineOf(n uint32) []byte {
	w := v.dim / 2
	i := int(n%chunkDocs) * w
	return v.fine[n/chunkDocs][i : i+w]
}

func (v *vectors) has(n uint32) bool { return int(n) < len(v.scale) && v.scale[n] != 0 }

// put stores the vector of document n; one of another length than the first is
// of another model and is not kept.
func (v *vectors) put(n uint32, vec []float32) {
	if v.dim == 0 {
		v.dim = len(vec) &^ 63 // a vector of another length is never kept
	}
	if len(vec) == 0 || len(vec) != v.dim {
		if v.has(n) {
			v.scale[n] = 0
		}
		return
	}
	v.grow(int(n) + 1)
	v.scale[n] = squeeze(vec, v.signsOf(n), v.fineOf(n))
}

// move makes document n's vector that of document m of another store.
func (v *vectors) move(n uint32, from *vectors, m uint32) {
	if from.has(m) {
		v.grow(int(n) + 1)
		v.scale[n] = from.scale[m]
		copy(v.signsOf(n), from.signsOf(m))
		copy(v.fineOf(n), from.fineOf(m))
	}
}

// levels is the largest four-bit number; what stands for 0 lies between two.
const (
	levels = 15
	middle = float32(levels) / 2
)

// squeeze writes the signs and the four-bit numbers of vec and returns the
// scale: number i is about (fine_i − middle)·scale.
func squeeze(vec []float32, signs []uint64, fine []byte) float32 {
	clear(signs)
	var sum float32
	for i, x := range vec {
		sum += x * x
		if x > 0 {
			signs[i/64] |= 1 << (i % 64)
		}
	}
	rms := float32(math.Sqrt(float64(sum / float32(len(vec)))))
	if rms == 0 || rms != rms {
		return 0
	}
	scale := rms * 2.7 / middle // beyond 2.7 deviations a number is cut off
	for i := 0; i < len(vec); i += 2 {
		fine[i/2] = nibble(vec[i]/scale) | nibble(vec[i+1]/scale)<<4
	}
	return scale
}

func nibble(x float32) byte {
	return byte(min(levels, max(0, int(math.Floor(float64(x)+float64(middle)+.5)))))
}

// probe is a query's vector, made ready to be compared.
type probe struct {
	vec   []float32
	sum   float32
	signs []uint64
}

func (v *vectors) probe(vec []float32) *probe {
	if len(vec) == 0 || len(vec) != v.dim {
		return nil
	}
	p := &probe{vec: vec, signs: make([]uint64, v.words())}
	for i, x := range vec {
		p.sum += x
		if x > 0 {
			p.signs[i/64] |= 1 << (i % 64)
		}
	}
	return p
}

// cosine compares a probe with document n, which must have a vector.
func (v *vectors) cosine(p *probe, n uint32) float64 {
	fine := v.fineOf(n)
	q := p.vec[:2*len(fine)]
	var a, b float32
	for i, c := range fine {
		a += q[2*i] * float32(c&15)
		b += q[2*i+1] * float32(c>>4)
	}
	return float64((a + b - middle*p.sum) * v.scale[n])
}

// add adds document n's vector to sum.
func (v *vectors) add(sum []float32, n uint32) {
	s := v.scale[n]
	for i, c := range v.fineOf(n) {
		sum[2*i] += (float32(c&15) - middle) * s
		sum[2*i+1] += (float32(c>>4) - middle) * s
	}
}

// distances fills out with the number of differing signs of each of the first
// n documents, far for those without a vector, and counts how often each
// occurs.
func (v *vectors) distances(p *probe, n int, out []uint16) (count []int) {
	count = make([]int, v.dim+2)
	w := v.words()
	for c := 0; c*chunkDocs < n; c++ {
		from, to := c*chunkDocs, min(n, (c+1)*chunkDocs)
		signs, scale, out := v.signs[c], v.scale[from:to], out[from:to]
		if w == len(octet{}) {
			octets(signs, p.signs, out)
		} else {
			for i := range out {
				out[i] = uint16(differing(signs[i*w:i*w+w], p.signs))
			}
		}
		for i, x := range scale {
			if x == 0 {
				out[i] = uint16(v.dim + 1)
			}
			count[out[i]]++
		}
	}
	return count
}

// octet is the signs of the built-in model's vectors.
type octet [8]uint64

// octets is differing for many documents at once. Nothing but this is done for
// every document of the index, so it is written out.
func octets(signs, asked []uint64, out []uint16) {
	q := octet(asked)
	signs = signs[:len(out)*len(q)]
	for i := range out {
		s := (*octet)(signs[i*len(q):])
		a := bits.OnesCount64(s[0]^q[0]) + bits.OnesCount64(s[1]^q[1])
		b := bits.OnesCount64(s[2]^q[2]) + bits.OnesCount64(s[3]^q[3])
		a += bits.OnesCount64(s[4]^q[4]) + bits.OnesCount64(s[5]^q[5])
		b += bits.OnesCount64(s[6]^q[6]) + bits.OnesCount64(s[7]^q[7])
		out[i] = uint16(a + b)
	}
}

func differing(a, b []uint64) (d int) {
	for i := range a {
		d += bits.OnesCount64(a[i] ^ b[i])
	}
	return d
}
