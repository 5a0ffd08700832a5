package notifier

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

const oneDay = 24 * time.Hour

// came records that a theme's promise date came, as package themes does.
func (h *house) came(theme string, next int) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		var th models.Theme
		if err := tx.First(&th, "id = ?", theme).Error; err != nil {
			return err
		}
		before := th.Facts()
		date := h.db.Now().Add(time.Duration(next) * oneDay)
		th.PromiseDate, th.PromisesSent, th.Rev = &date, th.PromisesSent+1, th.Rev+1
		after := th.Facts()
		if err := tx.Save(&th).Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, auth.System().By(), &models.Activity{Verb: models.ThemePromiseCame, ThemeID: theme, Snapshot: models.Change{Before: &before, After: &after, Notify: true}.Encode()})
	})
}

// passes lets everything that is due be told.
func (h *house) passes(events, mails int) {
	h.t.Helper()
	h.fannedOut(events)
	h.clock.Add(settleTime + time.Second)
	h.sent(mails)
}

func TestAPromiseIsKeptAlsoWhenNothingChanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusPlanned)
		h.people(2, th)
		h.start(nil)
		h.clock.Add(60 * oneDay)
		h.came(th, 60)
		h.passes(1, 2)
		h.exactly(1, h.emails(0, 2)...)
		for _, m := range h.sink.Mails() {
			p := m.Read(t)
			want, never := []string{"Faster exports", "It is still planned", "That has been so since", "You will hear from us again by"}, []string{"There is news", "更快"}
			subject := "Follow-up: Faster exports"
			if m.To[4] == '1' {
				want, never = []string{"更快的导出", "仍在排期中", "一直是这个状态", "下次反馈时间"}, []string{"新进展。", "Faster"}
				subject = "进度通知：更快的导出"
			}
			if p.Subject != subject {
				t.Errorf("subject %q, want the theme's own %q", p.Subject, subject)
			}
			for _, w := range want {
				if !strings.Contains(p.Text, w) {
					t.Errorf("the mail lacks %q:\n%s", w, p.Text)
				}
			}
			for _, w := range never {
				if strings.Contains(p.Text, w) {
					t.Errorf("the mail says %q:\n%s", w, p.Text)
				}
			}
		}
	})
}

func TestOnePromiseMailAMonthAndTheNextNamesTheRest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, second, third := h.theme(exports, models.StatusPlanned), h.theme(models.Text{EN: "Dark mode", ZH: "深色模式"}, models.StatusUnderReview), h.theme(models.Text{EN: "Sign in with a key", ZH: "密钥登录"}, models.StatusInProgress)
		both := h.people(1, first, second, third)[0]
		h.people(1, second) // p0001 stands behind the second alone
		h.start(nil)

		h.came(first, 30)
		h.came(third, 30)
		h.passes(2, 1)
		p := h.sink.Mails()[0].Read(t)
		if !strings.Contains(p.Text, "Faster exports") || !strings.Contains(p.Text, "Sign in with a key") || p.Subject != "Where 2 things you asked for stand" {
			t.Errorf("the two of one day: %q\n%s", p.Subject, p.Text)
		}
		h.clock.Add(10 * oneDay)
		h.came(second, 30)
		h.passes(3, 2) // p0001 alone
		h.wantReasons(both, "", "", SkipPromiseRecent)

		h.clock.Add(20 * oneDay)
		h.came(first, 30) // thirty days after the first
		h.passes(4, 3)
		p = h.sink.Mails()[2].Read(t)
		if !strings.Contains(p.Text, "Faster exports") || !strings.Contains(p.Text, "Dark mode") || strings.Contains(p.Text, "Sign in with a key") {
			t.Errorf("the next mail names what the month left out:\n%s", p.Text)
		}
		if m := h.sink.Mails()[1]; len(h.sink.Mails()) != 3 || m.To != h.email(1) {
			t.Errorf("%d mails, the second to %s", len(h.sink.Mails()), m.To)
		}
	})
}

func TestWhatTheMonthLeftOutIsNotNamedWhenItIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, second := h.theme(exports, models.StatusPlanned), h.theme(models.Text{EN: "Dark mode", ZH: "深色模式"}, models.StatusUnderReview)
		h.people(1, first, second)
		h.start(nil)
		h.came(first, 30)
		h.passes(1, 1)
		h.clock.Add(5 * oneDay)
		h.came(second, 30)
		h.fannedOut(2)
		h.clock.Add(5 * oneDay)
		h.give(second, models.StatusShipped, func(t *models.Theme, c *models.Change) { t.PromiseDate, c.Notify = nil, false })
		h.fannedOut(3)
		h.clock.Add(30 * oneDay)
		h.came(first, 30)
		h.passes(4, 2)
		if p := h.sink.Mails()[1].Read(t); strings.Contains(p.Text, "Dark mode") {
			t.Errorf("it names what has shipped:\n%s", p.Text)
		}
	})
}

func TestNewsOfATellsMoreThanItsPromise(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, other := h.theme(exports, models.StatusPlanned), h.theme(exports, models.StatusPlanned)
		a, b := h.people(1, one)[0], h.people(1, other)[0]
		h.start(nil)
		h.came(one, 60)
		h.fannedOut(1)
		h.give(one, models.StatusInProgress, nil) // news after the promise
		h.fannedOut(2)
		h.give(other, models.StatusInProgress, nil)
		h.fannedOut(3)
		h.came(other, 60) // and before it
		h.passes(4, 2)
		h.wantReasons(a, SkipSuperseded, "")
		h.wantReasons(b, "", SkipSuperseded)
		for _, m := range h.sink.Mails() {
			if p := m.Read(t); strings.Contains(p.Text, "since") || strings.Contains(p.Text, "约好") {
				t.Errorf("it keeps a promise instead of telling the news:\n%s", p.Text)
			}
		}
	})
}

func TestWhoWantsNoPromiseMailGetsNone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusPlanned)
		people := h.people(2, th)
		h.insert(&models.Preference{PersonID: people[0], Kind: string(KindPromise), Mode: models.ModeOff, UpdatedAt: h.db.Now()})
		h.start(nil)
		h.came(th, 60)
		h.passes(1, 1)
		h.wantReasons(people[0], SkipPreference)
		h.exactly(1, h.emails(1, 2)...)
	})
}

// An update that was taken back is not repeated on the promised day; one that stands again is.
func TestAPromiseRepeatsTheLastUpdateThatStands(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		th := h.theme(exports, models.StatusPlanned)
		h.people(1, th)
		h.start(nil)
		say := func(text string) string {
			t.Helper()
			h.clock.Add(time.Minute)
			up, err := rooms.WriteUpdate(t.Context(), staff, th, themes.Update{Text: models.Text{EN: text}})
			if err != nil {
				t.Fatal(err)
			}
			return up.ActivityID
		}
		say("The first half is done.")
		again := say("The second half is done.")
		gone := say("All of it is done.")
		h.undo(rooms, h.undo(rooms, again)) // taken back, and said after all
		h.undo(rooms, gone)
		h.came(th, 30)
		h.until("all are read", h.cursorAtEnd)
		h.until("all are written down", func() bool { return h.count("fanouts", "done_at IS NULL") == 0 })
		h.clock.Add(settleTime + time.Second)
		h.sent(1)
		if p := h.sink.Mails()[0].Read(t); !strings.Contains(p.Text, "The second half is done.") {
			t.Errorf("the mail lacks the last update:\n%s", p.Text)
		}
	})
}
