package notifier

import (
	"fmt"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// BenchmarkMailing tells people of one change, from the activity to the last
// mark of "sent", over two connections to a sink that records before its 250.
func BenchmarkMailing(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": modelstest.SQLiteURL, "postgres": modelstest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			const people = 2000
			h := newHouse(b, modelstest.Open(b, url(b), nil), nil)
			h.start(func(o *LedgerOptions) { o.Settle = 0 })
			for i := 1; b.Loop(); i++ {
				b.StopTimer()
				th := h.theme(exports, models.StatusReceived)
				h.people(people, th)
				b.StartTimer()
				h.give(th, models.StatusPlanned, nil)
				h.sent(i * people)
			}
			b.ReportMetric(float64(b.N*people)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

// BenchmarkFanOutChunk writes an audience down and reports the longest time a
// chunk holds the writer.
func BenchmarkFanOutChunk(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": modelstest.SQLiteURL, "postgres": modelstest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			const people = 20000
			h := newHouse(b, modelstest.Open(b, url(b), nil), nil)
			th := h.theme(exports, models.StatusReceived)
			h.people(people, th)
			n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
			var longest time.Duration
			for i := 0; b.Loop(); i++ {
				h.give(th, models.Settable()[i%2+1], nil)
				if _, _, err := n.readEvents(b.Context()); err != nil {
					b.Fatal(err)
				}
				var event string
				if err := h.db.Read(b.Context()).Raw("SELECT event_id FROM fanouts WHERE done_at IS NULL").Scan(&event).Error; err != nil {
					b.Fatal(err)
				}
				for done := false; !done; {
					began := time.Now()
					var err error
					if done, err = n.fanOutOne(b.Context(), event); err != nil {
						b.Fatal(err)
					}
					longest = max(longest, time.Since(began))
				}
			}
			b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
			b.ReportMetric(float64(b.N*people)/b.Elapsed().Seconds(), "people/s")
			began := time.Now()
			p, err := n.Preview(b.Context(), staff, th, models.Text{EN: "Soon."}, true)
			if err != nil || p.People != people {
				b.Fatal(fmt.Sprintf("%+v", p), err)
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds()), "preview-ms")
		})
	}
}
