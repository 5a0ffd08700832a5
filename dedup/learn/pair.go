package learn

import "math"

// Kinds of sparse features.
const (
	kindBoth    = iota // a word of both texts
	kindOne            // a word of one text only
	kindSwap           // a word of one only against a word of the other only
	kindBothTwo        // two side by side in both texts
	kindOneTwo         // two side by side in one text only
)

// How much words may say, and swaps: a feature's value is this over the square
// root of how many of its kind the pair has, so that a long text does not
// outweigh a short one.
const wordWeight, swapWeight = .7, .5

// maxSwaps bounds the pairs of differing words: where more differ, no single
// one of them is what makes the difference.
const maxSwaps = 100

// shapes is how many features tell of the texts' lengths and overlap.
const shapes = 7

// contrast is what two sorted sets of hashes share and do not.
type contrast struct {
	both, a, b    [maxTokens]uint32
	nBoth, na, nb int
}

func (c *contrast) set(a, b []uint32) {
	c.nBoth, c.na, c.nb = 0, 0, 0
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			c.a[c.na] = a[i]
			c.na++
			i++
		case b[j] < a[i]:
			c.b[c.nb] = b[j]
			c.nb++
			j++
		default:
			c.both[c.nBoth] = a[i]
			c.nBoth++
			i++
			j++
		}
	}
	c.na += copy(c.a[c.na:], a[i:])
	c.nb += copy(c.b[c.nb:], b[j:])
}

// compared is a pair of texts read for its features. The order of the two makes
// no difference.
type compared struct {
	one, two contrast
	shape    [shapes]float64
}

func (p *compared) set(a, b Words) {
	p.one.set(a.one, b.one)
	p.two.set(a.two, b.two)
	short, long := float64(min(len(a.one), len(b.one))), float64(max(len(a.one), len(b.one)))
	p.shape = [shapes]float64{
		math.Log((short + 1) / (long + 1)),
		math.Log(short+long+1) - 2.5,
		math.Log(float64(p.one.na+p.one.nb+1)) - 2,
		math.Log(float64(p.one.nBoth+1)) - 1.5,
		math.Log(float64(min(p.one.na, p.one.nb)+1)) - 1,
		float64(p.one.nBoth)/(short+1) - .5,
		float64(p.two.nBoth)/float64(min(len(a.two), len(b.two))+1) - .5,
	}
}

// words calls f for each sparse feature with its key and value.
func (p *compared) words(f func(key uint32, x float64)) {
	p.one.words(kindBoth, kindOne, f)
	p.two.words(kindBothTwo, kindOneTwo, f)
	n := p.one.na * p.one.nb
	if n > maxSwaps {
		return
	}
	x := swapWeight / root(n)
	for _, g := range p.one.a[:p.one.na] {
		for _, h := range p.one.b[:p.one.nb] {
			f(key(kindSwap, min(g, h)*0x9e3779b1+max(g, h)), x)
		}
	}
}

func (c *contrast) words(both, one uint32, f func(uint32, float64)) {
	x := wordWeight / root(c.nBoth)
	for _, h := range c.both[:c.nBoth] {
		f(key(both, h), x)
	}
	x = wordWeight / root(c.na+c.nb)
	for _, h := range c.a[:c.na] {
		f(key(one, h), x)
	}
	for _, h := range c.b[:c.nb] {
		f(key(one, h), x)
	}
}

func root(n int) float64 { return math.Sqrt(float64(max(1, n))) }

// key is never 0, which marks a free place of a table.
func key(kind, h uint32) uint32 { return max(1, mix(h+(kind+1)*0x85ebca77)) }
