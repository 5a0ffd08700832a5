package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact/redacttest"
	"github.com/heedhq/heed/themes"
)

func seed(t *testing.T) string { return redacttest.Phrase(t) }

func (d door) alarms(t *testing.T) (out []models.Activity) {
	t.Helper()
	if err := d.db.Read(ctx).Order("seq").Find(&out, "verb = ?", models.EmergencyAlerted).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

func (d door) emergency(t *testing.T, id string) models.Emergency {
	t.Helper()
	var e models.Emergency
	if err := d.db.Read(ctx).First(&e, "suggestion_id = ?", id).Error; err != nil {
		t.Fatal(err)
	}
	return e
}

// An emergency is confidential, on the clock, alerted, and outside of everything
// that compares, proposes or publishes.
func TestAnEmergencyStandsApart(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		like := d.file(t, intake.Submission{Text: "Importing a recovery phrase fails on my phone"})
		before := d.th.Indexed()
		for name, c := range map[string]struct {
			s     intake.Submission
			cause models.Cause
		}{
			"a phrase":           {intake.Submission{Text: "Importing a recovery phrase fails on my phone: " + seed(t)}, models.CauseSecret},
			"a phrase elsewhere": {intake.Submission{Text: "Importing fails on my phone", Context: map[string]any{"log": "words=" + seed(t)}}, models.CauseSecret},
			"in a name":          {intake.Submission{Text: "Importing fails on my phone", Person: &intake.PersonInput{Email: "a@example.com", Name: seed(t)}}, models.CauseSecret},
			"stolen":             {intake.Submission{Text: "All my funds were stolen from my wallet"}, models.CauseStolen},
			"in a title":         {intake.Submission{Title: "资产被盗", Text: "请帮帮我"}, models.CauseStolen},
			"a weakness":         {intake.Submission{Text: "I found a security vulnerability in the import"}, models.CauseVulnerability},
		} {
			f := d.file(t, c.s)
			s := f.Suggestion
			if f.Cause != c.cause || !s.Confidential || s.Urgency != models.UrgencyCritical || s.Action != models.ActionSuggested || !s.Waiting {
				t.Errorf("%s: cause %q, %+v", name, f.Cause, s)
			}
			if f.Theme != nil || len(f.Themes) > 0 || len(s.Candidates.V) > 0 || s.LikelyTheme != "" || s.MatchedBy != "" || s.ExactHash != "" {
				t.Errorf("%s was compared: %+v", name, s)
			}
			if s.ReplyDueAt == nil || s.ReplyDueAt.Sub(s.CreatedAt) != 15*time.Minute {
				t.Errorf("%s: no clock of its own: %v", name, s.ReplyDueAt)
			}
			if _, _, err := d.th.Assign(ctx, token, []string{s.ID}, themes.Assignment{Theme: like.Theme.ID}); models.KindOf(err) != models.Conflict {
				t.Errorf("%s joined a theme: %v", name, err)
			}
			if _, _, err := d.th.Decide(ctx, token, s.ID, like.Theme.ID, true); models.KindOf(err) != models.Conflict {
				t.Errorf("%s was decided to belong to a theme: %v", name, err)
			}
			if got, err := d.Get(ctx, token, s.ID); err != nil || got.Cause != c.cause {
				t.Errorf("%s reads as %q, %v", name, got.Cause, err)
			}
		}
		d.file(t, intake.Submission{Text: "Something else altogether, please add dark mode"})
		for d.th.Indexed() <= before {
			time.Sleep(time.Millisecond)
		}
		if n := d.th.Indexed(); n != before+1 {
			t.Errorf("%d texts in the index, want the one more that is no emergency", n-before)
		}
		desk, err := d.Desk(ctx, token, intake.Sought{})
		if err != nil || desk.Total != 8 || !desk.Rows[0].Confidential || !desk.Rows[5].Confidential || desk.Rows[6].Confidential {
			t.Errorf("the inbox does not begin with the emergencies: %v, %+v", err, desk.Rows)
		}
	})
}

