package eval

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode"
)

const leastLetters = 4 // of a word that gets a typo

// typo writes a text with one typo, always the same one for the same text: a
// letter left out, doubled or wrong, or two swapped, never the first. ok is false
// for a text without a word of letters long enough.
func typo(s string) (with string, ok bool) {
	h := fnv.New64a()
	h.Write([]byte(s))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	words := strings.Fields(s)
	var long []int
	for i, w := range words {
		if len(w) >= leastLetters && !strings.ContainsFunc(w, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsLetter(c) }) {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return s, false
	}
	at := long[r.IntN(len(long))]
	w := words[at]
	i := 1 + r.IntN(len(w)-2)
	switch r.IntN(4) {
	case 0:
		w = w[:i] + w[i+1:]
	case 1:
		w = w[:i] + w[i:i+1] + w[i:]
	case 2:
		w = w[:i] + string('a'+rune(r.IntN(26))) + w[i+1:]
	default:
		w = w[:i] + w[i+1:i+2] + w[i:i+1] + w[i+2:]
	}
	words[at] = w
	return strings.Join(words, " "), true
}
