package themes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

var ctx = context.Background()

var pm = auth.Actor{Kind: models.ActorMember, ID: "mem_pm", Name: "Ana", Role: models.RolePM}

// house is the two services over a real store, the index running.
type house struct {
	t  testing.TB
	db *models.DB
	th *themes.Themes
	in *intake.Intake

	stop func() // as when the process ends
}

func newHouse(t testing.TB, db *models.DB) *house { return newHouseOf(t, db, themes.Options{}) }

func newHouseOf(t testing.TB, db *models.DB, o themes.Options) *house {
	if o.Remeasure == 0 {
		o.Remeasure = -1 // every time
	}
	if o.Wait == 0 {
		o.Wait = 5 * time.Second // however slow the machine is
	}
	h := &house{t: t, db: db, th: themes.New(db, o)}
	h.in = intake.New(db, h.th, redact.New(redact.Options{Key: []byte("test")}), "en")
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { h.th.Run(run); close(done) }()
	h.stop = sync.OnceFunc(func() { stop(); <-done })
	t.Cleanup(h.stop)
	for h.th.Warming() {
		time.Sleep(time.Millisecond)
	}
	return h
}

func (h *house) file(text, email string) intake.Filed {
	h.t.Helper()
	s := intake.Submission{Text: text}
	if email != "" {
		s.Person = &intake.PersonInput{Email: email}
	}
	f, err := h.in.File(ctx, pm, s)
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// theme makes a confirmed theme.
func (h *house) theme(title string) string {
	h.t.Helper()
	th, err := h.th.Create(ctx, pm, themes.Draft{Title: &title})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, _, err := h.th.Confirm(ctx, pm, th.ID, models.Text{EN: title}, nil); err != nil {
		h.t.Fatal(err)
	}
	return th.ID
}

func (h *house) assign(theme string, suggestions ...string) string {
	h.t.Helper()
	act, _, err := h.th.Assign(ctx, pm, suggestions, themes.Assignment{Theme: theme})
	if err != nil {
		h.t.Fatal(err)
	}
	return act
}

// sound fails the test when an invariant is broken.
func (h *house) sound() {
	h.t.Helper()
	invs, err := h.db.Check(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, i := range invs {
		if i.Broken != 0 {
			h.t.Errorf("broken: %s (%d)", i.Name, i.Broken)
		}
	}
}

// stand describes who stands where, for comparing before and after an undo.
func (h *house) stand() string {
	h.t.Helper()
	var b strings.Builder
	for _, q := range []string{
		`SELECT 's ' || suggestion_id || ' ' || theme_id || ' ' || action FROM suggestion_themes ORDER BY 1`,
		`SELECT 'v ' || theme_id || ' ' || person_id || ' ' || origin FROM votes ORDER BY 1`,
		`SELECT 't ' || id || ' ' || status || ' ' || merged_into || ' ' || CASE WHEN gone_at IS NULL THEN 'live' ELSE 'gone' END || ' ' || suggestions_count || ' ' || people_count FROM themes ORDER BY 1`,
		`SELECT 'w ' || id FROM suggestions WHERE waiting = TRUE ORDER BY 1`,
	} {
		var rows []string
		if err := h.db.Read(ctx).Raw(q).Scan(&rows).Error; err != nil {
			h.t.Fatal(err)
		}
		b.WriteString(strings.Join(rows, "\n") + "\n")
	}
	return b.String()
}

func each(t *testing.T, run func(t *testing.T, h *house)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db)
		run(t, h)
		h.sound()
	})
}

func wantCode(t *testing.T, err error, code, field string) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != code || e.Field != field {
		t.Errorf("error %v, want %s of %q", err, code, field)
	}
}

func TestAnAssignedSuggestionLeavesItsCandidateWhichIsGone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.file("The export of my board takes minutes", "mei@example.com")
		target := h.theme("Export performance")
		before := h.stand()
		act := h.assign(target, a.Suggestion.ID)
		if _, err := h.th.Get(ctx, pm, a.Theme.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("the emptied candidate is still there: %v", err)
		}
		th, _ := h.th.Get(ctx, pm, target)
		if th.SuggestionsCount != 1 || th.PeopleCount != 1 {
			t.Errorf("counts %d, %d", th.SuggestionsCount, th.PeopleCount)
		}
		if n, _ := h.in.Waiting(ctx); n != 0 {
			t.Errorf("%d still wait", n)
		}
		if again := h.assign(target, a.Suggestion.ID); again != "" {
			t.Error("assigning twice is an activity twice")
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if after := h.stand(); after != before {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
		_, err := h.th.Undo(ctx, pm, act)
		wantCode(t, err, "already_undone", "")
	})
}

