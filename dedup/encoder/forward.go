package encoder

// batchPieces is how many pieces go through the network together, unless one text
// has more: enough to share the cost of unpacking weights, few enough for their
// activations to stay in the cache.
const batchPieces = 64

// batch is the texts that go through the network together.
type batch struct {
	ids  []int32
	ends []int       // where each text ends in ids
	out  [][]float32 // the vector of each
}

func (b *batch) reset() {
	clear(b.out)
	b.ids, b.ends, b.out = b.ids[:0], b.ends[:0], b.out[:0]
}

func (b *batch) add(ids []int32, out []float32) {
	b.ids = append(b.ids, ids...)
	b.ends, b.out = append(b.ends, len(b.ids)), append(b.out, out)
}

// each calls f with the number and the range of pieces of every text.
func (b *batch) each(f func(text, from, to int)) {
	from := 0
	for i, to := range b.ends {
		f(i, from, to)
		from = to
	}
}

// scratch is the memory one batch needs, some 2 MB.
type scratch struct {
	path    path
	batch   batch
	x, t    []float32 // maxPieces x Dim
	wide    []float32 // maxPieces x wideDim: queries, keys, values; then the feed-forward part
	rows    rows
	weights []float32 // of one piece's attention, and room for a multiple of lanes
}

func newScratch() *scratch {
	return &scratch{
		x:       make([]float32, maxPieces*Dim),
		t:       make([]float32, maxPieces*Dim),
		wide:    make([]float32, maxPieces*wideDim),
		weights: make([]float32, maxPieces+lanes),
		rows: rows{
			q:       make([]int16, maxPieces*wideDim+1),
			scale:   make([]float32, maxPieces),
			couples: make([][2]int64, coupled/2*wideDim),
			pairs:   make([][panel / 2]int64, wideDim),
			words:   make([][panel][block]int16, wideDim/block+1),
		},
	}
}

// run sets the vectors of the batch.
func (net *network) run(k kernel, z *scratch) {
	n := len(z.batch.ids)
	if n == 0 {
		return
	}
	net.enter(z)
	for i := range net.layers {
		l := &net.layers[i]
		z.enter(k, z.x, n, l.dim, l.attScale, l.attBias)
		k.multiply(z.wide[:n*3*l.dim], &z.rows, &l.qkv)
		z.batch.each(func(_, from, to int) {
			k.attend(z.t[from*l.dim:to*l.dim], z.wide[from*3*l.dim:to*3*l.dim], z.weights, to-from, l.dim)
		})
		z.round(k, z.t, n, l.dim)
		k.multiply(z.t[:n*Dim], &z.rows, &l.o)
		if l.dim != Dim {
			z.round(k, z.x, n, l.dim)
			k.multiply(z.x[:n*Dim], &z.rows, &net.dense)
		}
		k.add(z.x[:n*Dim], z.t[:n*Dim])
		z.enter(k, z.x, n, Dim, l.feedScale, l.feedBias)
		k.multiply(z.wide[:n*wideDim], &z.rows, &l.widen)
		k.rectify(z.wide[:n*wideDim])
		z.round(k, z.wide, n, wideDim)
		k.multiply(z.t[:n*Dim], &z.rows, &l.narrow)
		k.add(z.x[:n*Dim], z.t[:n*Dim])
	}
	net.leave(k, z)
}

// enter sets x to the pieces' embeddings. The model adds the timing signal to a
// second copy of the embedding, hence twice the embedding.
func (net *network) enter(z *scratch) {
	z.batch.each(func(_, from, to int) {
		for i, id := range z.batch.ids[from:to] {
			row := net.embed.Values[int(id)*embedDim:][:embedDim]
			signal := net.timing[i*embedDim:][:embedDim]
			x := z.x[(from+i)*embedDim:][:embedDim]
			scale := 2 * net.embed.Scales[id]
			for j, v := range row {
				x[j] = float32(float32(int8(v))*scale) + signal[j]
			}
		}
	})
}

// enter normalises n rows of x and rounds them.
func (z *scratch) enter(k kernel, x []float32, n, dim int, scale, bias []float32) {
	z.rows.n = n
	limit := limitOf(dim)
	for i := range n {
		y := z.t[:dim]
		k.normalise(y, x[i*dim:(i+1)*dim], scale, bias)
		z.rows.scale[i] = k.quantise(z.rows.row(i, dim), y, limit)
	}
}

// round rounds n rows of x.
func (z *scratch) round(k kernel, x []float32, n, dim int) {
	z.rows.n = n
	limit := limitOf(dim)
	for i := range n {
		z.rows.scale[i] = k.quantise(z.rows.row(i, dim), x[i*dim:(i+1)*dim], limit)
	}
}

// leave sets the vectors: the mean of a text's rows, times the last matrix,
// through tanh, at length 1.
func (net *network) leave(k kernel, z *scratch) {
	z.batch.each(func(text, from, to int) {
		mean := z.t[text*Dim:][:Dim]
		clear(mean)
		for i := from; i < to; i++ {
			k.add(mean, z.x[i*Dim:(i+1)*Dim])
		}
		for j := range mean {
			mean[j] /= float32(to - from)
		}
	})
	texts := len(z.batch.ends)
	z.round(k, z.t, texts, Dim)
	k.multiply(z.x[:texts*Dim], &z.rows, &net.last)
	for i, out := range z.batch.out {
		copy(out, z.x[i*Dim:])
		squash(out)
	}
}
