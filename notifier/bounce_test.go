package notifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const returnsTo = "bounces@acme.example"

// bouncing has a mail that was sent to each of n people, in a house whose bounces come back to
// an address of their own, unless it is "".
func (h *house) bouncing(n int, address string) (*Notifier, []models.Delivery) {
	h.t.Helper()
	h.mailing(n)
	x := h.start(func(o *LedgerOptions) { o.BounceAddress = address })
	h.sent(n)
	x.halt()
	return x.Notifier, h.deliveries()
}

func (h *house) deliveries() []models.Delivery {
	h.t.Helper()
	var ds []models.Delivery
	if err := h.db.Read(context.Background()).Order("address, id").Find(&ds).Error; err != nil {
		h.t.Fatal(err)
	}
	return ds
}

// dsn is a report as Postfix writes them.
func dsn(to, finalRecipient, action, status, diagnostic, messageID string) string {
	return strings.ReplaceAll(fmt.Sprintf(`Return-Path: <>
Date: Mon, 5 Jan 2026 10:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.acme.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: %s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="9B7C2.1/mx.acme.example"

This is a MIME-encapsulated message.

--9B7C2.1/mx.acme.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--9B7C2.1/mx.acme.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example
X-Postfix-Queue-ID: 9B7C2
Arrival-Date: Mon, 5 Jan 2026 09:59:58 +0000 (UTC)

Final-Recipient: rfc822; %s
Original-Recipient: rfc822;%[2]s
Action: %s
Status: %s
Remote-MTA: dns; mx.people.example
Diagnostic-Code: smtp; %s

--9B7C2.1/mx.acme.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <%[1]s>
From: Acme <voice@acme.example>
To: %[2]s
Message-ID: <%[6]s>
Subject: Follow-up

--9B7C2.1/mx.acme.example--
`, to, finalRecipient, action, status, diagnostic, messageID), "\n", "\r\n")
}

