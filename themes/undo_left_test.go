package themes_test

import (
	"slices"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// "This is not what I meant" is a person's own word. A merge is still taken back for what
// is left: what they took out stays out, the undo says which it is, and undo and redo go
// on to alternate.
func TestAMergeIsTakenBackAroundWhatItsPersonTookOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouseOf(t, db, themes.Options{})
		from, to := h.theme("CSV export"), h.theme("Faster exports")
		mine := h.file("Give me a CSV of my board", "dora@example.com").Suggestion
		other := h.file("A CSV file, please", "finn@example.com").Suggestion
		h.assign(from, mine.ID)
		h.assign(from, other.ID)
		merged, err := merge(h, from, to)
		if err != nil {
			t.Fatal(err)
		}
		dora := auth.Actor{Kind: models.ActorPerson, ID: mine.PersonID, PersonID: mine.PersonID}
		if _, err := h.th.NotMeant(ctx, dora, mine.ID, to); err != nil {
			t.Fatal(err)
		}
		act := merged
		for i := range 4 { // undone, done again, undone, done again
			if act, err = h.th.Undo(ctx, pm, act); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			where := from
			if i%2 == 1 {
				where = to
			}
			if at := h.where(other.ID); !slices.Equal(at, []string{where}) {
				t.Fatalf("step %d: what is left stands in %v, want %s", i, at, where)
			}
			if at := h.where(mine.ID); len(at) != 0 {
				t.Fatalf("step %d: what was taken out stands in %v", i, at)
			}
			out, err := h.th.StayedOut(ctx, pm, act)
			if err != nil || i == 0 && !slices.Equal(out, []string{mine.ID}) || i > 0 && len(out) != 0 {
				t.Fatalf("step %d: stayed out: %v %v", i, out, err)
			}
		}
		h.sound()
	})
}

// With nobody left in it, a merge is taken back as well: the theme stands by itself again.
func TestAMergeIsTakenBackWhenAllWereTakenOut(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
	from, to := h.theme("CSV export"), h.theme("Faster exports")
	mine := h.file("Give me a CSV of my board", "dora@example.com").Suggestion
	h.assign(from, mine.ID)
	merged, err := merge(h, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.th.NotMeant(ctx, auth.Actor{Kind: models.ActorPerson, ID: mine.PersonID, PersonID: mine.PersonID}, mine.ID, to); err != nil {
		t.Fatal(err)
	}
	if _, err := h.th.Undo(ctx, pm, merged); err != nil {
		t.Fatal(err)
	}
	if th, err := h.th.Get(ctx, pm, from); err != nil || th.ID != from {
		t.Errorf("%+v %v", th, err)
	}
	if at := h.where(mine.ID); len(at) != 0 {
		t.Errorf("it was put back: %v", at)
	}
	h.sound()
}

// What a member moved on since is another matter: theirs is to be taken back first.
func TestAMergeIsNotTakenBackOverAMembersLaterChange(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
	from, to, third := h.theme("CSV export"), h.theme("Faster exports"), h.theme("Files")
	mine := h.file("Give me a CSV of my board", "dora@example.com").Suggestion
	h.assign(from, mine.ID)
	merged, err := merge(h, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.th.Decide(ctx, pm, mine.ID, to, false); err != nil {
		t.Fatal(err)
	}
	h.assign(third, mine.ID)
	_, err = h.th.Undo(ctx, pm, merged)
	wantCode(t, err, "changed_since", "")
}

func merge(h *house, from, to string) (string, error) {
	act, _, err := h.th.Merge(ctx, pm, from, to)
	return act, err
}

// where are the themes that a suggestion stands in.
func (h *house) where(suggestion string) []string {
	out := []string{}
	h.db.Read(ctx).Model(&models.SuggestionTheme{}).Where("suggestion_id = ?", suggestion).Order("theme_id").Pluck("theme_id", &out)
	return out
}
