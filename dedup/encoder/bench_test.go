package encoder

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/heedhq/heed/dedup/assets"
)

// sentences of about twelve words, as short feedback is.
func sentences() []string {
	return []string{
		"The export of a large board takes more than ten minutes now.",
		"Please add a dark theme, the white screen hurts my eyes at night.",
		"I cannot sign in with my work account since the last update.",
		"How do I change the address that is printed on our invoices?",
		"The phone app drains the battery when it runs in the background.",
		"Search does not find cards that were archived a month ago.",
		"It would be great if guests could comment without an account.",
		"Reminders arrive an hour late for people in other time zones.",
	}
}

func load(tb testing.TB) *Encoder {
	tb.Helper()
	e, err := Load(assets.Encoder(), assets.Pieces())
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// BenchmarkEmbed measures one text on one CPU, with every kernel of the build.
func BenchmarkEmbed(b *testing.B) {
	best := load(b)
	encoders := []*Encoder{best}
	if best.Kernel() != (plain{}).name() {
		encoders = append(encoders, newEncoder(best.pieces, best.net, plain{}))
	}
	all := strings.Join(sentences(), " ")
	medium := strings.Join(strings.Fields(all)[:40], " ")
	for _, e := range encoders {
		for _, c := range []struct {
			name  string
			texts []string
		}{{"short", sentences()}, {"medium", []string{medium}}, {"long", []string{all + all + all}}} {
			b.Run(e.Kernel()+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				pieces := 0
				for i := 0; b.Loop(); i++ {
					e.Embed(c.texts[i%len(c.texts)])
				}
				for _, s := range c.texts {
					var w path
					pieces += len(e.pieces.cut(&w, s))
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
				b.ReportMetric(float64(pieces)/float64(len(c.texts)), "pieces")
			})
		}
	}
}

// BenchmarkEmbedAll measures short texts on every CPU.
func BenchmarkEmbedAll(b *testing.B) {
	e := load(b)
	var texts []string
	for range 25 {
		texts = append(texts, sentences()...)
	}
	for b.Loop() {
		e.EmbedAll(texts, 0)
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "texts/s")
}

// BenchmarkLoad measures what a start pays.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}

// BenchmarkCut measures the tokenizer alone.
func BenchmarkCut(b *testing.B) {
	e := load(b)
	for _, c := range []struct{ name, text string }{{"short", sentences()[0]}, {"64KB", strings.Repeat("ab c", 16<<10)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var w path
			for b.Loop() {
				e.pieces.cut(&w, c.text)
			}
		})
	}
}

// BenchmarkMultiply measures the largest matrix, with the rows of a short text and
// of a batch.
func BenchmarkMultiply(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	m := randomMatrix(r, Dim, wideDim)
	for _, k := range kernels() {
		for _, n := range []int{14, batchPieces} {
			b.Run(fmt.Sprint(k.name(), "/", n), func(b *testing.B) {
				x := newScratch().rows
				x.n = n
				y := make([]float32, n*m.out)
				for b.Loop() {
					k.multiply(y, &x, m)
				}
				b.ReportMetric(float64(b.N)*float64(n*m.in*m.out)/b.Elapsed().Seconds()/1e9, "GMAC/s")
			})
		}
	}
}
