// Package linkage groups a few hundred items by average linkage: two groups are
// joined while the mean similarity of their pairs is high enough. A single near
// pair chains nothing together. It is pure: it imports nothing of ours and knows
// no texts or themes. For more items than some 500, package leiden costs less.
package linkage

import "math"

// Average returns each item's group, numbered from 0 in the order of their first
// items: the groups that are left when the two groups with the highest mean
// similarity have been joined again and again while that mean is at least
// threshold. similarity is asked once for each i < j; NaN is as unlike as can
// be. Any scale will do. The answer has length n; it is nil when n ≤ 0.
//
// By the chain of nearest neighbours (Benzécri 1982, Juan 1982; Murtagh 1983),
// exact for average linkage: n² steps, and 4·n² bytes (1 MB at 500 items).
// The mean of a join follows from those it is made of (Lance and Williams 1967).
func Average(n int, similarity func(i, j int) float64, threshold float64) []int32 {
	if n <= 0 {
		return nil
	}
	c := newChain(n, similarity)
	for range n - 1 {
		a, b, s := c.next()
		if s >= threshold {
			c.unite(a, b)
		}
		c.join(a, b)
	}
	return c.groups()
}

// chain is the agglomeration under way. A join keeps the lower of its two
// numbers.
type chain struct {
	n      int
	s      []float64 // mean similarity of i < j at at(i, j)
	size   []float64 // items in it; 0 when it has been joined to another
	parent []int32   // union-find over the joins above the threshold
	path   []int     // each the nearest neighbour of the one before
}

func newChain(n int, similarity func(i, j int) float64) *chain {
	c := &chain{n: n, s: make([]float64, n*(n-1)/2), size: make([]float64, n), parent: make([]int32, n)}
	for j := range n {
		c.size[j], c.parent[j] = 1, int32(j)
		for i := range j {
			c.s[at(i, j)] = sane(similarity(i, j))
		}
	}
	return c
}

// sane keeps means finite.
func sane(s float64) float64 {
	if math.IsNaN(s) {
		return -math.MaxFloat32
	}
	return min(math.MaxFloat32, max(-math.MaxFloat32, s))
}

func at(i, j int) int {
	if i > j {
		i, j = j, i
	}
	return j*(j-1)/2 + i
}

// next returns two groups a < b that are each other's nearest, and how near.
func (c *chain) next() (a, b int, s float64) {
	if len(c.path) == 0 {
		for i, size := range c.size {
			if size > 0 {
				c.path = append(c.path, i)
				break
			}
		}
	}
	for {
		last := c.path[len(c.path)-1]
		near, s := -1, math.Inf(-1)
		if len(c.path) > 1 { // on a tie back to where it came from, or it would not end
			near = c.path[len(c.path)-2]
			s = c.s[at(last, near)]
		}
		back := near
		for i, size := range c.size {
			if size > 0 && i != last && c.s[at(last, i)] > s {
				near, s = i, c.s[at(last, i)]
			}
		}
		if near == back {
			c.path = c.path[:len(c.path)-2]
			return min(last, near), max(last, near), s
		}
		c.path = append(c.path, near)
	}
}

// join makes b part of a.
func (c *chain) join(a, b int) {
	wa, wb := c.size[a], c.size[b]
	c.size[a], c.size[b] = wa+wb, 0
	for i, size := range c.size {
		if size > 0 && i != a {
			c.s[at(a, i)] = (wa*c.s[at(a, i)] + wb*c.s[at(b, i)]) / (wa + wb)
		}
	}
}

func (c *chain) find(i int32) int32 {
	for c.parent[i] != i {
		c.parent[i] = c.parent[c.parent[i]]
		i = c.parent[i]
	}
	return i
}

func (c *chain) unite(a, b int) {
	x, y := c.find(int32(a)), c.find(int32(b))
	c.parent[max(x, y)] = min(x, y)
}

func (c *chain) groups() []int32 {
	out, k := make([]int32, c.n), int32(0)
	for i := range out {
		if r := c.find(int32(i)); int(r) == i { // the lowest of its group
			out[i] = k
			k++
		} else {
			out[i] = out[r]
		}
	}
	return out
}
