package leiden

import (
	"math"
	"math/rand/v2"
)

// theta is how freely refinement chooses among the merges that gain, as a share
// of the mean weight of an arc: one that gains by theta less is taken 1/e as
// often. The paper's 0.01.
const theta = .01

// refiner is step 2. It starts from single nodes and joins those of one
// community only; a node that others have joined stays where it is, so each
// part grows along edges and is connected.
type refiner struct {
	*graph
	part    []int32 // the communities to refine
	gamma   float64
	theta   float64
	whole   []float64 // mass of each community
	refined []int32
	mass    []float64 // of each refined part
	cut     []float64 // weight from each refined part to the rest of its community
	alone   []bool    // node that nobody has joined and that has joined nobody
	near    *tally
	odds    []float64
}

func newRefiner(g *graph, part []int32, gamma float64) *refiner {
	n := g.nodes()
	f := &refiner{graph: g, part: part, gamma: gamma, whole: make([]float64, n), refined: singles(n),
		mass: append([]float64(nil), g.mass...), cut: make([]float64, n), alone: make([]bool, n), near: newTally(n)}
	sum := 0.0
	for v, c := range part {
		f.whole[c] += g.mass[v]
		f.alone[v] = true
		for i := g.from[v]; i < g.from[v+1]; i++ {
			sum += float64(g.w[i])
			if part[g.to[i]] == c {
				f.cut[v] += float64(g.w[i])
			}
		}
	}
	f.theta = max(theta*sum/float64(max(1, len(g.w))), math.SmallestNonzeroFloat32)
	return f
}

// run returns each node's part, numbered from 0, and how many there are.
func (f *refiner) run(r *rand.Rand) ([]int32, int) {
	order := singles(f.nodes())
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, v := range order {
		if f.alone[v] && f.wellConnected(f.refined[v], f.part[v]) {
			f.join(v, r)
		}
	}
	return f.refined, renumber(f.refined)
}

// wellConnected reports that a part belongs to its community rather than
// outside of it.
func (f *refiner) wellConnected(part, community int32) bool {
	return f.cut[part] >= f.gamma*f.mass[part]*(f.whole[community]-f.mass[part])*(1-tiny)
}

// join lets v join one of the well connected parts around it that lose nothing
// by it, the likelier the more they gain.
func (f *refiner) join(v int32, r *rand.Rand) {
	community, mass := f.part[v], f.graph.mass[v]
	for i := f.from[v]; i < f.from[v+1]; i++ {
		if u := f.to[i]; f.part[u] == community {
			f.near.add(f.refined[u], float64(f.w[i]))
		}
	}
	f.odds = f.odds[:0]
	most := 0.0
	for _, c := range f.near.seen {
		gain := f.near.sum[c] - f.gamma*mass*f.mass[c]
		if gain < 0 || !f.wellConnected(c, community) {
			gain = -1
		}
		most = max(most, gain)
		f.odds = append(f.odds, gain)
	}
	if c, ok := f.draw(most, r); ok {
		f.mass[c] += mass
		f.cut[c] += f.cut[v] - 2*f.near.sum[c]
		f.refined[v] = c
		f.alone[v], f.alone[c] = false, false // a part bears the number of its first node
	}
	f.near.clear()
}

// draw picks among near.seen by exp(gain/theta); gains below 0 are out.
func (f *refiner) draw(most float64, r *rand.Rand) (int32, bool) {
	sum := 0.0
	for i, gain := range f.odds {
		if f.odds[i] = 0; gain >= 0 {
			f.odds[i] = math.Exp((gain - most) / f.theta)
		}
		sum += f.odds[i]
	}
	if sum == 0 {
		return 0, false
	}
	x := r.Float64() * sum
	last := int32(-1)
	for i, o := range f.odds {
		if o == 0 {
			continue
		}
		last = f.near.seen[i]
		if x -= o; x < 0 {
			break
		}
	}
	return last, true
}
