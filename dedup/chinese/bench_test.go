package chinese

import (
	"runtime"
	"testing"

	"github.com/heedhq/heed/dedup/assets"
)

// BenchmarkLoad measures what a start pays, and the memory that stays taken.
func BenchmarkLoad(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		d, s := load(b)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		runtime.KeepAlive(d)
		runtime.KeepAlive(s)
	}
}

func BenchmarkLoadDictionary(b *testing.B) {
	for b.Loop() {
		if _, err := Load(assets.Dictionary()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmbed(b *testing.B) {
	_, s := load(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Embed("导出很大的看板要等好几分钟，希望可以更快一些。")
	}
}

func BenchmarkGloss(b *testing.B) {
	d, _ := load(b)
	b.ReportAllocs()
	for b.Loop() {
		d.Gloss("导出很大的看板要等好几分钟，希望可以更快一些。")
	}
}
