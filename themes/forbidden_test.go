package themes_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func TestARefusedThemeNeverComesBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, other := h.filled("Export performance", slow...), h.filled("Board size", "A large board is slow to open", "Large boards are slow")
		s := h.file(alsoSlow, "").Suggestion
		twin := h.file(alsoSlow, "wei@example.com").Suggestion
		if !slices.Contains(h.likely(s.ID), export) {
			t.Fatalf("not proposed: %v", h.likely(s.ID))
		}
		word := h.decide(s.ID, export, false)
		late := h.file(alsoSlow, "late@example.com").Suggestion
		gone := func(when, theme string) {
			t.Helper()
			for _, id := range []string{s.ID, twin.ID, late.ID} {
				if slices.Contains(h.likely(id), theme) {
					t.Errorf("%s: %s is proposed to %v", when, id, h.likely(id))
				}
			}
		}
		gone("refused", export)
		merged, _, err := h.th.Merge(ctx, pm, export, other)
		if err != nil {
			t.Fatal(err)
		}
		gone("merged into another", other)
		h.undo(merged)
		gone("apart again", export)
		if !slices.Contains(h.likely(s.ID), other) {
			t.Errorf("the other theme was never refused: %v", h.likely(s.ID))
		}
		h.decide(twin.ID, export, true)
		if th, _ := h.th.Of(ctx, s.ID); len(th) > 0 {
			t.Errorf("an assignment of its twin took it along to %v", th)
		}
		gone("refused for itself", "") // its own word counts more than its twin's
		h.undo(word)
		if !slices.Contains(h.likely(s.ID), export) {
			t.Errorf("the word was taken back: %v", h.likely(s.ID))
		}
	})
}

func TestWhatWasTakenApartIsNotProposedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export := h.filled("Export performance", slow...)
		a, b := h.file(alsoSlow, "").Suggestion, h.file("Exporting my large board to CSV takes so long", "").Suggestion
		h.assign(export, a.ID, b.ID)
		act, apart, err := h.th.Split(ctx, pm, export, []string{a.ID, b.ID}, "CSV of big boards")
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(h.likely(a.ID), export) {
			t.Error("what was split off is proposed to where it came from")
		}
		undo := h.undo(act)
		h.undo(undo)
		if slices.Contains(h.likely(a.ID), export) {
			t.Error("split again, and proposed")
		}
		merge, _, err := h.th.Merge(ctx, pm, apart.ID, export)
		if err != nil {
			t.Fatal(err)
		}
		h.undo(merge)
		var pairs []models.Separation
		if err := h.db.Read(ctx).Find(&pairs).Error; err != nil || len(pairs) != 2 {
			t.Errorf("a split and an unmerge: %+v, %v", pairs, err)
		}
	})
}

// Whatever people decide, merge, split and take back, in whatever order: no
// suggestion is proposed to a theme that it, or its text, was said not to belong
// to, and the judgements are those of the decisions that stand.
func TestNoOrderOfDecisionsBringsARefusedThemeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
		w := &memory{walk: &walk{T: rt, h: h}}
		for i := range 3 {
			w.themes = append(w.themes, h.filled(fmt.Sprintf("theme %d", i), []string{"dark mode at night", "export is very slow", "fees are too high"}[i]))
			w.filed(rt)
		}
		h.db.Read(ctx).Model(&models.Suggestion{}).Order("id").Pluck("id", &w.suggestions)
		rt.Repeat(map[string]func(*rapid.T){
			"file": w.filed, "assign": w.did(w.assign), "merge": w.did(w.merge), "split": w.did(w.split), "decide": w.did(w.say), "undo": w.undoAny, "": w.check,
		})
	})
}

// memory is a walk that takes back whatever was done, in any order.
type memory struct {
	*walk
	acts []string
}

// did notes every activity that do made.
func (w *memory) did(do func(*rapid.T)) func(*rapid.T) {
	return func(t *rapid.T) {
		last := w.seq()
		do(t)
		var made []string
		w.h.db.Read(ctx).Model(&models.Activity{}).Where("seq > ?", last).Order("seq").Pluck("id", &made)
		w.acts = append(w.acts, made...)
	}
}

func (w *memory) seq() (n int64) {
	w.h.db.Read(ctx).Raw("SELECT n FROM counters WHERE name = 'activity'").Scan(&n)
	return n
}

func (w *memory) say(t *rapid.T) {
	s, th, same := w.suggestion(t), w.oneTheme(t), rapid.IntRange(0, 3).Draw(t, "same") == 0
	if _, _, err := w.h.th.Decide(ctx, pm, s, th, same); err != nil && models.KindOf(err) == "" {
		t.Fatalf("not a refusal: %v", err)
	}
}

func (w *memory) undoAny(t *rapid.T) {
	if len(w.acts) == 0 {
		t.Skip("nothing to undo")
	}
	id := rapid.SampledFrom(w.acts).Draw(t, "activity")
	w.did(func(t *rapid.T) {
		if _, err := w.h.th.Undo(ctx, pm, id); err != nil && models.KindOf(err) == "" {
			t.Fatalf("not a refusal: %v", err)
		}
	})(t)
}

func (w *memory) check(t *rapid.T) {
	w.walk.check(t)
	root := map[string]string{}
	for _, id := range w.themes {
		if th, err := w.h.th.Get(ctx, pm, id); err == nil {
			root[id] = th.ID
		}
	}
	var all []models.Decision
	var rows []models.Suggestion
	w.h.db.Read(ctx).Order("created_at, theme_id, suggestion_id").Find(&all)
	w.h.db.Read(ctx).Select("id", "exact_hash").Find(&rows)
	hash := map[string]string{}
	for _, r := range rows {
		hash[r.ID] = r.ExactHash
	}
	for _, id := range w.suggestions {
		likely := w.h.likely(id)
		for _, th := range refused(id, hash, all, root) {
			if slices.Contains(likely, th) {
				t.Fatalf("%s is proposed to %s, which was refused", id, th)
			}
		}
	}
}

// refused are the themes that the last word on a suggestion is against: its own
// words before those on its text, each over those before it. It shares no code
// with what it checks.
func refused(id string, hash map[string]string, all []models.Decision, root map[string]string) (out []string) {
	var own, others []models.Decision
	for _, d := range all {
		switch {
		case d.SuggestionID == id:
			own = append(own, d)
		case hash[d.SuggestionID] == hash[id]:
			others = append(others, d)
		}
	}
	last := map[string]bool{}
	for _, d := range append(others, own...) {
		last[root[d.ThemeID]] = d.Same
	}
	for th, same := range last {
		if !same && th != "" {
			out = append(out, th)
		}
	}
	return out
}
