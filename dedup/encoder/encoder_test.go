package encoder

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/dedup/assets"
)

// each runs a test with every kernel of the build.
func each(t *testing.T, f func(t *testing.T, e *Encoder)) {
	best := load(t)
	for _, k := range kernels() {
		t.Run(k.name(), func(t *testing.T) { f(t, newEncoder(best.pieces, best.net, k)) })
	}
}

func dotOf(a, b []float32) float64 {
	var s float64
	for i, x := range a {
		s += float64(x) * float64(b[i])
	}
	return s
}

func mustBeUnit(t *testing.T, what string, v []float32) {
	t.Helper()
	if n := dotOf(v, v); len(v) != Dim || !(math.Abs(n-1) < 1e-5) {
		t.Errorf("%s: %d values, squared length %g", what, len(v), n)
	}
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// The vectors and pieces are those of the reference that runs the same weights in
// float32 (testdata holds its vectors rounded to int8, own sentences).
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Text, Vector string
		Tokens       []int32
	}
	if err := json.Unmarshal(raw, &golden); err != nil || len(golden) == 0 {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, e *Encoder) {
		for _, g := range golden {
			var w path
			if got := e.pieces.cut(&w, g.Text); !slices.Equal(got, g.Tokens) {
				t.Errorf("%q: pieces %v, want %v", g.Text, got, g.Tokens)
			}
			b, err := base64.StdEncoding.DecodeString(g.Vector)
			if err != nil || len(b) != Dim {
				t.Fatalf("%q: %d values, %v", g.Text, len(b), err)
			}
			want := make([]float32, Dim)
			for i, x := range b {
				want[i] = float32(int8(x))
			}
			if c := dotOf(e.Embed(g.Text), want) / math.Sqrt(dotOf(want, want)); c < .999 {
				t.Errorf("%q: cosine %.5f to the reference", g.Text, c)
			}
		}
	})
}

// What is said in other words is nearer than what is said about another thing.
func TestParaphrasesAreNearer(t *testing.T) {
	e := load(t)
	for _, c := range [][3]string{
		{"The export of large boards takes several minutes.", "Exporting a big board is far too slow.", "I cannot sign in with my work account."},
		{"Please add a dark theme to the phone app.", "It would be nice to have night mode on mobile", "The phone app crashes when I add a photo."},
		{"Where can I change my billing address?", "How do I update the address on the invoice?", "Where can I see who is online?"},
		{"I did not get the reset mail", "the password reset email never arrived", "please stop sending me so many emails"},
	} {
		v := e.EmbedAll(c[:], 0)
		if near, far := dotOf(v[0], v[1]), dotOf(v[0], v[2]); near < far+.1 {
			t.Errorf("%q: %.3f to %q, %.3f to %q", c[0], near, c[1], far, c[2])
		}
	}
}

// White space says nothing, but case does: folding it is the caller's.
func TestWhiteSpace(t *testing.T) {
	e := load(t)
	if !same(e.Embed("slow export"), e.Embed(" \t slow\n\u3000export  ")) {
		t.Error("white space changes the vector")
	}
	if same(e.Embed("slow export"), e.Embed("slowexport")) {
		t.Error("words run together have the same vector")
	}
	if !same(e.Embed(""), e.Embed(" \n ")) {
		t.Error("an empty text and white space differ")
	}
}

func hostile() map[string]string {
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	return map[string]string{
		"empty":         "",
		"spaces":        strings.Repeat(" ", 64<<10),
		"one letter":    strings.Repeat("a", 64<<10),
		"one character": strings.Repeat("提", 22<<10),
		"one emoji":     strings.Repeat("👍", 16<<10),
		"separators":    strings.Repeat(space, 20<<10),
		"controls":      strings.Repeat("<s></s>extra_token_id_1", 2000),
		"noise":         string(noise),
		"zero bytes":    strings.Repeat("\x00", 64<<10),
		"broken UTF-8":  strings.Repeat("\xe6\x8f export", 5000),
		"many words":    strings.Repeat("the export of boards is slow ", 2000),
		"punctuation":   strings.Repeat(".", 64<<10),
	}
}

// No text costs more than one of 128 pieces, and every text has a vector.
func TestHostileTexts(t *testing.T) {
	each(t, func(t *testing.T, e *Encoder) {
		for name, s := range hostile() {
			start := time.Now()
			mustBeUnit(t, name, e.Embed(s))
			var w path
			if ids := e.pieces.cut(&w, s); len(ids) == 0 || len(ids) > maxPieces || len(w.text) > 4*e.pieces.limit+len(space) {
				t.Errorf("%s: %d pieces of %d bytes", name, len(ids), len(w.text))
			}
			if d := time.Since(start); d > 20*time.Second { // a hundredth of a second in truth, more under the race detector
				t.Errorf("%s: %v", name, d)
			}
		}
	})
}

// The same text has the same vector, bit for bit: again, by every kernel, alone or
// among others, whatever the number of workers.
func TestSameTextSameVector(t *testing.T) {
	texts := append(sentences(), "", "提现", strings.Repeat("long ", 90), "x")
	reference := load(t)
	reference.kernel = plain{}
	var want [][]float32
	for _, s := range texts {
		want = append(want, reference.Embed(s))
	}
	each(t, func(t *testing.T, e *Encoder) {
		for _, workers := range []int{1, 3, 100} {
			for i, v := range e.EmbedAll(texts, workers) {
				if !same(v, want[i]) {
					t.Fatalf("%d workers: another vector for %.40q", workers, texts[i])
				}
			}
		}
	})
	if got := reference.EmbedAll(nil, 3); len(got) != 0 {
		t.Errorf("no texts gave %d vectors", len(got))
	}
}

func TestConcurrentUse(t *testing.T) {
	e := load(t)
	texts := sentences()
	want := e.EmbedAll(texts, 1)
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := range 4 {
				n := (g + i) % len(texts)
				if !same(e.Embed(texts[n]), want[n]) {
					t.Errorf("goroutine %d: another vector for %q", g, texts[n])
				}
			}
		})
	}
	wg.Wait()
}

// Files cut short, swapped or of another model are refused.
func TestLoadRefusesDamage(t *testing.T) {
	weights, vocab := assets.Encoder(), assets.Pieces()
	for _, n := range []int{0, 7, 8, 9, 100, 2000, len(weights) / 2, len(weights) - 1} {
		if _, err := Load(weights[:n], vocab); err == nil {
			t.Errorf("weights of %d bytes were accepted", n)
		}
	}
	if _, err := Load(assets.Student(), vocab); err == nil {
		t.Error("the student's weights were accepted")
	}
	if _, err := Load(vocab, weights); err == nil {
		t.Error("swapped files were accepted")
	}
	many := "[" + strings.Repeat(`["x",-1],`, 9000) + `["y",-1]]`
	for _, v := range []string{"", "null", "[]", "{}", `[["a",1]]`, "[1,2,3,4,5,6,7,8]", strings.Repeat("[", 10000), many,
		`[["a",0],["b",0],["c",0],["d",0],["e",0],["f",0],["g","x"]]`, `[["a",0],["b",0],["c",0],["d",0],["e",0],["f",0],["",0]]`,
		`[["a",0],["b",0],["c",0],["d",0],["e",0],["f",0],["g"]]`, fmt.Sprintf(`[["a",0],["b",0],["c",0],["d",0],["e",0],["f",0],[%q,0]]`, strings.Repeat("g", 256))} {
		if _, err := Load(weights, []byte(v)); err == nil {
			t.Errorf("vocabulary %.60q was accepted", v)
		}
	}
}
