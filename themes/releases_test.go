package themes_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// planned makes a theme that may ship.
func (h *house) planned(title string) string {
	h.t.Helper()
	id := h.theme(title)
	if _, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusPlanned}); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// All that is wrong with a release is named at once, and then nothing of it ships.
func TestWhatCannotShip(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		good, twice, gone, into := h.planned("good"), h.planned("twice"), h.planned("gone"), h.planned("into")
		no := h.planned("no")
		out := h.planned("out")
		candidate := h.file("Something that nobody looked at yet, about umbrellas", "").Theme.ID
		for id, c := range map[string]themes.StatusChange{
			no: {Status: models.StatusDeclined, Reason: models.Text{EN: "No."}}, out: {Status: models.StatusShipped, Version: "1"},
		} {
			if _, _, err := h.th.SetStatus(ctx, pm, id, c); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := h.th.Merge(ctx, pm, gone, into); err != nil {
			t.Fatal(err)
		}
		before := h.rows()
		_, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: " ", Themes: []string{good, twice, twice, gone, no, out, candidate, "thm_nothing"}})
		e, ok := errors.AsType[*models.Error](err)
		if !ok {
			t.Fatal(err)
		}
		got := []string{e.Field + " " + e.Code}
		for _, m := range e.More {
			got = append(got, m.Field+" "+m.Code)
		}
		slices.Sort(got)
		want := []string{"themes/2 theme_twice", "themes/3 theme_merged_away", "themes/4 theme_refused", "themes/5 theme_shipped", "themes/6 theme_unconfirmed", "themes/7 theme_unknown", "version version_required"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if after := h.rows(); after != before {
			t.Errorf("something changed:\n%s", after)
		}
		_, err = h.th.ShipRelease(ctx, pm, themes.Release{Version: "2"})
		wantCode(t, err, "release_without_themes", "themes")
	})
}

// A release is one undo; doing and undoing it again leaves the same rows each time.
func TestAReleaseIsOneUndo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.planned("a"), h.planned("b")
		before := h.rows()
		rel, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: "2", Product: "Board", Themes: []string{a, b}})
		if err != nil {
			t.Fatal(err)
		}
		shipped := h.rows()
		act := rel.ActivityID
		for i, want := range []string{before, shipped, before} {
			if act, err = h.th.Undo(ctx, pm, act); err != nil {
				t.Fatal(i, err)
			}
			if got := h.rows(); got != want {
				t.Errorf("%d: got\n%s\nwant\n%s", i, got, want)
			}
		}
		// The version is free again, and taken once it ships; another product has its own.
		for _, product := range []string{"Board", "Other"} {
			th := h.planned(product)
			if _, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: "2", Product: product, Themes: []string{th}}); err != nil {
				t.Fatal(product, err)
			}
		}
		_, err = h.th.ShipRelease(ctx, pm, themes.Release{Version: "2", Product: "Board", Themes: []string{a}})
		wantCode(t, err, "release_known", "version")
		_, err = h.th.Undo(ctx, pm, act) // would ship the version twice
		wantCode(t, err, "changed_since", "")
	})
}

// What moved on since keeps the whole release from being taken back; a theme that was
// taken back by itself does not.
func TestAReleaseWhoseThemesMovedOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.planned("a"), h.planned("b")
		rel, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: "2", Themes: []string{a, b}})
		if err != nil {
			t.Fatal(err)
		}
		reopened, _, err := h.th.SetStatus(ctx, pm, a, themes.StatusChange{Status: models.StatusInProgress})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.th.Undo(ctx, pm, rel.ActivityID)
		wantCode(t, err, "changed_since", "")
		if _, err := h.th.Undo(ctx, pm, reopened); err != nil {
			t.Fatal(err)
		}
		var own models.ReleaseTheme
		if err := h.db.Read(ctx).First(&own, "theme_id = ?", a).Error; err != nil {
			t.Fatal(err)
		}
		if _, err := h.th.Undo(ctx, pm, own.ActivityID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.th.Undo(ctx, pm, rel.ActivityID); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{a, b} {
			if th, err := h.th.Get(ctx, pm, id); err != nil || th.Status != models.StatusPlanned {
				t.Error(th, err)
			}
		}
	})
}

// A person takes out what is theirs, for good, and nothing of anybody else's.
func TestNotMeantIsOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.planned("exports")
		mine, theirs := h.file("Give me a CSV of my board", "dora@example.com").Suggestion, h.file("I want to print my board on paper", "emil@example.com").Suggestion
		h.assign(th, mine.ID, theirs.ID)
		dora := pm
		dora.Kind, dora.Role, dora.ID, dora.PersonID = models.ActorPerson, "", mine.PersonID, mine.PersonID
		_, err := h.th.NotMeant(ctx, dora, theirs.ID, th)
		wantCode(t, err, "suggestion_not_found", "")
		act, err := h.th.NotMeant(ctx, dora, mine.ID, th)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.th.NotMeant(ctx, dora, mine.ID, th)
		wantCode(t, err, "changed_since", "")
		if n, err := h.th.Get(ctx, pm, th); err != nil || n.PeopleCount != 1 || n.SuggestionsCount != 1 {
			t.Error(n, err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil { // staff may put it back
			t.Fatal(err)
		}
		h.sound()
	})
}
