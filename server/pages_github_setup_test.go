package server_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/test/githubstand"
)

// connecting is a rig that is not connected to GitHub, for which the stand stands.
func connecting(t *testing.T, stand *githubstand.Stand, change ...func(*issuesync.Options)) *rig {
	t.Helper()
	return newRigWith(t, func(o *server.Options) {
		opts := issuesync.Options{APIURL: stand.BaseURL, Secret: []byte("0123456789abcdef"), PublicURL: "https://heed.example.test", Vault: o.Auth}
		for _, f := range change {
			f(&opts)
		}
		o.API.Sync = must(issuesync.New(o.DB, jobs.New(o.DB, "setup", 1), o.API.Themes, opts))(t)
	}, nil)
}

var (
	wayOut   = regexp.MustCompile(`action="([^"]+/settings/apps/new\?state=[^"]+)"`)
	stateOf  = regexp.MustCompile(`state=([A-Za-z0-9]+)`)
	freshOne = regexp.MustCompile(`<code class="secret">([0-9a-f]{48})</code>`)
)

// A person makes the App, comes back, fetches its key, installs it and chooses the repository,
// by plain forms and in their language.
func TestGitHubIsConnectedInThreeSteps(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	r := connecting(t, stand)
	owner := r.member(models.RoleOwner)
	owner.get("/github").says("GitHub is not set up here.", `href="/github/setup"`)
	owner.get("/github/setup").want(http.StatusOK).says("Make the App", `value="Heed heed.example.test"`, "Use a token instead", `aria-current="step"`).hides("Disconnect", "cannot reach", "Set in the configuration")
	owner.in("zh").get("/github/setup").says("连接 GitHub", "创建 App", "改用令牌连接")
	owner.in("en").post("/github/setup/app", "name", "", "organisation", "a/b").want(http.StatusUnprocessableEntity).says("at most 34 characters")
	owner.post("/github/setup/app", "name", "Heed <b>", "organisation", "a/b").want(http.StatusUnprocessableEntity).says("as it stands in its address", `value="Heed &lt;b&gt;"`)
	way := owner.post("/github/setup/app", "name", "Heed Acme", "organisation", "acme").want(http.StatusOK).says("read and write issues", "Heed Acme", "webhooks/github", "organizations/acme/settings/apps/new")
	if csp := way.header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' "+stand.BaseURL+";") {
		t.Errorf("the browser would not send the form: %s", csp)
	}
	if csp := owner.get("/github/setup").header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self';") {
		t.Errorf("every page may send forms elsewhere: %s", csp)
	}
	state := stateOf.FindStringSubmatch(html.UnescapeString(wayOut.FindStringSubmatch(way.body)[1]))[1]
	made := stand.MakeApp()
	back := "/github/setup/made?code=" + made.Code + "&state=" + state
	for range 2 { // a look, and another one
		owner.get(back).want(http.StatusOK).says("Fetch the key", `action="/github/setup/finish"`, `value="`+made.Code+`"`)
	}
	if len(stand.Requests()) != 0 {
		t.Error("to look asked GitHub for something")
	}
	other := r.signedIn("owner@team.example") // another session of the same person
	other.get(back).want(http.StatusConflict).says("does not belong to your session", `href="/github/setup"`).hides(made.Code)
	other.post("/github/setup/finish", "code", made.Code, "state", state).want(http.StatusConflict)
	owner.get("/github/setup/made?state=" + state).want(http.StatusUnprocessableEntity).says("Begin with step 1")
	stand.Fail(githubstand.Fault{Path: regexp.MustCompile(`conversions$`), Kind: githubstand.DropBefore})
	owner.post("/github/setup/finish", "code", made.Code, "state", state).want(http.StatusServiceUnavailable).says("Try again in a moment", `value="`+made.Code+`"`)
	owner.post("/github/setup/finish", "code", made.Code, "state", state).to("/github/setup")
	owner.get(back).to("/github/setup") // the browser's way back
	page := owner.get("/github/setup").want(http.StatusOK).says("The App is connected", "acme · all repositories", "acme/roadmap", "acme/secret · private", "/apps/heed/installations/new", "Disconnect").
		hides("Use a token instead", made.WebhookSecret, "BEGIN RSA", state)
	if strings.Contains(page.body, `selected`) && strings.Contains(page.body, `<option value="acme/secret" selected`) {
		t.Error("a repository was chosen by itself")
	}
	owner.post("/github/setup/repository", "repository", "acme/nowhere").want(http.StatusUnprocessableEntity).says("does not show acme/nowhere", `aria-invalid="true"`)
	owner.post("/github/setup/repository", "repository", "acme/roadmap").to("/github/setup")
	owner.get("/github/setup").says("Issues are made in acme/roadmap", `<option value="acme/roadmap" selected`)
	owner.get("/github").hides("GitHub is not set up here.").says(`href="/github/setup"`)
	owner.in("zh").get("/github/setup").says("App 安装位置", "全部仓库", "断开连接")
	owner.in("en").post("/github/setup/disconnect").to("/github/setup")
	owner.get("/github/setup").says("GitHub is disconnected", "Make the App")
	owner.get("/github").says("GitHub is not set up here.")
	if got := everythingIn(r); strings.Contains(got, made.WebhookSecret) || strings.Contains(got, state) || strings.Contains(got, made.Code) || strings.Contains(got, "BEGIN RSA") {
		t.Error("a secret stands in the database")
	}
}