func TestMergeMovesEverythingAndUndoPutsItBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		from, into := h.theme("Slow CSV"), h.theme("Export performance")
		for i := range 5 {
			f := h.file(fmt.Sprintf("report number %d about something of its own %d", i, i*i), fmt.Sprintf("p%d@example.com", i))
			h.assign([]string{from, into}[i%2], f.Suggestion.ID)
		}
		both := h.file("it is slow and it is also broken", "p0@example.com")
		if _, _, err := h.th.Assign(ctx, pm, []string{both.Suggestion.ID}, themes.Assignment{Add: []string{from, into}}); err != nil {
			t.Fatal(err)
		}
		person, err := h.in.Person(ctx, pm, intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: "wei"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{from, into} {
			if _, err := h.th.Vote(ctx, pm, id, person); err != nil {
				t.Fatal(err)
			}
		}
		before := h.stand()
		act, stays, err := h.th.Merge(ctx, pm, from, into)
		if err != nil {
			t.Fatal(err)
		}
		if stays.SuggestionsCount != 6 || stays.PeopleCount != 6 {
			t.Errorf("merged: %d suggestions, %d people", stays.SuggestionsCount, stays.PeopleCount)
		}
		if th, err := h.th.Get(ctx, pm, from); err != nil || th.ID != into {
			t.Errorf("the old id leads to %v, %v", th, err)
		}
		h.sound()
		_, _, err = h.th.Merge(ctx, pm, from, into)
		wantCode(t, err, "merge_itself", "into")
		undo, err := h.th.Undo(ctx, pm, act)
		if err != nil {
			t.Fatal(err)
		}
		if after := h.stand(); after != before {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
		if _, err := h.th.Undo(ctx, pm, undo); err != nil {
			t.Fatalf("an undo can be undone: %v", err)
		}
		if th, err := h.th.Get(ctx, pm, from); err != nil || th.ID != into {
			t.Errorf("after redo the old id leads to %v, %v", th, err)
		}
	})
}

func TestSplitTakesItsPeopleAlong(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Exports")
		var sugs []string
		for i := range 4 {
			f := h.file(fmt.Sprintf("words of person %d, quite different %d", i, i*7), fmt.Sprintf("p%d@example.com", i))
			h.assign(id, f.Suggestion.ID)
			sugs = append(sugs, f.Suggestion.ID)
		}
		before := h.stand()
		act, apart, err := h.th.Split(ctx, pm, id, sugs[:2], "Choose CSV columns")
		if err != nil {
			t.Fatal(err)
		}
		if apart.Status != models.StatusCandidate || apart.SuggestionsCount != 2 || apart.PeopleCount != 2 {
			t.Errorf("apart: %+v", apart)
		}
		_, _, err = h.th.Split(ctx, pm, id, sugs[:1], "again")
		wantCode(t, err, "suggestion_not_in_theme", "suggestions")
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		after := strings.ReplaceAll(h.stand(), "t "+apart.ID+" candidate  gone 0 0\n", "")
		if after != before {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
	})
}

func TestDeclineNeedsAReasonForPeople(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Dark mode")
		for _, s := range []models.Status{models.StatusDeclined, models.StatusPostponed} {
			_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: s, Reason: models.Text{EN: "  "}})
			wantCode(t, err, "reason_required", "reason")
			_, _, err = h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: s, Reason: models.Text{EN: " \u200b", ZH: "\u3000\u2060"}}) // nobody sees it
			wantCode(t, err, "reason_required", "reason")
		}
		_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: "done"})
		wantCode(t, err, "status_unknown", "status")
		yesterday := themes.Date{Time: h.db.Now().Add(-48 * time.Hour)}
		_, _, err = h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusPlanned, PromiseDate: &yesterday})
		wantCode(t, err, "date_past", "promise_date")
		act, th, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusDeclined, Reason: models.Text{EN: "It would weaken your backup.", ZH: "这会削弱备份的安全性。"}, Notify: true})
		if err != nil || th.Status != models.StatusDeclined {
			t.Fatal(th, err)
		}
		same, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusDeclined, Reason: th.Reason, Notify: true})
		if err != nil || same != act {
			t.Errorf("the same again made activity %s after %s, %v", same, act, err)
		}
		support := auth.Actor{Kind: models.ActorMember, ID: "mem_s", Role: models.RoleSupport}
		if _, _, err := h.th.SetStatus(ctx, support, id, themes.StatusChange{Status: models.StatusShipped}); models.KindOf(err) != models.Forbidden {
			t.Errorf("support announced: %v", err)
		}
		agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: []auth.Scope{auth.ScopeAdmin}}
		if _, _, err := h.th.SetStatus(ctx, agent, id, themes.StatusChange{Status: models.StatusShipped}); models.KindOf(err) != models.Forbidden {
			t.Errorf("an agent announced: %v", err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if th, _ = h.th.Get(ctx, pm, id); th.Status != models.StatusReceived || !th.Reason.IsEmpty() {
			t.Errorf("after undo: %s %v", th.Status, th.Reason)
		}
	})
}

