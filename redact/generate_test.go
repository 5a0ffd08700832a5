package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"

	"github.com/tyler-smith/go-bip39/wordlists"
)

// lists names the word lists the rules must know.
func lists() map[string][]string {
	return map[string][]string{
		"english":     wordlists.English,
		"simplified":  wordlists.ChineseSimplified,
		"traditional": wordlists.ChineseTraditional,
	}
}

// phraseOf makes the phrase of the entropy by the standard's arithmetic, with
// other means than the code under test.
func phraseOf(list []string, entropy []byte) []string {
	sum := sha256.Sum256(entropy)
	n := new(big.Int).SetBytes(entropy)
	checkBits := uint(len(entropy) / 4)
	n.Lsh(n, checkBits).Or(n, big.NewInt(int64(sum[0]>>(8-checkBits))))
	words := make([]string, (len(entropy)*8+int(checkBits))/11)
	mask := big.NewInt(2047)
	for i := len(words) - 1; i >= 0; i-- {
		words[i] = list[new(big.Int).And(n, mask).Int64()]
		n.Rsh(n, 11)
	}
	return words
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func randomPhrase(rng *rand.Rand, list []string, words int) []string {
	return phraseOf(list, randomBytes(rng, words/3*4))
}

// randomString draws n characters of an alphabet.
func randomString(rng *rand.Rand, alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[rng.IntN(len(alphabet))])
	}
	return b.String()
}

const (
	hexDigits = "0123456789abcdef"
	alnum     = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func randomHex(rng *rand.Rand, n int) string { return hex.EncodeToString(randomBytes(rng, n/2)) }

// encodeBase58Check is the inverse of base58Check.
func encodeBase58Check(payload []byte) string {
	sum := sha256.Sum256(payload)
	sum = sha256.Sum256(sum[:])
	b := append(append([]byte{}, payload...), sum[:4]...)
	n, mod, base := new(big.Int).SetBytes(b), new(big.Int), big.NewInt(58)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, mod)
		out = append([]byte{base58Alphabet[mod.Int64()]}, out...)
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		out = append([]byte{'1'}, out...)
	}
	return string(out)
}

// layouts are the ways people write down the words of a phrase.
func layouts(han bool) map[string]func([]string) string {
	join := func(sep string) func([]string) string {
		return func(w []string) string { return strings.Join(w, sep) }
	}
	each := func(format string) func([]string) string {
		return func(w []string) string {
			var b strings.Builder
			for i, s := range w {
				fmt.Fprintf(&b, format, i+1, s)
			}
			return strings.TrimSpace(b.String())
		}
	}
	groups := func(inner, outer string, n int) func([]string) string {
		return func(w []string) string {
			var b strings.Builder
			for i, s := range w {
				if i > 0 && i%n == 0 {
					b.WriteString(outer)
				} else if i > 0 {
					b.WriteString(inner)
				}
				b.WriteString(s)
			}
			return b.String()
		}
	}
	m := map[string]func([]string) string{
		"spaces": join(" "), "commas": join(", "), "full-width commas": join("，"), "lines": join("\n"),
		"blank lines": join("\r\n\r\n"), "ideographic spaces": join("\u3000"), "no-break spaces": join("\u00a0"),
		"json": join(`", "`), "table": join(" | "), "stops": join("、"), "invalid bytes": join("\xff"),
		"numbered": each("%d. %s "), "numbered lines": each("%d) %s\n"), "padded numbers": each("%02d %s\n"),
		"tight numbers": each("%d.%s"), "full-width numbers": each("%d．%s　"),
	}
	if han {
		m["unspaced"] = join("")
		m["lines of four"] = groups("", "\n", 4)
		m["groups of three"] = groups("", "，", 3)
		m["pairs"] = groups("", " ", 2)
		return m
	}
	m["lines of six"] = groups(" ", "\n", 6)
	m["upper case"] = func(w []string) string { return strings.ToUpper(strings.Join(w, " ")) }
	m["title case"] = func(w []string) string {
		out := make([]string, len(w))
		for i, s := range w {
			out[i] = strings.ToUpper(s[:1]) + s[1:]
		}
		return strings.Join(out, " ")
	}
	m["full width"] = func(w []string) string { return widen(strings.Join(w, " ")) }
	m["zero-width joints"] = join(" \u200b")
	m["labelled"] = each("Word %d: %s\n")
	return m
}

// widen writes ASCII letters in full width.
func widen(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'ａ'
		}
		return r
	}, s)
}
