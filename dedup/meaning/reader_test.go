package meaning

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var ctx = context.Background()

func one(t testing.TB, m interface {
	Embed(context.Context, []Text) ([][]float32, error)
}, x Text) []float32 {
	t.Helper()
	vecs, err := m.Embed(ctx, []Text{x})
	if err != nil || len(vecs) != 1 {
		t.Fatal(len(vecs), err)
	}
	return vecs[0]
}

func dot(a, b []float32) (s float64) {
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// What means the same lies nearer than what shares words or topic, within each
// language and across both.
func TestMeaningsLieNearEachOther(t *testing.T) {
	r := NewReader()
	for _, c := range []struct{ text, same, other string }{
		{"Exporting a big board takes forever", "The download of large boards is very slow", "Please add a dark theme"},
		{"导出很慢，要等好几分钟", "导出太慢了", "希望支持深色模式"},
		{"导出太慢了", "Exporting is too slow", "Please add a dark theme"},
		{"Please add a dark theme", "希望支持深色模式", "导出太慢了"},
		{"希望支援深色模式", "希望支持深色模式", "导出太慢了"},
	} {
		v := one(t, r, Text{Text: c.text})
		same, other := dot(v, one(t, r, Text{Text: c.same})), dot(v, one(t, r, Text{Text: c.other}))
		if same < other+.2 {
			t.Errorf("%s: %.2f to %s, %.2f to %s", c.text, same, c.same, other, c.other)
		}
	}
}

func TestAVectorHasLengthOneAndIsTheSameEveryTime(t *testing.T) {
	texts := []Text{{Text: "Slow export"}, {Title: "导出", Text: "太慢了"}, {Title: "Export 导出", Text: "of boards"}, {Text: "l’export à l’été"},
		{Text: "輸出速度很慢"}, {Text: "\xff\xfeslow\x00"}, {Text: "bro\u0301ken"}}
	first, err := NewReader().Embed(ctx, texts)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader()
	var wg sync.WaitGroup
	for i, x := range texts {
		wg.Go(func() {
			v := one(t, r, x)
			if len(v)%64 != 0 || math.Abs(dot(v, v)-1) > 1e-4 || !slices.Equal(v, first[i]) {
				t.Errorf("%q: %d numbers, length %f", x, len(v), dot(v, v))
			}
		})
	}
	wg.Wait()
}

func TestTitleAndTextAreReadAsOne(t *testing.T) {
	r := NewReader()
	if !slices.Equal(one(t, r, Text{Title: "Export", Text: "is slow"}), one(t, r, Text{Text: " Export \n is\tslow "})) {
		t.Error("a title changes the meaning")
	}
}

func TestWhatSaysNothingHasNoVector(t *testing.T) {
	r := NewReader()
	for _, s := range []string{"", " \n\t", "!!! ???", "🎉🎉", "12 345", "https://example.com/a/b", "ana@example.com"} {
		if v := one(t, r, Text{Title: s, Text: s}); v != nil {
			t.Errorf("%q has a vector", s)
		}
	}
}

// A flood of text costs about what a page costs.
func TestALongTextCostsNoMoreThanItsBeginning(t *testing.T) {
	r := NewReader()
	one(t, r, Text{Text: "load"})
	least := func(s string) time.Duration {
		best := time.Hour
		for range 3 {
			began := time.Now()
			one(t, r, Text{Text: s})
			best = min(best, time.Since(began))
		}
		return best
	}
	for _, s := range []string{"the export of large boards is slow ", "导出大看板的时候太慢", "x", " a", "\u3000 看"} {
		page, flood := strings.Repeat(s, 4096/len(s)), strings.Repeat(s, 64<<10/len(s))
		if p, f := least(page), least(flood); f > 3*p+20*time.Millisecond {
			t.Errorf("%q: 4 KB take %v, 64 KB take %v", s, p, f)
		}
	}
}

func TestWhoWentAwayIsNotWaitedFor(t *testing.T) {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := NewReader().Embed(gone, []Text{{Text: "slow"}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func BenchmarkEmbed(b *testing.B) {
	r := NewReader()
	for name, s := range map[string]string{"en": "The export of large boards is very slow on my machine", "zh": "导出大看板的时候太慢，要等好几分钟才行"} {
		one(b, r, Text{Text: s})
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				one(b, r, Text{Text: s})
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(); err != nil {
			b.Fatal(err)
		}
	}
}