func TestWhatIsConfidentialIsNotForAgents(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "my wallet was hacked"})
		agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_2", TokenID: "tok_2", Scopes: []auth.Scope{auth.ScopeAdmin}}
		if _, err := d.Get(ctx, agent, f.Suggestion.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("an agent reads it: %v", err)
		}
		rows, _, err := d.List(ctx, agent, intake.Filter{})
		if err != nil || len(rows) != 0 {
			t.Errorf("an agent is listed it: %v, %v", rows, err)
		}
		desk, err := d.Desk(ctx, agent, intake.Sought{})
		if err != nil || len(desk.Rows) != 0 || desk.Total != 0 {
			t.Errorf("an agent sees it in the inbox: %v, %v", desk, err)
		}
		if n, err := d.Inbox(ctx, agent); n != 0 || err != nil {
			t.Errorf("an agent counts it: %d, %v", n, err)
		}
		if _, _, err := d.Emergencies(ctx, agent, true, 0); models.KindOf(err) != models.Forbidden {
			t.Errorf("an agent lists emergencies: %v", err)
		}
		if err := d.Acknowledge(ctx, agent, f.Suggestion.ID); models.KindOf(err) != models.Forbidden {
			t.Errorf("an agent acknowledges: %v", err)
		}
		id := f.Suggestion.ID
		said, err := d.Reply(ctx, sam, id, "Move what is left to a new wallet.")
		if err != nil {
			t.Fatal(err)
		}
		ready, err := d.Ready([]intake.Upload{{Name: "a.log", Body: []byte("it began at noon")}})
		if err != nil {
			t.Fatal(err)
		}
		at, err := d.Attach(ctx, sam, id, "", ready)
		if err != nil {
			t.Fatal(err)
		}
		// A program that reads and decides, but does not administer, knows no more.
		program := auth.Actor{Kind: models.ActorService, ID: "tok_3", TokenID: "tok_3", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite, auth.ScopeThemesRead, auth.ScopeThemesWrite, auth.ScopeFollowupsSend}}
		for _, a := range []auth.Actor{agent, program} {
			for what, do := range map[string]func() error{
				"reads its thread": func() error { _, err := d.Thread(ctx, a, id); return err },
				"reads its file":   func() error { _, _, err := d.Attachment(ctx, a, at[0].Attachment.ID); return err },
				"reads its finds":  func() error { _, err := d.Found(ctx, a, id); return err },
				"attaches to it":   func() error { _, err := d.Attach(ctx, a, id, "", ready); return err },
				"sets its state":   func() error { _, err := d.SetState(ctx, a, id, "closed", ""); return err },
				"closes it":        func() error { _, err := d.th.Close(ctx, a, []string{id}); return err },
				"assigns it": func() error {
					_, _, err := d.th.Assign(ctx, a, []string{id}, themes.Assignment{NewTitle: "x"})
					return err
				},
				"proposes for it": func() error {
					_, err := d.th.ProposeAssignment(ctx, a, id, "thm_none", true, "")
					return err
				},
				"undoes its reply's step": func() error { _, err := d.th.Undo(ctx, a, said.Message.ActivityID); return err },
			} {
				if err := do(); models.KindOf(err) != models.NotFound && !(what == "undoes its reply's step" && models.KindOf(err) == models.Conflict) {
					t.Errorf("%s %s: %v", a.Kind, what, err)
				}
			}
			if _, err := d.Reply(ctx, a, id, "hello"); models.KindOf(err) != models.NotFound && models.KindOf(err) != models.Forbidden {
				t.Errorf("%s replies: %v", a.Kind, err)
			}
			talks, _, err := d.Talks(ctx, a, false, "", 10)
			if err != nil || len(talks) != 0 {
				t.Errorf("%s is listed its thread: %v, %v", a.Kind, talks, err)
			}
			times, err := d.FirstReplies(ctx, a, 0)
			if err != nil || times.All.Filed != 0 {
				t.Errorf("%s counts it among the first replies: %+v, %v", a.Kind, times.All, err)
			}
			if desk, err := d.Desk(ctx, a, intake.Sought{Due: true}); err != nil || desk.Total != 0 {
				t.Errorf("%s counts it among what is owed: %v, %v", a.Kind, desk, err)
			}
		}
		if th, err := d.Thread(ctx, sam, id); err != nil || len(th.Messages) != 1 || len(th.Attachments) != 1 {
			t.Errorf("support does not read it: %+v, %v", th, err)
		}
		state := "closed"
		if _, err := d.Edit(ctx, agent, f.Suggestion.ID, intake.Patch{State: &state}); models.KindOf(err) != models.NotFound {
			t.Errorf("an agent closes it: %v", err)
		}
	})
}

