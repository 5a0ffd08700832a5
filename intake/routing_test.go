package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact"
)

var (
	pm      = auth.Actor{Kind: models.ActorMember, ID: "mem_pm", Name: "Pia", Role: models.RolePM}
	support = auth.Actor{Kind: models.ActorMember, ID: "mem_su", Name: "Sam", Role: models.RoleSupport}
	visitor = auth.Anonymous()
)

func (d door) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d door) team(t *testing.T, key string) {
	t.Helper()
	_, err := d.SaveTeam(ctx, pm, intake.TeamOf{Team: models.Team{Key: key, Name: models.Text{EN: strings.ToUpper(key), ZH: "团队 " + key}}})
	d.must(t, err)
}

func words(w ...string) models.RuleIf { return models.RuleIf{Words: w} }

// What Heed is shipped with: assets at risk are critical, a wallet that does not open
// and money that is not there are high, wishes can wait; in both languages.
func TestShippedRulesTellTheUrgency(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		for text, want := range map[string]string{
			"My wallet was hacked and everything is gone":     "critical problem",
			"有人把我的币盗走了，怎么办？":                                  "critical suggestion",
			"我的錢包被盜了":                                         "critical suggestion",
			"I can’t open my wallet since the update":         "high problem",
			"更新后钱包打不开":                                        "high problem",
			"The transfer has NOT ARRIVED for two days":       "high problem",
			"转账三天了还没到账":                                       "high problem",
			"I was charged twice for one swap":                "high suggestion",
			"重复扣款了两次":                                         "high suggestion",
			"How do I change the language?":                   "normal question",
			"请问怎么换语言？":                                        "normal question",
			"The chart shows an error":                        "normal problem",
			"Please add a dark mode":                          "low suggestion",
			"希望增加深色模式":                                        "low suggestion",
			"It would be great to open several wallets":       "low suggestion",
			"The drain animation of the battery is beautiful": "low suggestion",
		} {
			s := d.file(t, intake.Submission{Text: text}).Suggestion
			if got := fmt.Sprint(s.Urgency, " ", s.Kind); strings.Fields(got)[0] != strings.Fields(want)[0] {
				t.Errorf("%s: %s, want %s (%+v)", text, got, want, s.Routed.V)
			}
			if s.Kind != intake.TellKind(text) {
				t.Errorf("%s: kind %s, reads as %s", text, s.Kind, intake.TellKind(text))
			}
			if s.ReplyDueAt == nil || s.ReplyNextAt == nil || s.ReplyNextAt.Before(*s.ReplyDueAt) == s.Confidential { // of an emergency the team is alerted anyway
				t.Errorf("%s: due %v, next %v", text, s.ReplyDueAt, s.ReplyNextAt)
			}
		}
	})
}

func TestRulesAreAskedInOrderAndWhatWasGivenStays(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		d.team(t, "payments")
		d.team(t, "wallet")
		first, _, err := d.AddRule(ctx, pm, intake.RuleDraft{Conditions: words("refund", "退款"), Outcome: models.RuleThen{Team: "payments", Urgency: "high"}, Position: 1})
		d.must(t, err)
		_, _, err = d.AddRule(ctx, pm, intake.RuleDraft{Conditions: words("退款"), Outcome: models.RuleThen{Team: "wallet", Product: "pay", Kind: "question"}, Position: 2})
		d.must(t, err)
		s := d.file(t, intake.Submission{Text: "請問退款什麼時候到？"}).Suggestion
		if s.Team != "payments" || s.Product != "pay" || s.Urgency != models.UrgencyHigh || s.Kind != models.KindQuestion {
			t.Errorf("%s %s %s %s", s.Team, s.Product, s.Urgency, s.Kind)
		}
		if w := s.Routed.V[0]; w.Rule != first.ID || w.N != 1 || w.Field != models.FieldTeam && w.Field != models.FieldUrgency || len(w.Words) != 1 || w.Words[0] != "退款" {
			t.Errorf("why: %+v", s.Routed.V)
		}
		s = d.file(t, intake.Submission{Text: "refund please", Team: "wallet", Urgency: "low", Kind: "problem", Product: "card"}).Suggestion
		if s.Team != "wallet" || s.Urgency != models.UrgencyLow || s.Kind != models.KindProblem || s.Product != "card" || len(s.Routed.V) != 0 {
			t.Errorf("given: %s %s %s %s %+v", s.Team, s.Urgency, s.Kind, s.Product, s.Routed.V)
		}
		f, err := d.File(ctx, visitor, intake.Submission{Text: "refund my coffee", Team: "wallet", Urgency: "critical"})
		d.must(t, err)
		if f.Suggestion.Team != "payments" || f.Suggestion.Urgency != models.UrgencyHigh {
			t.Errorf("a visitor chose %s %s", f.Suggestion.Team, f.Suggestion.Urgency)
		}
		if _, err := d.File(ctx, token, intake.Submission{Text: "x", Team: "nobody"}); codeOf(err) != "team_unknown" {
			t.Errorf("an unknown team: %v", err)
		}
	})
}

