package dedup

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Ids are told apart though their hashes are equal, and whichever of them goes.
func TestNamesWithEqualHashes(t *testing.T) {
	first := newNames()
	byHash := map[uint32]string{}
	var a, b string
	for i := 0; b == ""; i++ { // among some 80,000 names two have one hash of 32 bits
		id := fmt.Sprint("sug_", i)
		h := first.hash(id)
		a, b = byHash[h], ""
		if a != "" {
			b = id
		}
		byHash[h] = id
	}
	rapid.Check(t, func(t *rapid.T) {
		s := newNames()
		s.seed = first.seed
		known := map[string]uint32{}
		n := uint32(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				id := rapid.SampledFrom([]string{a, b, "", "sug_1|thm_2", strings.Repeat("x", 255)}).Draw(t, "id")
				if _, ok := known[id]; ok {
					t.Skip()
				}
				s.add(n, id)
				known[id] = n
				n++
			},
			"drop": func(t *rapid.T) {
				if len(known) == 0 {
					t.Skip()
				}
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(known))).Draw(t, "id")
				s.drop(id, known[id])
				delete(known, id)
			},
			"": func(t *rapid.T) {
				for _, id := range []string{a, b, "", "sug_1|thm_2", strings.Repeat("x", 255), "unknown"} {
					want, ok := known[id]
					got, found := s.find(id)
					if found != ok || ok && (got != want || s.of(got) != id) {
						t.Fatalf("%q: %d %v, want %d %v", id, got, found, want, ok)
					}
				}
			},
		})
	})
}
