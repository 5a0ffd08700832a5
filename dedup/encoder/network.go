package encoder

import (
	"fmt"
	"math"

	"github.com/heedhq/heed/dedup/q8"
)

const (
	embedDim = 256  // of a piece, and of what enters the first layer
	wideDim  = 1536 // inside a layer's feed-forward part
	heads    = 4
	layers   = 2
)

// matrix is int8 weights in the order kernels read them: panels of four outputs,
// in each the blocks of sixteen inputs, in each the four outputs.
type matrix struct {
	in, out int
	w       [][panel][block]int8 // out/panel x in/block
	scale   []float32            // by output
	bias    []float32            // by output
}

// layer is one transformer layer; its norms come before its parts.
type layer struct {
	dim           int
	attScale      []float32
	attBias       []float32
	qkv, o        matrix
	feedScale     []float32
	feedBias      []float32
	widen, narrow matrix
}

type network struct {
	embed  q8.Matrix // pieces x embedDim, one scale a piece
	timing []float32 // maxPieces x embedDim
	layers [layers]layer
	dense  matrix // carries the first layer's input past it, 256 -> 512
	last   matrix
}

func (n *network) rows() int { return n.embed.Rows }

// reader reads tensors until one fails, so that errors are looked at once.
type reader struct {
	f   *q8.File
	err error
}

func (r *reader) floats(name string, n int) []float32 {
	if r.err != nil {
		return nil
	}
	var v []float32
	v, r.err = r.f.Floats(name, n)
	return v
}

func (r *reader) matrix(name, bias string, in, out int) matrix {
	m := matrix{in: in, out: out, bias: r.floats(bias, out)}
	if r.err != nil {
		return m
	}
	var t q8.Matrix
	if t, r.err = r.f.Matrix(name, in, out, 1); r.err != nil {
		return m
	}
	m.scale = t.Scales
	blocks := in / block
	m.w = make([][panel][block]int8, out/panel*blocks)
	for i := range in {
		for o, v := range t.Values[i*out : (i+1)*out] {
			m.w[o/panel*blocks+i/block][o%panel][i%block] = int8(v)
		}
	}
	return m
}

// panelAt returns the weights of the four outputs from c on.
func (m *matrix) panelAt(c int) [][panel][block]int8 {
	blocks := m.in / block
	return m.w[c/panel*blocks:][:blocks]
}

func newNetwork(f *q8.File) (*network, error) {
	r := &reader{f: f}
	n := &network{}
	if n.embed, r.err = f.Matrix("emb", 0, embedDim, 0); r.err != nil {
		return nil, r.err
	}
	n.timing = timing(r.floats("tim", embedDim/2))
	n.dense = r.matrix("dW", "dB", embedDim, Dim)
	for i := range n.layers {
		d, p := embedDim<<i, fmt.Sprint(i, ".")
		n.layers[i] = layer{
			dim:       d,
			attScale:  r.floats(p+"lnS", d),
			attBias:   r.floats(p+"lnB", d),
			qkv:       r.matrix(p+"qkvW", p+"qkvB", d, 3*d),
			o:         r.matrix(p+"oW", p+"oB", d, Dim),
			feedScale: r.floats(p+"fnS", Dim),
			feedBias:  r.floats(p+"fnB", Dim),
			widen:     r.matrix(p+"w1", p+"b1", Dim, wideDim),
			narrow:    r.matrix(p+"w2", p+"b2", wideDim, Dim),
		}
	}
	n.last = r.matrix("tW", "tB", Dim, Dim)
	return n, r.err
}

// timing is what is added to the embedding of a piece for its place: sines, then
// cosines.
func timing(rates []float32) []float32 {
	t := make([]float32, maxPieces*embedDim)
	for i := 0; i < maxPieces; i++ {
		for j, rate := range rates {
			s, c := math.Sincos(float64(float32(i) * rate))
			t[i*embedDim+j], t[i*embedDim+embedDim/2+j] = float32(s), float32(c)
		}
	}
	return t
}