// The alert comes at once, again once per due time however often somebody looks,
// and no more once a member takes care.
func TestAlertsComeAgainUntilSomebodyTakesCare(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.SetAlarms(intake.Alarms{Realert: 10 * time.Minute, ReplyWithin: 15 * time.Minute})
		f := d.file(t, intake.Submission{Text: "my wallet was hacked"})
		look := func() {
			t.Helper()
			for range 3 {
				if err := d.TickAlerts(ctx, models.Job{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := func(n int) {
			t.Helper()
			if got := d.alarms(t); len(got) != n {
				t.Fatalf("%d alerts, want %d", len(got), n)
			}
			if e := d.emergency(t, f.Suggestion.ID); e.Alerts != n {
				t.Fatalf("counted %d alerts, want %d", e.Alerts, n)
			}
		}
		look()
		want(1)
		clock.Add(9 * time.Minute)
		look()
		want(1)
		clock.Add(time.Minute)
		look()
		want(2)
		clock.Add(time.Hour) // nobody looked meanwhile: it is one alert, not six
		look()
		want(3)
		ada := auth.Actor{Kind: models.ActorMember, ID: "mem_1", Name: "Ada", Role: models.RoleSupport}
		bob := auth.Actor{Kind: models.ActorMember, ID: "mem_2", Name: "Bob", Role: models.RoleSupport}
		for _, who := range []auth.Actor{ada, bob} { // the second comes too late and is told so by the page
			if err := d.Acknowledge(ctx, who, f.Suggestion.ID); err != nil {
				t.Fatal(err)
			}
		}
		if e := d.emergency(t, f.Suggestion.ID); e.AcknowledgedName != "Ada" || e.AlertAt != nil {
			t.Errorf("taken care of by %q, next alert %v", e.AcknowledgedName, e.AlertAt)
		}
		clock.Add(24 * time.Hour)
		look()
		want(3)
		if got, err := d.Get(ctx, token, f.Suggestion.ID); err != nil || !got.Suggestion.Confidential {
			t.Errorf("no longer confidential: %v", err)
		}
		if err := d.Acknowledge(ctx, ada, "sug_none"); models.KindOf(err) != models.NotFound {
			t.Errorf("acknowledged what is none: %v", err)
		}
	})
}

// What was closed has been seen: nobody is woken for it.
func TestAClosedEmergencyAlertsNobody(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "my wallet was hacked"})
		if _, err := d.th.Close(ctx, token, []string{f.Suggestion.ID}); err != nil {
			t.Fatal(err)
		}
		clock.Add(time.Hour)
		if err := d.TickAlerts(ctx, models.Job{}); err != nil {
			t.Fatal(err)
		}
		if n := len(d.alarms(t)); n != 1 {
			t.Errorf("%d alerts", n)
		}
	})
}

// A thousand emergencies of one source are a few alerts, and all of them stand on
// the page.
func TestAFloodOfEmergenciesDoesNotBuryTheTeam(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		const flood = 60
		for i := range flood {
			if _, err := d.File(ctx, auth.Anonymous(), intake.Submission{Text: fmt.Sprintf("my wallet number %d was hacked", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(d.alarms(t)); n != 3 {
			t.Errorf("%d alerts at once", n)
		}
		_, open, err := d.Emergencies(ctx, token, false, 0)
		if err != nil || open != flood {
			t.Errorf("%d stand on the page, %v", open, err)
		}
		clock.Add(10 * time.Minute)
		if err := d.TickAlerts(ctx, models.Job{}); err != nil {
			t.Fatal(err)
		}
		acts := d.alarms(t)
		al, err := acts[len(acts)-1].Alarm()
		if len(acts) != 4 || err != nil || al.Open != flood || len(al.Suggestions) != 10 {
			t.Errorf("%d alerts, the last of %d, naming %d", len(acts), al.Open, len(al.Suggestions))
		}
	})
}

// The same words are an emergency too, whoever sends them; none of them echoes.
func TestWhoSaysTheSameIsAnEmergencyToo(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		words := "All my coins have been stolen by " + strings.Repeat("a", 3)
		for range 3 {
			f := d.file(t, intake.Submission{Text: words})
			if f.Cause != models.CauseStolen || f.Suggestion.EchoOf != "" || f.Suggestion.Echoes != 0 {
				t.Errorf("%q %+v", f.Cause, f.Suggestion)
			}
		}
		if f := d.file(t, intake.Submission{Text: "hello", Context: map[string]any{"x": seed(t)}}); f.Cause != models.CauseSecret {
			t.Errorf("%q", f.Cause)
		}
		if f := d.file(t, intake.Submission{Text: "hello"}); f.Cause != "" {
			t.Errorf("a greeting is an emergency since somebody greeted beside a secret: %q", f.Cause)
		}
	})
}

// Whoever answers the person, or hands them over, has seen the emergency: it stops
// calling. A program's reply is no eye on it, and a note of its own state is none.
func TestAnAnswerStopsTheAlerts(t *testing.T) {
	ada := auth.Actor{Kind: models.ActorMember, ID: "mem_1", Name: "Ada", Role: models.RoleSupport}
	reply := func(a auth.Actor) func(door, string) error {
		return func(d door, id string) error { _, err := d.Reply(ctx, a, id, "Move what is left now."); return err }
	}
	step := func(state, team string) func(door, string) error {
		return func(d door, id string) error { _, err := d.SetState(ctx, ada, id, state, team); return err }
	}
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.SetAlarms(intake.Alarms{Realert: 10 * time.Minute, ReplyWithin: 15 * time.Minute})
		for name, c := range map[string]struct {
			do   func(door, string) error
			seen string
		}{
			"a member's reply":   {reply(ada), "Ada"},
			"answered elsewhere": {step("answered", ""), "Ada"},
			"handed over":        {step("handed_over", ""), "Ada"},
			"a program's reply":  {reply(token), ""},
		} {
			f := d.file(t, intake.Submission{Text: "my wallet was hacked, says " + name})
			if err := c.do(d, f.Suggestion.ID); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			e := d.emergency(t, f.Suggestion.ID)
			if e.AcknowledgedName != c.seen || (e.AlertAt == nil) != (c.seen != "") {
				t.Errorf("%s: taken care of by %q, next alert %v", name, e.AcknowledgedName, e.AlertAt)
			}
			clock.Add(time.Second)
		}
	})
}
