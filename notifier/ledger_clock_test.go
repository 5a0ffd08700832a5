package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// member adds one of the staff, and puts them into teams.
func (h *house) member(name string, role models.Role, locale string, teams ...string) string {
	h.t.Helper()
	m := models.Member{ID: models.NewID(models.PrefixMember), Email: name + "@acme.example", Name: name, Role: role, Locale: locale, CreatedAt: h.db.Now()}
	h.write(func(_ context.Context, tx *gorm.DB) error {
		for _, t := range teams {
			if err := tx.Create(&models.TeamMember{Team: t, MemberID: m.ID}).Error; err != nil {
				return err
			}
		}
		return tx.Create(&m).Error
	})
	return m.ID
}

// sweep records a sweep of clocks, as intake does, and gives the suggestions' ids.
func (h *house) sweep(sweep string, steps ...models.Suggestion) []string {
	h.t.Helper()
	var ids []string
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		ids = nil
		var acts []*models.Activity
		for i := range steps {
			s := steps[i]
			s.ID, s.State, s.Kind, s.Action, s.Waiting = models.NewID(models.PrefixSuggestion), models.StateNew, models.KindProblem, models.ActionNew, true
			s.Receipt, s.CreatedAt, s.UpdatedAt = s.ID, h.db.Now(), h.db.Now()
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
			if s.Confidential {
				if err := tx.Create(&models.Emergency{SuggestionID: s.ID, Cause: models.CauseStolen, CreatedAt: h.db.Now()}).Error; err != nil {
					return err
				}
			}
			step, verb := models.ClockWarn, models.ClockWarned
			if s.ReplyDueAt.Before(h.db.Now()) {
				step, verb = models.ClockBreach, models.ClockBreached
			}
			if err := tx.Create(&models.ClockMark{SuggestionID: s.ID, DueAt: *s.ReplyDueAt, Step: step, Sweep: sweep, CreatedAt: h.db.Now()}).Error; err != nil {
				return err
			}
			b, err := json.Marshal(models.ClockStep{Sweep: sweep, Team: s.Team, Urgency: s.Urgency, DueAt: *s.ReplyDueAt})
			if err != nil {
				return err
			}
			acts, ids = append(acts, &models.Activity{Verb: verb, SuggestionID: s.ID, Snapshot: string(b)}), append(ids, s.ID)
		}
		return h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, acts...)
	})
	return ids
}

// One sweep is one mail to each who answers for something of it, in their language: what
// is their team's, and what is everybody's; words that are confidential are in none.
func TestASweepIsOneMailToEachWhoAnswers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.Team{Key: "payments", Name: models.Text{EN: "Payments", ZH: "支付组"}, CreatedAt: h.db.Now()}).Error
		})
		h.member("pay", models.RoleSupport, "zh", "payments")
		h.member("sam", models.RoleSupport, "en")
		h.member("pia", models.RolePM, "en")
		h.member("olga", models.RoleOwner, "en")
		gone := h.member("gone", models.RoleSupport, "en", "payments")
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&models.Member{}).Where("id = ?", gone).Update("disabled_at", h.db.Now()).Error
		})
		soon, late := h.db.Now().Add(time.Hour), h.db.Now().Add(-time.Hour)
		h.start(nil)
		ids := h.sweep("swp_1",
			models.Suggestion{Text: "refund at https://evil.example/x", Team: "payments", Urgency: models.UrgencyHigh, ReplyDueAt: &late},
			models.Suggestion{Text: "for everybody", Urgency: models.UrgencyNormal, ReplyDueAt: &soon},
			models.Suggestion{Text: "the hidden hole", Urgency: models.UrgencyCritical, Confidential: true, ReplyDueAt: &late},
			models.Suggestion{Text: "of a team without members", Team: "nobody", Urgency: models.UrgencyLow, ReplyDueAt: &soon})
		h.sent(3)
		h.until("read", h.cursorAtEnd)
		h.quietNow()
		if n := len(h.sink.Mails()); n != 3 {
			t.Fatalf("%d mails, want 3", n)
		}
		for who, c := range map[string]struct {
			subject string
			has     []string
			not     []string
		}{
			"pay": {"首次回复：2 条已超时，2 条即将到时限", []string{ids[0], ids[1], "支付组", "已超时", "保密"}, []string{"Late", "hole", "https://evil"}},
			"sam": {"First replies: 1 late, 2 due soon", []string{ids[1], ids[2], ids[3], "confidential", "UTC"}, []string{ids[0], "refund", "hole", "已超时"}},
			"pia": {"First replies: 1 late, 2 due soon", []string{ids[1]}, []string{ids[0], "hole"}},
		} {
			mails := h.sink.For(who + "@acme.example")
			if len(mails) != 1 {
				t.Fatalf("%s got %d mails", who, len(mails))
			}
			p := mails[0].Read(t)
			if p.Subject != c.subject {
				t.Errorf("%s: subject %q", who, p.Subject)
			}
			for _, w := range c.has {
				if !strings.Contains(p.Text, w) {
					t.Errorf("%s: the mail lacks %q: %s", who, w, p.Text)
				}
			}
			for _, w := range c.not {
				if strings.Contains(p.Text+p.HTML, w) {
					t.Errorf("%s: the mail says %q", who, w)
				}
			}
			if p.Header.Get("List-Unsubscribe") != "" {
				t.Errorf("%s: a staff mail offers to leave a list", who)
			}
		}
	})
}

// A large sweep, read in several steps, is still one mail, which counts what it does not
// list; and reading it again sends none.
func TestALargeSweepIsOneMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.member("sam", models.RoleSupport, "en")
		late := h.db.Now().Add(-time.Hour)
		var many []models.Suggestion
		for i := range eventBatch + 50 {
			many = append(many, models.Suggestion{Text: fmt.Sprint("waiting ", i), Urgency: models.UrgencyHigh, ReplyDueAt: &late})
		}
		h.start(nil)
		h.sweep("swp_2", many...)
		h.sent(1)
		h.until("read", h.cursorAtEnd)
		h.quietNow()
		mails := h.sink.Mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		if p := mails[0].Read(t); p.Subject != "250 first replies are late" || !strings.Contains(p.Text, "And 220 more.") || strings.Count(p.Text, "/inbox/sug_") != maxClocks {
			t.Errorf("%q: %s", p.Subject, p.Text)
		}
	})
}
