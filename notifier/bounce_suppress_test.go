package notifier

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// A bounced address rests for 30 days; then one mail goes. When it comes back the address
// rests longer, then for good; when it does not, the address is as good as any.
func TestABouncedAddressIsTriedWithOneMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.BounceAddress = returnsTo })
		comesBack := func(d models.Delivery) models.BounceReport {
			return h.take(n, dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.1.1", "550 5.1.1 no", d.ID))
		}
		first, second := h.sentTo(h.email(0)), h.sentTo(h.email(0))
		if r := comesBack(first); r.Reason != bounceNoMailbox {
			t.Fatal(r)
		}
		if r := comesBack(second); r.Outcome != models.BounceNoted || r.Reason != bounceAlready {
			t.Errorf("what was sent before counts again: %+v", r)
		}
		one, other := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		person := h.people(1, one, other)[0]
		x := h.start(func(o *LedgerOptions) { o.BounceAddress, o.Settle = returnsTo, 0 })
		events := 0
		// tell has the person hear of both themes, in a mail each.
		tell := func(status models.Status) (trial models.Delivery) {
			t.Helper()
			for _, th := range []string{one, other} {
				h.give(th, status, nil)
				events++
				h.fannedOut(events)
				h.until("decided", func() bool {
					return h.count("follow_up_items", "skip_reason = '' AND delivery_id = ''") == 0 && h.count("deliveries", "state IN ('ready', 'leased', 'sending')") == 0
				})
			}
			if err := h.db.Read(context.Background()).Order("id DESC").Limit(1).Find(&trial, "person_id = ? AND state = 'sent'", person).Error; err != nil {
				t.Fatal(err)
			}
			return trial
		}
		tell(models.StatusUnderReview)
		if got := len(h.sink.Mails()); got != 0 {
			t.Fatalf("%d mails to an address that bounced", got)
		}
		for i, again := range []struct {
			rest   time.Duration
			reason string
			status models.Status
		}{{30 * 24 * time.Hour, bounceTrialFailed, models.StatusPlanned}, {180 * 24 * time.Hour, bounceForGood, models.StatusInProgress}} {
			h.clock.Add(again.rest)
			trial := tell(again.status)
			if got := len(h.sink.Mails()); got != i+1 {
				t.Fatalf("%d mails, want one more", got)
			}
			if r := comesBack(trial); r.Outcome != models.BounceSuppressed || r.Reason != again.reason {
				t.Errorf("trial %d: %+v", i, r)
			}
		}
		h.clock.Add(10 * 365 * 24 * time.Hour)
		tell(models.StatusShipped)
		if got := len(h.sink.Mails()); got != 2 || h.count("suppressions", "until IS NULL") != 1 {
			t.Errorf("%d mails to an address that bounced for good", got)
		}
		x.halt()
	})
}

func TestATrialThatArrivesEndsTheSuppression(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		h.people(1, th)
		past := h.db.Now().Add(-time.Minute)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.Suppression{Address: h.email(0), Scope: "all", Reason: "bounce: 550", Until: &past, Strikes: 2, CreatedAt: past}).Error
		})
		h.start(func(o *LedgerOptions) { o.BounceAddress, o.Settle = returnsTo, 0 })
		h.give(th, models.StatusPlanned, nil)
		h.sent(1)
		if h.count("suppressions", "trial <> '' AND until > ?", h.db.Now()) != 1 {
			t.Error("the trial is not on record")
		}
		h.clock.Add(trialTime)
		h.give(th, models.StatusShipped, nil)
		h.sent(2)
		if n := h.count("suppressions", "1 = 1"); n != 0 {
			t.Errorf("%d suppressions after a mail that arrived", n)
		}
		h.exactly(2, h.email(0))
	})
}