// A change holds at once here, and within moments on another node.
func TestAChangeOfRulesReachesEveryNode(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		other := door{intake.New(d.db, d.th, redact.New(redact.Options{Key: []byte("k")}), "en"), d.db, d.th}
		if s := other.file(t, intake.Submission{Text: "a teapot"}).Suggestion; s.Urgency != models.UrgencyLow {
			t.Fatalf("before: %s", s.Urgency)
		}
		r, _, err := d.AddRule(ctx, pm, intake.RuleDraft{Conditions: words("teapot"), Outcome: models.RuleThen{Urgency: "high"}, Position: 1})
		d.must(t, err)
		if s := d.file(t, intake.Submission{Text: "one more teapot"}).Suggestion; s.Urgency != models.UrgencyHigh {
			t.Errorf("here: %s", s.Urgency)
		}
		deadline := time.Now().Add(10 * time.Second)
		for n := 0; other.file(t, intake.Submission{Text: fmt.Sprintf("teapot number %d", n)}).Suggestion.Urgency != models.UrgencyHigh; n++ {
			if time.Now().After(deadline) {
				t.Fatal("the other node never learned of it")
			}
			time.Sleep(50 * time.Millisecond)
		}
		_, _, err = d.SwitchRule(ctx, pm, r.ID, true)
		d.must(t, err)
		if s := d.file(t, intake.Submission{Text: "the last teapot"}).Suggestion; s.Urgency != models.UrgencyLow {
			t.Errorf("switched off: %s", s.Urgency)
		}
	})
}

// order is the rules as a list of names, and checks that they are numbered from 1.
func (d door) order(t *testing.T) string {
	t.Helper()
	rows, err := d.Rules(ctx, support)
	d.must(t, err)
	var out []string
	for i, r := range rows {
		if r.Position != i+1 {
			t.Errorf("rule %s is number %d, stands at %d", r.Name, r.Position, i+1)
		}
		if r.Name != "" {
			out = append(out, r.Name)
		}
	}
	return strings.Join(out, " ")
}

func TestRulesAreEditedAndEveryEditCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		ids, acts := map[string]string{}, []string(nil)
		for _, n := range []string{"c", "b", "a"} {
			r, _, err := d.AddRule(ctx, pm, intake.RuleDraft{Name: n, Conditions: words(n), Outcome: models.RuleThen{Urgency: "high"}, Position: 1})
			d.must(t, err)
			ids[n] = r.ID
		}
		steps := []struct {
			want string
			do   func() (string, error)
		}{
			{"b c a", func() (string, error) { _, act, err := d.MoveRule(ctx, pm, ids["a"], 99); return act, err }},
			{"c a", func() (string, error) { return d.RemoveRule(ctx, pm, ids["b"]) }},
			{"a c", func() (string, error) { _, act, err := d.MoveRule(ctx, pm, ids["a"], 1); return act, err }},
			{"a z", func() (string, error) {
				_, act, err := d.EditRule(ctx, pm, ids["c"], intake.RuleDraft{Name: "z", Conditions: words("z"), Outcome: models.RuleThen{Urgency: "low"}})
				return act, err
			}},
		}
		states := []string{d.order(t)}
		for _, s := range steps {
			act, err := s.do()
			d.must(t, err)
			if d.order(t) != s.want {
				t.Errorf("order %q, want %q", d.order(t), s.want)
			}
			states, acts = append(states, d.order(t)), append(acts, act)
		}
		for i := len(acts) - 1; i >= 0; i-- {
			if _, err := d.th.Undo(ctx, support, acts[i]); models.KindOf(err) != models.Forbidden {
				t.Fatalf("support undid: %v", err)
			}
			_, err := d.th.Undo(ctx, pm, acts[i])
			d.must(t, err)
			if got := d.order(t); got != states[i] {
				t.Errorf("undone %d: %q, want %q", i, got, states[i])
			}
			if _, err := d.th.Undo(ctx, pm, acts[i]); codeOf(err) != "already_undone" {
				t.Errorf("undone twice: %v", err)
			}
		}
		r, _, err := d.SwitchRule(ctx, pm, ids["a"], true)
		d.must(t, err)
		if _, _, err := d.EditRule(ctx, pm, ids["a"], intake.RuleDraft{Conditions: words("a"), Outcome: models.RuleThen{Urgency: "low"}, Rev: r.Rev - 1}); codeOf(err) != "rule_changed" {
			t.Errorf("written over another's change: %v", err)
		}
	})
}

