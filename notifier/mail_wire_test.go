package notifier

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-message/mail"
	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// What the relay was given, read by a library that had no part in writing it.
func TestMailOnTheWireHasTheHeadersOfTheDesign(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.start(func(o *LedgerOptions) { o.BounceAddress, o.Settle = returnsTo, 0 })
		th := h.theme(exports, models.StatusReceived)
		people := h.people(2, th)
		for i, status := range []models.Status{models.StatusPlanned, models.StatusShipped} {
			h.give(th, status, nil)
			h.sent(2 * (i + 1))
		}
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			return n.SendCode(ctx, tx, "梅@people.example", "zh", "K7WQ2MXP")
		})
		h.sent(5)
		subjects, roots, ids, envelopes := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, sent := range h.sink.Mails() {
			m, err := mail.CreateReader(bytes.NewReader(sent.Raw))
			if err != nil {
				t.Fatal(err)
			}
			head := func(name string) string { v, _ := m.Header.Text(name); return v }
			id, err := m.Header.MessageID()
			if err != nil || ids[id] {
				t.Errorf("Message-ID %q, known %v, %v", id, ids[id], err)
			}
			ids[id] = true
			if delivery, _ := n.readMark(sent.From); delivery == "" || !strings.HasPrefix(id, delivery+"@") || envelopes[sent.From] {
				t.Errorf("envelope %q of %q", sent.From, id)
			}
			envelopes[sent.From] = true
			from, err := m.Header.AddressList("From")
			if err != nil || len(from) != 1 || from[0].Address != "voice@acme.example" {
				t.Errorf("From %v %v", from, err)
			}
			if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != sent.To {
				t.Errorf("To %v %v, envelope %q", to, err, sent.To)
			}
			if _, err := m.Header.Date(); err != nil {
				t.Error(err)
			}
			for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Precedence": "", "Return-Path": ""} {
				if head(name) != want {
					t.Errorf("%s %q, want %q", name, head(name), want)
				}
			}
			if !IsAutomatic(m.Header.Get) {
				t.Error("our own mail is not known for a machine's")
			}
			parts := 0
			for p, err := m.NextPart(); err != io.EOF; p, err = m.NextPart() {
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, p.Body); err != nil {
					t.Error(err)
				}
				parts++
			}
			if parts != 2 {
				t.Errorf("%d parts", parts)
			}
			if sent.To == "梅@people.example" {
				if head("List-Unsubscribe") != "" || head("List-Id") != "" || head("In-Reply-To") != "" {
					t.Error("a sign-in mail offers to stop it")
				}
				continue
			}
			if sent.To == h.email(0) {
				subject, _ := m.Header.Subject()
				subjects[subject] = true
			}
			root, err := m.Header.MsgIDList("In-Reply-To")
			if again, _ := m.Header.MsgIDList("References"); err != nil || len(root) != 1 || len(again) != 1 || root[0] != again[0] {
				t.Errorf("In-Reply-To %v, References %v, %v", root, again, err)
			} else {
				roots[root[0]] = true
			}
			if u := head("List-Unsubscribe"); !strings.HasPrefix(u, "<https://heed.acme.example/unsubscribe/per_") || head("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || head("List-Id") != "<follow-ups.heed.acme.example>" {
				t.Errorf("list headers %q %q %q", u, head("List-Unsubscribe-Post"), head("List-Id"))
			}
		}
		if len(subjects) != 1 || len(roots) != len(people) || len(ids) != 5 {
			t.Errorf("subjects %v, threads %v, %d ids", subjects, roots, len(ids))
		}
	})
}
