package notifier

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/smtpsink"
)

// mailing has a theme with n people whose change is due.
func (h *house) mailing(n int) {
	h.t.Helper()
	th := h.theme(exports, models.StatusReceived)
	h.people(n, th)
	h.give(th, models.StatusPlanned, nil)
	h.clock.Add(settleTime)
}

// sinkServes waits for the sink's greeting: it cannot be closed before.
func (h *house) sinkServes() {
	h.t.Helper()
	c, err := net.Dial("tcp", h.sink.Addr())
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 3)); err != nil {
		h.t.Fatal(err)
	}
}

func TestOneRefusedAddressHoldsNobodyUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.sink.RejectAlways(h.email(57), 550)
		h.mailing(200)
		h.start(nil)
		h.sent(199)
		h.until("the refusal is written down", func() bool { return h.count("deliveries", "state = 'failed' AND answer LIKE '550%'") == 1 })
		h.exactly(1, append(h.emails(0, 57), h.emails(58, 200)...)...)
		if n := h.count("suppressions", "1 = 1"); n != 0 {
			t.Errorf("%d addresses suppressed for a refusal that does not speak of the address", n)
		}
		if got := h.tally("attempts", "outcome"); got["failed"] != 1 || len(got) != 1 { // of those taken, their deliveries tell
			t.Errorf("attempts %v", got)
		}
	})
}

func TestOnlyAMailboxThatIsNotThereIsSuppressed(t *testing.T) {
	for enhanced, suppressed := range map[string]bool{"5.1.1": true, "5.1.2": true, "5.2.1": true, "5.7.1": false, "5.0.0": false} {
		t.Run(enhanced, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				var mended atomic.Bool
				relay := startRelay(t, &scriptedRelay{answer: func(_ int, verb, line string) string {
					if verb == "RCPT" && strings.Contains(line, h.email(1)) && !mended.Load() {
						return "550 " + enhanced + " no"
					}
					return ""
				}})
				h.mailing(2)
				n := h.start(func(o *LedgerOptions) { o.Pool = relay.pool(t, nil) })
				h.until("both are over", func() bool { return h.count("deliveries", "state IN ('sent', 'failed')") == 2 })
				if got := h.count("suppressions", "address = ? AND until = ?", h.email(1), h.db.Now().Add(30*24*time.Hour)); (got == 1) != suppressed {
					t.Errorf("suppressed: %d", got)
				}
				rows, _, err := n.Deliveries(t.Context(), staff, Filter{State: "failed"})
				if err != nil || len(rows) != 1 || rows[0].Address != h.email(1) || rows[0].PersonName != "Person" || rows[0].ThemeTitle != "our own words for it" {
					t.Fatalf("%+v %v", rows, err)
				}
				mended.Store(true)
				if err := n.Retry(t.Context(), staff, rows[0].ID); err != nil {
					t.Fatal(err)
				}
				h.sent(2)
			})
		})
	}
}

func TestARelayThatIsDownDelaysAndLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(150)
		h.sinkServes()
		if err := h.sink.Close(); err != nil {
			t.Fatal(err)
		}
		n := h.start(nil)
		h.until("the relay is known to be down", func() bool { s := n.Status(); return s.Down && s.Problem != "" })
		for range 8 { // a simulated while, in which it is asked again and again
			h.clock.Add(time.Minute)
			time.Sleep(30 * time.Millisecond)
		}
		if n := h.count("deliveries", "attempts > 0 OR state NOT IN ('ready', 'leased')"); n != 0 {
			t.Errorf("%d deliveries were blamed for the relay", n)
		}
		tried := func() int { return h.count("deliveries", "answer LIKE '%unavailable%'") }
		h.until("what was tried says so", func() bool {
			h.clock.Add(time.Minute) // a node under load may have missed the minutes above
			return tried() > 0
		})
		if n := tried(); n > 20 {
			t.Errorf("%d rows were tried against a dead relay", n)
		}
		if err := h.sink.Reopen(); err != nil {
			t.Fatal(err)
		}
		h.until("the relay is found to be back", func() bool {
			s := n.Status()
			if s.Down && s.RetryAt.After(h.db.Now()) && h.count("deliveries", "state IN ('leased', 'sending')") == 0 {
				h.clock.Add(longPause) // again, where a node under load had one more try refused after the first
			}
			return !s.Down
		})
		h.sent(150)
		h.exactly(1, h.emails(0, 150)...)
		if s := n.Status(); s.Down || !s.Configured {
			t.Errorf("status %+v", s)
		}
	})
}

