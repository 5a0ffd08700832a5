package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// misspell changes one letter of one word so that it is no list word.
func misspell(rng *rand.Rand, words []string) []string {
	known := englishList()
	for {
		out := append([]string{}, words...)
		i := rng.IntN(len(out))
		w := []byte(out[i])
		switch at := rng.IntN(len(w)); rng.IntN(4) {
		case 0:
			w[at] = "abcdefghijklmnopqrstuvwxyz"[rng.IntN(26)]
		case 1:
			w = append(w[:at], w[at+1:]...)
		case 2:
			w = append(w[:at], append([]byte{w[at]}, w[at:]...)...)
		default:
			if at > 0 {
				w[at-1], w[at] = w[at], w[at-1]
			}
		}
		out[i] = string(w)
		if _, ok := known.lookup(out[i]); !ok && len(w) > 2 {
			return out
		}
	}
}

// A phrase with a slip is warned of and kept: nothing proves it.
func TestAPhraseWithASlipIsWarnedOf(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	rng := rand.New(rand.NewPCG(61, 62))
	all := lists()
	slips := map[string]func(string, []string) []string{
		"misspelt": func(name string, w []string) []string {
			if name == "english" {
				return misspell(rng, w)
			}
			out := append([]string{}, w...)
			out[rng.IntN(len(out))] = "饕"
			return out
		},
		"left out": func(_ string, w []string) []string {
			i := rng.IntN(len(w))
			return append(append([]string{}, w[:i]...), w[i+1:]...)
		},
		"no word": func(_ string, w []string) []string {
			out := append([]string{}, w...)
			out[rng.IntN(len(out))] = "zzzz"
			return out
		},
		"two swapped": func(_ string, w []string) []string {
			out := append([]string{}, w...)
			i := rng.IntN(len(out) - 1)
			out[i], out[i+1] = out[i+1], out[i]
			return out
		},
		"another word": func(name string, w []string) []string {
			out := append([]string{}, w...)
			out[rng.IntN(len(out))] = all[name][rng.IntN(2048)]
			return out
		},
	}
	for name, list := range all {
		sep := map[bool]string{true: " ", false: ""}[name == "english"]
		for slip, spoil := range slips {
			missed, total := 0, 0
			for range 400 {
				words := spoil(name, randomPhrase(rng, list, phraseSizes[rng.IntN(len(phraseSizes))]))
				text := "Help!\n" + strings.Join(words, sep) + "\n@"
				masked, found := r.Mask(text)
				if len(found) > 0 { // one in sixteen is right by accident, and masked
					continue
				}
				if total++; masked != text {
					t.Fatalf("changed %q", text)
				}
				if w := r.Warn(masked); len(w) == 0 {
					missed++
				} else if !w[0].Warning || w[0].Final || w[0].Rule != "seed_phrase" || w[0].Last3 != "" {
					t.Fatalf("%+v", w)
				}
			}
			t.Logf("%s, %s: %d of %d not warned of", name, slip, missed, total)
			if missed*10 > total {
				t.Errorf("%s, %s: %d of %d not warned of", name, slip, missed, total)
			}
		}
	}
}

// Phrases of manuals say one word over and over; a slip in one is seen all the same, and
// so is one in a phrase that is numbered or labelled in an odd way.
func TestASlipIsSeenHoweverThePhraseIsWritten(t *testing.T) {
	r := New(Options{})
	manual := strings.Fields(strings.Repeat("abandon ", 10) + "abandn about")
	if text := strings.Join(manual, " "); len(r.Warn(text)) == 0 {
		t.Errorf("%q is not warned of", text)
	}
	words := strings.Fields("legal winner thank year wave sausage worth useful antenna title orphan yelow") // "yellow" it is
	for _, layout := range []string{"a) w", "1st word: w", "first w", "Word 1 is w", "第1个词：w", "一、w", "w and w", "<li>", "JSON", "YAML", "two numbered columns"} {
		if text := oddLayouts(false)[layout](words); len(r.Warn(text)) == 0 {
			t.Errorf("%s: %q is not warned of", layout, text)
		}
	}
	if text := strings.NewReplacer("a", "а").Replace(strings.Join(words, " ")); len(r.Warn(text)) == 0 {
		t.Errorf("%q is not warned of", text)
	}
}

func TestOrdinaryTextIsNotWarnedOf(t *testing.T) {
	r := New(Options{})
	for _, text := range []string{
		"", "the app should never show again this photo when people wait there because they just want some help now", "我想把钱包里的币转出去了，但是一直不成功，请问这是什么原因？我们已经等了一个多小时了，还是没有到账。",
		"使 用 手 机 播 放 音 乐", strings.Repeat("zoo ", 24), strings.Repeat("好", 40), "How do I export my seed phrase of 12 or 24 words?", "‹seed_phrase ···›",
	} {
		if w := r.Warn(text); len(w) > 0 {
			t.Errorf("%q: %+v", text, w)
		}
	}
}
