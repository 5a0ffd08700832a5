package chinese

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/dedup/assets"
	"github.com/heedhq/heed/dedup/encoder"
)

func load(tb testing.TB) (*Dictionary, *Student) {
	tb.Helper()
	d, err := Load(assets.Dictionary())
	if err != nil {
		tb.Fatal(err)
	}
	s, err := LoadStudent(assets.Student(), d)
	if err != nil {
		tb.Fatal(err)
	}
	return d, s
}

func dot(a, b []float32) float64 {
	var s float64
	for i, x := range a {
		s += float64(x) * float64(b[i])
	}
	return s
}

// Words, glosses, tokens and vectors are those of the reference the student was
// trained beside (own sentences; glosses from CC-CEDICT, CC BY-SA 4.0).
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Text, Vector, Gloss string
		Tokens              []int32
		Words               []string
	}
	if err := json.Unmarshal(raw, &golden); err != nil || len(golden) == 0 {
		t.Fatal(err)
	}
	d, s := load(t)
	for _, g := range golden {
		if got := d.Segment(d.Simplify(g.Text)); !slices.Equal(got, g.Words) {
			t.Errorf("%q: words %q, want %q", g.Text, got, g.Words)
		}
		if got := d.Gloss(g.Text); got != g.Gloss {
			t.Errorf("%q: gloss %q, want %q", g.Text, got, g.Gloss)
		}
		var tokens []int32
		s.tokens(g.Text, func(id int32) { tokens = append(tokens, id) })
		if !slices.Equal(tokens, g.Tokens) {
			t.Errorf("%q: tokens %v, want %v", g.Text, tokens, g.Tokens)
		}
		b, err := base64.StdEncoding.DecodeString(g.Vector)
		if err != nil || len(b) != Dim {
			t.Fatalf("%q: %d values, %v", g.Text, len(b), err)
		}
		want := make([]float32, Dim)
		for i, x := range b {
			want[i] = float32(int8(x))
		}
		if c := dot(s.Embed(g.Text), want) / math.Sqrt(dot(want, want)); c < .999 {
			t.Errorf("%q: cosine %.5f to the reference", g.Text, c)
		}
	}
}

func TestDictionary(t *testing.T) {
	d, _ := load(t)
	if got := d.Simplify("手機應用，後台 App"); got != "手机应用，后台 App" {
		t.Errorf("simplified to %q", got)
	}
	if d.SimplifyRune('導') != '导' || d.SimplifyRune('导') != '导' || d.SimplifyRune('x') != 'x' {
		t.Error("SimplifyRune")
	}
	if got := d.Senses("导出"); len(got) == 0 || !slices.Contains(d.Senses("发票"), "invoice") {
		t.Errorf("senses %q, %q", got, d.Senses("发票"))
	}
	for _, no := range []string{"", "x", "\t", "导出\t", "导出导出", "一\n", "\xff", "龥龥", "導出"} {
		if got := d.Senses(no); got != nil {
			t.Errorf("senses of %q: %q", no, got)
		}
	}
	if got := d.Gloss("🙂 ！"); got != "none" {
		t.Errorf("gloss of nothing: %q", got)
	}
}

// Every word of the file is found again, with its senses.
func TestEveryWordIsFound(t *testing.T) {
	d, _ := load(t)
	if len(d.words) < 99_000 {
		t.Errorf("%d words", len(d.words))
	}
	for i := range d.words {
		line, _ := d.line(int(d.words[i]))
		word, senses, _ := strings.Cut(line, "\t")
		if got := d.senses(word); got != senses {
			t.Fatalf("%s: %q, want %q", word, got, senses)
		}
	}
}

