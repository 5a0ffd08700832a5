package themes_test

import (
	"encoding/json"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

func TestClosingLeavesTheInboxAndCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.file("buy cheap watches", "spam@example.com"), h.file("导出太慢了", "wei@example.com")
		before := h.stand()
		act, err := h.th.Close(ctx, pm, []string{a.Suggestion.ID, b.Suggestion.ID})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := h.in.Waiting(ctx); n != 0 {
			t.Errorf("%d still wait", n)
		}
		h.sound()
		if again, err := h.th.Close(ctx, pm, []string{a.Suggestion.ID}); again != "" || err != nil {
			t.Errorf("closing twice: %q %v", again, err)
		}
		undo, err := h.th.Undo(ctx, pm, act)
		if err != nil {
			t.Fatal(err)
		}
		if after := h.stand(); after != before {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
		if _, err := h.th.Undo(ctx, pm, undo); err != nil {
			t.Fatal(err)
		}
		if f, _ := h.in.Get(ctx, pm, a.Suggestion.ID); f.Suggestion.State != models.StateClosed {
			t.Errorf("after redo: %s", f.Suggestion.State)
		}
		_, err = h.th.Close(ctx, pm, []string{"sug_nonsense"})
		wantCode(t, err, "suggestion_not_found", "")
	})
}

func TestAnUnreadableDateNamesItsField(t *testing.T) {
	var d themes.Date
	if err := json.Unmarshal([]byte(`"yesterday"`), &d); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, h *house) {
		id := h.theme("Dark mode")
		_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusPlanned, PromiseDate: &d})
		wantCode(t, err, "date_unreadable", "promise_date")
	})
}
