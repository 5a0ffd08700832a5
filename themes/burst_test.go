package themes_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// Where more is filed at once than the model reads, nobody waits for it: a text is
// placed by its words, and read afterwards.
func TestABurstIsFiledByWordsAndReadAfterwards(t *testing.T) {
	m := &mind{name: "mind", slow: 600 * time.Millisecond}
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: m, Wait: 50 * time.Millisecond})
	n := 6 * runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { h.file(fmt.Sprintf("Wish %d is about thing%d", i, i*i+1000), "") })
	}
	wg.Wait()
	by := map[string]int64{}
	for _, model := range []string{models.WordsModel, "mind"} {
		var some int64
		if err := h.db.Read(ctx).Model(&models.Suggestion{}).Where("matched_by = ?", model).Count(&some).Error; err != nil {
			t.Fatal(err)
		}
		by[model] = some
	}
	if by[models.WordsModel] == 0 || by["mind"] == 0 || by[models.WordsModel]+by["mind"] != int64(n) {
		t.Errorf("filed by %v of %d; want some by each", by, n)
	}
	until(t, "every text's vector", func() bool { return len(h.vectors("mind")) == n })
	h.sound()
}

// What opened a candidate of its own because the model was busy is looked at again
// once it is read: it waits for a person, as if it had been read at once.
func TestWhatWasPlacedByWordsIsPlacedAnewOnceItIsRead(t *testing.T) {
	eachMind(t, func(t *testing.T, h *house, m *mind) {
		export := h.theme("Slow export")
		h.into(export, exports...)
		h.into(h.theme("Dark mode"), darks...)
		m.fail.Store(true)
		const text = "Sluggish downloads of tables"
		late := h.file(text, "late@example.com")
		echo := h.file(text, "echo@example.com")
		other := h.file("Zebra stripes in rows", "zoe@example.com")
		touched := h.file("Boards take forever", "tom@example.com")
		title := "Boards are slow"
		if _, _, err := h.th.Edit(ctx, pm, touched.Theme.ID, 0, themes.Draft{Title: &title}); err != nil {
			t.Fatal(err)
		}
		for _, f := range []intake.Filed{late, other, touched} {
			if f.Theme == nil || f.Suggestion.Action != models.ActionNew || f.Suggestion.MatchedBy != models.WordsModel {
				t.Fatalf("not placed by words alone, on its own: %+v", f.Suggestion)
			}
		}
		m.fail.Store(false)
		again := func(id string) models.Suggestion {
			f, err := h.in.Get(ctx, pm, id)
			if err != nil {
				t.Fatal(err)
			}
			return f.Suggestion
		}
		until(t, "a second look", func() bool { return again(late.Suggestion.ID).ThemesCount == 0 })
		for _, id := range []string{late.Suggestion.ID, echo.Suggestion.ID} {
			if s := again(id); s.LikelyTheme != export || !s.Waiting || s.ThemesCount != 0 {
				t.Errorf("it does not wait to be put to the exports: %+v", s)
			}
		}
		if s := again(late.Suggestion.ID); s.Action != models.ActionSuggested || s.MatchedBy != "mind" || s.Echoes != 1 {
			t.Errorf("not as if it had been read at once: %+v", s)
		}
		if _, err := h.th.Get(ctx, pm, late.Theme.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("its candidate is still there: %v", err)
		}
		until(t, "the others' vectors", func() bool {
			return slices.Contains(h.vectors("mind"), other.Suggestion.ID) && slices.Contains(h.vectors("mind"), touched.Suggestion.ID)
		})
		h.sound()
		for name, f := range map[string]intake.Filed{"what is like nothing": other, "what a person touched": touched} {
			if s := again(f.Suggestion.ID); s.ThemesCount != 1 || s.MatchedBy != models.WordsModel {
				t.Errorf("%s was moved: %+v", name, s)
			}
		}
		h.assign(export, late.Suggestion.ID)
		h.sound()
	})
}