// A Chinese sentence is nearest to its own translation, and to what says the same
// in Chinese.
func TestTranslationsAreNearer(t *testing.T) {
	e, err := encoder.Load(assets.Encoder(), assets.Pieces())
	if err != nil {
		t.Fatal(err)
	}
	_, s := load(t)
	pairs := [][2]string{
		{"导出很大的看板太慢了", "Exporting a large board is too slow"},
		{"请增加深色主题", "Please add a dark theme"},
		{"我忘记了密码，登录不了", "I forgot my password and cannot log in"},
		{"在哪里可以修改发票上的地址？", "Where can I change the address on the invoice?"},
		{"手机电池很快就没电了", "The battery of my phone runs out quickly"},
		{"照片上传失败", "The photo could not be uploaded"},
	}
	var english [][]float32
	for _, p := range pairs {
		english = append(english, e.Embed(p[1]))
	}
	for i, p := range pairs {
		v := s.Embed(p[0])
		own := dot(v, english[i])
		for j, q := range pairs {
			if other := dot(v, english[j]); i != j && other >= own {
				t.Errorf("%s is nearer to %q (%.3f) than to %q (%.3f)", p[0], q[1], other, p[1], own)
			}
		}
	}
	v := s.Embed("导出太慢")
	if near, far := dot(v, s.Embed("匯出速度很慢")), dot(v, s.Embed("密码错误")); near <= far {
		t.Errorf("the same in other words %.3f, another thing %.3f", near, far)
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
		"one character": strings.Repeat("提", 22<<10),
		"long words":    strings.Repeat("中华人民共和国", 3000),
		"traditional":   strings.Repeat("導出", 10<<10),
		"rare":          strings.Repeat("㐀鿿𠀀", 5000),
		"one letter":    strings.Repeat("a", 64<<10),
		"digits":        strings.Repeat("1 ", 32<<10),
		"noise":         string(noise),
		"broken UTF-8":  strings.Repeat("\xe6\x8f提", 10000),
		"tabs":          strings.Repeat("提\t/\n", 10000),
		"growing":       strings.Repeat("İ", 30000),
	}
}

func mustHold(t *testing.T, d *Dictionary, s *Student, text string) {
	t.Helper()
	if v := s.Embed(text); len(v) != Dim || !(math.Abs(dot(v, v)-1) < 1e-5) {
		t.Errorf("%.40q: %d values, squared length %g", text, len(v), dot(v, v))
	}
	if g := d.Gloss(text); g == "" || len([]rune(g)) > maxGloss {
		t.Errorf("%.40q: gloss %.40q", text, g)
	}
	n := 0
	for _, w := range d.Segment(text) {
		i := strings.Index(text[n:], w)
		if i < 0 || w == "" {
			t.Fatalf("%.40q: %q is not among the words in order", text, w)
		}
		n += i + len(w)
	}
	if n > 4*MaxRunes {
		t.Errorf("%.40q: read %d bytes", text, n)
	}
}

// Whatever is sent, there is a vector and a gloss, soon.
func TestHostileTexts(t *testing.T) {
	d, s := load(t)
	for name, text := range hostile() {
		start := time.Now()
		mustHold(t, d, s, text)
		d.Simplify(text)
		if took := time.Since(start); took > 10*time.Second { // a millisecond in truth
			t.Errorf("%s: %v", name, took)
		}
	}
	if !slices.Equal(s.Embed(""), s.Embed("🙂")) {
		t.Error("texts without a known token differ")
	}
}

func TestConcurrentUse(t *testing.T) {
	d, s := load(t)
	want := s.Embed("导出很大的看板")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if !slices.Equal(s.Embed("导出很大的看板"), want) || d.Gloss("发票") != "invoice" {
					t.Error("another answer")
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzStudent(f *testing.F) {
	for _, s := range []string{"导出很大的看板", "手機 App v2 闪退！", "", "\xff提", "㐀𠀀", "İ提现"} {
		f.Add(s)
	}
	d, s := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		mustHold(t, d, s, text)
		d.Senses(text)
		if got := d.Simplify(d.Simplify(text)); !strings.Contains(text, "\x00") && len(got) > 4*len(text)+4 {
			t.Fatalf("%q grew to %q", text, got)
		}
	})
}
