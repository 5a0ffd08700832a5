package notifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

func noticeMessage(locale i18n.Locale, kind Kind, n Notice) Message {
	return Message{Kind: kind, Locale: locale, To: Recipient{Email: "mei@example.com"}, Notice: &n, MessageID: "d1.r2@heed.acme.example", Date: time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)}
}

func TestSafetyMailSaysWhatToDoInOneLanguage(t *testing.T) {
	r := newTestRenderer(t)
	for _, cause := range []models.Cause{models.CauseSecret, models.CauseStolen, models.CauseVulnerability} {
		for _, l := range i18n.Locales() {
			out, err := r.Render(noticeMessage(l, KindSafety, Notice{Cause: cause}))
			if err != nil {
				t.Fatal(err)
			}
			_, steps := Advice(r.catalog.For(l), cause)
			for i, s := range steps {
				if !strings.Contains(out.Text, fmt.Sprintf("%d. %s", i+1, s)) || !strings.Contains(out.HTML, s) && !strings.Contains(s, "'") {
					t.Errorf("%s %s lacks %q", cause, l, s)
				}
			}
			if strings.Contains(out.Text+out.HTML, "unsubscribe") || strings.Contains(string(out.Body), "List-Unsubscribe") || strings.Contains(out.HTML, "<a ") {
				t.Errorf("%s %s has a link", cause, l)
			}
		}
	}
	for _, bad := range []Message{noticeMessage(i18n.EN, KindSafety, Notice{}), noticeMessage(i18n.EN, KindEscalation, Notice{}), {Kind: KindSafety, Locale: i18n.EN, To: Recipient{Email: "a@example.com"}, MessageID: "a@b.example", Date: time.Now()}} {
		if _, err := r.Render(bad); err == nil {
			t.Errorf("rendered without content: %+v", bad)
		}
	}
}

// emergency stores an emergency of a person and what its door records.
func (h *house) emergency(person string, cause models.Cause, lang string, verbs ...models.Verb) string {
	h.t.Helper()
	id := models.NewID(models.PrefixSuggestion)
	err := h.db.Write(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		now := h.db.Now()
		s := models.Suggestion{ID: id, Text: "the very words", PersonID: person, State: models.StateNew, Confidential: true, Waiting: true, Receipt: id, CreatedAt: now, UpdatedAt: now}
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		if err := tx.Create(&models.Emergency{SuggestionID: id, Cause: cause, CreatedAt: now}).Error; err != nil {
			return err
		}
		for _, v := range verbs {
			al := models.Alarm{Cause: cause, Lang: lang, Open: 12, Suggestions: []string{id}}
			if err := h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, &models.Activity{Verb: v, SuggestionID: id, PersonID: person, Snapshot: al.Encode()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) insert(rows ...any) {
	h.t.Helper()
	err := h.db.Write(context.Background(), func(_ context.Context, tx *gorm.DB) error {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// The person hears once a day and cause, whatever they chose to hear; the team by
// each alert, each of them once; nobody reads a person's words.
func TestEmergenciesReachThePersonAndTheTeam(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		now := h.db.Now()
		disabled := now
		h.insert(&models.Person{ID: "per_1", Locale: "zh", CreatedAt: now, UpdatedAt: now}, &models.Address{Channel: "email", Value: "wei@example.com", PersonID: "per_1", CreatedAt: now},
			&models.Person{ID: "per_2", CreatedAt: now, UpdatedAt: now}, &models.Address{Channel: "email", Value: "jo@example.com", PersonID: "per_2", CreatedAt: now},
			&models.Preference{PersonID: "per_1", Kind: models.AllKinds, Mode: models.ModeOff, UpdatedAt: now}, &models.Suppression{Address: "wei@example.com", Scope: "all", Reason: "bounced", CreatedAt: now},
			&models.Member{ID: "mem_1", Email: "ada@team.example", Role: models.RoleSupport, Locale: "zh", CreatedAt: now}, &models.Member{ID: "mem_2", Email: "pia@team.example", Role: models.RolePM, CreatedAt: now},
			&models.Member{ID: "mem_3", Email: "old@team.example", Role: models.RoleSupport, DisabledAt: &disabled, CreatedAt: now})
		h.start(func(o *LedgerOptions) { o.AlertTo = []string{"support", "ada@team.example", "pager@ops.example"} })
		for range 3 { // somebody types the same address again and again
			h.emergency("per_1", models.CauseSecret, "en", models.EmergencyOpened)
		}
		h.emergency("per_2", models.CauseStolen, "zh", models.EmergencyOpened)
		h.emergency("", models.CauseVulnerability, "en", models.EmergencyOpened, models.EmergencyAlerted)
		h.sent(4)
		h.exactly(1, "wei@example.com", "jo@example.com", "ada@team.example", "pager@ops.example")
		for _, m := range h.sink.Mails() {
			p := m.Read(t)
			want := map[string]string{"wei@example.com": "立即转移资产", "jo@example.com": "先保住还在的资产", "ada@team.example": "有 12 条紧急反馈", "pager@ops.example": "12 emergencies wait"}[m.To]
			if !strings.Contains(p.Text+p.Subject, want) {
				t.Errorf("%s reads %q\n%s", m.To, p.Subject, p.Text)
			}
			if strings.Contains(p.Text, "very words") {
				t.Errorf("%s reads a person's words", m.To)
			}
		}
		h.clock.Add(24 * time.Hour)
		h.emergency("per_1", models.CauseSecret, "en", models.EmergencyOpened)
		h.sent(5)
		got := 0
		for _, m := range h.sink.Mails() {
			if m.To == "wei@example.com" {
				got++
			}
		}
		if got != 2 {
			t.Errorf("the next day's advice: %d mails in all", got)
		}
	})
}
