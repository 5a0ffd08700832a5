package leiden

import "math/rand/v2"

// tiny is the least gain, relative to the weights it is made of, that counts as
// one: below it, it may be the rounding of weights to float32, and two nodes
// could change places for ever.
const tiny = 1e-6

// maxLooks bounds how often a node is looked at in one run, on average; a few
// times is usual.
const maxLooks = 64

// mover is step 1, with a queue of the nodes whose neighbourhood has changed
// ("fast local moving").
type mover struct {
	*graph
	part  []int32
	gamma float64
	mass  []float64 // of each community
	count []int32   // nodes in it
	empty []int32   // communities without nodes
	near  *tally    // weight from the node looked at to each community
}

// newMover takes part as the start and changes it. Communities are numbered
// below the number of nodes.
func newMover(g *graph, part []int32, gamma float64) *mover {
	n := g.nodes()
	m := &mover{graph: g, part: part, gamma: gamma, mass: make([]float64, n), count: make([]int32, n), near: newTally(n)}
	for v, c := range part {
		m.mass[c] += g.mass[v]
		m.count[c]++
	}
	for c := n - 1; c >= 0; c-- {
		if m.count[c] == 0 {
			m.empty = append(m.empty, int32(c))
		}
	}
	return m
}

// run moves nodes until none gains and reports whether any moved.
func (m *mover) run(r *rand.Rand) bool {
	queue, waits := singles(m.nodes()), make([]bool, m.nodes())
	r.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	for v := range waits {
		waits[v] = true
	}
	moved := false
	looks := maxLooks * len(queue)
	for head, length := 0, len(queue); length > 0 && looks > 0; length-- {
		looks--
		v := queue[head]
		if head++; head == len(queue) {
			head = 0
		}
		waits[v] = false
		c := m.best(v)
		if c == m.part[v] {
			continue
		}
		moved = true
		m.move(v, c)
		for _, u := range m.to[m.from[v]:m.from[v+1]] {
			if m.part[u] != c && !waits[u] {
				waits[u] = true
				queue[(head+length-1)%len(queue)] = u
				length++
			}
		}
	}
	return moved
}

// best is the community where v adds most to the quality, its own when no other
// is better.
func (m *mover) best(v int32) int32 {
	own, mass := m.part[v], m.graph.mass[v]
	for i := m.from[v]; i < m.from[v+1]; i++ {
		m.near.add(m.part[m.to[i]], float64(m.w[i]))
	}
	pull, push := m.near.sum[own], m.gamma*mass*(m.mass[own]-mass)
	best, gain := own, pull-push
	atLeast := tiny * (pull + push)
	for _, c := range m.near.seen {
		if c == own {
			continue
		}
		pull, push := m.near.sum[c], m.gamma*mass*m.mass[c]
		if g := pull - push; g > gain+atLeast+tiny*(pull+push) {
			best, gain = c, g
		}
	}
	if gain < -atLeast && m.count[own] > 1 {
		best = m.empty[len(m.empty)-1]
	}
	m.near.clear()
	return best
}

func (m *mover) move(v, c int32) {
	own := m.part[v]
	m.part[v] = c
	m.mass[own] -= m.graph.mass[v]
	m.mass[c] += m.graph.mass[v]
	if m.count[c] == 0 {
		m.empty = m.empty[:len(m.empty)-1]
	}
	m.count[c]++
	if m.count[own]--; m.count[own] == 0 {
		m.mass[own] = 0 // not what rounding left
		m.empty = append(m.empty, own)
	}
}
