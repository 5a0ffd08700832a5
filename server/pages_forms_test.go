package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// themesOf names the themes a suggestion stands in.
func (r *rig) themesOf(suggestion string) string {
	ids := []string{}
	for _, th := range must(r.themes.Of(ctx, suggestion))(r.t) {
		ids = append(ids, th.ID)
	}
	return strings.Join(ids, " ")
}

func (r *rig) themeNow(id string) *models.Theme {
	r.t.Helper()
	return must(r.themes.Get(ctx, ana, id))(r.t)
}

// answered reads what a script of ours is told.
func (p *page) answered() (a struct {
	Activity, Message string
	Errors            map[string]string
}) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(p.body), &a); err != nil {
		p.t.Fatalf("%s: %v in %s", p.what, err, p.body)
	}
	return a
}

func TestTriageWithoutScript(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	b.get("/inbox").want(http.StatusOK).says("3 alike", secretInCandidate, "stack=1").hides(secretInPublic)
	b.get("/inbox/"+s.stack[1]+"?stack=1").says("pane-first", strings.Join([]string{s.stack[1], s.stack[2]}, " "), "Accepting assigns all 3")

	b.get("/inbox/"+s.stack[1]).says(`href="/inbox/`+s.stack[0]+`" rel="next"`, `href="/inbox/`+s.stack[2]+`" rel="prev"`)
	b.get("/inbox/" + s.single).hides(`rel="prev"`).says(`rel="next"`)

	// A stack is accepted whole, and taken back whole.
	b.post("/inbox/assign", "suggestion", s.stack[0]+" "+s.stack[1], "suggestion", s.stack[2], "theme", s.public.ID, "next", "/inbox?q=dark").to("/inbox?q=dark")
	undo := regexp.MustCompile(`/activities/(act_[a-z0-9]+)/undo`).FindStringSubmatch(b.get("/inbox").says("Assigned to “Faster exports”").body)
	for _, id := range s.stack {
		if got := s.themesOf(id); got != s.public.ID {
			t.Errorf("%s stands in %q", id, got)
		}
	}
	b.get("/inbox").hides("Assigned to “Faster exports”", "3 alike") // a toast is shown once
	b.post("/activities/"+undo[1]+"/undo", "next", "/inbox").to("/inbox")
	b.get("/inbox").says("Undone", "3 alike")
	b.post("/activities/"+undo[1]+"/undo", "next", "/inbox").to("/inbox")
	b.get("/inbox").says("toast-failed", "taken back already")

	// What is missing is said on the page itself.
	b.post("/inbox/assign", "theme", s.public.ID).want(http.StatusUnprocessableEntity).says("Select at least one suggestion.", "3 alike")
	b.post("/inbox/assign", "suggestion", s.single, "theme", "").want(http.StatusUnprocessableEntity).says("Choose a theme.")
	b.post("/inbox/assign", "suggestion", s.single, "theme", "thm_nonsense").want(http.StatusUnprocessableEntity)
	b.post("/inbox/assign", "suggestion", "sug_nonsense", "theme", s.public.ID).want(http.StatusNotFound)

	b.post("/inbox/close", "suggestion", s.single).to("/inbox")
	back := regexp.MustCompile(`/activities/(act_[a-z0-9]+)/undo`).FindStringSubmatch(b.get("/inbox").says("Closed").hides("/inbox/" + s.single).body)
	b.post("/activities/"+back[1]+"/undo", "next", "/inbox").to("/inbox")
	b.get("/inbox").says("Undone", "/inbox/"+s.single)
	b.post("/activities/nonsense/undo", "next", "/inbox").to("/inbox")
	b.get("/inbox").says("toast-failed")
	b.get("/inbox/nonsense").want(http.StatusNotFound)
}

