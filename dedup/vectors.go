package dedup

import (
	"math"
	"math/bits"
)

// vectors keeps a unit vector of meaning for each document, coarsely: the signs
// of its numbers, and two bits a number of how far it is from 0. The first half of
// the signs lies apart, for it is scanned for every match; what is found so is
// compared by all signs, and the nearest of that by all bits. Full vectors are
// their owner's to keep. Chunks of chunkDocs documents grow without copying.
type vectors struct {
	dim   int // a multiple of 64; 0 until the first vector
	lead  [][]uint64
	rest  [][]uint64
	fine  [][]byte
	scale []float32 // by document: what makes its rebuilt vector compare like itself; 0 where there is no vector
}

const chunkDocs = 1 << 12

// words is how many words the signs of a vector take, half how many of them lead.
func (v *vectors) words() int { return v.dim / 64 }
func (v *vectors) half() int  { return (v.words() + 1) / 2 }

// grow makes room for n documents.
func (v *vectors) grow(n int) {
	for len(v.scale) < n {
		v.scale = append(v.scale, 0)
	}
	for v.dim > 0 && len(v.lead)*chunkDocs < n {
		v.lead = append(v.lead, make([]uint64, chunkDocs*v.half()))
		v.rest = append(v.rest, make([]uint64, chunkDocs*(v.words()-v.half())))
		v.fine = append(v.fine, make([]byte, chunkDocs*v.dim/4))
	}
}

// signsOf are the signs of document n: the half that leads and the rest.
func (v *vectors) signsOf(n uint32) (lead, rest []uint64) {
	c, i := n/chunkDocs, int(n%chunkDocs)
	h := v.half()
	r := v.words() - h
	return v.lead[c][i*h : i*h+h], v.rest[c][i*r : i*r+r]
}

func (v *vectors) fineOf(n uint32) []byte {
	w := v.dim / 4
	i := int(n%chunkDocs) * w
	return v.fine[n/chunkDocs][i : i+w]
}

func (v *vectors) has(n uint32) bool { return int(n) < len(v.scale) && v.scale[n] != 0 }

// put stores the vector of document n; one of another length than the first is
// of another model and is not kept.
func (v *vectors) put(n uint32, vec *squeezed) {
	if v.dim == 0 {
		v.dim = vec.dim &^ 63 // a vector of another length is never kept
	}
	if vec.scale == 0 || vec.dim != v.dim {
		if v.has(n) {
			v.scale[n] = 0
		}
		return
	}
	v.grow(int(n) + 1)
	v.scale[n] = vec.scale
	v.sign(n, vec.signs)
	copy(v.fineOf(n), vec.fine)
}

// sign stores the signs of document n.
func (v *vectors) sign(n uint32, signs []uint64) {
	lead, rest := v.signsOf(n)
	copy(rest, signs[copy(lead, signs):])
}

// move makes document n's vector that of document m of another store.
func (v *vectors) move(n uint32, from *vectors, m uint32) {
	if from.has(m) {
		v.grow(int(n) + 1)
		v.scale[n] = from.scale[m]
		lead, rest := from.signsOf(m)
		to, more := v.signsOf(n)
		copy(to, lead)
		copy(more, rest)
		copy(v.fineOf(n), from.fineOf(m))
	}
}

// How far from 0 a number is, in deviations: which of four steps it is on, and
// what each stands for. These lose least of numbers spread normally (Max,
// "Quantizing for minimum distortion", 1960, for eight steps).
var (
	steps  = [3]float32{.5006, 1.0500, 1.7480}
	stands = [4]float32{.2451, .7560, 1.3439, 2.1519}
	signed = [8]float32{-.2451, -.7560, -1.3439, -2.1519, .2451, .7560, 1.3439, 2.1519} // by sign·4 + step
)

// squeezed is a vector as it is kept.
type squeezed struct {
	dim   int
	signs []uint64
	fine  []byte
	scale float32 // 0 for none
}

// squeeze makes s the signs and steps of vec. Its scale is by what the cosine with
// what they stand for is to be multiplied so that, on average, it is that with vec
// itself: the inverse of vec's own (Gao and Long, "RaBitQ", 2024).
func (s *squeezed) squeeze(vec []float32) {
	s.dim, s.scale = len(vec), 0
	s.signs = append(s.signs[:0], make([]uint64, (len(vec)+63)/64)...)
	s.fine = append(s.fine[:0], make([]byte, (len(vec)+3)/4)...)
	signs, fine := s.signs, s.fine
	var sum float32
	for _, x := range vec {
		sum += x * x
	}
	rms := float32(math.Sqrt(float64(sum / float32(len(vec)))))
	if !(rms > 0 && rms < math.MaxFloat32) {
		return
	}
	// The bits of floats that are not negative are ordered as they are: a million
	// vectors are read at a start, and guessing these branches would be wrong half
	// the time.
	a, b, c := math.Float32bits(rms*steps[0]), math.Float32bits(rms*steps[1]), math.Float32bits(rms*steps[2])
	const size = 1<<31 - 1
	step := func(u uint32) uint32 { u &= size; return (a-u)>>31 + (b-u)>>31 + (c-u)>>31 }
	var own0, own1 float32
	for i := 0; i+4 <= len(vec) && i/4 < len(fine); i += 4 {
		x := (*[4]float32)(vec[i:])
		u0, u1, u2, u3 := math.Float32bits(x[0]), math.Float32bits(x[1]), math.Float32bits(x[2]), math.Float32bits(x[3])
		n0, n1, n2, n3 := step(u0), step(u1), step(u2), step(u3)
		fine[i/4] = byte(n0 | n1<<2 | n2<<4 | n3<<6)
		signs[i/64] |= uint64(^u0>>31|^u1>>31<<1|^u2>>31<<2|^u3>>31<<3) << (uint(i) % 64)
		own0 += math.Float32frombits(u0&size)*stands[n0&3] + math.Float32frombits(u1&size)*stands[n1&3]
		own1 += math.Float32frombits(u2&size)*stands[n2&3] + math.Float32frombits(u3&size)*stands[n3&3]
	}
	s.scale = 1 / (own0 + own1)
}

