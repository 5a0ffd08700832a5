package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
)

// known is a published theme with what three people said.
func (r *rig) known() *models.Theme {
	r.t.Helper()
	th := r.theme("Faster exports", "更快的导出", "")
	for _, text := range []string{"Exporting a large board to CSV is slow", "The CSV export of large boards takes minutes", "Export of my board to CSV is far too slow"} {
		r.assign(th.ID, r.file(text, "").Suggestion.ID)
	}
	return th
}

func TestTheQualityPageSaysWhatTheDecisionsShow(t *testing.T) {
	s := newRig(t)
	b := s.member(models.RolePM)
	b.get("/quality").want(http.StatusOK).says("Nothing to measure yet", `href="/inbox"`, "dedup.attach is off", "compared by their words").hides("By week")
	th := s.known()
	right, wrong := s.file("Why is the CSV export of a large board so slow?", ""), s.file("CSV export of my large board is slow and ugly", "")
	s.assign(th.ID, right.Suggestion.ID)
	if _, _, err := s.themes.Decide(ctx, ana, wrong.Suggestion.ID, th.ID, false); err != nil {
		t.Fatal(err)
	}
	b.get("/quality").want(http.StatusOK).says("Proposals that were right", "By week", "Show as table", "It may belong there: proposed", `<path class="line-precision" d="M`).hides("Nothing to measure yet")
	b.get("/quality?sure=50&days=30").want(http.StatusOK).says("would have joined a theme by themselves.", "People decided on", "The most doubtful of them",
		"/inbox/"+wrong.Suggestion.ID, "/themes/"+th.ID, "People said that it does not belong there", `<p class="reasons">`)
	b.in("zh").get("/quality?sure=50&days=30").says("归入质量", "会有", "其中最没有把握的", "更快的导出", "团队认为不属于这里")
	b.in("en").get("/quality?sure=").want(http.StatusOK).says("Nothing would have joined by itself")
	for _, bad := range []string{"30", "101", "-1", "many", "NaN"} {
		b.get("/quality?sure="+bad).want(http.StatusUnprocessableEntity).says(`aria-invalid="true"`, "Give a whole number from 50 to 100", "</html>")
	}
	s.member(models.RoleSupport).get("/quality").want(http.StatusOK)
	s.signedIn("mei@example.com").get("/quality").want(http.StatusForbidden)
	s.visitor().get("/quality").want(http.StatusSeeOther)
}

// The page's tables are files for a spreadsheet, in the reader's language, and what
// people wrote is never a formula in them.
func TestTheTablesOfQualityAreFiles(t *testing.T) {
	s := newRig(t)
	b := s.member(models.RolePM)
	th := s.known()
	s.assign(th.ID, s.file("=cmd Why is the CSV export of a large board so slow?", "").Suggestion.ID)
	b.get("/quality?sure=50&days=30").says(`href="/quality.csv?table=weeks"`, `href="/quality.csv?table=bands"`, `href="/quality.csv?days=30&amp;sure=50&amp;table=doubtful"`, "Download as CSV", "Also called recall")
	for table, want := range map[string][]string{
		"weeks":                    {"\ufeffWeek from,Decisions,Proposals decided on", ",4,4,4,4,4\n"},
		"bands":                    {"What Heed said,Came in", "It may belong there: proposed,"},
		"doubtful&sure=50&days=30": {"Suggestion,Would have joined", "'=cmd Why is", "Faster exports", "People put it there"},
	} {
		r := b.get("/quality.csv?table=" + table).want(http.StatusOK)
		if got := r.header.Get("Content-Type") + r.header.Get("Content-Disposition"); !strings.Contains(got, "text/csv") || !strings.Contains(got, "attachment") {
			t.Errorf("%s is sent as %s", table, got)
		}
		r.says(want...).hides("<html", "\n=cmd")
	}
	b.get("/quality.csv?table=doubtful&sure=7").want(http.StatusUnprocessableEntity)
	b.get("/quality.csv?table=secrets").want(http.StatusUnprocessableEntity).says("There is no table")
	b.in("zh").get("/quality.csv?table=bands").says("Heed 的判断")
	s.signedIn("mei@example.com").get("/quality.csv?table=bands").want(http.StatusForbidden)
	s.visitor().get("/quality.csv?table=bands").want(http.StatusSeeOther)
}

func TestQualityIsOneAnswerBehindBothDoors(t *testing.T) {
	s := newRig(t)
	b := s.member(models.RolePM)
	th := s.known()
	s.assign(th.ID, s.file("Why is the CSV export of a large board so slow?", "").Suggestion.ID)
	b.accept = "application/json"
	var got struct {
		Model  string
		Attach struct {
			Mode      string
			Decisions int
			Needed    int
			Threshold *float64
		}
		All       struct{ Precision *float64 }
		WouldHave *struct{ Joined, Right int } `json:"would_have"`
	}
	body := b.get("/api/v1/quality?threshold=0.5").want(http.StatusOK).body
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	q, err := s.themes.Quality(ctx, ana)
	if err != nil {
		t.Fatal(err)
	}
	if got.Model != "words" || got.Attach.Mode != "off" || got.Attach.Threshold != nil || got.Attach.Needed != 200 || got.Attach.Decisions != q.Decisions ||
		got.All.Precision == nil || *got.All.Precision != q.All.Precision() || got.WouldHave == nil || got.WouldHave.Right == 0 {
		t.Errorf("%s\nand the service says %+v", body, q)
	}
	b.get("/api/v1/quality?threshold=7").want(http.StatusUnprocessableEntity).says("threshold")
	s.visitor().get("/api/v1/quality").want(http.StatusUnauthorized)
}

func TestWhatJoinedByItselfSaysSoInTheTimelineAndCanBeUndone(t *testing.T) {
	s := newRig(t)
	b := s.member(models.RolePM)
	th := s.known()
	twin := s.file("exporting a large board to CSV is slow!", "wei@example.com")
	page := b.get("/themes/"+th.ID).want(http.StatusOK).says("joined by itself", "the same text, word for word")
	b.in("zh").get("/themes/"+th.ID).says("自动归入了一条反馈", "文字完全相同")
	acts, err := s.themes.Timeline(ctx, ana, th.ID, 1)
	if err != nil || acts[0].Verb != models.SuggestionAttached || !strings.Contains(page.body, "/activities/"+acts[0].ID+"/undo") {
		t.Fatalf("no undo for %+v (%v)", acts, err)
	}
	b.in("en").post("/activities/"+acts[0].ID+"/undo", "next", "/themes/"+th.ID).to("/themes/" + th.ID)
	b.get("/inbox").says(twin.Suggestion.ID)
	_, pane, _ := strings.Cut(b.get("/inbox/"+twin.Suggestion.ID).want(http.StatusOK).body, `class="likely"`)
	if pane, _, _ = strings.Cut(pane, "</section>"); strings.Contains(pane, `class="theme-choice"`) {
		t.Errorf("it is proposed again: %s", pane)
	}
}
