package themes_test

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// Praise, a test and a row of exclamation marks wait in the inbox: none of them
// opens a theme, is put into one by itself or has one proposed, also where a
// person put the very same words before.
func TestWhatNamesNothingWaitsAndOpensNoTheme(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db)
		praise := h.theme("Praise")
		first := h.file("great app", "a@example.com").Suggestion
		h.assign(praise, first.ID)
		h.indexed()
		before := h.count()
		for _, text := range []string{"great app", "Great app!!", "!!!", "👍", "???", "test", "好用", "谢谢", "thank you so much", strings.Repeat("a", 9000), strings.Repeat("👍", 2000)} {
			f := h.file(text, "b@example.com")
			s := f.Suggestion
			if f.Theme != nil || s.Action != models.ActionSuggested || !s.Waiting || len(s.Candidates.V) > 0 || s.LikelyTheme != "" || s.ThemesCount != 0 {
				t.Errorf("%.30q: theme %v, %s, waiting %v, candidates %v", text, f.Theme, s.Action, s.Waiting, s.Candidates.V)
			}
		}
		if n := h.count(); n != before {
			t.Errorf("%d themes were opened", n-before)
		}
		if f := h.file("great app, but the export is slow", ""); f.Theme == nil || f.Suggestion.Action != models.ActionNew {
			t.Errorf("what names something opens a theme: %+v", f.Suggestion)
		}
	})
}

// A crowd that names nothing is one line, also beside one that a person put into a
// theme; and a decision on the line, and its undo, are of all of it.
func TestACrowdThatNamesNothingIsOneLine(t *testing.T) {
	for _, text := range []string{"👍", "great app", "!!!"} {
		modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
			h := newHouse(t, db)
			praise := h.theme("Praise")
			first := h.file(text, "first@example.com").Suggestion
			h.assign(praise, first.ID)
			h.indexed()
			h.shout(text, 40)
			line := h.oneLine("filed", 39, 10)
			if line.ID == first.ID || line.ThemesCount != 0 || line.LikelyTheme != "" || len(line.Candidates.V) > 0 {
				t.Errorf("%q: %+v", text, line)
			}
			h.holdsAtMost(3) // the one that was put, the line, and what the theme is called
			act := h.assign(praise, line.ID)
			if n := len(h.lines()); n != 0 {
				t.Errorf("%q: %d lines are left", text, n)
			}
			if f := h.file(text, "late@example.com"); f.Theme != nil || f.Suggestion.ThemesCount != 0 || f.Suggestion.EchoOf != "" {
				t.Errorf("%q joined unasked: %+v", text, f.Suggestion)
			}
			h.oneLine("one more", 0, 0)
			if _, err := h.th.Undo(ctx, pm, act); err != nil {
				t.Fatal(err)
			}
			h.oneLine("taken back", 40, 11)
			if _, err := h.th.Close(ctx, pm, []string{h.lines()[0].ID}); err != nil {
				t.Fatal(err)
			}
			h.file(text, "again@example.com")
			h.oneLine("closed, and said again", 0, 0)
		})
	}
}

// count is how many themes there are.
func (h *house) count() (n int64) {
	h.t.Helper()
	if err := h.db.Read(ctx).Model(&models.Theme{}).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}