// arf is a complaint as providers' feedback loops send them.
func arf(kind, mailFrom, rcpt, messageID string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: <abusedesk@provider.example>
To: <abuse@acme.example>
Subject: FW: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain

This is an email abuse report.

--part1
Content-Type: message/feedback-report

Feedback-Type: %s
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <%s>
Original-Rcpt-To: <%s>

--part1
Content-Type: message/rfc822
Content-Disposition: inline

From: <voice@acme.example>
To: <%[3]s>
Message-ID: <%[4]s>
Subject: Follow-up

Hello.
--part1--
`, kind, mailFrom, rcpt, messageID), "\n", "\r\n")
}

func (h *house) take(n *Notifier, raw string) models.BounceReport {
	h.t.Helper()
	row, err := n.TakeBounce(context.Background(), models.BounceByHook, "", []byte(raw))
	if err != nil {
		h.t.Fatal(err)
	}
	return row
}

func TestEveryMailComesFromAnAddressOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds := h.bouncing(3, returnsTo)
		for _, d := range ds {
			mails := h.sink.For(d.Address)
			if len(mails) != 1 || mails[0].From != n.envelopeFrom(d.ID) {
				t.Fatalf("%s came from %q, want %q", d.Address, mails[0].From, n.envelopeFrom(d.ID))
			}
			if local, _, _ := strings.Cut(mails[0].From, "@"); len(local) > 64 {
				t.Errorf("local part of %d characters", len(local))
			}
			if got, marked := n.readMark("<" + strings.ToUpper(mails[0].From) + ">"); got != d.ID || !marked {
				t.Errorf("read back as %q", got)
			}
			if from := mails[0].Read(t).Header.Get("From"); !strings.Contains(from, "voice@acme.example") {
				t.Errorf("people see %q", from)
			}
		}
	})
}

// What comes back, and what it does: the decision for one report about one mail.
func TestReportsAreDecided(t *testing.T) {
	hard, soft := "no such user", "mailbox full"
	cases := map[string]struct {
		address   string // of bounces; "" is the sender's own
		raw       func(n *Notifier, d, other models.Delivery) string
		outcome   string
		reason    string
		state     models.DeliveryState
		scope     string // of the suppression, "" none
		delivered bool   // the report is tied to the delivery
	}{
		"no such user": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.1.1", "550 5.1.1 "+hard, d.MessageID)
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"no such domain": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.1.2", hard, "")
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"mailbox disabled": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.2.1", hard, "")
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"the status stands in words": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.0.0", "550-5.1.1 "+hard, "")
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"forwarded elsewhere, and there is nobody": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), "elsewhere@forward.example", "failed", "5.1.1", hard, "")
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"refused by policy": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.7.1", "550 5.7.1 spam", "")
		}, models.BounceNoted, bouncePolicy, models.DeliveryFailed, "", true},
		"5.7.26 with words of no user": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.7.26", "550 5.1.1 "+hard, "")
		}, models.BounceNoted, bouncePolicy, models.DeliveryFailed, "", true},
		"mailbox full": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "5.2.2", soft, "")
		}, models.BounceCounted, bounceSoft, models.DeliveryFailed, "", true},
		"no answer for days": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "failed", "4.4.1", "timed out", "")
		}, models.BounceCounted, bounceSoft, models.DeliveryFailed, "", true},
		"delayed": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "delayed", "4.4.1", "timed out", "")
		}, models.BounceNoted, bounceNotFinal, models.DeliverySent, "", true},
		"delivered": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(d.ID), d.Address, "delivered", "2.1.5", "ok", "")
		}, models.BounceNoted, bounceNotFinal, models.DeliverySent, "", true},
		"a mark that Heed did not write": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			from := n.envelopeFrom(d.ID)
			at := strings.Index(from, "@")
			return dsn(from[:at-1]+map[bool]string{true: "b", false: "a"}[from[at-1] == 'a']+from[at:], d.Address, "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceRefused, bounceWrongProof, models.DeliverySent, "", false},
		"another mail's mark": {returnsTo, func(n *Notifier, d, other models.Delivery) string {
			mine, theirs := n.envelopeFrom(d.ID), n.envelopeFrom(other.ID)
			return dsn(mine[:strings.Index(mine, ".")]+theirs[strings.Index(theirs, "."):], d.Address, "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceRefused, bounceWrongProof, models.DeliverySent, "", false},
		"no mark where there must be one": {returnsTo, func(_ *Notifier, d, _ models.Delivery) string {
			return dsn("bounces@acme.example", d.Address, "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceRefused, bounceNoProof, models.DeliverySent, "", false},
		"marked, of a mail that is not kept": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return dsn(n.envelopeFrom(models.NewID(models.PrefixDelivery)), d.Address, "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceRefused, bounceUnknown, models.DeliverySent, "", false},
		"without marks, our Message-ID and its address": {"", func(_ *Notifier, d, _ models.Delivery) string {
			return dsn("voice@acme.example", strings.ToUpper(d.Address), "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceSuppressed, bounceNoMailbox, models.DeliveryFailed, "all", true},
		"without marks, our Message-ID and another address": {"", func(_ *Notifier, d, other models.Delivery) string {
			return dsn("voice@acme.example", other.Address, "failed", "5.1.1", hard, d.MessageID)
		}, models.BounceRefused, bounceOtherAddress, models.DeliverySent, "", false},
		"without marks, a guessed Message-ID": {"", func(_ *Notifier, d, _ models.Delivery) string {
			return dsn("voice@acme.example", d.Address, "failed", "5.1.1", hard, models.NewID(models.PrefixDelivery)+"@acme.example")
		}, models.BounceRefused, bounceNoProof, models.DeliverySent, "", false},
		"called spam": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return arf("abuse", n.envelopeFrom(d.ID), d.Address, d.MessageID)
		}, models.BounceUnsubscribed, bounceComplaint, models.DeliverySent, "follow_ups", true},
		"called spam, the envelope hidden": {returnsTo, func(_ *Notifier, d, _ models.Delivery) string {
			return arf("abuse", "", d.Address, d.MessageID)
		}, models.BounceUnsubscribed, bounceComplaint, models.DeliverySent, "follow_ups", true},
		"called spam by somebody else": {returnsTo, func(_ *Notifier, d, other models.Delivery) string {
			return arf("abuse", "", other.Address, d.MessageID)
		}, models.BounceRefused, bounceOtherAddress, models.DeliverySent, "", false},
		"called no spam": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return arf("not-spam", n.envelopeFrom(d.ID), d.Address, d.MessageID)
		}, models.BounceNoted, bounceNotSpam, models.DeliverySent, "", true},
		"an automatic reply": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return "From: " + d.Address + "\r\nTo: " + n.envelopeFrom(d.ID) + "\r\nAuto-Submitted: auto-replied (vacation)\r\nSubject: Away\r\n\r\nI am away.\r\n"
		}, models.BounceIgnored, bounceAutoReply, models.DeliverySent, "", false},
		"a letter": {returnsTo, func(n *Notifier, d, _ models.Delivery) string {
			return "From: " + d.Address + "\r\nTo: " + n.envelopeFrom(d.ID) + "\r\nSubject: Hello\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
		}, models.BounceIgnored, bounceLetter, models.DeliverySent, "", false},
		"no message": {returnsTo, func(_ *Notifier, _, _ models.Delivery) string { return "\x00\xff\n\n" }, models.BounceIgnored, bounceUnreadable, models.DeliverySent, "", false},
	}
	each(t, func(t *testing.T, h *house) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				h.write(func(_ context.Context, tx *gorm.DB) error {
					for _, table := range []string{"bounce_reports", "suppressions", "attempts", "follow_up_items", "deliveries"} {
						if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
							return err
						}
					}
					return nil
				})
				n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.BounceAddress = c.address })
				d, other := h.sentTo("mei@people.example"), h.sentTo("wei@people.example")
				raw := c.raw(n, d, other)
				row := h.take(n, raw)
				if row.Outcome != c.outcome || row.Reason != c.reason {
					t.Errorf("%s (%s), want %s (%s)", row.Outcome, row.Reason, c.outcome, c.reason)
				}
				if (row.DeliveryID == d.ID) != c.delivered {
					t.Errorf("tied to %q", row.DeliveryID)
				}
				before := fmt.Sprint(h.tally("suppressions", "scope"), h.tally("deliveries", "state"), h.tally("attempts", "outcome"))
				if again := h.take(n, raw); again.ID != row.ID || h.count("bounce_reports", "1 = 1") != 1 {
					t.Error("the same message is a second report")
				}
				if after := fmt.Sprint(h.tally("suppressions", "scope"), h.tally("deliveries", "state"), h.tally("attempts", "outcome")); after != before {
					t.Errorf("the same message changed something: %s, before %s", after, before)
				}
				if h.count("deliveries", "id = ? AND state = ?", d.ID, c.state) != 1 || h.count("deliveries", "id = ? AND state = 'sent'", other.ID) != 1 {
					t.Errorf("states %v", h.tally("deliveries", "state"))
				}
				want := 0
				if c.scope != "" {
					want = h.count("suppressions", "address = ? AND scope = ?", d.Address, c.scope)
				}
				if got := h.count("suppressions", "1 = 1"); got != want || c.scope != "" && want != 1 {
					t.Errorf("%d suppressions, %d of them right", got, want)
				}
			})
		}
	})
}

// sentTo is a status mail that was sent to an address.
func (h *house) sentTo(address string) models.Delivery {
	h.t.Helper()
	n, _ := h.ledger(h.db, nil)
	d := n.newDelivery(KindStatus, models.LaneNormal, address, "en", h.db.Now(), mailLife)
	d.DedupKey, d.PersonID = d.ID, "per_"+address
	d.State, d.Attempts, d.Answer = models.DeliverySent, 1, "250 2.0.0 ok"
	at := h.db.Now()
	d.SentAt = &at
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Create(&d).Error })
	return d
}

func TestAutomaticMailIsKnown(t *testing.T) {
	for header, automatic := range map[string]bool{
		"Auto-Submitted: auto-replied": true, "Auto-Submitted: auto-generated; x=y": true, "Auto-Submitted: no": false, "Auto-Submitted: No (really)": false,
		"Precedence: bulk": true, "Precedence: first-class": false, "List-Id: <x.y>": true, "Return-Path: <>": true, "Return-Path: <a@b.example>": false,
		"From: Mail Delivery <MAILER-DAEMON@x.example>": true, "From: mei@people.example": false, "X-Autoreply: yes": true,
		"Content-Type: multipart/report; report-type=delivery-status": true, "Subject: Out of office": false,
	} {
		name, value, _ := strings.Cut(header, ": ")
		if got := IsAutomatic(func(n string) string {
			if n == name {
				return value
			}
			return ""
		}); got != automatic {
			t.Errorf("%s: %v", header, got)
		}
	}
}

// Whatever comes, it is read without a panic, and what is kept of it can be stored.
func FuzzReports(f *testing.F) {
	f.Add([]byte(dsn("bounces+1.2@acme.example", "a@b.example", "failed", "5.1.1", "550 5.1.1 no\r\n more", "x@y")))
	f.Add([]byte(arf("abuse", "a@b.example", "c@d.example", "x@y")))
	f.Add([]byte("Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n\r\n:\r\n"))
	f.Add([]byte("Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nQWN0aW9uOiBmYWlsZWQ="))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseReport(raw)
		if err != nil {
			return
		}
		texts := append([]string{r.feedback}, append(r.envelopes, r.messageIDs...)...)
		if len(r.recipients) > maxRecipients {
			t.Errorf("%d recipients", len(r.recipients))
		}
		for _, x := range r.recipients {
			texts = append(append(texts, x.action, x.status, x.diagnostic), x.addresses...)
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") || len(s) > 2000 {
				t.Errorf("unfit to be kept: %q", s)
			}
		}
	})
}