func TestWhoMayNotAndWhatCannotBeARule(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		ok := intake.RuleDraft{Conditions: words("x"), Outcome: models.RuleThen{Urgency: "high"}}
		for _, a := range []auth.Actor{support, visitor, {Kind: models.ActorAgent, TokenID: "t", Scopes: []auth.Scope{auth.ScopeAdmin}}} {
			_, _, err := d.AddRule(ctx, a, ok)
			_, err2 := d.SetClocks(ctx, a, models.Clocks{Zone: "UTC"}, 0)
			_, err3 := d.SaveTeam(ctx, a, intake.TeamOf{})
			_, _, err4 := d.Apply(ctx, a, "")
			for _, err := range []error{err, err2, err3, err4} {
				if k := models.KindOf(err); k != models.Forbidden && k != models.Unauthenticated {
					t.Errorf("%s %s: %v", a.Kind, a.Role, err)
				}
			}
		}
		for field, bad := range map[string]intake.RuleDraft{
			"outcome":                {Conditions: words("x")},
			"outcome/urgency":        {Conditions: words("x"), Outcome: models.RuleThen{Urgency: "now"}},
			"outcome/kind":           {Conditions: words("x"), Outcome: models.RuleThen{Kind: "rant"}},
			"outcome/team":           {Conditions: words("x"), Outcome: models.RuleThen{Team: "nobody"}},
			"conditions/words":       {Conditions: words("*"), Outcome: models.RuleThen{Urgency: "high"}},
			"conditions/kinds":       {Conditions: models.RuleIf{Kinds: []string{"rant"}}, Outcome: models.RuleThen{Urgency: "high"}},
			"conditions/languages":   {Conditions: models.RuleIf{Languages: []string{"fr"}}, Outcome: models.RuleThen{Urgency: "high"}},
			"name":                   {Name: strings.Repeat("x", 201), Conditions: words("x"), Outcome: models.RuleThen{Urgency: "high"}},
			"conditions/context":     {Conditions: models.RuleIf{Context: map[string]string{" ": "x"}}, Outcome: models.RuleThen{Urgency: "high"}},
			"conditions/segments":    {Conditions: models.RuleIf{Segments: []string{strings.Repeat("x", 101)}}, Outcome: models.RuleThen{Urgency: "high"}},
			"conditions/words\x00ok": {Conditions: words("legal winner thank year wave sausage worth useful legal winner thank yellow"), Outcome: models.RuleThen{Urgency: "high"}},
		} {
			_, _, err := d.AddRule(ctx, pm, bad)
			e := fieldOf(err)
			if want, _, _ := strings.Cut(field, "\x00"); e != want {
				t.Errorf("%s: %v", field, err)
			}
		}
		if n := d.order(t); n != "" {
			t.Errorf("stored %q", n)
		}
	})
}

func (d door) reply(t *testing.T, id string, after time.Duration) {
	t.Helper()
	d.must(t, d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var s models.Suggestion
		if err := tx.First(&s, "id = ?", id).Error; err != nil {
			return err
		}
		return tx.Model(&s).Updates(map[string]any{"first_replied_at": s.CreatedAt.Add(after), "state": models.StateAnswered}).Error
	}))
}

