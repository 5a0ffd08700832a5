package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// into files texts and puts them into a theme.
func (r *rig) into(theme string, texts ...string) {
	r.t.Helper()
	for i, text := range texts {
		r.assign(theme, r.file(text, "p"+string(rune('a'+i))+"@example.com").Suggestion.ID)
	}
}

// look is the whole nightly look.
func (r *rig) look() {
	r.t.Helper()
	time.Sleep(50 * time.Millisecond) // the index follows
	for state := "{}"; state != ""; {
		next, _, err := r.themes.Look(ctx, state)
		state = must(next, err)(r.t)
	}
}

var inPath = regexp.MustCompile(`/proposals/(prp_[a-z0-9]+)/accept`)

func TestProposalsWithoutScript(t *testing.T) {
	r := newRig(t)
	big, small, mixed := r.theme("Exports", "导出", ""), r.theme("CSV", "", ""), r.theme("Everything", "", "")
	r.into(big.ID, "Export to CSV is slow", "CSV export is slow", "The slow export to CSV", "Slow CSV export please fix")
	r.into(small.ID, "Why is export to CSV slow <b>", "CSV export is very slow", "Exporting to CSV is slow")
	r.into(mixed.ID, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high", "High fees for a swap")
	r.into(mixed.ID, "Dark mode for the night", "A dark mode please, night", "Night dark mode wanted")
	b := r.member(models.RolePM)
	b.get("/proposals").want(http.StatusOK).says("Nothing to decide")
	r.look()
	p := b.get("/proposals").says("Are these one theme?", "Are these two themes?", "Moves 3 suggestions; nobody is told by a merge.", "Not the same", `<span class="count">2</span>`,
		"CSV export is very slow", "The slow export to CSV", "/themes/"+big.ID, "/themes/"+small.ID, "shares", "pa@example.com").hides("slow <b>")
	b.get("/inbox").says(`href="/proposals"`)
	b.in("zh").get("/proposals").says("这是同一个需求吗？", "不是同一个", "合并不会通知任何人")
	b.in("en")
	ids := inPath.FindAllStringSubmatch(p.body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d proposals", len(ids))
	}
	merge, split := ids[0][1], ids[1][1]
	if i, j := strings.Index(p.body, "one theme?"), strings.Index(p.body, "two themes?"); i > j {
		merge, split = split, merge
	}
	// The next one is where the answer leads, on the same page.
	p.says(`name="then" value="`+split+`"`, `name="then" value="`+merge+`"`)
	b.post("/proposals/"+merge+"/accept", "then", split, "kind", "").to("/proposals#" + split)
	undo := regexp.MustCompile(`/activities/(act_[a-z0-9]+)/undo`).FindStringSubmatch(b.get("/proposals").says("Done: “Exports”").hides("Are these one theme?").body)
	if th := r.themeNow(small.ID); th.ID != big.ID {
		t.Errorf("not merged: %+v", th)
	}
	b.post("/activities/"+undo[1]+"/undo", "next", "/proposals").to("/proposals")
	if th := r.themeNow(small.ID); th.ID != small.ID {
		t.Errorf("not taken back: %+v", th)
	}
	b.post("/proposals/"+merge+"/accept", "then", "//evil.example").to("/proposals")
	b.get("/proposals").says("toast-failed", "answered already")

	b.get("/proposals?kind=split").says(`name="kind" value="split"`).hides("Are these one theme?", `name="then"`)
	b.post("/proposals/"+split+"/dismiss", "then", "//evil.example", "kind", "split&x=//evil").to("/proposals?kind=split%26x%3D%2F%2Fevil")
	b.get("/proposals").says("It will not be proposed again", "Nothing to decide")
	r.look()
	b.get("/proposals").says("Nothing to decide")
	b.get("/themes/" + mixed.ID).says("said that it is one theme")

	b.accept = "application/json"
	b.post("/proposals/" + split + "/dismiss").want(http.StatusConflict)
	b.post("/proposals/nonsense/accept").want(http.StatusNotFound)
	r.visitor().get("/proposals").want(http.StatusSeeOther)
	r.signedIn("somebody@example.com").get("/proposals").want(http.StatusForbidden)
}

func TestASplitIsAcceptedWithItsTitle(t *testing.T) {
	r := newRig(t)
	mixed := r.theme("Everything", "", "")
	r.into(mixed.ID, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high", "High fees for a swap")
	r.into(mixed.ID, "Dark mode for the night", "A dark mode please, night", "Night dark mode wanted")
	r.look()
	b := r.member(models.RolePM)
	id := inPath.FindStringSubmatch(b.get("/proposals").says("A new theme", `maxlength="200"`).body)[1]
	b.accept = "application/json"
	if a := b.post("/proposals/"+id+"/accept", "title", "Dark mode").want(http.StatusOK).answered(); a.Activity == "" || !strings.Contains(a.Message, "Dark mode") {
		t.Errorf("%+v", a)
	}
}

func TestAShippedThemeIsReopened(t *testing.T) {
	r := newRig(t)
	th := r.theme("Exports", "", "")
	r.into(th.ID, "Export to CSV is slow", "CSV export is slow", "The slow export to CSV", "Slow CSV export please fix")
	if _, _, err := r.themes.SetStatus(ctx, ana, th.ID, themes.StatusChange{Status: models.StatusShipped, Version: "4.2"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	must(r.intake.File(ctx, ana, intake.Submission{Text: "CSV export is still so slow", Version: "v4.3"}))(t)
	support := r.member(models.RoleSupport)
	id := regexp.MustCompile(`id="(prp_[a-z0-9]+)"`).FindStringSubmatch(support.get("/proposals").says("Reported again after it shipped in 4.2", "1 report", "CSV export is still so slow").hides("Reopen").body)[1]
	support.post("/proposals/" + id + "/accept").want(http.StatusForbidden)
	b := r.member(models.RolePM)
	b.get("/proposals").says("Reopen", "nobody is told until you tell them")
	b.post("/proposals/" + id + "/accept").to("/proposals")
	if now := r.themeNow(th.ID); now.Status != models.StatusUnderReview {
		t.Errorf("it is %s", now.Status)
	}
}

func TestQuickCaptureWithoutScript(t *testing.T) {
	r := newRig(t)
	th := r.theme("Faster exports", "更快的导出", "Exports in seconds")
	r.into(th.ID, "Export to CSV is slow", "CSV export is slow")
	reason, date := models.Text{EN: "Streaming export is in beta.", ZH: "流式导出正在内测。"}, must(themes.ParseDate(time.Now().AddDate(0, 1, 0).Format(time.DateOnly)))(t)
	if _, _, err := r.themes.SetStatus(ctx, ana, th.ID, themes.StatusChange{Status: models.StatusPlanned, Reason: reason, PromiseDate: &date}); err != nil {
		t.Fatal(err)
	}
	secret := r.file("Print my receive address as a poster for the shop", "").Theme
	time.Sleep(50 * time.Millisecond)
	b := r.member(models.RoleSupport)
	b.get("/capture").want(http.StatusOK).says("What they said, in their own words", `aria-live="polite"`, "Begin to write").hides("field-error")
	look := b.post("/capture", "text", "The CSV export is slow", "email", "mei@example.com", "look", "1").want(http.StatusOK)
	look.says("Faster exports", "Planned", "Streaming export is in beta.", "You will hear from us again by", "The CSV export is slow</textarea>", `value="mei@example.com"`, "data-copy")
	b.get("/capture/similar?text="+"print+the+receive+address+as+a+poster").says(secret.Title, "Not published").hides("data-copy", "<html")
	b.get("/capture/similar?text=" + "slow+swap+of+a+poster+token").says("Nothing here is clearly about that. This comes nearest:")
	b.get("/capture/similar?text=csv+export+is+slow+on+the+poster").says("Faster exports").hides("comes nearest", secret.Title)
	b.in("zh").get("/capture/similar?text=csv+export+slow").says("更快的导出", "已排期", "流式导出正在内测。", "最晚")
	b.in("en")
	b.get("/capture/similar?text=+").says("Begin to write")

	b.post("/capture", "text", "", "email", "mei").want(http.StatusUnprocessableEntity).says("Write down what they said: a few words will do.", "Nothing you wrote is lost", `text-error" aria-invalid="true"`, `rows="5" maxlength="20000" autofocus`, `value="mei"`).hides("quote", "text (or")
	b.in("zh").post("/capture", "text", " ").want(http.StatusUnprocessableEntity).says("请写下用户说的话，几个字也可以。").hides("text（或")
	b.in("en").post("/capture", "text", "The CSV export is so slow", "email", "mei@").want(http.StatusUnprocessableEntity).says(`<input id="email" autofocus`).hides(`maxlength="20000" autofocus`)
	b.get("/capture").says(`maxlength="20000" autofocus`)
	b.post("/capture", "text", "The CSV export is so slow", "email", "mei@example.com", "source_url", "javascript:alert(1)").want(http.StatusUnprocessableEntity).says("source_url-error")
	b.post("/capture", "text", "The CSV export is so slow", "email", "mei@example.com", "name", "Mei", "kind", "problem", "version", "4.2", "source_url", "https://desk.example.com/8812").to("/capture")
	b.get("/capture").says("Filed, receipt").says("so slow", "/withdraw").hides("so slow</textarea>")
	var s models.Suggestion
	if err := r.db.Read(ctx).Order("id DESC").First(&s).Error; err != nil {
		t.Fatal(err)
	}
	if s.Source != "capture" || s.SourceURL != "https://desk.example.com/8812" || s.Kind != models.KindProblem || s.Version != "4.2" || s.PersonID == "" || s.FilerKind != models.ActorMember {
		t.Errorf("%+v", s)
	}
	b.get("/inbox/"+s.ID).says("Quick capture", "https://desk.example.com/8812", "filed by")
	r.visitor().get("/capture").want(http.StatusSeeOther)
	r.visitor().get("/capture/similar?text=csv").want(http.StatusSeeOther)
	r.signedIn("somebody@example.com").get("/capture/similar?text=csv").want(http.StatusForbidden)
}

func TestSeveralAsksAreAssignedFromThePane(t *testing.T) {
	r := newRig(t)
	export, dark := r.theme("Exports", "", ""), r.theme("Dark mode", "", "")
	r.into(export.ID, "Export to CSV is slow", "CSV export is slow", "The slow export to CSV")
	r.into(dark.ID, "Dark mode for the night", "A dark mode please, night", "Night dark mode wanted")
	time.Sleep(50 * time.Millisecond)
	f := r.file("Export to CSV is slow. Also, a dark mode for the night <please>.", "mei@example.com")
	id := f.Suggestion.ID
	b := r.member(models.RolePM)
	b.get("/inbox/"+id+"/pane").says("It asks for 2 things", "Also, a dark mode for the night &lt;please&gt;.", `name="ask" value="1" checked`, `data-choice="1"`, `data-theme-title="Exports”, “Dark mode"`).hides("<please>")
	b.post("/inbox/asks", "suggestion", id).want(http.StatusUnprocessableEntity)
	b.post("/inbox/asks", "suggestion", id, "ask", "x").want(http.StatusUnprocessableEntity)
	b.post("/inbox/asks", "suggestion", id, "ask", "0", "ask", "1").to("/inbox")
	b.get("/inbox").says("Assigned to “Exports”, “Dark mode”")
	if got := r.themesOf(id); !strings.Contains(got, export.ID) || !strings.Contains(got, dark.ID) {
		t.Errorf("it stands in %q", got)
	}
	b.get("/inbox/" + id + "/pane").hides("It asks for")
	b.in("zh").get("/inbox").want(http.StatusOK)
}
