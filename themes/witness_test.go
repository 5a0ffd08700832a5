package themes_test

import (
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// What joined a theme by itself is no witness for the next text until a person
// says that it belongs there.
func TestWhatJoinedByItselfBringsNothingIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouseOf(t, db, themes.Options{Attach: .5})
		export := h.filled("Export performance", slow...)
		h.indexed()
		voted := func(text string) int {
			t.Helper()
			h.indexed()
			m := h.th.Match(ctx, "", text)
			if len(m.Candidates) == 0 || m.Candidates[0].Theme != export {
				t.Fatalf("%q: %+v", text, m.Candidates)
			}
			return m.Candidates[0].Voted
		}
		before := voted(alsoSlow)
		s := h.file(alsoSlow, "").Suggestion
		if s.Action != models.ActionAttached {
			t.Fatalf("nothing joined: %+v", s)
		}
		if n := voted("Please: " + alsoSlow); n != before {
			t.Errorf("%d witnesses, %d before one joined by itself", n, before)
		}
		h.decide(s.ID, export, true)
		if n := voted("Please: " + alsoSlow); n != before+1 {
			t.Errorf("%d witnesses once a person confirmed it, %d before", n, before)
		}
	})
}

// A person's no holds for near copies of the text, until it is taken back.
func TestARefusedThemeIsNotProposedToANearCopy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export := h.filled("Export performance", slow...)
		text := "The invoice export of my account is slow in the browser"
		s := h.file(text, "").Suggestion
		named := func(text string) bool {
			h.indexed()
			for _, c := range h.th.Match(ctx, "", text).Candidates {
				if c.Theme == export {
					return true
				}
			}
			return false
		}
		near := "The invoice export of my account is so slow in the browser!"
		if !named(near) {
			t.Fatal("not proposed before")
		}
		word := h.decide(s.ID, export, false)
		if named(near) {
			t.Error("proposed to a near copy of what was refused")
		}
		if !named(alsoSlow) {
			t.Error("no longer proposed to what is like the theme")
		}
		h.undo(word)
		if !named(near) {
			t.Error("the word was taken back")
		}
	})
}
