package encoder

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"
)

// kernels returns every kernel of the build that this CPU can run.
func kernels() []kernel {
	all := []kernel{plain{}}
	if k := bestKernel(); k != all[0] {
		all = append(all, k)
	}
	return all
}

func randomFloats(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64()) * float32(math.Exp(4*r.NormFloat64()))
	}
	return v
}

func randomMatrix(r *rand.Rand, in, out int) *matrix {
	m := &matrix{in: in, out: out, w: make([][panel][block]int8, in/block*out/panel), scale: randomFloats(r, out), bias: randomFloats(r, out)}
	for i := range m.w {
		for p := range m.w[i] {
			for k := range m.w[i][p] {
				m.w[i][p][k] = int8(r.Intn(256) - 128)
			}
		}
	}
	return m
}

// at returns the weight of one input for one output.
func (m *matrix) at(in, out int) int8 { return m.panelAt(out)[in/block][out%panel][in%block] }

// A product is what whole numbers of any size would give, at the worst weights
// and activations too, with every kernel.
func TestProductsAreExact(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, size := range []struct{ n, in, out int }{{1, 16, 4}, {2, 32, 8}, {3, 256, 12}, {5, 512, 8}, {4, wideDim, 8}} {
		m := randomMatrix(r, size.in, size.out)
		limit := int(limitOf(size.in))
		x := newScratch().rows
		x.n = size.n
		for i := range x.q {
			x.q[i] = int16(r.Intn(2*limit+1) - limit)
		}
		for i := range size.in { // as large as can be, in the first row and output
			x.q[i] = int16(-limit)
			m.w[i/block][0][i%block] = -128
		}
		copy(x.scale, randomFloats(r, size.n))
		for _, k := range kernels() {
			y := make([]float32, size.n*size.out)
			k.multiply(y, &x, m)
			for i := range size.n {
				for o := range size.out {
					var s int64
					for j := range size.in {
						s += int64(x.row(i, size.in)[j]) * int64(m.at(j, o))
					}
					want := float32(float32(s)*float32(x.scale[i]*m.scale[o])) + m.bias[o]
					if got := y[i*size.out+o]; got != want || s != int64(int32(s)) {
						t.Fatalf("%s %+v: row %d, output %d: %g, want %g (sum %d)", k.name(), size, i, o, got, want, s)
					}
				}
			}
		}
	}
}

// Kernels agree bit for bit, so nodes with different CPUs share their vectors.
func TestKernelsAgree(t *testing.T) {
	all := kernels()
	if len(all) == 1 {
		t.Skip("only the plain kernel in this build or on this CPU")
	}
	r := rand.New(rand.NewSource(2))
	same := func(what string, f func(k kernel) []float32) {
		t.Helper()
		want := f(all[0])
		for _, k := range all[1:] {
			got := f(k)
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%s, %s: %g at %d, plain %g", what, k.name(), got[i], i, want[i])
				}
			}
		}
	}
	for range 20 {
		x, y, scale, bias := randomFloats(r, Dim), randomFloats(r, Dim), randomFloats(r, Dim), randomFloats(r, Dim)
		same("normalise", func(k kernel) []float32 { out := make([]float32, Dim); k.normalise(out, x, scale, bias); return out })
		same("add", func(k kernel) []float32 { out := slices.Clone(y); k.add(out, x); return out })
		same("rectify", func(k kernel) []float32 { out := slices.Clone(y); k.rectify(out); return out })
		same("quantise", func(k kernel) []float32 {
			q := make([]int16, Dim)
			out := []float32{k.quantise(q, x, limitOf(Dim))}
			for _, v := range q {
				out = append(out, float32(v))
			}
			return out
		})
	}
	for _, dim := range []int{embedDim, Dim} {
		for _, n := range []int{1, 2, 3, 7, 8, 9, 20, maxPieces} {
			qkv := randomFloats(r, n*3*dim)
			for i := range qkv {
				qkv[i] = float32(math.Tanh(float64(qkv[i]))) * 2
			}
			same(fmt.Sprintf("attend, %d pieces of %d", n, dim), func(k kernel) []float32 {
				out := make([]float32, n*dim)
				k.attend(out, qkv, make([]float32, maxPieces+lanes), n, dim)
				return out
			})
		}
	}
}

// Attention is what its definition in float64 says.
func TestAttendAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	const n, dim = 13, embedDim
	qkv := randomFloats(r, n*3*dim)
	for i := range qkv {
		qkv[i] = float32(math.Tanh(float64(qkv[i])))
	}
	want := make([]float64, n*dim)
	for h := range heads {
		const size = dim / heads
		for i := range n {
			var e [n]float64
			var sum float64
			for j := range n {
				var dot float64
				for c := range size {
					dot += float64(qkv[i*3*dim+h*size+c]) * float64(qkv[j*3*dim+dim+h*size+c])
				}
				e[j] = math.Exp(dot / math.Sqrt(size))
				sum += e[j]
			}
			for j := range n {
				for c := range size {
					want[i*dim+h*size+c] += e[j] / sum * float64(qkv[j*3*dim+2*dim+h*size+c])
				}
			}
		}
	}
	for _, k := range kernels() {
		got := make([]float32, n*dim)
		k.attend(got, qkv, make([]float32, maxPieces+lanes), n, dim)
		for i := range got {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Fatalf("%s: %g at %d, want %g", k.name(), got[i], i, want[i])
			}
		}
	}
}

func TestExpAndTanh(t *testing.T) {
	for x := float32(0); x > -86; x -= .0137 {
		if want := math.Exp(float64(x)); math.Abs(float64(exp(x))/want-1) > 2e-7 {
			t.Fatalf("exp(%g) = %g, want %g", x, exp(x), want)
		}
	}
	for x := float32(-12); x < 12; x += .00137 {
		if want := math.Tanh(float64(x)); math.Abs(float64(tanh(x))-want) > 2e-7 {
			t.Fatalf("tanh(%g) = %g, want %g", x, tanh(x), want)
		}
	}
	if low := exp(float32(math.Inf(-1))); low > 1e-37 || tanh(50) != 1 || tanh(-50) != -1 || tanh(0) != 0 {
		t.Errorf("far out: exp %g, tanh %g %g %g", low, tanh(50), tanh(-50), tanh(0))
	}
}
