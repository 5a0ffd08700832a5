package learn

import "math"

// slope is the prior: how fast the log-odds of "the same" rise with s.
const slope = 4

// Model is what was learned. It is not changed once made and may be used by many
// at once; nil is a model that has learned nothing.
type Model struct {
	decisions int
	// Score = (base + Σ dense·feature + Σ shape·feature + Σ words) / scale
	base, scale float64
	dense       []float64
	shape       [shapes]float64
	words       table
}

// Score is s corrected by what was learned, on the scale of s: over the
// decisions learned from it has the mean and the spread of s, so that thresholds
// and bandwidths made for s keep their meaning. Before anything was learned it
// is s. dense holds the features as they were in Example.Dense; the order of the
// two texts makes no difference. It does not allocate.
func (m *Model) Score(dense []float64, a, b Words) float64 {
	if m == nil || m.scale == 0 {
		if len(dense) == 0 {
			return 0
		}
		return sane(dense[0])
	}
	z := m.base
	for i, w := range m.dense {
		if i < len(dense) {
			z += w * sane(dense[i])
		}
	}
	var p compared
	p.set(a, b)
	for i, w := range m.shape {
		z += w * p.shape[i]
	}
	p.words(func(key uint32, x float64) { z += x * float64(m.words.get(key)) })
	return z / m.scale
}

// sane keeps one broken feature from spoiling a score.
func sane(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return min(1e6, max(-1e6, x))
}

// table maps keys to weights: open addressing, at most half full.
type table struct {
	key    []uint32 // 0 where free
	weight []float32
}

func newTable(entries int) table {
	size := 2
	for size < 2*entries {
		size *= 2
	}
	return table{key: make([]uint32, size), weight: make([]float32, size)}
}

// put adds a key that is not there yet.
func (t *table) put(key uint32, weight float32) {
	i := int(key) & (len(t.key) - 1)
	for t.key[i] != 0 {
		i = (i + 1) & (len(t.key) - 1)
	}
	t.key[i], t.weight[i] = key, weight
}

func (t *table) get(key uint32) float32 {
	if len(t.key) == 0 {
		return 0
	}
	for i := int(key) & (len(t.key) - 1); t.key[i] != 0; i = (i + 1) & (len(t.key) - 1) {
		if t.key[i] == key {
			return t.weight[i]
		}
	}
	return 0
}