func TestPrivateThemesAreNobodysBusiness(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		f := h.file("My landlord Mr Secretname wants dark mode in the wallet", "ann@example.com")
		id := f.Theme.ID
		yes := true
		_, _, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{Public: &yes})
		wantCode(t, err, "public_title_required", "public_title")
		for _, a := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorPerson, ID: "per_x", PersonID: "per_x"}} {
			if _, err := h.th.Get(ctx, a, id); models.KindOf(err) != models.NotFound {
				t.Errorf("%s sees a private theme: %v", a.Kind, err)
			}
			if found, _ := h.th.Similar(ctx, a, "dark mode Secretname", 5); len(found) != 0 {
				t.Errorf("%s is shown a private candidate: %+v", a.Kind, found)
			}
			if _, err := h.th.Vote(ctx, a, id, a.PersonID); err == nil {
				t.Errorf("%s votes on a private theme", a.Kind)
			}
		}
		if _, _, err := h.th.Confirm(ctx, pm, id, models.Text{EN: "Dark mode", ZH: "深色模式"}, &yes); err != nil {
			t.Fatal(err)
		}
		found, err := h.th.Similar(ctx, auth.Anonymous(), "please add dark mode, says Secretname", 5)
		if err != nil || len(found) != 1 || found[0].Title != "Dark mode" {
			t.Fatalf("published, but found %+v, %v", found, err)
		}
		if s := fmt.Sprint(found[0].Reasons); strings.Contains(s, "Secretname") || !strings.Contains(strings.ToLower(s), "dark") {
			t.Errorf("reasons tell what a person wrote, or nothing: %s", s)
		}
	})
}

func TestTwoEditorsTheLaterHearsOfIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Dark mode")
		th, _ := h.th.Get(ctx, pm, id)
		one, two := "Dark theme", "Night mode"
		if _, _, err := h.th.Edit(ctx, pm, id, th.Rev, themes.Draft{Title: &one}); err != nil {
			t.Fatal(err)
		}
		_, _, err := h.th.Edit(ctx, pm, id, th.Rev, themes.Draft{Title: &two})
		wantCode(t, err, "theme_changed", "")
		if th, _ = h.th.Get(ctx, pm, id); th.Title != one {
			t.Errorf("title %q", th.Title)
		}
	})
}

func TestADecisionIsRememberedAndAnAgentsWordIsAProposal(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Export performance")
		f := h.file("exports are slow, really slow exports", "x@example.com")
		agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}}
		if _, _, err := h.th.Decide(ctx, agent, f.Suggestion.ID, id, true); err != nil {
			t.Fatal(err)
		}
		if got, _ := h.in.Get(ctx, pm, f.Suggestion.ID); slices.ContainsFunc(got.Themes, func(x models.Theme) bool { return x.ID == id }) {
			t.Error("an agent's proposal moved the suggestion")
		}
		if _, ths, err := h.th.Decide(ctx, pm, f.Suggestion.ID, id, true); err != nil || len(ths) != 1 || ths[0].ID != id {
			t.Errorf("same: %v %v", ths, err)
		}
		if _, ths, err := h.th.Decide(ctx, pm, f.Suggestion.ID, id, false); err != nil || len(ths) != 0 {
			t.Errorf("different: %v %v", ths, err)
		}
		if n, _ := h.in.Waiting(ctx); n != 1 {
			t.Errorf("taken out, it should wait again: %d", n)
		}
		var d models.Decision
		h.db.Read(ctx).First(&d, "suggestion_id = ?", f.Suggestion.ID)
		if d.Same || d.Proposed {
			t.Errorf("remembered: %+v", d)
		}
	})
}