func TestATemporaryRefusalIsTriedAgainLater(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.sink.Add(smtpsink.Rule{Action: smtpsink.Reject, To: h.email(1), Code: 450, Count: 2})
		h.mailing(3)
		h.start(nil)
		for i, pause := range []time.Duration{time.Minute, 5 * time.Minute} {
			h.until("refused, the others sent", func() bool { // or the clock would overtake their leases
				return h.count("deliveries", "state = 'ready' AND attempts = ?", i+1) == 1 && h.count("deliveries", "state = 'sent'") == 2
			})
			h.clock.Add(pause - time.Second)
			time.Sleep(30 * time.Millisecond)
			if h.count("deliveries", "attempts > ?", i+1) != 0 {
				t.Error("tried again too soon")
			}
			h.clock.Add(time.Second)
		}
		h.sent(3)
		h.exactly(1, h.emails(0, 3)...)
	})
}

func TestWhatIsTooLateIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.sink.RejectAlways(h.email(0), 450)
		h.mailing(2)
		h.start(nil)
		h.until("both were tried", func() bool { return h.count("deliveries", "attempts = 1") == 2 })
		for range 20 {
			h.clock.Add(4 * time.Hour)
			time.Sleep(20 * time.Millisecond)
		}
		h.until("given up", func() bool { return h.count("deliveries", "state = 'expired'") == 1 })
		h.exactly(1, h.email(1))
	})
}

func TestAMailInDoubtIsSentOnceMoreAndNotTwice(t *testing.T) {
	for _, c := range []struct {
		name   string
		action smtpsink.Action
		cuts   int
		mails  int
		state  models.DeliveryState
	}{
		{"it had arrived", smtpsink.CutAfterDot, 1, 2, models.DeliverySent},
		{"it had not", smtpsink.CutAtDot, 1, 1, models.DeliverySent},
		{"in doubt again", smtpsink.CutAfterDot, -1, 2, models.DeliveryInDoubt},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.sink.Add(smtpsink.Rule{Action: c.action, To: h.email(1), Count: c.cuts})
				h.mailing(3)
				n := h.start(nil)
				h.until("the first doubt, the others sent", func() bool { // or the clock would overtake their leases
					return h.count("deliveries", "doubts >= 1") == 1 && h.count("deliveries", "state = 'sent' AND doubts = 0") == 2
				})
				for range 10 {
					h.clock.Add(time.Minute)
					time.Sleep(20 * time.Millisecond)
				}
				h.until("it is decided", func() bool { return h.count("deliveries", "address = ? AND state = ?", h.email(1), c.state) == 1 })
				got := h.sink.For(h.email(1))
				if len(got) != c.mails {
					t.Fatalf("%d mails, want %d", len(got), c.mails)
				}
				for _, m := range got {
					if string(m.Raw) != string(got[0].Raw) || !strings.Contains(string(m.Raw), "Message-ID: <dlv_") {
						t.Error("the repeated mail is not the same mail")
					}
				}
				if len(h.sink.For(h.email(0))) != 1 || len(h.sink.For(h.email(2))) != 1 {
					t.Error("others were drawn in")
				}
				if c.state != models.DeliveryInDoubt {
					return
				}
				rows, _, err := n.Deliveries(t.Context(), staff, Filter{State: "in_doubt"})
				if err != nil || len(rows) != 1 {
					t.Fatal(rows, err)
				}
				if err := n.Cancel(t.Context(), staff, rows[0].ID); err != nil {
					t.Error(err)
				}
				if err := n.Retry(t.Context(), staff, rows[0].ID); models.KindOf(err) != models.Conflict {
					t.Errorf("a cancelled mail was retried: %v", err)
				}
			})
		})
	}
}

func TestUnsubscribingStopsMailThatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		p := h.people(3, th)
		n, _ := h.ledger(h.db, nil)
		token := n.unsubscribeToken(p[1])
		h.give(th, models.StatusPlanned, nil)
		n = h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil }).Notifier
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.until("deliveries are waiting", func() bool { w, err := n.Waiting(t.Context()); return err == nil && w[models.DeliveryReady] == 3 })
		before, err := n.UnsubscribePage(t.Context(), token)
		if err != nil || before.Off || before.Email != "p…@people.example" {
			t.Errorf("%+v %v", before, err)
		}
		if again, _ := n.UnsubscribePage(t.Context(), token); again.Off {
			t.Error("looking at the page unsubscribed")
		}
		for range 2 {
			if err := n.Unsubscribe(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		for _, bad := range []string{"", token[:len(token)-1], token + "x", p[0] + token[len(p[1]):], "per_x.y"} {
			if err := n.Unsubscribe(t.Context(), bad); models.KindOf(err) != models.NotFound {
				t.Errorf("token %q: %v", bad, err)
			}
		}
		sending := h.start(nil)
		h.sent(2)
		h.until("cancelled", func() bool { return h.count("deliveries", "state = 'cancelled'") == 1 })
		h.exactly(1, h.email(0), h.email(2))
		h.wantReasons(p[1], SkipPreference)
		if err := sending.Resubscribe(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		h.give(th, models.StatusShipped, nil)
		h.fannedOut(2)
		h.clock.Add(settleTime)
		h.sent(5)
		if len(h.sink.For(h.email(1))) != 1 {
			t.Error("who came back hears nothing")
		}
	})
}

// The last moment counts: the mail is leased and written when the person
// unsubscribes, and its content already with the relay.
func TestUnsubscribingStopsMailUpToItsFinalDot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var n *Notifier
		var people []string
		relay := startRelay(t, &scriptedRelay{})
		relay.scripted(func(_ int, verb, _ string) string {
			if verb == "DATA" {
				if err := n.Unsubscribe(context.Background(), n.unsubscribeToken(people[0])); err != nil {
					t.Error(err)
				}
			}
			return ""
		})
		n, q := h.ledger(h.db, func(o *LedgerOptions) { o.Pool = relay.pool(t, nil) })
		th := h.theme(exports, models.StatusReceived)
		people = h.people(1, th)
		h.give(th, models.StatusPlanned, nil)
		h.clock.Add(settleTime)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go n.Run(ctx)
		go q.Run(ctx)
		h.until("stopped", func() bool {
			_, open, _ := relay.connections()
			return open == 0 && h.count("deliveries", "state = 'cancelled'") == 1 && h.count("follow_up_items", "skip_reason = 'preference'") == 1
		})
		if got := len(relay.accepted()); got != 0 {
			t.Errorf("%d mails accepted", got)
		}
		cancel()
		time.Sleep(50 * time.Millisecond)
	})
}

func TestASignInCodePassesAStalledMailing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		stalled := startRelay(t, &scriptedRelay{answer: func(_ int, verb, _ string) string {
			if verb == "DOT" {
				return stall
			}
			return ""
		}})
		h.mailing(500)
		n := h.start(func(o *LedgerOptions) {
			o.Pool = stalled.pool(t, func(o *Options) { o.FinalTimeout = 3 * time.Second })
		})
		h.until("the mailing is under way", func() bool { return h.count("deliveries", "state = 'sending'") == 2 })
		began := time.Now()
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			return n.SendCode(ctx, tx, "mei@people.example", "zh", "K7WQ2MXP")
		})
		if n := h.count("deliveries", "content LIKE '%K7WQ2MXP%'"); n != 0 {
			t.Error("the code is stored in clear")
		}
		h.sink.Wait(t, 1, 2*time.Second)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the code took %s", took)
		}
		h.sent(1)
		if m := h.sink.For("mei@people.example")[0].Read(t); !strings.Contains(m.Text, "K7WQ2MXP") || !strings.Contains(m.Subject, "登录验证码") {
			t.Errorf("subject %q text %q", m.Subject, m.Text)
		}
		if n := h.count("deliveries", "kind = 'signin_code' AND content <> ''"); n != 0 {
			t.Error("the code is kept after it was sent")
		}
	})
}

func TestASignInCodeOfARolledBackWriteIsNeverSentAndAnOldOneGivenUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
		_ = h.db.Write(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
			if err := n.SendCode(ctx, tx, "a@people.example", "en", "AAAA2222"); err != nil {
				return err
			}
			return context.Canceled
		})
		if h.count("deliveries", "1 = 1") != 0 {
			t.Fatal("a code of a write that failed is queued")
		}
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			return n.SendCode(ctx, tx, "a@people.example", "en", "AAAA2222")
		})
		h.clock.Add(codeLife)
		h.until("given up", func() bool { return h.count("deliveries", "state = 'expired' AND content = ''") == 1 })
		rows, _, err := n.Deliveries(t.Context(), staff, Filter{})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		if err := n.Retry(t.Context(), staff, rows[0].ID); models.KindOf(err) != models.Conflict {
			t.Errorf("an old code was sent again: %v", err)
		}
	})
}
