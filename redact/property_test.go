package redact

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checkMasking holds what is true of every text.
func checkMasking(t interface{ Fatalf(string, ...any) }, r *Redactor, text string) string {
	masked, found := r.Mask(text)
	rebuilt, last := "", 0
	for _, f := range found {
		if f.Start < last || f.End <= f.Start || f.End > len(text) {
			t.Fatalf("findings %+v out of order or range in %q", found, text)
		}
		if f.Rule == "" || len(f.Digest) != 64 {
			t.Fatalf("finding without rule or digest: %+v", f)
		}
		rebuilt += text[last:f.Start] + maskOpen + f.Rule + maskClose
		last = f.End
	}
	if rebuilt+text[last:] != masked {
		t.Fatalf("masked text %q is not %q with the findings %+v replaced", masked, text, found)
	}
	if again, more := r.Mask(masked); len(more) > 0 || again != masked {
		t.Fatalf("masked text %q of %q has findings %+v", masked, text, more)
	}
	return masked
}

func TestMaskedTextHasNoFindingAndNoSecret(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	cases, all := secretCases(), lists()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var b strings.Builder
		var secrets []string
		for range rapid.IntRange(1, 5).Draw(t, "pieces") {
			switch rapid.IntRange(0, 3).Draw(t, "piece") {
			case 0:
				b.WriteString(rapid.String().Draw(t, "text"))
			case 1:
				b.Write(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
			case 2:
				c := rapid.SampledFrom(cases).Draw(t, "case")
				s := c.make(rng)
				secrets = append(secrets, s)
				b.WriteString("\n\n" + strings.Replace(c.text, "{}", s, 1) + "\n\n")
			default:
				name := rapid.SampledFrom([]string{"english", "simplified", "traditional"}).Draw(t, "list")
				words := randomPhrase(rng, all[name], rapid.SampledFrom(phraseSizes).Draw(t, "words"))
				s := strings.Join(words, " ")
				secrets = append(secrets, s)
				b.WriteString("\n\n@ " + s + " @\n\n")
			}
		}
		masked := checkMasking(t, r, b.String())
		for _, s := range secrets {
			if strings.Contains(masked, s) {
				t.Fatalf("%q is still in %q", s, masked)
			}
		}
	})
}

// Words, labels and pieces of every rule in any order: most of what a rule could
// see change when its neighbour is masked.
func TestMaskingIsDoneAfterOnePass(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	all := lists()
	pieces := []string{" ", " ", "\n", ",", "：", "1. ", "2 ", "private key", "私钥", "tx ", "0x" + strings.Repeat("ab", 32), strings.Repeat("Cd", 32),
		"password=", "hunter22", "password: ", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", strings.Repeat("Ab+9", 12),
		"://a:", "@b", "\"crypto\":{", "\"ciphertext\":\"", "kdf", "}", "‹seed_phrase ···›", "‹", "①", "ﬁ", "\u200b", "\xe2", "\x80", "助记词是", "word "}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 80).Draw(t, "n") {
			if k := rapid.IntRange(0, 5).Draw(t, "kind"); k < 2 {
				b.WriteString(rapid.SampledFrom(pieces).Draw(t, "piece"))
			} else {
				name := []string{"english", "english", "simplified", "traditional"}[k-2]
				b.WriteString(all[name][rapid.IntRange(0, 2047).Draw(t, "word")])
				if name == "english" {
					b.WriteString(" ")
				}
			}
		}
		checkMasking(t, r, b.String())
	})
}

func TestOneRedactorServesMany(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	text := "seed: " + strings.Repeat("abandon ", 11) + "about, password=hunter22"
	want, _ := r.Mask(text)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got, _ := r.Mask(text); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func hostileTexts() map[string]string {
	rng := rand.New(rand.NewPCG(31, 32))
	all := lists()
	repeat := func(s string) string { return strings.Repeat(s, 1+65536/len(s))[:65536] }
	m := map[string]string{
		"English words": strings.Join(randomWords(rng, all["english"], 11000), " "), "Chinese words": strings.Join(randomWords(rng, all["simplified"], 21000), ""),
		"numbered words": strings.Join(randomWords(rng, all["traditional"], 16000), "1"), "one phrase": repeat(strings.Repeat("abandon ", 11) + "about "),
		"zero phrase": repeat("的的的的的的的的的的的在"), "hex": repeat(strings.Repeat("ab", 32) + " "), "labels": repeat("private key "),
		"labelled hex": repeat("private key " + strings.Repeat("ab", 32) + " "), "hex after hex": "private key " + repeat(strings.Repeat("ab", 32)+" "),
		"base58": repeat(strings.Repeat("5", 60) + " "), "ones": repeat("1"), "xprv": repeat("xprv"), "eyJ": repeat("eyJ"), "eyJ dots": repeat("eyJa."),
		"urls": repeat("://a:"), "ats": repeat("://a:b@"), "passwords": repeat("password="), "assignments": repeat("password=a1b2c3 "), "dashes": repeat("-"),
		"headers": repeat("-----BEGIN PRIVATE KEY-----"), "blocks": repeat("-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("A", 64) + "\n"),
		"key headers": "-----BEGIN PRIVATE KEY-----\n" + repeat("a: \n"), "keystores": repeat(`"crypto":{"ciphertext":"` + strings.Repeat("ab", 16) + `","kdf":`),
		"braces": repeat(`crypto{kdf ciphertext`), "masks": repeat("‹seed_phrase ···›"), "opens": repeat("‹"), "invalid": repeat("\xe2\x80"), "sk": repeat("sk-"),
	}
	return m
}

// Four times the text takes some four times as long, whatever stands in it: sixteen times would
// be the square. Both are measured here, the best of three, so that a loaded machine says the same.
func TestHostileTextTakesLittleTime(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	best := func(text string) time.Duration {
		least := time.Hour
		for range 3 {
			start := time.Now()
			r.Mask(text)
			least = min(least, time.Since(start))
		}
		return least
	}
	for name, text := range hostileTexts() {
		part := best(text[:len(text)/4])
		whole := best(text)
		t.Logf("%-14s %8v of %8v", name, whole.Round(10*time.Microsecond), part.Round(10*time.Microsecond))
		if whole > 10*part+200*time.Millisecond {
			t.Errorf("%s: %v for %d bytes, %v for a quarter of them", name, whole, len(text), part)
		}
		checkMasking(t, r, text)
	}
}

func FuzzMask(f *testing.F) {
	r := New(Options{Key: []byte("k")})
	rng := rand.New(rand.NewPCG(41, 42))
	for _, c := range secretCases() {
		f.Add(strings.Replace(c.text, "{}", c.make(rng), 1))
	}
	for name, list := range byName(lists()) {
		for _, write := range byName(layouts(name != "english")) {
			f.Add(write(randomPhrase(rng, list, 12)))
		}
	}
	f.Add("‹seed_phrase ···› \xff①ﬁ\u200b助记词是")
	f.Fuzz(func(t *testing.T, text string) { checkMasking(t, r, text) })
}

func benchmark(b *testing.B, text string) {
	r := New(Options{Key: []byte("k")})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r.Mask(text)
	}
}

func BenchmarkOrdinaryEnglish2KB(b *testing.B) {
	benchmark(b, strings.Repeat("I would like to export the list of transactions as a CSV file, because my accountant asks for it every month. ", 19)[:2048])
}

func BenchmarkOrdinaryChinese2KB(b *testing.B) {
	benchmark(b, strings.Repeat("我想把交易记录导出成表格，每个月会计都要，现在只能一条一条复制，希望增加这个功能。", 18)[:2049])
}
