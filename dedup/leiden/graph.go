package leiden

// Edge joins two nodes, numbered from 0, in either order. Edges given twice add
// up. An edge is left out when it joins a node to itself or to one that does not
// exist, or when its weight is zero, negative, infinite or not a number.
type Edge struct {
	A, B int32
	W    float32 // > 0, finite
}

const largest = 3.4e38 // finite float32

func (e Edge) counts(n int) bool {
	return e.A != e.B && e.A >= 0 && e.B >= 0 && int(e.A) < n && int(e.B) < n && e.W > 0 && e.W < largest
}

// graph holds the arcs (each edge from both ends) in compressed rows: those of
// node v are from[v] to from[v+1]. There are no arcs from a node to itself: what
// lies inside a node changes no decision.
type graph struct {
	from []int     // len nodes+1
	to   []int32   // node at the other end
	w    []float32 // weight of the arc
	mass []float64 // of each node: strength for modularity, number of nodes for CPM
}

func (g *graph) nodes() int { return len(g.mass) }

// newGraph counts the ends first, so that the rows are allocated once.
func newGraph(n int, edges []Edge) *graph {
	g := &graph{from: make([]int, n+1), mass: make([]float64, n)}
	for _, e := range edges {
		if e.counts(n) {
			g.from[e.A+1]++
			g.from[e.B+1]++
		}
	}
	for v := range n {
		g.from[v+1] += g.from[v]
	}
	g.to, g.w = make([]int32, g.from[n]), make([]float32, g.from[n])
	for _, e := range edges {
		if e.counts(n) {
			g.put(e.A, e.B, e.W)
			g.put(e.B, e.A, e.W)
		}
	}
	// put has moved every row's start to its end, which is the next row's start.
	copy(g.from[1:], g.from[:n])
	g.from[0] = 0
	return g
}

func (g *graph) put(a, b int32, w float32) {
	i := g.from[a]
	g.to[i], g.w[i] = b, w
	g.from[a]++
}

// strength is the sum of the weights of a node's arcs.
func (g *graph) strength(v int) float64 {
	sum := 0.0
	for _, w := range g.w[g.from[v]:g.from[v+1]] {
		sum += float64(w)
	}
	return sum
}

// aggregate makes each of the k parts one node.
func (g *graph) aggregate(part []int32, k int) *graph {
	order, start := byPart(part, k)
	a := &graph{from: make([]int, 1, k+1), mass: make([]float64, k)}
	t := newTally(k)
	for p := range k {
		for _, v := range order[start[p]:start[p+1]] {
			a.mass[p] += g.mass[v]
			for i := g.from[v]; i < g.from[v+1]; i++ {
				if q := part[g.to[i]]; int(q) != p {
					t.add(q, float64(g.w[i]))
				}
			}
		}
		for _, q := range t.seen {
			a.to, a.w = append(a.to, q), append(a.w, float32(min(t.sum[q], largest)))
		}
		a.from = append(a.from, len(a.to))
		t.clear()
	}
	return a
}

// byPart lists the nodes part by part; part p's are start[p] to start[p+1].
func byPart(part []int32, k int) (order []int32, start []int) {
	order, start = make([]int32, len(part)), make([]int, k+1)
	for _, p := range part {
		start[p+1]++
	}
	for p := range k {
		start[p+1] += start[p]
	}
	for v, p := range part {
		order[start[p]] = int32(v)
		start[p]++
	}
	copy(start[1:], start[:k])
	start[0] = 0
	return order, start
}

// tally adds up weights by community and remembers which it has seen, so that
// emptying it costs no more than filling it did.
type tally struct {
	sum  []float64
	seen []int32
}

func newTally(n int) *tally { return &tally{sum: make([]float64, n)} }

func (t *tally) add(c int32, w float64) {
	if t.sum[c] == 0 { // weights are positive
		t.seen = append(t.seen, c)
	}
	t.sum[c] += w
}

func (t *tally) clear() {
	for _, c := range t.seen {
		t.sum[c] = 0
	}
	t.seen = t.seen[:0]
}

// quality is Σ over communities of (weight inside − gamma·mass²/2), of which
// modularity and CPM are the two cases, up to a constant of the graph.
func (g *graph) quality(part []int32, gamma float64) float64 {
	mass, inside := make([]float64, g.nodes()), 0.0
	for v, p := range part {
		mass[p] += g.mass[v]
		for i := g.from[v]; i < g.from[v+1]; i++ {
			if part[g.to[i]] == p {
				inside += float64(g.w[i]) / 2
			}
		}
	}
	for _, m := range mass {
		inside -= gamma * m * m / 2
	}
	return inside
}
