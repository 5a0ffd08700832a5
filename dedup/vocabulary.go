package dedup

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// vocabulary numbers the words and the terms of an index. A term is what
// postings are kept for: the stem of a word, a character, or a pair of
// characters. Stemming happens once per word.
type vocabulary struct {
	words   []wordEntry
	byWord  map[string]uint32
	byStem  map[string]uint32
	byPair  map[uint64]uint32 // two characters, or one and 0
	terms   uint32            // how many terms there are
	stop    *stopwords
	spelled map[uint32][]uint32 // hash of three letters → words holding them, for typos
}

type wordEntry struct {
	text    string
	term    uint32
	mass    float32 // of its n-grams
	grammar bool    // says nothing in any language
}

func newVocabulary(stop *stopwords) *vocabulary {
	return &vocabulary{stop: stop, byWord: map[string]uint32{}, byStem: map[string]uint32{}, byPair: map[uint64]uint32{}, spelled: map[uint32][]uint32{}}
}

// word returns the number of w, adding it when it is new.
func (v *vocabulary) word(w string) uint32 {
	if n, ok := v.byWord[w]; ok {
		return n
	}
	w = strings.Clone(w)
	n := uint32(len(v.words))
	term := v.term(stem(w))
	v.words = append(v.words, wordEntry{w, term, v.stop.mass(w), v.stop.grammar[w]})
	v.byWord[w] = n
	if spellable(w) {
		for _, g := range trigrams(w) {
			v.spelled[g] = append(v.spelled[g], n)
		}
	}
	return n
}

// term returns the number of a stem, adding it when it is new.
func (v *vocabulary) term(stem string) uint32 {
	n, ok := v.byStem[stem]
	if !ok {
		n = v.terms
		v.terms++
		v.byStem[strings.Clone(stem)] = n
	}
	return n
}

// pair returns the term of two characters, or of one when second is 0.
func (v *vocabulary) pair(first, second rune) uint32 {
	k := pairKey(first, second)
	t, ok := v.byPair[k]
	if !ok {
		t = v.terms
		v.terms++
		v.byPair[k] = t
	}
	return t
}

func pairKey(first, second rune) uint64 { return uint64(first)<<21 | uint64(second) }

// stem is the term a word stands for. Contractions lose their tail, so that
// "can't" meets "cant" and "user's" meets "user".
func stem(w string) string {
	w = strings.ReplaceAll(strings.TrimSuffix(w, "'s"), "'", "")
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return w // names, versions, other scripts
		}
	}
	return english.Stem(w, true)
}

// spellable reports words in which a typo can be told from another word.
func spellable(w string) bool {
	if len(w) < 4 {
		return false
	}
	for _, r := range w {
		if r < 'a' || r > 'z' && r < utf8.RuneSelf {
			return false
		}
	}
	return true
}

// trigrams returns the distinct hashes of three letters of w, its ends marked.
func trigrams(w string) []uint32 {
	rs := padded(w)
	out := make([]uint32, 0, len(rs))
	for i := 0; i+3 <= len(rs); i++ {
		if h := gramHash(rs[i : i+3]); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

const (
	maxSpelled  = 4000 // words looked at per three letters
	maxVerified = 24   // words whose distance is computed
)

// misspelt returns at most three words that differ from w by a typo: one letter
// wrong, missing, added or two swapped; two of them from eight letters on.
func (v *vocabulary) misspelt(w string) []uint32 {
	if !spellable(w) {
		return nil
	}
	shared := map[uint32]int{}
	for _, g := range trigrams(w) {
		l := v.spelled[g]
		for _, n := range l[:min(len(l), maxSpelled)] {
			shared[n]++
		}
	}
	type near struct {
		word   uint32
		shared int
	}
	var ns []near
	for n, c := range shared {
		if c >= 2 {
			ns = append(ns, near{n, c})
		}
	}
	slices.SortFunc(ns, func(a, b near) int {
		if a.shared != b.shared {
			return b.shared - a.shared
		}
		return int(a.word) - int(b.word)
	})
	allowed, a := 1, []rune(w)
	if len(a) >= 8 {
		allowed = 2
	}
	var out []uint32
	for _, n := range ns[:min(len(ns), maxVerified)] {
		if d := distance(a, []rune(v.words[n.word].text), allowed); d > 0 && d <= allowed && len(out) < 3 {
			out = append(out, n.word)
		}
	}
	return out
}

// distance is the number of letters wrong, missing, added or swapped with their
// neighbour; more than limit+1 is not told apart.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var rows [3][maxWord + 2]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, up, upper := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], upper[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
