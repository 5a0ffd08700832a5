package themes_test

import (
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// A target is an edit like any other: recorded, undone, found by nobody's search, and no
// status: nobody is told.
func TestATargetIsEditedAndUndone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Dark mode")
		target := "Zanzibar release"
		th, act, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{Target: &target})
		if err != nil || th.Target != target || act == "" {
			t.Fatalf("%q by %q, %v", th.Target, act, err)
		}
		if _, again, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{Target: &target}); again != "" || err != nil {
			t.Errorf("the same again is %q, %v", again, err)
		}
		var edit models.Activity
		if err := h.db.Read(ctx).First(&edit, "id = ?", act).Error; err != nil || edit.Verb != models.ThemeEdited {
			t.Errorf("recorded as %s, %v", edit.Verb, err)
		}
		turned := " Q3\u202e\n2027\u200b "
		if th, _, err = h.th.Edit(ctx, pm, id, 0, themes.Draft{Target: &turned}); err != nil || th.Target != "Q3 2027" {
			t.Errorf("what turns a line around stands in %q, %v", th.Target, err)
		}
		unseen := "\u200b\u2066"
		if th, _, err = h.th.Edit(ctx, pm, id, 0, themes.Draft{Target: &unseen}); err != nil || th.Target != "" {
			t.Errorf("what nobody sees is the target %q, %v", th.Target, err)
		}
		if _, act, err = h.th.Edit(ctx, pm, id, 0, themes.Draft{Target: &target}); err != nil {
			t.Fatal(err)
		}
		if found, err := h.th.Similar(ctx, pm, "Zanzibar release", 5); err != nil || len(found) != 0 {
			t.Errorf("found by its target: %+v, %v", found, err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if th, err = h.th.Get(ctx, pm, id); err != nil || th.Target != "" || th.Status != models.StatusReceived {
			t.Errorf("after the undo: %q, %s, %v", th.Target, th.Status, err)
		}
		person := auth.Actor{Kind: models.ActorPerson, ID: "per_x", PersonID: "per_x"}
		if _, _, err := h.th.Edit(ctx, person, id, 0, themes.Draft{Target: &target}); models.KindOf(err) != models.Forbidden {
			t.Errorf("a person sets it: %v", err)
		}
	})
}
