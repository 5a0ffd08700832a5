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

// count is how many themes there are.
func (h *house) count() (n int64) {
	h.t.Helper()
	if err := h.db.Read(ctx).Model(&models.Theme{}).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}
