package notifier

import (
	"bytes"
	"context"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
)

// Whatever moment two people are found to be one, each change is mailed to them once.
func TestTwoWhoAreOneGetOneMail(t *testing.T) {
	for when, moment := range map[string]func(h *house, n *node, merge func()){
		"before the change": func(h *house, n *node, merge func()) { merge() },
		"while it settles":  func(h *house, n *node, merge func()) { h.fannedOut(1); merge() },
	} {
		t.Run(when, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx := context.Background()
				p := people.New(h.db, redact.New(redact.Options{Key: bytes.Repeat([]byte{7}, 32)}))
				n := h.start(nil)
				th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
				who := h.people(3, th)
				merge := func() {
					if _, _, err := p.Merge(ctx, staff, who[0], who[1]); err != nil {
						t.Fatal(err)
					}
				}
				if when == "before the change" {
					merge()
				}
				h.give(th, models.StatusPlanned, nil)
				if when != "before the change" {
					moment(h, n, merge)
				}
				h.fannedOut(1)
				h.clock.Add(settleTime)
				h.sent(2)
				h.exactly(1, h.email(0), h.email(2)) // the older of the two addresses
				h.clock.Add(settleTime)
				h.give(th, models.StatusShipped, nil)
				h.fannedOut(2)
				h.clock.Add(settleTime)
				h.sent(4)
				h.exactly(2, h.email(0), h.email(2))
			})
		})
	}
}

// A fan-out that was half done when two became one misses nobody, and tells nobody
// twice.
func TestAFanOutGoesOnWhenTwoBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		p := people.New(h.db, redact.New(redact.Options{Key: bytes.Repeat([]byte{7}, 32)}))
		n, _ := h.ledger(h.db, nil)
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)
		crowd := h.people(fanOutChunk+10, th)
		early := h.people(1)[0] // nobody's voter: stays, and sorts after the crowd
		h.give(th, models.StatusPlanned, nil)
		if _, _, err := n.readEvents(ctx); err != nil {
			t.Fatal(err)
		}
		var event string
		h.db.Read(ctx).Model(&models.Fanout{}).Pluck("event_id", &event)
		if done, err := n.fanOutOne(ctx, event); err != nil || done {
			t.Fatal(done, err)
		}
		// One who is done takes over one who is not, and one who votes nowhere another.
		for from, into := range map[string]string{crowd[fanOutChunk+5]: crowd[0], crowd[1]: early} {
			if _, _, err := p.Merge(ctx, staff, from, into); err != nil {
				t.Fatal(err)
			}
		}
		for done := false; !done; {
			var err error
			if done, err = n.fanOutOne(ctx, event); err != nil {
				t.Fatal(err)
			}
		}
		var missing int64
		h.db.Read(ctx).Raw(`SELECT COUNT(*) FROM votes v WHERE NOT EXISTS (SELECT 1 FROM follow_up_items i WHERE i.person_id = v.person_id AND i.event_id = ?)`, event).Scan(&missing)
		if rows := h.count("follow_up_items", "1 = 1"); missing != 0 || rows != fanOutChunk+9 {
			t.Errorf("%d are missed, %d rows for %d people", missing, rows, fanOutChunk+9)
		}
	})
}

// A link of a mail of before leads to who they are now.
func TestAnOldUnsubscribeLinkStopsMailToWhoTheyAre(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		p := people.New(h.db, redact.New(redact.Options{Key: bytes.Repeat([]byte{7}, 32)}))
		n, _ := h.ledger(h.db, nil)
		who := h.people(2)
		token := n.unsubscribeToken(who[0])
		if _, _, err := p.Merge(ctx, staff, who[0], who[1]); err != nil {
			t.Fatal(err)
		}
		if err := n.Unsubscribe(ctx, token); err != nil {
			t.Fatal(err)
		}
		if h.count("preferences", "person_id = ? AND mode = 'off'", who[1]) != 1 {
			t.Error("the link stops nothing")
		}
	})
}
