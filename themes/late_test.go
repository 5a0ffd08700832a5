package themes_test

import (
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// An undo that cannot put everything back says so and changes nothing; taken
// back in order, everything stands where it stood.
func TestLateUndo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.theme("A"), h.theme("B"), h.theme("C")
		s := h.file("the only suggestion of theme A", "ann@example.com").Suggestion.ID
		h.assign(a, s)
		before := h.stand()
		m1, _, err := h.th.Merge(ctx, pm, a, b)
		if err != nil {
			t.Fatal(err)
		}
		m2, _, err := h.th.Merge(ctx, pm, b, c)
		if err != nil {
			t.Fatal(err)
		}
		both := h.stand()
		_, err = h.th.Undo(ctx, pm, m1)
		wantCode(t, err, "changed_since", "")
		if h.stand() != both {
			t.Error("a refused undo changed something")
		}
		title := "renamed"
		_, _, err = h.th.Edit(ctx, pm, a, 0, themes.Draft{Title: &title})
		wantCode(t, err, "theme_merged", "")
		_, _, err = h.th.SetStatus(ctx, pm, a, themes.StatusChange{Status: models.StatusPlanned})
		wantCode(t, err, "theme_merged", "")
		for _, m := range []string{m2, m1} {
			if _, err := h.th.Undo(ctx, pm, m); err != nil {
				t.Fatal(err)
			}
			h.sound()
		}
		if after := h.stand(); after != before {
			t.Errorf("in order, but\n%s\nwant\n%s", after, before)
		}

		// An assignment whose old theme was merged away meanwhile.
		moved := h.assign(c, s)
		if _, _, err := h.th.Merge(ctx, pm, a, b); err != nil {
			t.Fatal(err)
		}
		_, err = h.th.Undo(ctx, pm, moved)
		wantCode(t, err, "changed_since", "")

		// Merged, taken back, merged the other way round: the first is over.
		d, e := h.theme("D"), h.theme("E")
		m3, _, _ := h.th.Merge(ctx, pm, d, e)
		u3, err := h.th.Undo(ctx, pm, m3)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.th.Merge(ctx, pm, e, d); err != nil {
			t.Fatal(err)
		}
		_, err = h.th.Undo(ctx, pm, u3)
		wantCode(t, err, "changed_since", "")
		if th, err := h.th.Get(ctx, pm, e); err != nil || th.ID != d {
			t.Errorf("E leads to %v, %v", th, err)
		}
	})
}