// probe is a query's vector, made ready to be compared.
type probe struct {
	vec   []float32
	signs []uint64
}

func (v *vectors) probe(vec []float32) *probe {
	if len(vec) == 0 || len(vec) != v.dim {
		return nil
	}
	p := &probe{vec: vec, signs: make([]uint64, v.words())}
	for i, x := range vec {
		if x > 0 {
			p.signs[i/64] |= 1 << (i % 64)
		}
	}
	return p
}

// cosine compares a probe with document n, which must have a vector.
func (v *vectors) cosine(p *probe, n uint32) float64 {
	lead, rest := v.signsOf(n)
	fine, cut := v.fineOf(n), len(lead)*16
	return float64((half(p.vec, lead, fine[:cut]) + half(p.vec[4*cut:], rest, fine[cut:])) * v.scale[n])
}

// half is a part of a dot product.
func half(vec []float32, signs []uint64, fine []byte) float32 {
	var a, b float32
	for w, s := range signs {
		q, fine := vec[w*64:w*64+64], fine[w*16:w*16+16]
		for i, f := range fine {
			q := q[i*4 : i*4+4]
			a += q[0] * signed[f&3|byte(s&1)<<2]
			b += q[1] * signed[f>>2&3|byte(s&2)<<1]
			a += q[2] * signed[f>>4&3|byte(s&4)]
			b += q[3] * signed[f>>6|byte(s&8)>>1]
			s >>= 4
		}
	}
	return a + b
}

// add adds document n's vector to sum.
func (v *vectors) add(sum []float32, n uint32) {
	lead, rest := v.signsOf(n)
	k, fine := v.scale[n], v.fineOf(n)
	for w := range v.words() {
		s := uint64(0)
		if w < len(lead) {
			s = lead[w]
		} else {
			s = rest[w-len(lead)]
		}
		sum, fine := sum[w*64:w*64+64], fine[w*16:w*16+16]
		for i, f := range fine {
			sum := sum[i*4 : i*4+4]
			sum[0] += k * signed[f&3|byte(s&1)<<2]
			sum[1] += k * signed[f>>2&3|byte(s&2)<<1]
			sum[2] += k * signed[f>>4&3|byte(s&4)]
			sum[3] += k * signed[f>>6|byte(s&8)>>1]
			s >>= 4
		}
	}
}

// leading is how many signs lead.
func (v *vectors) leading() int { return 64 * v.half() }

// scan appends to met the documents from from to before n of whose leading signs at
// least least and less than most differ: how many, and behind that the document.
// What it says of a document without a vector means nothing.
func (v *vectors) scan(p *probe, from, n, least, most int, met []uint64) []uint64 {
	h := v.half()
	for to := from; from < n; from = to {
		c := from / chunkDocs
		to = min(n, (c+1)*chunkDocs)
		lead := v.lead[c][from%chunkDocs*h : (to-1)%chunkDocs*h+h]
		if h == len(quartet{}) {
			met = quartets(lead, p.signs, from, least, most, met)
			continue
		}
		for i := range to - from {
			if d := differing(lead[i*h:i*h+h], p.signs); least <= d && d < most {
				met = append(met, uint64(d)<<32|uint64(from+i))
			}
		}
	}
	return met
}

// apart is how many signs of document n differ, of which lead is known.
func (v *vectors) apart(p *probe, n uint32, lead int) int {
	_, rest := v.signsOf(n)
	return lead + differing(rest, p.signs[v.half():])
}

// quartet is the leading signs of the built-in model's vectors.
type quartet [4]uint64

// quartets is differing for many documents at once. Nothing but this is done for
// every document of the index, so it is written out.
func quartets(lead, asked []uint64, first, least, most int, met []uint64) []uint64 {
	q := quartet(asked[:4])
	for i := 0; i+len(q) <= len(lead); i += len(q) {
		s := (*quartet)(lead[i:])
		a := bits.OnesCount64(s[0]^q[0]) + bits.OnesCount64(s[1]^q[1])
		b := bits.OnesCount64(s[2]^q[2]) + bits.OnesCount64(s[3]^q[3])
		if a+b < most && a+b >= least {
			met = append(met, uint64(a+b)<<32|uint64(first+i/len(q)))
		}
	}
	return met
}

func differing(a, b []uint64) (d int) {
	for i := range a {
		d += bits.OnesCount64(a[i] ^ b[i])
	}
	return d
}
