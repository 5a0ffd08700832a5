package redact

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Three characters of a phrase in Chinese are three of its words: none of them is told,
// and of an English one three letters are.
func TestTheEndOfAChinesePhraseIsNotTold(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	r := New(Options{})
	for name, list := range byName(lists()) {
		for layout, write := range byName(layouts(name != "english")) {
			words := randomPhrase(rng, list, 12)
			_, found := r.Mask("my words " + write(words))
			if len(found) != 1 {
				t.Fatalf("%s/%s: %+v", name, layout, found)
			}
			end := found[0].Last3
			if strings.ContainsFunc(end, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || slices.Contains(words, end) && len([]rune(end)) > 3 {
				t.Errorf("%s/%s tells %q of %q", name, layout, end, words)
			}
			if name == "english" && layout == "one line" && end == "" {
				t.Errorf("%s/%s tells nothing", name, layout)
			}
		}
	}
}
