package themes_test

import (
	"slices"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

func TestLiveFollowsMergesForAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c, other := h.theme("A"), h.theme("B"), h.theme("C"), h.theme("Other")
		for _, m := range [][2]string{{a, b}, {b, c}} {
			if _, _, err := h.th.Merge(ctx, pm, m[0], m[1]); err != nil {
				t.Fatal(err)
			}
		}
		live, err := h.th.Live(ctx, pm, []string{a, b, c, other, "thm_nonsense"})
		if err != nil || live[a].ID != c || live[b].ID != c || live[c].ID != c || live[other].ID != other || len(live) != 4 {
			t.Errorf("live: %v %v", live, err)
		}
		if _, err := h.th.Live(ctx, auth.Anonymous(), []string{a}); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("anybody may look: %v", err)
		}
	})
}

func TestThemesAreFoundByAPartOfTheirName(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		title := "Team's 100% secret name"
		if _, err := h.th.Create(ctx, pm, themes.Draft{Title: &title, PublicTitle: &models.Text{EN: "Faster exports", ZH: "更快的导出"}}); err != nil {
			t.Fatal(err)
		}
		h.theme("Dark mode")
		for query, want := range map[string]int{"export": 1, "导出": 1, "FASTER exp": 1, "secret": 1, "100%": 1, "%": 1, "_": 0, "": 2, "faster mode": 0} {
			found, err := h.th.Named(ctx, pm, query, 10)
			if err != nil || len(found) != want {
				t.Errorf("%q finds %d, want %d (%v)", query, len(found), want, err)
			}
		}
		if n, err := h.th.Count(ctx, pm, ""); n != 2 || err != nil {
			t.Errorf("%d themes, %v", n, err)
		}
		if n, err := h.th.Count(ctx, pm, models.StatusCandidate); n != 1 || err != nil {
			t.Errorf("%d candidates, %v", n, err)
		}
	})
}

func TestRecentThemesAreOnesOwnFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.theme("A"), h.theme("B"), h.theme("C")
		s := h.file("something entirely new", "ann@example.com").Suggestion.ID
		h.assign(a, s)
		h.assign(b, s)
		recent, err := h.th.Recent(ctx, pm, 3)
		if err != nil || len(recent) != 3 || recent[0].ID != b || recent[1].ID != a || recent[2].ID != c {
			t.Errorf("recent: %+v %v", recent, err)
		}
	})
}

func TestAMergeIsForetoldAndStandsInTheStory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.theme("A"), h.theme("B")
		h.assign(a, h.file("the first of all wishes", "ann@example.com").Suggestion.ID)
		h.assign(a, h.file("another kind of request", "bob@example.com").Suggestion.ID)
		h.assign(b, h.file("purple elephants on parade", "ann@example.com").Suggestion.ID)
		_, would, err := h.th.TryMerge(ctx, pm, a, b)
		if err != nil || would != (themes.Joined{People: 2, Suggestions: 3, Both: 1}) {
			t.Errorf("foretold: %+v %v", would, err)
		}
		_, _, err = h.th.TryMerge(ctx, pm, a, a)
		wantCode(t, err, "merge_itself", "into")
		act, into, err := h.th.Merge(ctx, pm, a, b)
		if err != nil || into.PeopleCount != would.People || into.SuggestionsCount != would.Suggestions {
			t.Errorf("merged: %+v %v", into, err)
		}
		has := func() bool {
			story, err := h.th.Story(ctx, pm, b, 50)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(story, func(x models.Activity) bool { return x.ID == act })
		}
		if !has() {
			t.Error("the merge is not in the story of what stays")
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil || has() {
			t.Errorf("taken back, still told: %v", err)
		}
	})
}

func TestThePublicStepsOmitWhatWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("A")
		if _, err := h.th.Steps(ctx, id); models.KindOf(err) != models.NotFound {
			t.Errorf("a private theme has public steps: %v", err)
		}
		yes := true
		if _, _, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{Public: &yes}); err != nil {
			t.Fatal(err)
		}
		set := func(s models.Status, why string) string {
			act, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: s, Reason: models.Text{EN: why}})
			if err != nil {
				t.Fatal(err)
			}
			return act
		}
		set(models.StatusPlanned, "soon")
		if _, err := h.th.Undo(ctx, pm, set(models.StatusDeclined, "a slip")); err != nil {
			t.Fatal(err)
		}
		set(models.StatusShipped, "done")
		steps, err := h.th.Steps(ctx, id)
		if err != nil || len(steps) != 3 || steps[0].Status != models.StatusShipped || steps[1].Reason.EN != "soon" || steps[2].Status != models.StatusReceived {
			t.Errorf("steps: %+v %v", steps, err)
		}
	})
}

func TestOnesOwnVotesAndTheFirstIssue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.theme("A"), h.theme("B")
		f := h.file("the first of all wishes", "ann@example.com")
		h.assign(a, f.Suggestion.ID)
		voted, err := h.th.Voted(ctx, f.Suggestion.PersonID, []string{a, b})
		if err != nil || !voted[a] || voted[b] {
			t.Errorf("voted: %v %v", voted, err)
		}
		if voted, err := h.th.Voted(ctx, "", []string{a, b}); err != nil || len(voted) != 0 {
			t.Errorf("nobody voted: %v %v", voted, err)
		}
		if links, err := h.th.FirstIssues(ctx, pm, []string{a, b}); err != nil || len(links) != 0 {
			t.Errorf("issues: %v %v", links, err)
		}
	})
}
