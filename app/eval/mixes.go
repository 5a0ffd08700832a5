package eval

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
)

// mix is a set as installations may hold it.
type mix struct {
	name    string
	few     bool // texts of a theme
	apart   bool // what is asked is not in the index
	indexes []holding
}

// holding is an index and what is asked of it, by the places of texts in the set.
type holding struct{ holds, asked []int }

const (
	smalls      = 250 // small indexes
	smallThemes = 14  // of one, at most
	smallTexts  = 4   // of a theme there, at most
)

// mixes are the set whole, every second text asked; young, with so many texts a
// theme and all that have none; and small.
func (s *set) mixes() []mix {
	whole := holding{holds: s.young(len(s.texts))}
	for i := 0; i < len(s.texts); i += 2 {
		whole.asked = append(whole.asked, i)
	}
	out := []mix{{name: "whole", indexes: []holding{whole}}}
	for _, n := range []int{12, smallTexts} {
		in := s.young(n)
		out = append(out, mix{name: fmt.Sprintf("%d a theme", n), few: n == smallTexts, indexes: []holding{{in, in}}})
	}
	return append(out, mix{name: "small", few: true, apart: true, indexes: s.small()})
}

// young are the first n texts of each theme, and all of none.
func (s *set) young(n int) (in []int) {
	taken := map[string]int{}
	for i, t := range s.texts {
		if taken[t.theme()]++; taken[t.theme()] <= n {
			in = append(in, i)
		}
	}
	return in
}

// small draws indexes of a few themes with a few texts each. Of each theme one
// more text is asked, and as many of themes that are not there.
func (s *set) small() (out []holding) {
	by := map[string][]int{}
	for i, t := range s.texts {
		if t.Theme != nil && s.grouped(i) {
			by[*t.Theme] = append(by[*t.Theme], i)
		}
	}
	names := slices.Sorted(maps.Keys(by))
	if len(names) == 0 {
		return nil
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range smalls {
		order := r.Perm(len(names))
		n := 1 + r.IntN(min(smallThemes, len(names)))
		var h holding
		for _, k := range order[:n] {
			texts := by[names[k]]
			drawn := r.Perm(len(texts))
			m := 1 + r.IntN(min(smallTexts, len(texts)-1))
			for _, i := range drawn[:m] {
				h.holds = append(h.holds, texts[i])
			}
			h.asked = append(h.asked, texts[drawn[m]])
		}
		for _, k := range order[n:min(2*n, len(order))] {
			texts := by[names[k]]
			h.asked = append(h.asked, texts[r.IntN(len(texts))])
		}
		out = append(out, h)
	}
	return out
}

// fold is the part of the themes that a text is in, by its theme's name; a text of
// none by its id.
func fold(t text) int {
	h := fnv.New32a()
	h.Write([]byte(t.theme()))
	return int(h.Sum32() % folds)
}
