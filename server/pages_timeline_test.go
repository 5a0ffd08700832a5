package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// What was written and said at a theme stands in the timeline of the one it went into, and
// says where it was written; after the merge is taken back it does not.
func TestTheTimelineTellsWhatWasWrittenBeforeAMerge(t *testing.T) {
	s := newStreet(t)
	first, middle, apart := s.theme("CSV export", "导出 CSV", "csv"), s.theme("Slow lists", "列表很慢", ""), s.theme("Apart", "另外", "")
	say := func(th *models.Theme, update, comment string) {
		t.Helper()
		if _, err := s.themes.WriteUpdate(ctx, ana, th.ID, themes.Update{Text: models.Text{EN: update}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.intake.Comment(ctx, ana, th.ID, intake.Comment{Text: comment}); err != nil {
			t.Fatal(err)
		}
	}
	say(first, "CSV is half done.", "Soon.")
	say(apart, "Apart is done.", "Bye.")
	say(s.public, "Exports are quicker.", "Here.")
	if _, _, err := s.themes.Merge(ctx, ana, first.ID, middle.ID); err != nil {
		t.Fatal(err)
	}
	merged, _, err := s.themes.Merge(ctx, ana, middle.ID, s.public.ID)
	if err != nil {
		t.Fatal(err)
	}
	timeline := func(b *browser) *page {
		t.Helper()
		p := b.get("/themes/" + s.public.ID).want(http.StatusOK)
		_, p.body, _ = strings.Cut(p.body, `id="timeline-title"`)
		p.body, _, _ = strings.Cut(p.body, "</section>")
		return p
	}
	pm := s.member(models.RolePM)
	p := timeline(pm).says("CSV is half done.", "Exports are quicker.", "at “CSV export”").hides("Apart is done.")
	if n := strings.Count(p.body, "at “CSV export”"); n != 2 {
		t.Errorf("marked %d times, want the update and the comment", n)
	}
	timeline(pm.in("zh")).says("写于合并前的", "导出 CSV")
	if _, err := s.themes.Undo(ctx, ana, merged); err != nil {
		t.Fatal(err)
	}
	timeline(pm.in("en")).says("Exports are quicker.").hides("CSV is half done.", "CSV export”")
}