func TestFiveSoftBouncesInTwoWeeksSuppress(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.BounceAddress = returnsTo })
		soft := func(status string) models.BounceReport {
			d := h.sentTo(h.email(0))
			return h.take(n, dsn(n.envelopeFrom(d.ID), d.Address, "failed", status, "busy", d.ID))
		}
		for range 4 {
			soft("4.2.2")
		}
		h.clock.Add(softWindow + time.Minute) // too long ago
		for range 4 {
			soft("5.2.2")
			soft("5.7.1") // about us, never counted
		}
		if got := h.count("suppressions", "1 = 1"); got != 0 {
			t.Fatalf("%d suppressions", got)
		}
		if r := soft("4.4.1"); r.Outcome != models.BounceSuppressed || r.Reason != bounceFiveSoft {
			t.Errorf("the fifth: %+v", r)
		}
		if got := h.count("suppressions", "address = ? AND until = ?", h.email(0), h.db.Now().Add(suppressFor)); got != 1 {
			t.Error("not suppressed for 30 days")
		}
	})
}

// Who called a follow-up spam gets none, and still signs in and gets answers; coming back takes
// it back.
func TestAComplaintStopsFollowUpsAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds := h.bouncing(1, returnsTo)
		if r := h.take(n, arf("abuse", n.envelopeFrom(ds[0].ID), "hidden", "")); r.Outcome != models.BounceUnsubscribed {
			t.Fatal(r)
		}
		page, err := n.UnsubscribePage(t.Context(), n.unsubscribeToken(ds[0].PersonID))
		if err != nil || !page.Off {
			t.Errorf("their page says %+v %v", page, err)
		}
		x := h.start(func(o *LedgerOptions) { o.Settle = 0 })
		h.give(ds[0].ThemeID, models.StatusShipped, nil)
		h.fannedOut(2)
		h.until("decided", func() bool { return h.count("follow_up_items", "skip_reason = 'suppressed'") == 1 })
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			return x.SendCode(ctx, tx, ds[0].Address, "en", "K7WQ2MXP")
		})
		h.sent(2)
		if err := n.Resubscribe(t.Context(), n.unsubscribeToken(ds[0].PersonID)); err != nil {
			t.Fatal(err)
		}
		h.give(ds[0].ThemeID, models.StatusDeclined, nil)
		h.sent(3)
	})
}

// A mail in doubt that bounces was sent: it is not sent again.
func TestABounceSettlesADoubt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.BounceAddress = returnsTo })
		d := h.sentTo(h.email(0))
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE deliveries SET state = 'in_doubt', doubts = 1, sent_at = NULL WHERE id = ?", d.ID).Error
		})
		h.take(n, dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.1.1", "no", ""))
		if h.count("deliveries", "id = ? AND state = 'failed' AND attempts = 2", d.ID) != 1 {
			t.Errorf("states %v", h.tally("deliveries", "state"))
		}
	})
}

// Of a mail that was taken and came back, both answers are kept.
func TestABounceKeepsWhatTheRelaySaid(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.BounceAddress = returnsTo })
		d := h.sentTo(h.email(0))
		if got := h.tally("attempts", "outcome"); len(got) != 0 {
			t.Errorf("attempts %v of a mail that is only taken", got)
		}
		h.take(n, dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.1.1", "no", ""))
		for outcome, answer := range map[string]string{"sent": "250%", "bounced": "bounced: 5.1.1%"} {
			if h.count("attempts", "delivery_id = ? AND outcome = ? AND answer LIKE ?", d.ID, outcome, answer) != 1 {
				t.Errorf("%s is not kept: %v", outcome, h.tally("attempts", "answer"))
			}
		}
	})
}

func TestNothingIsMailedToMachines(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.start(func(o *LedgerOptions) { o.BounceAddress = returnsTo })
		to := []string{"MAILER-DAEMON@mx.people.example", returnsTo, n.envelopeFrom(models.NewID(models.PrefixDelivery))}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			for _, a := range to {
				d := n.newDelivery(KindClock, models.LaneNow, a, "en", h.db.Now(), mailLife)
				d.DedupKey = d.ID
				if err := tx.Create(&d).Error; err != nil {
					return err
				}
			}
			return nil
		})
		h.until("all refused", func() bool { return h.count("deliveries", "state = 'failed'") == len(to) })
		if got := len(h.sink.Mails()); got != 0 || h.count("suppressions", "1 = 1") != 0 {
			t.Errorf("%d mails to machines", got)
		}
		if _, err := prepare(Envelope{From: "voice@acme.example"}, []byte("x")); err == nil {
			t.Error("a mail to the empty path")
		}
	})
}
