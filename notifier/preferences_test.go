package notifier

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func TestWhatAPersonWishesHoldsForWhatWaitsToo(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, h *house) {
		n := h.timed(func(o *LedgerOptions) { o.Pool = nil })
		a, b := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		p := h.people(1, a, b)[0]
		token := n.unsubscribeToken(p)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		// One mail is made and waits for the relay, one change still settles.
		h.give(a, models.StatusPlanned, nil)
		h.at(h.db.Now().Add(settleTime+time.Minute), true)
		h.give(b, models.StatusPlanned, nil)
		h.at(h.db.Now().Add(time.Second), true)
		if got := h.tally("deliveries", "state"); got["ready"] != 1 {
			t.Fatal(got)
		}
		must(n.SavePreferences(ctx, token, Wishes{Mute: []string{a}}))
		h.wantReasons(p, SkipMuted, "")
		if got := h.tally("deliveries", "state"); got["cancelled"] != 1 {
			t.Error("a mail about a muted theme still waits", got)
		}
		must(n.SavePreferences(ctx, token, Wishes{Modes: map[string]string{"status": models.ModeDaily}}))
		h.at(h.db.Now().Add(settleTime+time.Minute), true)
		told, err := n.ToldPage(ctx, token)
		must(err)
		if told[0].Hold != models.HoldDaily || !told[0].DueAt.Equal(time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("%s until %s", told[0].Hold, told[0].DueAt)
		}
		// Another hour counts at once, and so does another zone.
		hour := 15
		must(n.SavePreferences(ctx, token, Wishes{DigestHour: &hour}))
		h.at(h.db.Now().Add(time.Second), true)
		if told, _ = n.ToldPage(ctx, token); !told[0].DueAt.Equal(time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("until %s", told[0].DueAt)
		}
		must(n.SavePreferences(ctx, token, Wishes{Modes: map[string]string{"status": models.ModeOff}}))
		h.wantReasons(p, SkipMuted, SkipPreference)
		x, err := n.PreferencesPage(ctx, token)
		must(err)
		if x.Modes[KindStatus] != models.ModeOff || x.Modes[KindUpdate] != models.ModeInstant || x.DigestHour != 15 || len(x.Muted) != 1 || len(x.Themes) != 1 ||
			x.Email != "p…@people.example" || x.NextDaily != nil {
			t.Errorf("%+v", x)
		}
		// Staff do the same with their name on it; others do not.
		must(n.SetPreferences(ctx, staff, p, Wishes{Modes: map[string]string{"all": models.ModeWeekly, "status": ""}, Unmute: []string{a}}))
		if x, _ = n.PersonPreferences(ctx, staff, p); x.Modes[KindStatus] != models.ModeWeekly || x.NextWeekly == nil || len(x.Muted) != 0 {
			t.Errorf("%+v", x)
		}
		if h.count("activities", "verb = 'person.edited' AND person_id = ? AND actor_name = 'Ada'", p) != 1 {
			t.Error("nothing says who changed a person's wishes")
		}
		agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_1", TokenID: "tok_1", Scopes: auth.Scopes()}
		if err := n.SetPreferences(ctx, agent, p, Wishes{}); models.KindOf(err) != models.Forbidden {
			t.Error(err)
		}
		bad := -1
		for field, w := range map[string]Wishes{"modes": {Modes: map[string]string{"x": "off"}}, "mode_status": {Modes: map[string]string{"status": "x"}}, "digest_hour": {DigestHour: &bad},
			"quiet_hours": {QuietHours: &[]string{"8-9"}[0]}} {
			if err := n.SavePreferences(ctx, token, w); models.KindOf(err) != models.Invalid {
				t.Error(field, err)
			}
		}
		if err := n.SavePreferences(ctx, p+".forged", Wishes{}); models.KindOf(err) != models.NotFound {
			t.Error(err)
		}
	})
}

func TestAChangeIsTakenBackFromEverybodyWhoHasNotHeard(t *testing.T) {
	ctx := context.Background()
	each(t, func(t *testing.T, h *house) {
		n := h.timed(nil)
		a, b := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		people := h.people(30, a, b)
		asleep := people[:20]
		for _, p := range asleep {
			h.zone(p, "Asia/Tokyo") // 18:00 when the day begins here
		}
		h.at(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC))
		h.give(a, models.StatusShipped, nil)
		h.give(b, models.StatusPlanned, nil)
		h.at(h.db.Now().Add(time.Hour))
		h.sent(10)
		var event, act string
		h.db.Read(ctx).Raw("SELECT id, activity_id FROM follow_up_events WHERE theme_id = ?", a).Row().Scan(&event, &act)
		held, err := n.Recallable(ctx, staff, []string{act})
		if err != nil || held[act] != (Holding{event, 20}) {
			t.Error(held, err)
		}
		if _, err := n.Recall(ctx, auth.Actor{Kind: models.ActorMember, ID: "mem_2", Role: models.RoleSupport}, event); models.KindOf(err) != models.Forbidden {
			t.Error(err)
		}
		for range 2 {
			if got, err := n.Recall(ctx, staff, event); err != nil || got != (Recalled{20, 10, true}) {
				t.Error(got, err)
			}
		}
		if h.count("activities", "verb = ?", models.FollowUpRecalled) != 1 {
			t.Error("the recall is not on record once")
		}
		h.at(h.db.Now().Add(day))
		h.exactly(1, h.emails(0, 30)...)
		for i := range people {
			said := h.sink.For(h.email(i))[0].Read(t).Text
			if taken := i < 20; strings.Contains(said, a) == taken || !strings.Contains(said, b) {
				t.Errorf("%d: %s", i, said)
			}
		}
		if got := h.reasons(people[0]); !slices.Equal(got, []string{SkipRecalled, ""}) && !slices.Equal(got, []string{"", SkipRecalled}) {
			t.Error(got)
		}
		if _, err := n.Recall(ctx, staff, "evt_none"); models.KindOf(err) != models.NotFound {
			t.Error(err)
		}
	})
}