func TestGitHubIsConnectedByAToken(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	r := connecting(t, stand)
	owner := r.member(models.RoleOwner)
	owner.post("/github/setup/token", "key", "k1", "token", "ghp_mistyped", "repository", "acme/roadmap").want(http.StatusUnprocessableEntity).says("GitHub refused the token", `value="acme/roadmap"`, `value="Heed heed.example.test"`, " open>").hides("ghp_mistyped")
	page := owner.post("/github/setup/token", "key", "k2", "token", stand.BotToken, "repository", "acme/roadmap").want(http.StatusOK).says("Copy it now", "https://heed.example.test/webhooks/github", "heed-bot", "Make the webhook for me").hides(stand.BotToken)
	m := freshOne.FindStringSubmatch(page.body)
	if m == nil {
		t.Fatal("no secret is shown")
	}
	again := owner.post("/github/setup/token", "key", "k2", "token", stand.BotToken, "repository", "acme/roadmap")
	if got := freshOne.FindStringSubmatch(again.body); got == nil || got[1] != m[1] {
		t.Errorf("the button pressed twice shows %v", got)
	}
	owner.get("/github/setup").says("there is one, not shown again").hides(m[1], stand.BotToken)
	owner.post("/github/setup/hook").to("/github/setup")
	owner.get("/github/setup").says("The webhook is made")
	hooked := func(secret string) int {
		return r.hook(secret, `{"action":"opened"}`)
	}
	if hooked(m[1]) != http.StatusAccepted || hooked("guessed") != http.StatusUnauthorized {
		t.Error("the secret does not count, or another does")
	}
	next := freshOne.FindStringSubmatch(owner.post("/github/setup/secret").want(http.StatusOK).body)
	if next == nil || hooked(next[1]) != http.StatusAccepted || hooked(m[1]) != http.StatusUnauthorized {
		t.Errorf("after a new secret: %v", next)
	}
	owner.post("/github/setup/token", "key", "k3", "keep", "1", "token", stand.BotToken, "repository", "acme/secret").to("/github/setup")
	owner.get("/github/setup").says("The token is kept", "acme/secret")
	if hooked(next[1]) != http.StatusAccepted {
		t.Error("a change of the repository lost the webhook's secret")
	}
	stand.Fail(githubstand.Fault{Path: regexp.MustCompile(`/hooks$`), Kind: githubstand.Status, Status: 403, Message: "Resource not accessible"})
	owner.post("/github/setup/hook").want(http.StatusConflict).says("does not let this token make webhooks")
	if got := everythingIn(r); strings.Contains(got, stand.BotToken) || strings.Contains(got, m[1]) || strings.Contains(got, next[1]) {
		t.Error("a secret stands in the database")
	}
}

func TestWhoDoesNotAdministerConnectsNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	r := connecting(t, stand)
	for _, role := range []models.Role{models.RolePM, models.RoleSupport} {
		b := r.member(role)
		b.get("/github").says("An administrator can connect it").hides(`href="/github/setup"`)
		b.get("/github/setup").want(http.StatusForbidden)
		b.get("/github/setup/made?code=0123456789&state=x").want(http.StatusForbidden)
		for _, path := range []string{"app", "finish", "token", "repository", "hook", "secret", "disconnect"} {
			b.post("/github/setup/"+path, "name", "Heed", "token", stand.BotToken, "repository", "acme/roadmap", "code", "0123456789", "state", "x", "key", "k").want(http.StatusForbidden)
		}
	}
	r.visitor().get("/github/setup").to("/sign-in?next=%2Fgithub%2Fsetup")
	if len(stand.Requests()) != 0 {
		t.Error("GitHub was asked")
	}
}

