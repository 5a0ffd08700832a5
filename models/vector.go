package models

import (
	"encoding/binary"
	"errors"
	"math"
)

// MaxVector is how many numbers a stored vector has at most.
const MaxVector = 8192

// Vector is what a text of the index of similar suggestions means to a model.
// ItemID is the index's: a suggestion's, "sug…|thm…" for a part of it that
// stands in a further theme, or a theme's for its public text. Digest is that
// text's: a vector with another is out of date. Vectors of different models do
// not compare.
type Vector struct {
	Model  string `gorm:"primaryKey"`
	ItemID string `gorm:"primaryKey"`
	Digest int64
	Vector []byte // of PackVector
}

// errVector says that stored bytes are no vector.
var errVector = errors.New("stored vector is damaged")

// PackVector returns the stored form of v: a little-endian float32 and an int8
// for each number of v, which is about their product. nil when v is empty, too
// long, all zero or not finite.
func PackVector(v []float32) []byte {
	most := float32(0)
	for _, x := range v {
		if x-x != 0 { // NaN and the infinities
			return nil
		}
		most = max(most, x, -x)
	}
	scale := most / math.MaxInt8
	if scale == 0 || len(v) > MaxVector {
		return nil
	}
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(v)), math.Float32bits(scale))
	for _, x := range v {
		b = append(b, byte(int8(math.RoundToEven(float64(x/scale)))))
	}
	return b
}

// UnpackVector reads the stored form into the beginning of into, which is made
// anew when it is too short, and returns that part.
func UnpackVector(b []byte, into []float32) ([]float32, error) {
	n := len(b) - 4
	if n <= 0 || n > MaxVector {
		return nil, errVector
	}
	scale := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if !(scale > 0 && scale <= math.MaxFloat32/128) {
		return nil, errVector
	}
	if cap(into) < n {
		into = make([]float32, n)
	}
	into = into[:n]
	for i, c := range b[4:] {
		into[i] = float32(int8(c)) * scale
	}
	return into, nil
}

// Digest tells texts apart: FNV-1a of a title and a text, the same on every
// machine.
func Digest(title, text string) int64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(title) {
		h = (h ^ uint64(title[i])) * prime
	}
	h = (h ^ 0xff) * prime // a byte that UTF-8 never has parts them
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return int64(h)
}
