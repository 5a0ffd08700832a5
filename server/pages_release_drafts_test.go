package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// drafted keeps a release that came out in a repository where the public theme has issue 77.
func (s *street) drafted(version, notes string) themes.ReleaseDraft {
	s.t.Helper()
	err := s.themes.DraftRelease(ctx, auth.GitHub(), themes.Published{RepositoryID: 5, GithubID: int64(len(version)), Repository: "acme/web", Version: version, Name: "Big <b>one</b>",
		URL: "https://github.com/acme/web/releases/tag/v" + version, Notes: notes, Named: []models.IssueRef{{Repository: "acme/web", Number: 77}}, At: s.db.Now()})
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := s.themes.ReleaseDrafts(ctx, ana)
	if err != nil || len(all) == 0 {
		s.t.Fatal(all, err)
	}
	for _, d := range all {
		if d.Version == version {
			return d
		}
	}
	s.t.Fatalf("no draft of %s", version)
	return all[0]
}

// A release on GitHub stands above the form; it fills it in, is previewed and shipped as any,
// and then stands there no more.
func TestADraftFillsInTheForm(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	b.get("/releases").hides("From GitHub")
	s.tied("acme/web", 77)
	d := s.drafted("2.4.0", "导出现在快多了。<script>")
	b.get("/releases").says("From GitHub: 2.4.0", "1 theme", "1 named in the notes", "Big &lt;b&gt;one", `href="/releases?draft=`+d.ID, "Dismiss").hides(`value="2.4.0"`, "<b>one", `name="draft"`)
	filled := b.get("/releases?draft=" + d.ID)
	filled.want(http.StatusOK).says(`value="2.4.0"`, "导出现在快多了。&lt;script&gt;", `name="draft" value="`+d.ID+`"`, "named in the notes", `value="`+s.public.ID+`" checked`).hides("<script>导", `name="theme" value="`+s.declined.ID)
	b.in("zh").get("/releases?draft="+d.ID).says("来自 GitHub：2.4.0", "1 条需求", "版本说明中提到", "忽略")
	b.in("en")
	form := []string{"draft", d.ID, "version", "2.4.0", "theme", s.public.ID, "notes_zh", "快多了"}
	b.post("/releases", form...).want(http.StatusOK).says(`value="confirm"`, `name="draft" value="`+d.ID+`"`)
	if s.themeNow(s.public.ID).Status == models.StatusShipped {
		t.Fatal("a preview shipped it")
	}
	b.post("/releases", append(form, "step", "confirm")...).to("/releases")
	b.get("/releases").says("2.4.0", "快多了").hides("From GitHub", "/dismiss")
	b.post("/releases", "draft", d.ID, "version", "2.4.1", "theme", s.declined.ID, "step", "confirm").want(http.StatusUnprocessableEntity).says("shipped, dismissed or taken back on GitHub", `value="2.4.1"`).hides(`name="draft"`)
	b.get("/releases?draft=" + d.ID).want(http.StatusOK).says("shipped, dismissed or taken back on GitHub")
}

func TestADraftIsDismissed(t *testing.T) {
	s := newStreet(t)
	d := s.drafted("9.9", "Nothing for you")
	support := s.member(models.RoleSupport)
	support.get("/releases").says("From GitHub: 9.9").hides("/dismiss", "?draft=")
	support.post("/releases/drafts/" + d.ID + "/dismiss").want(http.StatusForbidden)
	b := s.member(models.RolePM)
	b.post("/releases/drafts/" + d.ID + "/dismiss").to("/releases")
	b.get("/releases").says("The draft of 9.9 is dismissed").hides("From GitHub")
	b.post("/releases/drafts/" + d.ID + "/dismiss").to("/releases")
	b.get("/releases").says("toast-failed")
}

func TestDraftsByREST(t *testing.T) {
	s := newStreet(t)
	s.tied("acme/web", 77)
	d, other := s.drafted("2.4.0", "Faster"), s.drafted("2.5", "Nothing")
	token := s.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead, auth.ScopeThemesWrite, auth.ScopeFollowupsSend}})
	reader := s.token(auth.NewToken{Kind: models.TokenService, Name: "reader", Scopes: []auth.Scope{auth.ScopeThemesRead}})
	list := func() []any {
		code, out := s.call(token, http.MethodGet, "/releases/drafts", "", nil)
		if code != http.StatusOK {
			t.Fatal(code, out)
		}
		return out["drafts"].([]any)
	}
	all := list()
	if len(all) != 2 {
		t.Fatal(all)
	}
	raw, _ := json.Marshal(all)
	for _, want := range []string{`"version":"2.4.0"`, `"why":"named"`, `"id":"` + s.public.ID, `"notes":{"en":"Faster"}`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s lacks %s", raw, want)
		}
	}
	if code, _ := s.call(reader, http.MethodPost, "/releases/drafts/"+other.ID+"/dismiss", "application/json", nil); code != http.StatusForbidden {
		t.Error("a reader dismissed it:", code)
	}
	if code, out := s.call(token, http.MethodPost, "/releases/drafts/"+other.ID+"/dismiss", "application/json", nil); code != http.StatusOK || len(list()) != 1 {
		t.Fatal(code, out)
	}
	body := `{"version":"2.4.0","themes":["` + s.public.ID + `"],"draft":"` + d.ID + `"}`
	for _, c := range []struct {
		path string
		code int
		left int
	}{{"/releases?dry_run=true", http.StatusOK, 1}, {"/releases", http.StatusCreated, 0}, {"/releases", http.StatusUnprocessableEntity, 0}} {
		if code, out := s.call(token, http.MethodPost, c.path, "application/json", strings.NewReader(body)); code != c.code || len(list()) != c.left {
			t.Errorf("%s: %d, %v, and %d drafts are left", c.path, code, out, len(list()))
		}
	}
}
