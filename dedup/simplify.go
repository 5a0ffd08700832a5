package dedup

import "github.com/heedhq/heed/dedup/assets"

// simplify returns the simplified form of a traditional character, or r.
func simplify(r rune) rune {
	const first, last = 0x3400, 0x9fff // of the table
	if r < first || r > last {
		return r
	}
	table, i := assets.Simplified(), 2*int(r-first)
	if s := rune(table[i]) | rune(table[i+1])<<8; s != 0 {
		return s
	}
	return r
}
