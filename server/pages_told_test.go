package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// link is what a mail about an activity leads its reader to.
func (r *rig) link(purpose, activity, person string) string {
	r.t.Helper()
	if err := r.notifier.TickFanOut(ctx, models.Job{}); err != nil {
		r.t.Fatal(err)
	}
	var event models.FollowUpEvent
	if err := r.db.Read(ctx).First(&event, "activity_id = ?", activity).Error; err != nil {
		r.t.Fatal(err)
	}
	told := event.ID + "." + person
	return "/" + purpose + "/" + told + "." + r.auth.Digest(purpose, told)
}

func TestAReleaseIsSeenBeforeItShips(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	in := s.theme("Dark mode", "深色模式", "Dark")
	if _, _, err := s.themes.SetStatus(ctx, ana, in.ID, themes.StatusChange{Status: models.StatusInProgress}); err != nil {
		t.Fatal(err)
	}
	s.assign(in.ID, s.file("A dark mode, please", "dora@example.com").Suggestion.ID)
	form := []string{"version", "4.2", "theme", in.ID, "notes_en", "It is dark now."}
	b.get("/releases").want(http.StatusOK).says("No release yet", "Dark mode", `name="theme" value="`+in.ID+`"`)
	b.post("/releases", form...).want(http.StatusOK).says("1 person", "It is dark now.", `value="confirm"`)
	if got := s.themeNow(in.ID).Status; got != models.StatusInProgress {
		t.Fatalf("a preview shipped it: %s", got)
	}
	b.post("/releases", "version", "", "step", "confirm").want(http.StatusUnprocessableEntity).says("Give the version", "Choose at least one theme")
	b.post("/releases", append(form, "step", "confirm")...).to("/releases")
	if th := s.themeNow(in.ID); th.Status != models.StatusShipped || th.Version != "4.2" {
		t.Fatalf("%s %s", th.Status, th.Version)
	}
	b.get("/releases").says("4.2", "It is dark now.", "Take it back")
	b.post("/releases", append(form, "step", "confirm")...).want(http.StatusUnprocessableEntity).says("Version 4.2 of this product is shipped already", "is shipped already. Leave it out")
	rows, _, err := s.themes.Releases(ctx, ana, "", 0)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	b.post("/activities/"+rows[0].ActivityID+"/undo", "next", "/releases").to("/releases")
	if th := s.themeNow(in.ID); th.Status != models.StatusInProgress || th.Version != "" {
		t.Fatalf("taken back: %s %q", th.Status, th.Version)
	}
	b.get("/releases").says("No release yet")
	b.in("zh").get("/releases").says("版本发布", "深色模式")
}

// Whether what shipped solves it is said once, by pressing a button; a no comes back.
func TestDidThisSolveIt(t *testing.T) {
	s := newStreet(t)
	mei := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	act, _, err := s.themes.SetStatus(ctx, ana, s.public.ID, themes.StatusChange{Status: models.StatusShipped, Version: "4.2", Notify: true})
	if err != nil {
		t.Fatal(err)
	}
	path, b := s.link("solved", act, mei), s.visitor()
	answers := func() (n int64) { s.db.Read(ctx).Model(&models.SolvedAnswer{}).Count(&n); return n }
	b.get(path+"?answer=no").want(http.StatusOK).says("Does this solve it for you?", "Faster exports", `value="no" required checked`)
	if answers() != 0 {
		t.Fatal("opening the page answered it")
	}
	b.post(path).want(http.StatusUnprocessableEntity).says("Choose yes or no")
	before := len(s.suggestions())
	b.post(path, "answer", "no", "words", "Still slow. My password=hunter2secret").want(http.StatusOK).says("Then we are not done", "/s/sug_")
	b.post(path, "answer", "yes").want(http.StatusOK).says("Your first answer stands", "You answered: No, not yet") // once
	if answers() != 1 || len(s.suggestions()) != before+1 {
		t.Fatalf("%d answers, %d suggestions", answers(), len(s.suggestions())-before)
	}
	var back models.Suggestion
	s.db.Read(ctx).Last(&back, "source = ?", intake.SourceFollowUp)
	if back.PersonID != mei || !back.Waiting || back.LikelyTheme != s.public.ID || strings.Contains(back.Text, "hunter2") {
		t.Errorf("%+v", back)
	}
	var p models.Proposal
	s.db.Read(ctx).First(&p, "kind = ? AND theme_id = ?", models.ProposeReopen, s.public.ID)
	if p.State != models.ProposalOpen || len(p.Items.V.Move) != 1 || p.Items.V.Move[0] != back.ID {
		t.Errorf("no proposal to reopen: %+v", p)
	}
	s.member(models.RolePM).get("/themes/" + s.public.ID).says("0 yes, 1 no")
	b.in("zh").get(path).says("看来我们还没做完")
	b.in("en").get(path + "x").want(http.StatusNotFound).says("This link does not work")
}

