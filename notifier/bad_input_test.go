package notifier

import (
	"context"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/smtpsink"
)

// patiently lets time pass until so many mails are sent, and none while a sender has one
// in hand: the clock would overtake its lease.
func (h *house) patiently(sent int) {
	h.t.Helper()
	for range 200 {
		if h.count("deliveries", "state = 'sent'") == sent {
			return
		}
		h.until("nothing is in hand", func() bool { return h.count("deliveries", "state IN ('leased', 'sending')") == 0 })
		h.clock.Add(2 * time.Minute)
		time.Sleep(30 * time.Millisecond)
	}
}

// One of a thousand is refused: the others arrive, each once.
func TestOneBadAddressInAThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand mails are not for the race detector")
	}
	each(t, func(t *testing.T, h *house) {
		h.sink.RejectAlways(h.email(500), 550)
		h.mailing(1000)
		h.start(nil)
		h.sent(999)
		h.until("the refusal is written down", func() bool { return h.count("deliveries", "state = 'failed'") == 1 })
		h.exactly(1, append(h.emails(0, 500), h.emails(501, 1000)...)...)
	})
}

// The relay is down for a day: nothing is given up, nobody is blamed, and when it is back
// each mail arrives once.
func TestARelayThatIsDownForADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(60)
		h.sinkServes()
		if err := h.sink.Close(); err != nil {
			t.Fatal(err)
		}
		n := h.start(nil)
		h.until("the relay is known to be down", func() bool { return n.Status().Down })
		for range 48 {
			h.clock.Add(30 * time.Minute)
			time.Sleep(10 * time.Millisecond)
		}
		if lost := h.count("deliveries", "state NOT IN ('ready', 'leased') OR attempts > 0"); lost != 0 {
			t.Errorf("%d mails paid for the relay's day", lost)
		}
		if err := h.sink.Reopen(); err != nil {
			t.Fatal(err)
		}
		h.patiently(60)
		h.sent(60)
		h.exactly(1, h.emails(0, 60)...)
	})
}

// The relay puts everybody off, several times over: nobody is given up or suppressed, and
// each mail arrives once when it relents.
func TestAStormOfTemporaryRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const people = 40
		for i := range people {
			code := []int{421, 450, 451, 452}[i%4]
			h.sink.Add(smtpsink.Rule{Action: smtpsink.Reject, To: h.email(i), Code: code, Count: 2})
		}
		h.mailing(people)
		h.start(nil)
		h.patiently(people)
		h.sent(people)
		h.exactly(1, h.emails(0, people)...)
		if bad := h.count("suppressions", "1 = 1") + h.count("deliveries", "state <> 'sent'"); bad != 0 {
			t.Errorf("%d rows are not sent, or suppressed", bad)
		}
	})
}

// A relay that stops answering in the middle holds up what it has in hand and nothing
// else; what it never took arrives when it answers again, and nobody is left out.
func TestARelayThatStalls(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var stalls atomic.Bool
		stalls.Store(true)
		relay := startRelay(t, &scriptedRelay{answer: func(_ int, verb, _ string) string {
			if verb == "RCPT" && stalls.Load() {
				return stall
			}
			return ""
		}})
		h.mailing(20)
		h.start(func(o *LedgerOptions) {
			o.Pool = relay.pool(t, func(o *Options) { o.CommandTimeout, o.Connections = time.Second, 1 })
		})
		h.until("some were put back", func() bool { return h.count("deliveries", "state = 'ready' AND answer <> ''") > 0 })
		if sent := h.count("deliveries", "state NOT IN ('ready', 'leased')"); sent != 0 {
			t.Errorf("%d mails were concluded by silence", sent)
		}
		stalls.Store(false)
		h.patiently(20)
		to := map[string]bool{}
		for _, m := range relay.accepted() {
			to[regexp.MustCompile(`p\d{4}@people\.example`).FindString(m)] = true
		}
		if sent := h.count("deliveries", "state = 'sent'"); sent != 20 || len(to) != 20 {
			t.Errorf("%d sent, to %d people, want 20; %v", sent, len(to), h.tally("deliveries", "state"))
		}
	})
}

