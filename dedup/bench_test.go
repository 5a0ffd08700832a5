package dedup

import (
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"testing"
	"time"
)

// phrases of a product's feedback, to write texts from.
var (
	benchWho  = []string{"I", "we", "our team", "my customers", "the support desk", "用户", "我", "我们团队", "客户"}
	benchWhat = []string{"export boards to CSV", "log in with Google", "switch to dark mode", "upload large files", "invite guests", "sync the calendar", "search archived cards", "reset the password",
		"print invoices", "change the billing address", "提现到银行卡", "收到推送通知", "切换界面语言", "上传头像", "绑定手机号", "导出报表", "修改收货地址", "删除历史记录"}
	benchHow = []string{"takes minutes", "fails with an error", "does not work any more", "is missing on mobile", "should be faster", "crashes the app", "一直处理中", "没有反应", "希望可以更快", "经常失败"}
	benchAdd = []string{"since the last update", "on Android", "for large workspaces", "when offline", "every Monday morning", "更新以后", "在安卓手机上", "数据很多的时候", "从昨天开始"}
)

// benchText writes a report of one to three clauses, with names and numbers of
// its own in one of four, so that rare words and common ones are about as
// frequent as in real feedback. Not real texts.
func benchText(r *rand.Rand) string {
	pick := func(l []string) string { return l[r.Intn(len(l))] }
	s := pick(benchWho) + " " + pick(benchWhat) + " " + pick(benchHow)
	for range r.Intn(3) {
		s += " " + pick(benchAdd) + ", " + pick(benchWhat)
	}
	if r.Intn(4) == 0 {
		s += fmt.Sprintf(" project%d code %d", r.Intn(50_000), r.Intn(1000))
	}
	return s
}

func benchIndex(n int, text func(*rand.Rand) string) (*Index, *rand.Rand) {
	r, x := rand.New(rand.NewSource(1)), NewIndex()
	for i := range n {
		x.Put(Item{ID: fmt.Sprintf("sug_%026d", i), Theme: fmt.Sprint("thm_", i%(n/30+1)), Text: text(r)})
	}
	return x, r
}

// BenchmarkMatch reports p50 and p99 of a match in ms, one caller, over texts
// written by benchText: few words, all of them common, which is harder on the
// index than real feedback.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchMatch(b, n, benchText) })
	}
	b.Run("10000-identical", func(b *testing.B) {
		benchMatch(b, 10_000, func(*rand.Rand) string { return "we cannot export boards to CSV since the last update" })
	})
}

func benchMatch(b *testing.B, n int, text func(*rand.Rand) string) {
	x, r := benchIndex(n, text)
	var took []time.Duration
	b.ResetTimer()
	for b.Loop() {
		q := Query{Text: text(r)}
		start := time.Now()
		x.Match(q)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// BenchmarkPut builds an index of 100,000 items a round (run it with -benchtime
// 1x) and reports the memory an item of benchText takes, all included.
func BenchmarkPut(b *testing.B) {
	var before, after runtime.MemStats
	const n = 100_000
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		x, _ := benchIndex(n, benchText)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "bytes/item")
		runtime.KeepAlive(x)
	}
}