func TestTriageByScript(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	b.accept = "application/json"
	a := b.post("/inbox/assign", "suggestion", s.single, "theme", s.public.ID).want(http.StatusOK).answered()
	if !strings.HasPrefix(a.Activity, "act_") || a.Message != "Assigned to “Faster exports”" {
		t.Errorf("assign: %+v", a)
	}
	if a = b.post("/activities/" + a.Activity + "/undo").want(http.StatusOK).answered(); a.Message != "Undone" {
		t.Errorf("undo: %+v", a)
	}
	if a = b.post("/inbox/assign", "suggestion", s.single).want(http.StatusUnprocessableEntity).answered(); a.Errors["theme"] == "" {
		t.Errorf("no theme: %+v", a)
	}
	if a = b.in("zh").post("/inbox/confirm", "suggestion", s.single, "public_title_en", " ").want(http.StatusUnprocessableEntity).answered(); a.Errors["public_title_en"] != "请至少用一种语言填写公开标题。" {
		t.Errorf("no title: %+v", a)
	}
	if a = b.post("/inbox/confirm", "suggestion", s.single, "public_title_zh", "每晚同步").want(http.StatusOK).answered(); a.Activity == "" {
		t.Errorf("confirm: %+v", a)
	}
	b.accept, b.header = "", http.Header{"Hx-Request": {"true"}}
	if p := b.post("/inbox/different", "suggestion", s.stack[1], "theme", s.themesOf(s.stack[0])).want(http.StatusOK); p.body != "" {
		t.Errorf("different answers %q", p.body)
	}
	b.get("/inbox").hides("3 alike")
}

func TestACandidateBecomesATheme(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	candidate, ids := s.themesOf(s.stack[0]), strings.Join(s.stack, " ")
	b.get("/inbox/" + s.stack[0] + "/pane?stack=1").says(`name="candidate" value="` + candidate + `"`)
	b.post("/inbox/confirm", "suggestion", ids, "candidate", candidate, "public_title_en", "", "public_text_en", "Easy on the eyes.", "publish", "1").
		want(http.StatusUnprocessableEntity).says("Write a public title", "Easy on the eyes.", `name="publish" value="1" checked`)
	b.post("/inbox/confirm", "suggestion", ids, "candidate", candidate, "public_title_en", "Dark mode", "public_title_zh", "深色模式", "public_text_en", "Easy on the eyes.", "publish", "1").
		to("/themes/" + candidate)
	th := s.themeNow(candidate)
	if th.Status != models.StatusReceived || !th.Public || th.PublicTitle != (models.Text{EN: "Dark mode", ZH: "深色模式"}) || th.PublicText.EN != "Easy on the eyes." || th.SuggestionsCount != 3 {
		t.Errorf("confirmed: %+v", th)
	}
	b.get("/inbox").hides("3 alike", "dark mode")
	s.visitor().in("zh").get("/").says("深色模式", "已收录").hides("wallet")
	// Without a candidate of its own, and private.
	b.post("/inbox/confirm", "suggestion", s.single, "public_title_en", "Nightly sync").want(http.StatusSeeOther)
	s.visitor().get("/").hides("Nightly sync")
}

func TestAStatusIsShownBeforeItIsSet(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	path := "/themes/" + s.public.ID
	rev := "revision"
	now := func() string {
		return regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(b.get(path).body)[1]
	}
	b.get(path+"?status=shipped").says(`value="shipped" checked`).hides(`value="confirm"`, "taken back")
	b.get(path+"?status=planned&reason_en=Soon&reason_zh=&promise_date=&version=").says(`value="confirm"`, "by mail", "Soon")
	b.get(path + "?status=declined&reason_en=&reason_zh=&promise_date=&version=").says("People are told why").hides(`value="confirm"`)
	b.get(path + "/consequence?status=declined&reason_en=").want(http.StatusOK).says("People are told why").hides(`value="confirm"`)
	b.get(path + "/consequence?status=planned").says(`value="confirm"`)
	b.get(path+"/consequence?status=planned&silent=1").says("tells nobody", `value="confirm"`)
	b.get(path + "/consequence?status=planned&promise_date=2001-01-01").says("That day is over").hides(`value="confirm"`)

	b.post(path+"/status", rev, now(), "status", "planned", "reason_en", "Soon").want(http.StatusOK).says(`value="confirm"`, "Soon") // no step: only shown
	if th := s.themeNow(s.public.ID); th.Status != models.StatusReceived {
		t.Fatalf("shown, but set: %s", th.Status)
	}
	b.post(path+"/status", rev, now(), "status", "declined", "reason_zh", " ", "version", "9.9", "step", "confirm").want(http.StatusUnprocessableEntity).says("People are told why", `value="9.9"`)
	b.post(path+"/status", rev, "99", "status", "planned", "reason_en", "Mine", "step", "confirm").want(http.StatusConflict).says("Someone changed this theme", "Mine")
	b.post(path+"/status", rev, now(), "status", "nonsense", "step", "confirm").want(http.StatusUnprocessableEntity)
	b.post(path+"/status", rev, now(), "status", "planned", "reason_en", "Soon", "reason_zh", "很快", "promise_date", "2099-12-24", "step", "confirm").to(path)
	th := s.themeNow(s.public.ID)
	if th.Status != models.StatusPlanned || th.Reason != (models.Text{EN: "Soon", ZH: "很快"}) || th.PromiseDate.Format("2006-01-02") != "2099-12-24" {
		t.Errorf("set: %+v", th)
	}
	b.get(path).says("Status set: Planned", "set Planned", "24 Dec 2099")
	s.visitor().in("zh").get("/t/"+s.public.ID).says("已排期", "很快", "2099 年 12 月 24 日").hides("Ana", "Soon")
}

