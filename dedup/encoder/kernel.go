package encoder

import "math"

const (
	block = 16 // whole numbers that are loaded together; every matrix has a multiple of it
	panel = 4  // outputs of a matrix that are computed together
	lanes = 8  // sums that run side by side where floats are added up
)

// kernel is the arithmetic that takes the time. All kernels give the same bits:
// whole numbers are exact, and floats are added in the order that plain.go
// writes down, without fused multiply-add.
type kernel interface {
	name() string

	// multiply sets y (x.n x m.out) to x times m, plus bias.
	multiply(y []float32, x *rows, m *matrix)

	// quantise rounds a row of activations to whole numbers of at most limit and
	// returns what one of them stands for.
	quantise(q []int16, v []float32, limit float32) float32

	// normalise sets y to x with mean 0 and variance 1, times scale plus bias.
	normalise(y, x, scale, bias []float32)

	// attend sets out (n x dim) to what each piece gathers from all, one head of
	// size dim/heads after the other; qkv is n x 3*dim. weights is scratch.
	attend(out, qkv, weights []float32, n, dim int)

	// add adds x to y; rectify replaces what is negative by 0.
	add(y, x []float32)
	rectify(y []float32)
}

// rows is activations rounded to whole numbers.
type rows struct {
	n     int
	q     []int16   // n x in, with room for one more
	scale []float32 // by row

	// What kernels make of rows and of one panel of weights, once for all that are
	// multiplied, so that it stays in the nearest caches.
	couples [][2]int64            // two rows side by side: coupled/2 x in
	pairs   [][panel / 2]int64    // by input
	words   [][panel][block]int16 // by block of inputs, with room for one more
}

func (x *rows) row(i, in int) []int16 { return x.q[i*in : (i+1)*in] }

// limitOf returns the greatest whole number that activations entering a matrix
// may have: 16 bits, and fewer where the sum of in products with an int8 would not
// fit into 32 bits.
func limitOf(in int) float32 { return float32(min(math.MaxInt16, math.MaxInt32/(128*in))) }