func TestThisIsNotWhatIMeant(t *testing.T) {
	s := newStreet(t)
	from := s.theme("CSV export", "导出 CSV", "csv")
	sug := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	s.assign(from.ID, sug.ID)
	act, _, err := s.themes.MergeTold(ctx, ana, from.ID, s.public.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	path, b := s.link("meant", act, sug.PersonID), s.visitor()
	b.get(path).want(http.StatusOK).says("Give me a CSV of my board", "Faster exports", "Take it out")
	if s.themesOf(sug.ID) == "" {
		t.Fatal("opening the page took it out")
	}
	b.post(path, "suggestion", "sug_other").want(http.StatusUnprocessableEntity)
	b.post(path, "suggestion", sug.ID, "words", "Only the CSV").want(http.StatusOK).says("It is taken out")
	var now models.Suggestion
	s.db.Read(ctx).First(&now, "id = ?", sug.ID)
	if !now.Waiting || now.ThemesCount != 0 {
		t.Errorf("it does not wait: %+v", now)
	}
	var d models.Decision
	if s.db.Read(ctx).First(&d, "suggestion_id = ? AND theme_id = ?", sug.ID, s.public.ID); d.Same || d.ActorKind != models.ActorPerson {
		t.Errorf("not remembered: %+v", d)
	}
	s.member(models.RolePM).get("/suggestions/" + sug.ID).says("Only the CSV")
	b.get(path).says("nothing to take out")
}

func TestUpdatesAndComments(t *testing.T) {
	s := newStreet(t)
	pm, page := s.member(models.RolePM), "/themes/"+s.public.ID
	pm.post(page+"/updates", "update_en", "Half of it is done.").want(http.StatusOK).says("Half of it is done.", `value="confirm"`)
	pm.post(page+"/updates", "step", "confirm").want(http.StatusUnprocessableEntity).says("Write how it goes")
	pm.post(page+"/updates", "update_en", "Half of it is done.", "step", "confirm").to(page)
	s.visitor().get("/t/"+s.public.ID).says("Half of it is done.", "updates.atom", "Sign in to say something")
	s.visitor().get("/t/"+s.public.ID+"/updates.atom").want(http.StatusOK).says("<feed", "Half of it is done.")
	s.visitor().post("/t/"+s.public.ID+"/comments", "text", "hi").want(http.StatusUnauthorized)
	dora := s.signedIn("dora@example.com")
	dora.post("/t/"+s.public.ID+"/comments", "text", "We need it too").to("/t/" + s.public.ID)
	dora.post("/t/"+s.public.ID+"/comments", "text", "Ask on t.me/exports_help").to("/t/" + s.public.ID)
	s.visitor().get("/t/" + s.public.ID).says("We need it too").hides("exports_help")
	pm.get("/comments").want(http.StatusOK).says("exports_help", "has a")
	var held models.Comment
	s.db.Read(ctx).First(&held, "state = 'waiting'")
	pm.post("/comments/" + held.ID).to("/comments")
	s.visitor().get("/t/" + s.public.ID).hides("exports_help")
	pm.post(page+"/comments", "text", "It comes next month.").to(page)
	s.visitor().get("/t/"+s.public.ID).says("It comes next month.", "Team")
	dora.get("/comments").want(http.StatusForbidden)
}

// The API says everything that is wrong with a release, and ships nothing of it.
func TestAReleaseByREST(t *testing.T) {
	s := newStreet(t)
	token := s.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead, auth.ScopeThemesWrite, auth.ScopeFollowupsSend}})
	post := func(body map[string]any, path string) (int, map[string]any) {
		b, _ := json.Marshal(body)
		return s.call(token, http.MethodPost, path, "application/json", strings.NewReader(string(b)))
	}
	code, out := post(map[string]any{"version": "", "themes": []string{"thm_none", s.public.ID, s.public.ID}}, "/releases")
	if errs, _ := out["errors"].([]any); code != http.StatusUnprocessableEntity || len(errs) != 3 {
		t.Fatal(code, out)
	}
	code, out = post(map[string]any{"version": "5", "themes": []string{s.public.ID}, "notes": map[string]string{"zh": "说明"}}, "/releases?dry_run=true")
	f, _ := out["follow_ups"].(map[string]any)
	if code != http.StatusOK || out["id"] != "" || f["mails"].(float64) < 1 || f["lacking_language"].(float64) < 1 {
		t.Fatal(code, out)
	}
	if at, has := out["at"]; has || strings.HasPrefix(f["counted_at"].(string), "0001") {
		t.Error("a release that is not shipped was at", at, f["counted_at"])
	}
	code, out = post(map[string]any{"text": "Soon more"}, "/themes/"+s.public.ID+"/updates?dry_run=true")
	f, _ = out["follow_ups"].(map[string]any)
	if at, has := out["at"]; code != http.StatusOK || has || strings.HasPrefix(f["counted_at"].(string), "0001") || f["by_hand"] == nil || f["channels"] == nil || f["receipts"] == nil {
		t.Error("an update that is not written was at", at, code, out)
	}
	code, out = post(map[string]any{"version": "5", "themes": []string{s.public.ID}}, "/releases")
	if code != http.StatusCreated || out["id"] == "" || s.themeNow(s.public.ID).Status != models.StatusShipped {
		t.Fatal(code, out)
	}
	if code, out = post(map[string]any{"text": "Soon more"}, "/themes/"+s.public.ID+"/updates"); code != http.StatusCreated {
		t.Fatal(code, out)
	}
	if code, out = s.call(token, http.MethodGet, "/themes/"+s.public.ID+"/updates", "", nil); code != http.StatusOK || len(out["updates"].([]any)) != 1 {
		t.Fatal(code, out)
	}
	if code, out = s.call(token, http.MethodGet, "/releases", "", nil); code != http.StatusOK || len(out["releases"].([]any)) != 1 {
		t.Fatal(code, out)
	}
}
