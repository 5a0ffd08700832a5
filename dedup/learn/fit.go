package learn

import "math"

// Example is a decision: whether two texts say the same.
type Example struct {
	// Dense holds the pair's features, s first: what is more alike scores
	// higher. Any scale and number; one that is missing counts 0.
	Dense []float64
	A, B  Words
	Same  bool
}

// Fit learns from decisions. The same decisions in the same order give the same
// model. It never returns nil. Nothing is learned from a hundred or fewer, from
// fewer than ten of either answer, and from those that teach nothing: then the
// score stays s.
func Fit(examples []Example) *Model {
	m := &Model{decisions: len(examples)}
	if len(examples) <= few || !bothAnswers(examples) {
		return m
	}
	c := measure(examples)
	d := c.design(examples)
	strength, trust := d.choose(c.count())
	if trust == 0 {
		return m
	}
	w := d.descend(c.count(), strength, nil)
	for i := 1; i < len(w); i++ {
		w[i] *= trust
	}
	m.set(d, c, w)
	return m
}

// leastAnswers is how often either answer must have been given for anything to
// be learned: there must be some for each fold.
const leastAnswers = 10

func bothAnswers(examples []Example) bool {
	same := 0
	for _, e := range examples {
		if e.Same {
			same++
		}
	}
	return min(same, len(examples)-same) >= leastAnswers
}

// How far the bias, the dense features and the shapes may be moved from the
// prior, against a word's weight: what is counted in every decision is soon
// known.
const biasWeight, denseWeight, shapeWeight = 3, 1, .5

// leastSeen is in how many decisions a word must occur to be learned.
const leastSeen = 2

// columns of a design: 0 is the bias, then the dense features, the shapes and
// the words.
type columns struct {
	mean, spread []float64 // of each dense feature
	keys         []uint32  // of the words
	column       map[uint32]int32
}

func (c *columns) count() int { return c.firstWord() + len(c.keys) }

func (c *columns) firstShape() int { return 1 + len(c.mean) }

func (c *columns) firstWord() int { return c.firstShape() + shapes }

// measure takes the mean and spread of each dense feature, and the words.
func measure(examples []Example) *columns {
	width := 1
	for _, e := range examples {
		width = max(width, min(len(e.Dense), maxDense))
	}
	c := &columns{mean: make([]float64, width), spread: make([]float64, width)}
	n := float64(len(examples))
	for _, e := range examples {
		for j := range width {
			c.mean[j] += at(e.Dense, j) / n
		}
	}
	for _, e := range examples {
		for j := range width {
			x := at(e.Dense, j) - c.mean[j]
			c.spread[j] += x * x / n
		}
	}
	for j, v := range c.spread {
		c.spread[j] = math.Sqrt(v)
	}
	c.findWords(examples)
	return c
}

func at(dense []float64, j int) float64 {
	if j < len(dense) {
		return sane(dense[j])
	}
	return 0
}

// findWords gives each word that was seen often enough its column, in the order
// in which they were.
func (c *columns) findWords(examples []Example) {
	c.column = map[uint32]int32{}
	seen := map[uint32]uint8{}
	var p compared
	for _, e := range examples {
		p.set(e.A, e.B)
		p.words(func(key uint32, _ float64) {
			n := seen[key]
			if n == leastSeen-1 {
				c.column[key] = int32(c.count())
				c.keys = append(c.keys, key)
			}
			if n < leastSeen {
				seen[key] = n + 1
			}
		})
	}
}

// varies reports that a dense feature is not always the same.
func (c *columns) varies(j int) bool { return c.spread[j] > 1e-9 }

func (c *columns) design(examples []Example) *design {
	d := &design{from: make([]int, 1, len(examples)+1)}
	var p compared
	for _, e := range examples {
		d.put(0, biasWeight)
		for j := range c.mean {
			if c.varies(j) { // to mean 0, spread 1
				d.put(1+j, denseWeight*(at(e.Dense, j)-c.mean[j])/c.spread[j])
			}
		}
		p.set(e.A, e.B)
		for j, x := range p.shape {
			d.put(c.firstShape()+j, shapeWeight*x)
		}
		p.words(func(key uint32, x float64) {
			if i, ok := c.column[key]; ok {
				d.put(int(i), x)
			}
		})
		d.from = append(d.from, len(d.id))
		d.same = append(d.same, e.Same)
		d.offset = append(d.offset, slope*(at(e.Dense, 0)-c.mean[0]))
	}
	return d
}

// set makes the model of the weights.
func (m *Model) set(d *design, c *columns, w []float64) {
	m.dense = make([]float64, len(c.mean))
	m.dense[0] = slope
	m.base = -slope * c.mean[0]
	for j := range c.mean {
		if c.varies(j) {
			x := w[1+j] * denseWeight / c.spread[j]
			m.dense[j] += x
			m.base -= x * c.mean[j]
		}
	}
	for j := range m.shape {
		m.shape[j] = w[c.firstShape()+j] * shapeWeight
	}
	m.words = newTable(len(c.keys))
	for i, k := range c.keys {
		m.words.put(k, float32(w[c.firstWord()+i]))
	}
	m.rescale(d, c, w)
}

// rescale makes scores have the mean and the spread of s over the decisions.
func (m *Model) rescale(d *design, c *columns, w []float64) {
	n, mean, square := float64(len(d.same)), 0.0, 0.0
	for i := range d.same {
		z := d.offset[i] + d.dot(w, i) - w[0]*biasWeight
		mean += z / n
		square += z * z / n
	}
	m.scale = slope
	if spread := math.Sqrt(max(0, square-mean*mean)); spread > 1e-9 && c.varies(0) {
		m.scale = spread / c.spread[0]
	}
	m.base += m.scale*c.mean[0] - mean
}
