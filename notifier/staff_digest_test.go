package notifier

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func TestTheWeeklyMailIsDueOnMondays(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  string
		zone *time.Location
		want string
	}{
		{"2026-11-24T09:00:00Z", time.UTC, "2026-11-23T09:00:00Z"}, // a Tuesday
		{"2026-11-23T09:00:00Z", time.UTC, "2026-11-23T09:00:00Z"},
		{"2026-11-23T08:59:59Z", time.UTC, "2026-11-16T09:00:00Z"},
		{"2026-11-22T23:00:00Z", time.UTC, "2026-11-16T09:00:00Z"},
		{"2026-11-23T01:00:00Z", shanghai, "2026-11-23T01:00:00Z"},
		{"2026-11-23T00:59:00Z", shanghai, "2026-11-16T01:00:00Z"},
		{"2027-01-01T00:00:00Z", time.UTC, "2026-12-28T09:00:00Z"},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		if got := lastDue(now, c.zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("at %s in %s it was due %s, want %s", c.now, c.zone, got, c.want)
		}
	}
}

func (h *house) digests(n *node) int {
	h.t.Helper()
	if err := n.TickStaffDigest(context.Background(), models.Job{}); err != nil {
		h.t.Fatal(err)
	}
	return h.count("deliveries", "kind = ?", string(KindStaffDigest))
}

func TestWhoDecidesHearsOfTheWeekOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		pm, zh := h.member("Pia", models.RolePM, "en"), h.member("Ada", models.RoleAdmin, "zh")
		h.member("Sam", models.RoleSupport, "en") // does not decide
		n := h.start(nil)
		monday := lastDue(h.db.Now(), time.UTC).Add(7 * oneDay)
		if got := h.digests(n); got != 0 {
			t.Fatalf("%d mails on the day Heed was set up, more than a day after it was due", got)
		}
		h.clock.Add(monday.Sub(h.db.Now()))
		if got := h.digests(n); got != 0 {
			t.Fatalf("%d mails about nothing", got)
		}
		old := h.theme(models.Text{EN: "Old and large", ZH: "老需求"}, models.StatusPlanned)
		h.people(40, old)
		h.clock.Add(6 * 7 * oneDay)
		rising := h.theme(exports, models.StatusPlanned)
		held := h.theme(models.Text{EN: "Dark mode", ZH: "深色模式"}, models.StatusUnderReview)
		h.people(3, rising)
		h.write(hold(held, h.db.Now()))
		if got := h.digests(n); got != 2 {
			t.Fatalf("%d mails, want those of Pia and Ada", got)
		}
		if got := h.digests(n); got != 2 {
			t.Errorf("%d mails after a second look", got)
		}
		h.sent(2)
		for _, m := range h.sink.Mails() {
			p := m.Read(t)
			want, never := []string{"Faster exports", "3 in 7 days", "Dark mode", "1 theme waits for your decision", "https://heed.acme.example/themes/" + rising, "https://heed.acme.example/promises#mail"}, []string{"Old and large", "Inbox", "更快"}
			if strings.HasPrefix(m.To, "Ada") {
				want, never = []string{"更快的导出", "最近 7 天 3 人", "深色模式", "1 条需求等您决定"}, []string{"老需求", "Faster", "week"}
			}
			for _, w := range want {
				if !strings.Contains(p.Text, w) {
					t.Errorf("the mail to %s lacks %q:\n%s", m.To, w, p.Text)
				}
			}
			for _, w := range never {
				if strings.Contains(p.Text, w) {
					t.Errorf("the mail to %s says %q:\n%s", m.To, w, p.Text)
				}
			}
		}
		h.clock.Add(3 * oneDay)
		if got := h.digests(n); got != 2 {
			t.Errorf("%d mails in the same week", got)
		}
		off := auth.Actor{Kind: models.ActorMember, ID: zh, Role: models.RoleAdmin}
		if err := n.MailDigest(context.Background(), off, false); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(3 * 7 * oneDay) // three Mondays, while Heed was down for two
		if got := h.digests(n); got != 3 {
			t.Errorf("%d mails: Pia's missed weeks are made up for once, Ada wants none", got)
		}
		if wants, ok, err := n.WantsDigest(context.Background(), off); wants || !ok || err != nil {
			t.Error(wants, ok, err)
		}
		support := auth.Actor{Kind: models.ActorMember, ID: "mem_s", Role: models.RoleSupport}
		if _, ok, _ := n.WantsDigest(context.Background(), support); ok || n.MailDigest(context.Background(), support, true) == nil {
			t.Error("support has a weekly mail")
		}
		_ = pm
	})
}

// hold puts a theme on the list of what staff must decide.
func hold(theme string, now time.Time) func(context.Context, *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.Theme{}).Where("id = ?", theme).Updates(map[string]any{"decide_at": now, "promise_date": now.Add(oneDay), "promises_sent": 2}).Error
	}
}
