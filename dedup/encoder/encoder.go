package encoder

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/heedhq/heed/dedup/q8"
)

// Dim is the length of a vector.
const Dim = 512

// Encoder is the model, ready to run.
type Encoder struct {
	pieces  *pieces
	net     *network
	kernel  kernel
	scratch sync.Pool
}

// Load reads the weights (q8/1) and the vocabulary (a JSON list of [piece,
// score]). It keeps reading from weights, which must not change. Files that are
// damaged or of another model give an error.
func Load(weights, vocab []byte) (*Encoder, error) {
	f, err := q8.Read(weights)
	if err != nil {
		return nil, fmt.Errorf("encoder: weights: %w", err)
	}
	net, err := newNetwork(f)
	if err != nil {
		return nil, fmt.Errorf("encoder: weights: %w", err)
	}
	p, err := readPieces(vocab, net.rows())
	if err != nil {
		return nil, fmt.Errorf("encoder: vocabulary: %w", err)
	}
	return newEncoder(p, net, bestKernel()), nil
}

func newEncoder(p *pieces, net *network, k kernel) *Encoder {
	e := &Encoder{pieces: p, net: net, kernel: k}
	e.scratch.New = func() any { return newScratch() }
	return e
}

// Kernel names the arithmetic in use: "avx2" or "plain". The vectors are the
// same.
func (e *Encoder) Kernel() string { return e.kernel.name() }

// Embed returns the vector of a text: Dim values, length 1, whatever the text. An
// empty one has a vector too, that of a lone space; whoever must not match empty
// texts must not ask for it.
func (e *Encoder) Embed(text string) []float32 {
	z := e.scratch.Get().(*scratch)
	defer e.scratch.Put(z)
	out := make([]float32, Dim)
	z.batch.add(e.pieces.cut(&z.path, text), out)
	e.net.run(e.kernel, z)
	z.batch.reset()
	return out
}

// Known is the share of a text's letters that the vocabulary has a piece for, 0 for
// a text without letters. Whatever is not known is one and the same to the encoder:
// texts of which little is known are all alike to it.
func (e *Encoder) Known(text string) float64 {
	z := e.scratch.Get().(*scratch)
	defer e.scratch.Put(z)
	return e.pieces.known(&z.path, text)
}

// EmbedAll returns the vectors of texts in their order, made by that many workers
// at once; one per CPU when workers is not positive.
func (e *Encoder) EmbedAll(texts []string, workers int) [][]float32 {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, len(texts))
	out := make([][]float32, len(texts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			z := e.scratch.Get().(*scratch)
			defer e.scratch.Put(z)
			e.work(z, texts, out, &next, (len(texts)+workers-1)/workers)
		})
	}
	wg.Wait()
	return out
}

// work embeds the texts it draws from next, several at a time: what a matrix
// costs apart from the arithmetic is then shared. No more than share texts are
// taken at a time, so that a short list still feeds every worker.
func (e *Encoder) work(z *scratch, texts []string, out [][]float32, next *atomic.Int64, share int) {
	flush := func() {
		e.net.run(e.kernel, z)
		z.batch.reset()
	}
	for i := int(next.Add(1)) - 1; i < len(texts); i = int(next.Add(1)) - 1 {
		out[i] = make([]float32, Dim)
		ids := e.pieces.cut(&z.path, texts[i])
		if b := &z.batch; len(b.ends) >= share || len(b.ids)+len(ids) > batchPieces {
			flush()
		}
		z.batch.add(ids, out[i])
	}
	flush()
}
