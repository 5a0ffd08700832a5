package learn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// version is that of the layout and of what it means: hashes, kinds of features
// and their values. Raise it when any of them changes; a model of another
// version is learned anew from the decisions.
const version = 1

const (
	maxDense   = 1 << 12 // of a stored model
	maxEntries = 1 << 22
	steps      = math.MaxInt16 // a word's weight is stored as one of ±steps
)

// ErrFormat is wrapped by every error of Unmarshal: not a model, of another
// version, or damaged. Learn it again from the decisions.
var ErrFormat = errors.New("not a learned model of this version")

// Marshal returns the model as bytes, the same for the same model: some five a
// word that was learned. A nil model can be marshalled too.
func (m *Model) Marshal() []byte {
	if m == nil {
		m = &Model{}
	}
	b := []byte{'h', 'l', version}
	b = binary.AppendUvarint(b, uint64(m.decisions))
	for _, x := range append([]float64{m.base, m.scale}, m.shape[:]...) {
		b = appendFloat(b, x)
	}
	b = binary.AppendUvarint(b, uint64(len(m.dense)))
	for _, x := range m.dense {
		b = appendFloat(b, x)
	}
	keys, most := m.words.sorted()
	b = appendFloat(b, most)
	b = binary.AppendUvarint(b, uint64(len(keys)))
	last := uint32(0)
	for _, k := range keys {
		b = binary.AppendUvarint(b, uint64(k-last))
		b = binary.AppendVarint(b, step(m.words.get(k), most))
		last = k
	}
	return b
}

func step(weight float32, most float64) int64 {
	return int64(math.Round(float64(weight) / most * steps))
}

func appendFloat(b []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
}

// sorted returns the keys in order, without those whose weight is nothing
// beside the greatest, and the greatest.
func (t *table) sorted() (keys []uint32, most float64) {
	for _, w := range t.weight {
		most = max(most, math.Abs(float64(w)))
	}
	for i, k := range t.key {
		if k != 0 && most > 0 && step(t.weight[i], most) != 0 {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys, most
}

// Unmarshal reads what Marshal wrote. Any bytes may be given; what is not a
// model is an error that wraps ErrFormat, and takes no more memory than a small
// multiple of its length.
func Unmarshal(data []byte) (*Model, error) {
	r := reader{data: data}
	r.check(len(data) >= 3 && string(data[:2]) == "hl" && data[2] == version, "header")
	r.take(3)
	m := &Model{decisions: r.count(math.MaxInt32, 0)}
	m.base, m.scale = r.float(), r.float()
	r.check(m.scale >= 0, "scale")
	for i := range m.shape {
		m.shape[i] = r.float()
	}
	m.dense = make([]float64, r.count(maxDense, 8))
	for i := range m.dense {
		m.dense[i] = r.float()
	}
	most := r.float()
	r.check(most >= 0, "weight")
	n := r.count(maxEntries, 2)
	m.words = newTable(n)
	for key := uint64(0); n > 0 && r.err == nil; n-- {
		gap, step := r.uvarint(), r.varint()
		key += gap
		r.check(gap > 0 && gap <= math.MaxUint32 && key <= math.MaxUint32 && step >= -steps && step <= steps, "weight")
		if r.err == nil {
			m.words.put(uint32(key), float32(float64(step)/steps*most))
		}
	}
	r.check(len(r.data) == 0, "end")
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// reader takes values off the front; after the first error they are all zero.
type reader struct {
	data []byte
	err  error
}

func (r *reader) check(ok bool, what string) {
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrFormat, what)
	}
}

func (r *reader) take(n int) []byte {
	r.check(n >= 0 && n <= len(r.data), "length")
	if r.err != nil {
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	x := math.Float64frombits(binary.LittleEndian.Uint64(b))
	r.check(math.Abs(x) <= 1e12, "number") // false for NaN
	return x
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.data)
	r.check(n > 0, "varint")
	r.take(n)
	return x
}

func (r *reader) varint() int64 {
	x, n := binary.Varint(r.data)
	r.check(n > 0, "varint")
	r.take(n)
	return x
}

// count reads a number of things of at least size bytes each, which must still
// be there.
func (r *reader) count(limit, size int) int {
	x := r.uvarint()
	r.check(x <= uint64(limit) && int(x)*size <= len(r.data), "count")
	if r.err != nil {
		return 0
	}
	return int(x)
}