func TestTextsAreSavedOnce(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	path := "/themes/" + s.public.ID
	fields := func(more ...string) []string {
		return append([]string{"title", "Export speed", "public_title_en", "Quick exports", "public_title_zh", "更快的导出", "public_text_en", "Fast."}, more...)
	}
	b.post(path+"/texts", fields("revision", "99", "publish", "keep")...).want(http.StatusConflict).says("Someone changed this theme", "Quick exports")
	b.post(path+"/texts", fields("publish", "keep", "title", "")[2:]...).want(http.StatusUnprocessableEntity).says("Give it a title", "Quick exports")
	b.post(path+"/texts", "title", strings.Repeat("long", 60), "public_title_en", "x", "publish", "keep").want(http.StatusUnprocessableEntity).says("Keep it to 200 characters")
	b.post(path+"/texts", fields("publish", "keep")...).to(path)
	if th := s.themeNow(s.public.ID); th.Title != "Export speed" || th.PublicTitle.EN != "Quick exports" || !th.Public {
		t.Errorf("saved: %+v", th)
	}
	b.post(path+"/texts", fields("publish", "withdraw")...).to(path)
	s.visitor().get("/t/" + s.public.ID).want(http.StatusNotFound)
	b.post(path+"/texts", fields("publish", "publish")...).to(path)
	s.visitor().get("/t/" + s.public.ID).want(http.StatusOK).says("Quick exports").hides("Export speed")
	// A candidate is published by confirming it.
	hidden := "/themes/" + s.hidden.ID
	b.post(hidden+"/texts", "title", secretTitle, "public_title_en", "", "publish", "publish").want(http.StatusUnprocessableEntity).says("Write a public title")
	b.post(hidden+"/texts", "title", secretTitle, "public_title_en", "Sea animals", "publish", "publish").to(hidden)
	if th := s.themeNow(s.hidden.ID); th.Status != models.StatusReceived || !th.Public {
		t.Errorf("candidate: %+v", th)
	}
}

// What a theme is planned for is public, one line, and said to nobody by mail.
func TestATargetStandsWhereAThemeIsShown(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	path := "/themes/" + s.public.ID
	form := func(target string) []string {
		return []string{"title", "Export speed", "public_title_en", "Quick exports", "publish", "keep", "target", target}
	}
	b.post(path+"/texts", form(strings.Repeat("9", 101))...).want(http.StatusUnprocessableEntity).says("Keep it to 100 characters", "Quick exports")
	b.post(path+"/texts", form("  Q1\n <i>2027</i> ")...).to(path)
	if th := s.themeNow(s.public.ID); th.Target != "Q1 <i>2027</i>" {
		t.Errorf("the target is %q", th.Target)
	}
	b.get(path).says("Planned for Q1 &lt;i&gt;2027", `name="target"`).hides("<i>2027")
	b.get("/themes").says("Q1 &lt;i&gt;2027").hides("<i>2027")
	s.visitor().get("/").says("Planned for Q1 &lt;i&gt;2027").hides("<i>2027")
	s.visitor().in("zh").get("/t/"+s.public.ID).says("计划于 Q1 &lt;i&gt;2027").hides("<i>2027", "Planned for")
	b.post(path+"/texts", form("Q2 2027")...).to(path)
	b.get(path).says("planned it for Q2 2027").hides("Planned for Q1")
	b.post(path+"/texts", form("")...).to(path)
	b.get(path).says("took away what it was planned for")
	s.visitor().get("/t/" + s.public.ID).hides("Planned for")
	token := s.token(auth.NewToken{Kind: models.TokenService, Scopes: auth.Scopes()})
	s.rest(token, "PATCH", "/themes/"+s.public.ID, args{"target": "2.4"}).want(http.StatusOK)
	s.rest(token, "GET", "/themes/"+s.public.ID, nil).says(`"target":"2.4"`)
	s.rest(token, "PATCH", "/themes/"+s.public.ID, args{"target": strings.Repeat("9", 101)}).want(http.StatusUnprocessableEntity).says("#/target", "too_long")
	s.rest(token, "PATCH", "/themes/"+s.public.ID, args{"title": "Named anew"}).want(http.StatusOK)
	if th := s.themeNow(s.public.ID); th.Target != "2.4" {
		t.Errorf("an edit of something else left %q", th.Target)
	}
}