func TestWhatTheConfigurationSaysIsOnlyShown(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	r := connecting(t, stand, func(o *issuesync.Options) { o.Token, o.Repository = stand.BotToken, "acme/roadmap" })
	owner := r.member(models.RoleOwner)
	owner.get("/github/setup").want(http.StatusOK).says("Set in the configuration", "acme/roadmap", "github.token").hides(stand.BotToken, "Make the App", "Disconnect", "<form method=\"post\" action=\"/github/setup")
	owner.post("/github/setup/disconnect").want(http.StatusConflict).says("set in Heed&#39;s configuration")
	local := connecting(t, stand, func(o *issuesync.Options) { o.PublicURL = "http://127.0.0.1:8080" })
	local.member(models.RoleOwner).get("/github/setup").says("GitHub cannot reach http://127.0.0.1:8080", "asks GitHub every minute")
}

// The door for programs does the same, and never gives a secret back.
func TestProgramsConnectByToken(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	r := connecting(t, stand)
	admin := r.token(auth.NewToken{Kind: models.TokenService, Name: "ops", Scopes: []auth.Scope{auth.ScopeAdmin}})
	reader := r.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead}})
	agent := r.token(auth.NewToken{Kind: models.TokenAgent, Name: "bot", Scopes: []auth.Scope{auth.ScopeThemesWrite}})
	const secret = "a secret of sixteen characters"
	body := map[string]any{"token": stand.BotToken, "repository": "acme/roadmap", "webhook_secret": secret}
	for _, weak := range []string{reader, agent} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			if code, out := r.call(weak, method, "/github/connection", "application/json", said(body)); code != http.StatusForbidden {
				t.Errorf("%s: %d %v", method, code, out)
			}
		}
	}
	if code, out := r.call(admin, http.MethodPut, "/github/connection", "application/json", said(map[string]any{"token": "ghp_mistyped", "repository": "acme/roadmap"})); code != http.StatusUnprocessableEntity {
		t.Errorf("%d %v", code, out)
	}
	for range 2 {
		code, out := r.call(admin, http.MethodPut, "/github/connection", "application/json", said(body))
		if code != http.StatusOK || out["kind"] != "token" || out["name"] != "heed-bot" || out["repository"] != "acme/roadmap" || out["webhook_secret_set"] != true {
			t.Errorf("%d %v", code, out)
		}
	}
	code, out := r.call(admin, http.MethodGet, "/github/connection", "", nil)
	if all := fmt.Sprint(out); code != http.StatusOK || strings.Contains(all, stand.BotToken) || strings.Contains(all, secret) {
		t.Errorf("%d %v", code, out)
	}
	if r.hook(secret, `{}`) != http.StatusAccepted {
		t.Error("the secret does not count")
	}
	if code, out = r.call(admin, http.MethodDelete, "/github/connection", "", nil); code != http.StatusOK || out["kind"] != "" || out["webhook_secret_set"] != false {
		t.Errorf("%d %v", code, out)
	}
}

func said(body map[string]any) io.Reader {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // built from plain values
	}
	return bytes.NewReader(b)
}

// hook delivers a webhook of GitHub's that is signed with the secret.
func (r *rig) hook(secret, body string) int {
	r.t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	req := httptest.NewRequest(http.MethodPost, "/webhooks/github", strings.NewReader(body))
	req.Header.Set("X-GitHub-Delivery", models.NewID("x"))
	req.Header.Set("X-GitHub-Event", "issues")
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	return rec.Code
}

// everythingIn is all that stands in the database.
func everythingIn(r *rig) string {
	r.t.Helper()
	var names []string
	if err := r.db.Read(ctx).Raw("SELECT name FROM sqlite_master WHERE type = 'table'").Scan(&names).Error; err != nil || len(names) < 20 {
		r.t.Fatal(names, err)
	}
	var all strings.Builder
	for _, name := range names {
		var rows []map[string]any
		if err := r.db.Read(ctx).Raw("SELECT * FROM " + name).Scan(&rows).Error; err != nil {
			r.t.Fatal(name, err)
		}
		for _, row := range rows {
			for column, value := range row {
				if b, is := value.([]byte); is {
					value = string(b)
				}
				fmt.Fprintln(&all, name, column, value)
			}
		}
	}
	return all.String()
}
