package themes_test

import (
	"slices"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// eachOf is each with options.
func eachOf(t *testing.T, o themes.Options, run func(t *testing.T, h *house)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouseOf(t, db, o)
		run(t, h)
		h.sound()
	})
}

// filled is a confirmed theme with suggestions that the index knows.
func (h *house) filled(title string, texts ...string) string {
	h.t.Helper()
	id := h.theme(title)
	for _, text := range texts {
		h.assign(id, h.file(text, "").Suggestion.ID)
	}
	return id
}

// judgement is the one that stands of a suggestion, nil for none.
func (h *house) judgement(suggestion string) *models.Judgement {
	h.t.Helper()
	var js []models.Judgement
	if err := h.db.Read(ctx).Find(&js, "suggestion_id = ? AND stands = TRUE", suggestion).Error; err != nil {
		h.t.Fatal(err)
	}
	if len(js) == 0 {
		return nil
	}
	return &js[0]
}

// likely are the themes that a suggestion is proposed to.
func (h *house) likely(suggestion string) (out []string) {
	h.t.Helper()
	f, err := h.in.Get(ctx, pm, suggestion)
	if err != nil {
		h.t.Fatal(err)
	}
	found, err := h.th.Likely(ctx, pm, suggestion, f.Suggestion.Candidates.V)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range found {
		out = append(out, c.Theme)
	}
	if s := f.Suggestion.LikelyTheme; s != "" && f.Suggestion.Waiting && f.Suggestion.ThemesCount == 0 {
		live, err := h.th.Get(ctx, pm, s)
		if models.KindOf(err) == models.NotFound { // emptied meanwhile
			return out
		}
		if err != nil {
			h.t.Fatal(err)
		}
		if !slices.Contains(out, live.ID) {
			h.t.Errorf("%s is likely to belong to %s, which is not proposed: %v", suggestion, live.ID, out)
		}
	}
	return out
}

func (h *house) undo(act string) string {
	h.t.Helper()
	id, err := h.th.Undo(ctx, pm, act)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) decide(suggestion, theme string, same bool) string {
	h.t.Helper()
	act, _, err := h.th.Decide(ctx, pm, suggestion, theme, same)
	if err != nil {
		h.t.Fatal(err)
	}
	return act
}

var slow = []string{"Exporting a large board to CSV is slow", "The CSV export of large boards takes minutes", "Export of my board to CSV is far too slow"}

const alsoSlow = "Why is the CSV export of a large board so slow?"

func TestADecisionIsComparedWithWhatWasSaid(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, dark := h.filled("Export performance", slow...), h.filled("Dark mode", "A dark theme for the night please")
		s := h.file(alsoSlow, "mei@example.com").Suggestion
		if s.Action != models.ActionSuggested || s.LikelyTheme != export || s.MatchedBy != models.WordsModel {
			t.Fatalf("filed: %+v", s)
		}
		if j := h.judgement(s.ID); j != nil {
			t.Errorf("judged before anybody decided: %+v", j)
		}
		right := h.assign(export, s.ID)
		j := h.judgement(s.ID)
		if j == nil || !j.Named || !j.Correct || !j.Existed || j.Band != models.BandSuggest || j.SaidTheme != export || j.Score != s.Candidates.V[0].Score || j.ActivityID != right {
			t.Fatalf("assigned as proposed: %+v", j)
		}
		wrong := h.assign(dark, s.ID)
		if j := h.judgement(s.ID); j.Named || j.Correct || !j.Existed || j.ChosenTheme != dark {
			t.Errorf("put elsewhere: %+v", j)
		}
		h.undo(wrong)
		if j := h.judgement(s.ID); j.ActivityID != right || !j.Named {
			t.Errorf("the decision before stands again: %+v", j)
		}
		h.undo(right)
		if j := h.judgement(s.ID); j != nil {
			t.Errorf("taken back: %+v", j)
		}
		h.decide(s.ID, export, false)
		if j := h.judgement(s.ID); j == nil || j.Named || j.Correct || j.ChosenTheme != "" {
			t.Errorf("refused: %+v", j)
		}
	})
}

