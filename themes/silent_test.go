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

// Fifty people who send a thumb are one line to read and to close, also where a
// person put that thumb somewhere: no thumb follows it there by itself.
func TestACrowdThatNamesNothingIsOneLine(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, said := range [][]string{{"👍"}, {"!!!"}, {"Great app!", "great app"}} {
			for i := range 8 {
				h.file(said[i%len(said)], string(rune('a'+i%4))+"@example.com")
			}
			lead := h.oneLine(said[0], 7, 4)
			if lead.ThemesCount != 0 {
				t.Errorf("%s stands in a theme", said[0])
			}
			act, err := h.th.Close(ctx, pm, []string{lead.ID})
			if err != nil {
				t.Fatal(err)
			}
			if rows := h.lines(); len(rows) != 0 {
				t.Errorf("%s: %d lines are left", said[0], len(rows))
			}
			if _, err := h.th.Undo(ctx, pm, act); err != nil {
				t.Fatal(err)
			}
			h.assign(h.theme("Applause for "+said[0]), h.oneLine("taken back", 7, 4).ID)
			late := h.file(said[0], "z@example.com").Suggestion
			h.file(said[0], "y@example.com")
			if now := h.oneLine("who comes later waits", 1, 2); now.ID != late.ID || now.ThemesCount != 0 {
				t.Errorf("%s: %+v", said[0], now)
			}
			if _, err := h.th.Close(ctx, pm, []string{late.ID}); err != nil {
				t.Fatal(err)
			}
		}
		h.file("👍", "")
		h.file("👍👍", "")
		if rows := h.lines(); len(rows) != 2 {
			t.Errorf("other signs are other words: %d lines", len(rows))
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
