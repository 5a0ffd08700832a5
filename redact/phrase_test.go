package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var phraseSizes = []int{12, 15, 18, 21, 24}

// wantSecret fails unless the text holds one secret, masked whole: exactly the
// stretch where secret stands.
func wantSecret(t *testing.T, r *Redactor, text, secret, rule string) {
	t.Helper()
	masked, found := r.Mask(text)
	start := strings.Index(text, secret)
	if len(found) != 1 || found[0].Rule != rule || found[0].Start != start || found[0].End != start+len(secret) {
		t.Fatalf("found %+v, want one %s at %d..%d in\n%s", found, rule, start, start+len(secret), text)
	}
	if want := text[:start] + "‹" + rule + " ···›" + text[start+len(secret):]; masked != want {
		t.Fatalf("masked\n%s\nwant\n%s", masked, want)
	}
}

func TestEveryPhraseIsMaskedHoweverItIsWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	r := New(Options{Key: []byte("k")})
	for name, list := range byName(lists()) {
		for layout, write := range byName(layouts(name != "english")) {
			t.Run(name+"/"+layout, func(t *testing.T) {
				for _, n := range phraseSizes {
					for range 8 {
						words := randomPhrase(rng, list, n)
						written := write(words)
						masked, found := r.Mask(written)
						if len(found) != 1 || !found[0].Final || found[0].Rule != "seed_phrase" {
							t.Fatalf("%d words: found %+v in %q", n, found, written)
						}
						if got := strings.TrimLeft(masked, "0１1.．) :Word"); got != "‹seed_phrase ···›" {
							t.Fatalf("left over %q of %q", got, written)
						}
						if want := mac("k", strings.Join(words, " ")); found[0].Digest != want {
							t.Fatalf("digest of %q is not that of its words", written)
						}
					}
				}
			})
		}
	}
}

// byName ranges over a map in the order of its keys, so that what is drawn on the way is the
// same in every run: a phrase in thousands reads like prose, and is left standing.
func byName[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

func mac(key, s string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(s))
	return hex.EncodeToString(m.Sum(nil))
}

func TestPhrasesFromManualsAreMasked(t *testing.T) {
	r := New(Options{})
	for _, b := range []byte{0x00, 0x7f, 0x80, 0xff} {
		for name, list := range byName(lists()) {
			for _, n := range phraseSizes {
				words := phraseOf(list, []byte(strings.Repeat(string([]byte{b}), n/3*4)))
				sep := map[bool]string{true: " ", false: ""}[name == "english"]
				wantSecret(t, r, strings.Join(words, sep), strings.Join(words, sep), "seed_phrase")
			}
		}
	}
}

func TestAPhraseInASentenceIsMaskedAndTheSentenceIsKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	r := New(Options{})
	around := [][2]string{
		{"My wallet is empty! Seed phrase: ", ". Please help, it is urgent."},
		{"I wrote \"", "\" into the box and nothing happened"},
		{"Before.\n\n", "\n\nAfter."},
		{"我的助记词是：", "，请帮我看看为什么导入失败"},
		{"导入这个\n", "\n以后看不到余额了"},
		{"助记词（", "）不对吗？"},
	}
	for name, list := range byName(lists()) {
		sep := map[bool]string{true: " ", false: ""}[name == "english"]
		for _, a := range around {
			for _, n := range phraseSizes {
				secret := strings.Join(randomPhrase(rng, list, n), sep)
				wantSecret(t, r, a[0]+secret+a[1], secret, "seed_phrase")
			}
		}
	}
}

// A phrase glued into a longer run of list words has no edges to go by: its words
// must go, its neighbours may. Nearly one in a hundred phrases of twelve, far
// fewer of the longer ones, reads so much like prose that it stays (package
// comment), so the promise is a ceiling of one in two hundred over all lengths.
func TestAPhraseInsideALongerRunIsMasked(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	r := New(Options{})
	for name, list := range byName(lists()) {
		sep := map[bool]string{true: " ", false: ""}[name == "english"]
		missed, total := 0, 0
		for _, n := range phraseSizes {
			for range 400 {
				words := randomPhrase(rng, list, n)
				before, after := randomWords(rng, list, 1+rng.IntN(6)), randomWords(rng, list, 1+rng.IntN(6))
				text := strings.Join(append(append(before, words...), after...), sep)
				masked, _ := r.Mask(text)
				total++
				if strings.Contains(masked, strings.Join(words[n-6:], sep)) || strings.Contains(masked, strings.Join(words[:6], sep)) {
					missed++
				}
			}
		}
		t.Logf("%s: missed %d of %d", name, missed, total)
		if missed*200 > total {
			t.Errorf("%s: missed %d of %d", name, missed, total)
		}
	}
}

func randomWords(rng *rand.Rand, list []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = list[rng.IntN(len(list))]
	}
	return out
}

func TestTwoPhrasesAreTwoFindings(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	r := New(Options{})
	for name, list := range byName(lists()) {
		sep := map[bool]string{true: " ", false: ""}[name == "english"]
		a, b := strings.Join(randomPhrase(rng, list, 12), sep), strings.Join(randomPhrase(rng, list, 12), sep)
		masked, found := r.Mask(a + "\n" + b)
		if len(found) != 2 || masked != "‹seed_phrase ···›\n‹seed_phrase ···›" {
			t.Errorf("%s: %q, %+v", name, masked, found)
		}
	}
}

func TestAWrongWordKeepsAPhraseFromBeingOne(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("abandon ", 12),
		"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
		"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon hello about",
		strings.Repeat("的", 12), strings.Repeat("zoo ", 24),
	} {
		wantNothing(t, New(Options{}), text)
	}
}

func wantNothing(t *testing.T, r *Redactor, text string) {
	t.Helper()
	if masked, found := r.Mask(text); len(found) > 0 || masked != text {
		t.Errorf("%q became %q: %+v", text, masked, found)
	}
}