// Looking back changes nothing, says from what to what, and leaves alone what people
// decided; applying does what it said, to what is still owed an answer.
func TestReplaySaysWhatARuleWouldChange(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.team(t, "payments")
		old := d.file(t, intake.Submission{Text: "refund of long ago"}).Suggestion
		clock.Add(31 * 24 * time.Hour)
		var mine []models.Suggestion
		for i := range 5 {
			mine = append(mine, d.file(t, intake.Submission{Text: fmt.Sprintf("refund number %d", i)}).Suggestion)
		}
		given := d.file(t, intake.Submission{Text: "refund, they said low", Urgency: "low", Kind: "suggestion"}).Suggestion
		d.file(t, intake.Submission{Text: "something else"})
		d.reply(t, mine[0].ID, time.Minute)
		one := "high"
		_, err := d.Edit(ctx, pm, mine[1].ID, intake.Patch{Urgency: &one})
		d.must(t, err)
		draft := intake.RuleDraft{Conditions: words("refund"), Outcome: models.RuleThen{Team: "payments", Urgency: "critical"}, Position: 1}
		got, err := d.Replay(ctx, support, intake.ReplayAsk{Draft: &draft})
		d.must(t, err)
		if got.Total != 7 || got.Seen != 7 || got.Changed != 6 || got.Open != 5 || got.Cursor != "" || len(got.Examples) != 6 {
			t.Errorf("replay: %+v", got)
		}
		if want := "[{urgency low critical 4} {team  payments 6}]"; sorted(got.Shifts) != want {
			t.Errorf("shifts %v", sorted(got.Shifts))
		}
		now, err := d.Get(ctx, pm, mine[2].ID)
		if d.must(t, err); now.Suggestion.Team != "" || now.Suggestion.Urgency != models.UrgencyLow {
			t.Error("looking back changed something")
		}
		_, _, err = d.AddRule(ctx, pm, draft)
		d.must(t, err)
		n, next, err := d.Apply(ctx, pm, "")
		if d.must(t, err); n != 5 || next != "" {
			t.Errorf("applied to %d, next %q", n, next)
		}
		for id, want := range map[string]string{mine[0].ID: "low ", mine[1].ID: "high payments", mine[2].ID: "critical payments", given.ID: "low payments", old.ID: "low "} {
			f, err := d.Get(ctx, pm, id)
			d.must(t, err)
			if got := fmt.Sprintf("%s %s", f.Suggestion.Urgency, f.Suggestion.Team); got != want {
				t.Errorf("%s: %q, want %q", f.Suggestion.Text, got, want)
			}
		}
		f, _ := d.Get(ctx, pm, mine[2].ID)
		if want := f.Suggestion.CreatedAt.Add(15 * time.Minute); f.Suggestion.ReplyDueAt == nil || !f.Suggestion.ReplyDueAt.Equal(want) {
			t.Errorf("its clock: %v, want %v", f.Suggestion.ReplyDueAt, want)
		}
		if n, _, err := d.Apply(ctx, pm, ""); err != nil || n != 0 {
			t.Errorf("applied again to %d: %v", n, err)
		}
	})
}

func sorted(s []intake.Shift) string {
	if len(s) == 2 && s[0].Field == "team" {
		s[0], s[1] = s[1], s[0]
	}
	return fmt.Sprint(s)
}

// A replay that runs out of time goes on from where it stopped, and adds up to the same.
func TestAReplayGoesOnFromItsCursor(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		const filed = 1100
		d.must(t, d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			rows := make([]models.Suggestion, 0, filed)
			for i := range filed {
				rows = append(rows, models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: fmt.Sprintf("refund %d", i), State: models.StateNew, Kind: models.KindSuggestion,
					Receipt: fmt.Sprint(i), Action: models.ActionNew, Urgency: models.UrgencyLow, Waiting: true, CreatedAt: d.db.Now(), UpdatedAt: d.db.Now(),
					Routed: models.AsJSON([]models.Routed{{Field: "urgency", Value: "low"}})})
			}
			return tx.CreateInBatches(rows, 50).Error
		}))
		draft := intake.RuleDraft{Conditions: words("refund"), Outcome: models.RuleThen{Urgency: "high"}, Position: 1}
		ask, seen, changed, calls := intake.ReplayAsk{Draft: &draft, Budget: time.Nanosecond}, 0, 0, 0
		for {
			got, err := d.Replay(ctx, support, ask)
			d.must(t, err)
			seen, changed, calls = seen+got.Seen, changed+got.Changed, calls+1
			if ask.Cursor = got.Cursor; ask.Cursor == "" {
				break
			}
		}
		if seen != filed || changed != filed || calls != 3 {
			t.Errorf("%d seen, %d changed in %d calls", seen, changed, calls)
		}
		stop, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := d.Replay(stop, support, intake.ReplayAsk{Draft: &draft}); err == nil {
			t.Error("went on though nobody waits")
		}
	})
}

func TestTryingATextStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		got, err := d.TryRules(ctx, support, intake.Trial{Text: "Since yesterday I can’t open it, 錢包打不開"}, "", nil)
		d.must(t, err)
		if got.Urgency != models.UrgencyHigh || len(got.Found) != 2 || got.Text[got.Found[0].From:got.Found[0].To] != "can’t open" || got.Text[got.Found[1].From:got.Found[1].To] != "打不開" {
			t.Errorf("%+v", got)
		}
		draft := &intake.RuleDraft{Conditions: words("yesterday"), Outcome: models.RuleThen{Urgency: "low"}, Position: 1}
		if got, err = d.TryRules(ctx, support, intake.Trial{Text: "yesterday"}, "", draft); err != nil || got.Urgency != models.UrgencyLow {
			t.Errorf("with a draft: %+v %v", got, err)
		}
		if list, _, _ := d.List(ctx, pm, intake.Filter{}); len(list) != 0 || d.order(t) != "" {
			t.Error("something was stored")
		}
		if _, err := d.TryRules(ctx, visitor, intake.Trial{Text: "x"}, "", nil); err == nil {
			t.Error("a visitor read the rules")
		}
	})
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Field
	}
	return fmt.Sprint(err)
}