func TestWhatIsNewIsRightUnlessItsThemeWasThere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dark := h.filled("Dark mode", "A dark theme for the night please")
		a, b := h.file("Let me pay by invoice", ""), h.file("My eyes hurt from all that white", "")
		if _, _, err := h.th.Confirm(ctx, pm, a.Theme.ID, models.Text{EN: "Invoices"}, nil); err != nil {
			t.Fatal(err)
		}
		if j := h.judgement(a.Suggestion.ID); j == nil || j.Band != models.BandNew || !j.Correct || j.Existed {
			t.Errorf("confirmed: %+v", j)
		}
		h.assign(dark, b.Suggestion.ID)
		if j := h.judgement(b.Suggestion.ID); j == nil || j.Correct || !j.Existed {
			t.Errorf("missed: %+v", j)
		}
		twin := h.file("Let me pay by invoice", "wei@example.com")
		h.assign(dark, twin.Suggestion.ID)
		if j := h.judgement(twin.Suggestion.ID); j != nil {
			t.Errorf("of an equal text no model said anything: %+v", j)
		}
	})
}

func TestAnAgentsWordIsNoJudgement(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export := h.filled("Export performance", slow...)
		s := h.file(alsoSlow, "").Suggestion
		agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}}
		if _, _, err := h.th.Decide(ctx, agent, s.ID, export, false); err != nil {
			t.Fatal(err)
		}
		if j := h.judgement(s.ID); j != nil || !slices.Contains(h.likely(s.ID), export) {
			t.Errorf("an agent decided: %+v, %v", j, h.likely(s.ID))
		}
	})
}

func TestWhatJoinsByItselfSaysWhyAndIsUndoneForGood(t *testing.T) {
	eachOf(t, themes.Options{Attach: .01}, func(t *testing.T, h *house) {
		export := h.filled("Export performance", slow...)
		f := h.file(alsoSlow, "")
		s := f.Suggestion
		if s.Action != models.ActionAttached || f.Theme == nil || f.Theme.ID != export {
			t.Fatalf("filed: %+v", s)
		}
		acts, err := h.th.Timeline(ctx, pm, export, 1)
		if err != nil || len(acts) != 1 || acts[0].Verb != models.SuggestionAttached || acts[0].ActorKind != models.ActorSystem {
			t.Fatalf("the timeline says %+v, %v", acts, err)
		}
		if c, err := acts[0].Change(); err != nil || len(c.Reasons) == 0 || len(c.Reasons[0].Words) == 0 {
			t.Errorf("why: %+v, %v", c, err)
		}
		undo := h.undo(acts[0].ID)
		if now, err := h.in.Get(ctx, pm, s.ID); err != nil || len(now.Themes) > 0 || !now.Suggestion.Waiting {
			t.Errorf("undone it stands in %v, waits: %v (%v)", now.Themes, now.Suggestion.Waiting, err)
		}
		if slices.Contains(h.likely(s.ID), export) {
			t.Error("it is proposed again")
		}
		if j := h.judgement(s.ID); j == nil || j.Band != models.BandAttach || j.Correct {
			t.Errorf("judged: %+v", j)
		}
		if twin := h.file(alsoSlow, "wei@example.com"); twin.Theme != nil || slices.Contains(h.likely(twin.Suggestion.ID), export) {
			t.Errorf("its exact twin joined: %+v", twin.Theme)
		}
		h.undo(undo)
		if th, _ := h.th.Of(ctx, s.ID); len(th) != 1 || th[0].ID != export {
			t.Errorf("after redo it stands in %v", th)
		}
	})
}

// A young theme, and one with a number that differs, never takes what nobody saw.
func TestYoungThemesAndMismatchesWaitForAPerson(t *testing.T) {
	eachOf(t, themes.Options{Attach: .01}, func(t *testing.T, h *house) {
		h.file(slow[0], "") // its candidate has nothing else
		if s := h.file(slow[1], "").Suggestion; s.Action == models.ActionAttached {
			t.Errorf("joined a theme of one: %+v", s.Candidates)
		}
		h.filled("File size", "Raise the upload limit to 50 MB", "The upload limit of 50 MB is too low")
		if s := h.file("Raise the upload limit to 90 MB", "").Suggestion; s.Action == models.ActionAttached {
			t.Errorf("joined in spite of the number: %+v", s.Candidates)
		}
	})
}
