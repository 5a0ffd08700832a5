package dedup

import (
	"sort"
	"unicode/utf8"

	"github.com/heedhq/heed/dedup/assets"
)

// simplify returns the simplified form of a traditional character, or r. It
// searches the pairs as they lie in the file, so that nothing must be built
// before and nothing is kept.
func simplify(r rune) rune {
	const pair = 6 // bytes
	if r < 0x3400 || r > 0x9fff {
		return r
	}
	pairs := assets.Simplified()
	first := func(i int) rune {
		c, _ := utf8.DecodeRuneInString(pairs[i*pair:])
		return c
	}
	n := len(pairs) / pair
	i := sort.Search(n, func(i int) bool { return first(i) >= r })
	if i == n || first(i) != r {
		return r
	}
	c, _ := utf8.DecodeRuneInString(pairs[i*pair+pair/2:])
	return c
}