func TestSplitAndMerge(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	s.assign(s.public.ID, s.stack[0], s.stack[1])
	path := "/themes/" + s.public.ID
	b.post(path+"/split", "suggestion", s.stack[0], "split_title", "").want(http.StatusUnprocessableEntity).says("Give it a title")
	b.post(path+"/split", "split_title", "Dark").want(http.StatusUnprocessableEntity).says("Name at least one suggestion", `value="Dark"`)
	p := b.post(path+"/split", "suggestion", s.stack[0]+" "+s.stack[1], "split_title", "Dark").want(http.StatusSeeOther)
	dark := strings.TrimPrefix(p.header.Get("Location"), "/themes/")
	if s.themesOf(s.stack[0]) != dark || s.themeNow(dark).SuggestionsCount != 2 {
		t.Errorf("split went to %q", s.themesOf(s.stack[0]))
	}
	b.get(path).says("split off 2 suggestions")
	b.get("/themes/" + dark + "?merge_into=" + s.public.ID).says("with 3 suggestions")
	b.post("/themes/"+dark+"/merge", "into", dark).to("/themes/" + dark)
	b.get("/themes/" + dark).says("cannot be merged into itself")
	b.post("/themes/"+dark+"/merge", "into", s.public.ID).to(path)
	undo := regexp.MustCompile(`/activities/(act_[a-z0-9]+)/undo`).FindStringSubmatch(b.get(path).says("Merged into", "merged 2 suggestions").body)
	b.get("/themes/" + dark).to(path)
	b.post("/activities/"+undo[1]+"/undo", "next", path).to(path)
	b.get("/themes/" + dark).want(http.StatusOK)
	b.header = http.Header{"Hx-Request": {"true"}, "Hx-Current-Url": {"http://heed.test" + path + "?lang=en"}}
	if p := b.post(path+"/split", "suggestion", s.stack[0]).want(http.StatusUnprocessableEntity); p.header.Get("HX-Redirect") != "" {
		t.Error("a refused form leaves its page")
	}
	if p := b.post("/themes/"+dark+"/split", "suggestion", s.stack[0], "split_title", "Darker").want(http.StatusOK); !strings.HasPrefix(p.header.Get("HX-Redirect"), "/themes/thm_") {
		t.Errorf("a script is led to %q", p.header.Get("HX-Redirect"))
	}
	b.header = nil
	// In public a merged theme's address leads on for good.
	s.visitor().get("/t/" + s.declined.ID).want(http.StatusOK)
	b.post("/themes/"+s.declined.ID+"/merge", "into", s.public.ID).to(path)
	if p := s.visitor().get("/t/" + s.declined.ID).want(http.StatusMovedPermanently); p.header.Get("Location") != "/t/"+s.public.ID {
		t.Errorf("merged: %s", p.header.Get("Location"))
	}
}

func TestIssuesSayWhatIsWrong(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	path := "/themes/" + s.public.ID
	b.get(path).says("acme/web", "No issue yet.")
	b.post(path+"/issues", "create", "1", "repository", "acme/web").want(http.StatusUnprocessableEntity).says("GitHub is not set up here")
	b.post(path+"/issues", "url", "https://example.com/x").want(http.StatusUnprocessableEntity).says("https://example.com/x")
	b.post(path + "/issues/iss_nonsense/repair").to(path)
	b.get(path).says("toast-failed", "no such issue link")
	now := s.db.Now()
	link := models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: s.public.ID, Repository: "acme/web", Number: 77, State: models.LinkHeld,
		URL: "https://github.com/acme/web/issues/77", LastError: "github_issues_off: -", CreatedAt: now, UpdatedAt: now}
	if err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&link).Error }); err != nil {
		t.Fatal(err)
	}
	b.get(path).says("acme/web#77", "Issues are switched off in this repository.", "Try again")
	b.in("zh").get("/themes").says("web#77")
}