// Names in every script and names that would be headers reach their readers as names,
// through a real conversation.
func TestNamesAreNamesOnTheWire(t *testing.T) {
	names := []string{"李梅", "José Ñandú", "Ольга", "محمد علي", "สมชาย", "김민준", "नरेन्द्र", "👩🏽‍💻 Ada", `O"Neil, Pat <x>`, "x\r\nBcc: all@example.com\r\n\r\nhello", "Eve\nSubject: pay now", "a\u2028Bcc: b@example.com"}
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		ids := h.people(len(names), th)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			for i, name := range names {
				if err := tx.Exec("UPDATE people SET name = ? WHERE id = ?", name, ids[i]).Error; err != nil {
					return err
				}
			}
			return nil
		})
		h.give(th, models.StatusPlanned, nil)
		h.clock.Add(settleTime)
		h.start(nil)
		h.sent(len(names))
		h.exactly(1, h.emails(0, len(names))...)
		for i, name := range names {
			m := h.sink.For(h.email(i))[0].Read(t)
			to, err := m.Envelope.AddressList("To")
			if err != nil || len(to) != 1 || to[0].Address != h.email(i) {
				t.Errorf("%q arrives as %v, %v", name, to, err)
				continue
			}
			if !strings.ContainsAny(name, "\r\n\u2028") && to[0].Name != name {
				t.Errorf("%q arrives as %q", name, to[0].Name)
			}
			if m.Header.Get("Bcc") != "" || strings.Contains(m.Subject, "pay now") || strings.ContainsAny(to[0].Name, "\r\n\u2028") {
				t.Errorf("%q became a header: %v", name, m.Header)
			}
		}
	})
}

// An address that needs SMTPUTF8 gets its mail where the relay offers that; where it does
// not, it is refused here, with the reason, and is not suppressed; the others arrive.
func TestAnAddressThatNeedsSMTPUTF8(t *testing.T) {
	for offers, want := range map[string]string{"8BITMIME SMTPUTF8": "sent", "8BITMIME": "failed"} {
		t.Run(offers, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				relay := startRelay(t, &scriptedRelay{extensions: strings.Fields(offers)})
				th := h.theme(exports, models.StatusReceived)
				ids := h.people(3, th)
				h.write(func(_ context.Context, tx *gorm.DB) error {
					return tx.Exec("UPDATE addresses SET value = '梅@例子.公司' WHERE person_id = ?", ids[1]).Error
				})
				h.give(th, models.StatusPlanned, nil)
				h.clock.Add(settleTime)
				h.start(func(o *LedgerOptions) { o.Pool = relay.pool(t, nil) })
				h.until("all are over", func() bool { return h.count("deliveries", "state IN ('sent', 'failed')") == 3 })
				if n := h.count("deliveries", "address = '梅@例子.公司' AND state = ?", want); n != 1 {
					t.Errorf("it is not %s: %v", want, h.tally("deliveries", "state"))
				}
				if n := h.count("deliveries", "state = 'failed' AND answer NOT LIKE '%SMTPUTF8%'") + h.count("suppressions", "1 = 1"); n != 0 {
					t.Errorf("%d rows fail for no reason that is said, or are suppressed", n)
				}
			})
		})
	}
}

// Whoever is erased between the change and its mail gets none, however far it has come;
// the others do.
func TestWhoIsErasedMeanwhileGetsNothing(t *testing.T) {
	for _, when := range []string{"before it is written down", "while it waits", "while it waits, and comes back"} {
		t.Run(when, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				th := h.theme(exports, models.StatusReceived)
				ids := h.people(3, th)
				h.give(th, models.StatusPlanned, nil)
				erase := func() {
					h.write(func(_ context.Context, tx *gorm.DB) error {
						for _, q := range []string{"DELETE FROM addresses WHERE person_id = ?", "DELETE FROM votes WHERE person_id = ?", "UPDATE people SET name = '', phrase = '' WHERE id = ?"} {
							if err := tx.Exec(q, ids[1]).Error; err != nil {
								return err
							}
						}
						return tx.Exec("UPDATE themes SET people_count = 2 WHERE id = ?", th).Error
					})
				}
				if when == "before it is written down" {
					erase()
				}
				waiting := h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
				h.fannedOut(1)
				h.clock.Add(settleTime)
				if when != "before it is written down" {
					h.until("deliveries are waiting", func() bool { w, err := waiting.Waiting(t.Context()); return err == nil && w[models.DeliveryReady] == 3 })
					erase()
				}
				back := models.Person{ID: models.NewID(models.PrefixPerson), Name: "Back", CreatedAt: h.db.Now(), UpdatedAt: h.db.Now()}
				if when == "while it waits, and comes back" { // as somebody else, of whom nothing is known
					h.write(func(_ context.Context, tx *gorm.DB) error {
						if err := tx.Create(&back).Error; err != nil {
							return err
						}
						return tx.Create(&models.Address{Channel: models.ChannelEmail, Value: h.email(1), PersonID: back.ID, CreatedAt: h.db.Now()}).Error
					})
				}
				h.start(nil)
				h.sent(2)
				h.until("all is over", func() bool { return h.count("deliveries", "state IN ('ready', 'leased', 'sending')") == 0 })
				h.exactly(1, h.email(0), h.email(2))
				if when != "before it is written down" {
					h.wantReasons(ids[1], SkipNoChannel)
				}
				if when == "while it waits, and comes back" {
					h.wantReasons(back.ID)
				}
			})
		})
	}
}
