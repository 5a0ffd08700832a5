package notifier

import (
	"context"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// A planned stop gives everything back and doubles nothing.
func TestAPlannedStopLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(300)
		for i := range 5 {
			x := h.start(nil)
			h.until("some were sent", func() bool { return len(h.sink.Mails()) > 20*(i+1) })
			x.halt()
			if n := h.count("deliveries", "state IN ('leased', 'sending')"); n != 0 {
				t.Errorf("%d deliveries are still held after the stop", n)
			}
		}
		h.start(nil)
		h.sent(300)
		h.exactly(1, h.emails(0, 300)...)
	})
}

func TestTwoNodesShareTheWork(t *testing.T) {
	url := modelstest.PostgresURL(t)
	clock := modelstest.NewClock(time.Time{})
	h := newHouse(t, modelstest.Open(t, url, clock), clock)
	other := &house{t: t, db: modelstest.Open(t, url, clock), clock: clock, sink: h.sink, auth: h.auth}
	themes := []string{h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)}
	h.people(600, themes...)
	h.start(nil)
	other.start(nil)
	for _, th := range themes {
		h.give(th, models.StatusPlanned, nil)
	}
	h.fannedOut(2)
	h.clock.Add(settleTime)
	h.sent(600)
	h.exactly(1, h.emails(0, 600)...)
	by := map[int]int{}
	for _, m := range h.sink.Mails() {
		by[m.Connection]++
	}
	if len(by) < 3 {
		t.Errorf("one node did it all: mails by connection %v", by)
	}
	h.sound()
}

// An abandoned lease passes to another node; a mail that may have been sent is
// not taken for one that was not.
func TestWhatADeadNodeHeldIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(4)
		h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
		h.until("waiting", func() bool { return h.count("deliveries", "state = 'ready'") == 4 })
		var ids []string
		if err := h.db.Read(context.Background()).Table("deliveries").Order("address").Pluck("id", &ids).Error; err != nil {
			t.Fatal(err)
		}
		n, _ := h.ledger(h.db, nil)
		if ds, _, _, err := n.normal.claim(t.Context(), 4); err != nil || len(ds) != 4 {
			t.Fatal(ds, err)
		}
		r := h.register(n)
		var d models.Delivery
		if err := h.db.Read(context.Background()).First(&d, "id = ?", ids[1]).Error; err != nil {
			t.Fatal(err)
		}
		if stopped, err := r.commit(letter{d: d}, "hash"); stopped != nil || err != nil {
			t.Fatal(stopped, err)
		}
		h.start(nil)
		time.Sleep(50 * time.Millisecond)
		if len(h.sink.Mails()) != 0 {
			t.Error("a living lease was ignored")
		}
		h.clock.Add(16 * time.Second)
		h.sent(4)
		if got := h.count("deliveries", "id = ? AND doubts = 1 AND attempts = 2", ids[1]); got != 1 {
			t.Error("the doubt is not on record")
		}
		if _, err := r.commit(letter{d: d}, "hash"); err != errLost {
			t.Errorf("the dead node's sender went on: %v", err)
		}
		h.exactly(1, h.emails(0, 4)...)
	})
}

// A node that waits long for the relay's answer keeps its lease meanwhile.
func TestALongWaitForTheAnswerIsNoDoubt(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	h.sink.Stall(time.Second)
	th := h.theme(exports, models.StatusReceived)
	h.people(4, th)
	h.give(th, models.StatusPlanned, nil)
	for range 2 {
		h.start(func(o *LedgerOptions) { o.Settle, o.Lease = 0, 300*time.Millisecond })
	}
	h.sent(4)
	h.exactly(1, h.emails(0, 4)...)
	if n := h.count("deliveries", "doubts > 0"); n != 0 {
		t.Errorf("%d in doubt", n)
	}
}
