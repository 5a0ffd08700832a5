package leiden

import "math/rand/v2"

// maxRounds bounds how often the whole algorithm starts again from its own
// answer. Measured, a third round adds 1/10,000 to the quality.
const maxRounds = 2

// Partition returns each node's community by modularity with a resolution
// (Reichardt and Bornholdt 2006): 1 is plain modularity, more gives smaller
// communities. Communities are numbered from 0 in the order of their first
// nodes. A node without edges is alone. The answer has length n; it is nil when
// n ≤ 0. A resolution that is negative or no number counts as 0: then every
// connected component is one community.
func Partition(n int, edges []Edge, resolution float64, seed uint64) []int32 {
	if n <= 0 {
		return nil
	}
	g := newGraph(n, edges)
	total := 0.0
	for v := range n {
		g.mass[v] = g.strength(v)
		total += g.mass[v]
	}
	if total == 0 {
		return singles(n)
	}
	return g.leiden(sane(resolution)/total, seed)
}

// PartitionCPM is Partition by the constant Potts model (Traag 2011): nodes
// stay together where the mean weight between them, pairs without an edge
// counting 0, is above the resolution, whatever the size of the graph.
func PartitionCPM(n int, edges []Edge, resolution float64, seed uint64) []int32 {
	if n <= 0 {
		return nil
	}
	g := newGraph(n, edges)
	for v := range g.mass {
		g.mass[v] = 1
	}
	return g.leiden(sane(resolution), seed)
}

func sane(resolution float64) float64 {
	if resolution > 0 { // false for NaN
		return min(resolution, 1e30)
	}
	return 0
}

// leiden starts from single nodes and starts again from what it found until
// that changes nothing.
func (g *graph) leiden(gamma float64, seed uint64) []int32 {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	part := singles(g.nodes())
	for range maxRounds {
		if !g.round(part, gamma, r) {
			break
		}
	}
	return g.split(part)
}

// round improves part in place and reports whether any node moved.
func (g *graph) round(part []int32, gamma float64, r *rand.Rand) bool {
	moved := false
	node := singles(g.nodes()) // of the aggregate that each node lies in
	for at, p := g, append([]int32(nil), part...); ; {
		m := newMover(at, p, gamma)
		moved = m.run(r) || moved
		refined, k := newRefiner(at, p, gamma).run(r)
		if k == at.nodes() {
			for v := range part {
				part[v] = p[node[v]]
			}
			return moved
		}
		next := make([]int32, k)
		for v, q := range refined {
			next[q] = p[v]
		}
		for v := range node {
			node[v] = refined[node[v]]
		}
		at, p = at.aggregate(refined, k), next
		renumber(p)
	}
}

// split makes each connected piece of a community a community of its own and
// numbers them in the order of their first nodes. Refinement leaves nothing to
// split but where rounding or a tie stopped it; splitting never costs quality.
func (g *graph) split(part []int32) []int32 {
	out := make([]int32, len(part))
	for v := range out {
		out[v] = -1
	}
	var stack []int32
	for v, k := 0, int32(0); v < len(out); v++ {
		if out[v] >= 0 {
			continue
		}
		stack, out[v] = append(stack[:0], int32(v)), k
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, t := range g.to[g.from[u]:g.from[u+1]] {
				if out[t] < 0 && part[t] == part[u] {
					out[t] = k
					stack = append(stack, t)
				}
			}
		}
		k++
	}
	return out
}

func singles(n int) []int32 {
	p := make([]int32, n)
	for v := range p {
		p[v] = int32(v)
	}
	return p
}

// renumber gives the communities the numbers 0 to k−1 in the order of their
// first nodes and returns k. Numbers may be anything from 0 up.
func renumber(part []int32) int {
	most := int32(-1)
	for _, p := range part {
		most = max(most, p)
	}
	name, k := make([]int32, most+1), int32(0)
	for v, p := range part {
		if name[p] == 0 {
			k++
			name[p] = k
		}
		part[v] = name[p] - 1
	}
	return int(k)
}
