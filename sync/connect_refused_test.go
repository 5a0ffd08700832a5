package issuesync

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

func TestOnlyWhoAdministersConnects(t *testing.T) {
	w := unset(t, sqlite(t), nil)
	agent := auth.Actor{Kind: models.ActorAgent, ID: "tok_1", TokenID: "tok_1", Scopes: []auth.Scope{auth.ScopeAdmin}}
	support := auth.Actor{Kind: models.ActorMember, ID: "mem_2", Role: models.RoleSupport}
	for _, a := range []auth.Actor{pm, support, agent, auth.Anonymous(), auth.GitHub()} {
		want := models.Forbidden
		if a.Kind == models.ActorAnonymous {
			want = models.Unauthenticated
		}
		for name, err := range map[string]error{
			"read":       second(w.Connection(t.Context(), a)),
			"reach":      second(w.Reach(t.Context(), a)),
			"token":      w.ConnectToken(t.Context(), a, TokenForm{Token: "ghp_1", Repository: roadmap}),
			"begin":      second(w.BeginApp(t.Context(), a, "s", AppForm{Name: "Heed"})),
			"return":     second(w.CanReturn(t.Context(), a, "s", "state")),
			"finish":     w.FinishApp(t.Context(), a, "s", "state", "0123456789"),
			"choose":     w.ChooseRepository(t.Context(), a, roadmap),
			"disconnect": w.Disconnect(t.Context(), a),
			"secret":     second(w.NewHook(t.Context(), a)),
			"hook":       w.MakeHook(t.Context(), a),
		} {
			if models.KindOf(err) != want {
				t.Errorf("%s %s: %s: %v", a.Kind, a.Role, name, err)
			}
		}
	}
}

func TestOneWayLeadsBackOnceAndInItsSession(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := unset(t, sqlite(t), stand)
	finish := func(session, state, with string) string {
		return code(w.FinishApp(t.Context(), admin, session, state, with))
	}
	state, made := w.begin("mine"), stand.MakeApp()
	for session, state := range map[string]string{"another's": state, "": state, "mine": "made-up"} {
		if got := finish(session, state, made.Code); got != " github_state_unknown" {
			t.Errorf("session %q, state %q: %s", session, state, got)
		}
	}
	if got := finish("mine", state, "../../user"); got != "code github_code_form" {
		t.Error(got)
	}
	if len(stand.Requests()) != 0 {
		t.Error("GitHub was asked before the way was known")
	}
	if done := must[bool](t)(w.CanReturn(t.Context(), admin, "mine", state)); done {
		t.Error("it is done before it began")
	}
	stand.Fail(githubstand.Fault{Path: conversions, Kind: githubstand.DropBefore})
	if got := finish("mine", state, made.Code); got != " github_busy" {
		t.Errorf("GitHub did not answer: %s", got)
	}
	if got := finish("mine", state, made.Code); got != "" {
		t.Errorf("tried again: %s", got)
	}
	if got := finish("mine", state, made.Code); got != "" {
		t.Errorf("the button pressed twice: %s", got)
	}
	if done := must[bool](t)(w.CanReturn(t.Context(), admin, "mine", state)); !done {
		t.Error("it is not done")
	}
	if n := len(w.changes()); n != 1 {
		t.Errorf("the connection was made %d times", n)
	}
	state = w.begin("mine")
	if got := finish("mine", state, made.Code); got != " github_code_spent" {
		t.Errorf("a code that was used: %s", got)
	}
	if got := finish("mine", state, stand.MakeApp().Code); got != " github_state_used" {
		t.Errorf("a way that was used: %s", got)
	}
	state = w.begin("mine")
	w.exec("UPDATE github_states SET expires_at = created_at")
	if got := finish("mine", state, stand.MakeApp().Code) + code(second(w.CanReturn(t.Context(), admin, "mine", state))); got != " github_state_over github_state_over" {
		t.Errorf("too late: %s", got)
	}
}

var conversions = regexp.MustCompile(`^/app-manifests/`)

func (w *world) changes() (did []string) {
	w.t.Helper()
	var acts []models.Activity
	if err := w.db.Read(w.t.Context()).Order("seq").Find(&acts, "verb = ?", models.GitHubConnected).Error; err != nil {
		w.t.Fatal(err)
	}
	for _, a := range acts {
		did = append(did, must[models.Change](w.t)(a.Change()).Action)
	}
	return did
}

// The code is spent and nothing stored: that is said, with the way out, and leads to no half
// connection.
func TestWhoDiesBetweenTheCodeAndTheRowBeginsAgain(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := unset(t, sqlite(t), stand)
	state, made := w.begin("mine"), stand.MakeApp()
	if _, err := w.comeBack(t.Context(), "mine", state); err != nil {
		t.Fatal(err)
	}
	if _, err := w.exchange(t.Context(), made.Code); err != nil {
		t.Fatal(err)
	}
	w = unset(t, w.db, stand) // killed here, and started again
	err := w.FinishApp(t.Context(), admin, "mine", state, made.Code)
	if e, ok := err.(*models.Error); !ok || e.Code != "github_state_used" || fmt.Sprint(e.Args) != "["+stand.BaseURL+"/settings/apps]" {
		t.Errorf("%v", err)
	}
	if w.Configured() {
		t.Error("it is connected")
	}
	w.exec("UPDATE github_states SET used_at = ?", w.db.Now().Add(-2*halfAfter))
	if c := w.connection(); !c.Half || c.Kind != "" {
		t.Errorf("the page is told %+v", c)
	}
	w.byManifest()
	if c := w.connection(); c.Half || c.Kind != models.ConnectedByApp {
		t.Errorf("made again: %+v", c)
	}

	lost := w.begin("mine")
	made = stand.MakeApp()
	stand.Fail(githubstand.Fault{Path: conversions, Kind: githubstand.DropAfter})
	if err := w.FinishApp(t.Context(), admin, "mine", lost, made.Code); code(err) != " github_busy" {
		t.Errorf("the answer was lost: %v", err)
	}
	if err := w.FinishApp(t.Context(), admin, "mine", lost, made.Code); code(err) != " github_code_spent" {
		t.Errorf("tried again: %v", err)
	}
}

func TestTheManifestAsksForWhatHeedNeeds(t *testing.T) {
	for public, hooked := range map[string]bool{"https://feedback.example.test": true, "http://feedback.example.test": true, "http://127.0.0.1:8080": false, "http://heed:8080": false} {
		w := unset(t, sqlite(t), nil, func(o *Options) { o.PublicURL, o.APIURL = public, "" })
		way := must[Way](t)(w.BeginApp(t.Context(), admin, "s", AppForm{Name: " Heed ", Organisation: "acme"}))
		if !strings.HasPrefix(way.Address, "https://github.com/organizations/acme/settings/apps/new?state=") || way.Host != "github.com" {
			t.Errorf("%+v", way)
		}
		var m struct {
			Name         string
			URL          string
			RedirectURL  string `json:"redirect_url"`
			SetupURL     string `json:"setup_url"`
			Public       *bool
			Hook         *struct{ URL string } `json:"hook_attributes"`
			Events       []string              `json:"default_events"`
			Permissions  map[string]string     `json:"default_permissions"`
			CallbackURLs []string              `json:"callback_urls"`
		}
		if err := json.Unmarshal([]byte(way.Manifest), &m); err != nil {
			t.Fatal(err)
		}
		if m.Name != "Heed" || m.URL != public || m.RedirectURL != public+"/github/setup/made" || m.SetupURL != public+"/github/setup" || m.Public == nil || *m.Public ||
			fmt.Sprint(m.Permissions) != "map[contents:read issues:write metadata:read pull_requests:read]" {
			t.Errorf("%s", way.Manifest)
		}
		if (m.Hook != nil) != hooked || (len(m.Events) == 6) != hooked || hooked && m.Hook.URL != public+"/webhooks/github" {
			t.Errorf("%s: the webhook is %+v for %v", public, m.Hook, m.Events)
		}
	}
	var w *world
	for api, web := range map[string]string{"https://github.acme.test/api/v3": "https://github.acme.test", "https://api.acme.ghe.com": "https://acme.ghe.com"} {
		w = unset(t, sqlite(t), nil, func(o *Options) { o.APIURL = api })
		if way := must[Way](t)(w.BeginApp(t.Context(), admin, "s", AppForm{Name: "Heed"})); !strings.HasPrefix(way.Address, web+"/settings/apps/new?state=") {
			t.Errorf("%s: %s", api, way.Address)
		}
	}
	for _, f := range []AppForm{{}, {Name: strings.Repeat("x", 35)}, {Name: "Heed", Organisation: "a/../b"}} {
		if way, err := w.BeginApp(t.Context(), admin, "s", f); models.KindOf(err) != models.Invalid {
			t.Errorf("%+v: %+v, %v", f, way, err)
		}
	}
}

func TestATokenIsTriedBeforeItIsKept(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := unset(t, sqlite(t), stand)
	repo := regexp.MustCompile(`^/repos/acme/roadmap$`)
	for _, c := range []struct {
		token, repository string
		fault             *githubstand.Fault
		want              string
	}{
		{"", roadmap, nil, "token connect_token_form"},
		{"two words", roadmap, nil, "token connect_token_form"},
		{stand.BotToken, "roadmap", nil, "repository repository_invalid"},
		{"ghp_unknown", roadmap, nil, "token connect_token_refused"},
		{stand.BotToken, "acme/nowhere", nil, "repository connect_repository_unseen"},
		{stand.OutsiderToken, "acme/secret", nil, "repository connect_repository_unseen"},
		{stand.OutsiderToken, roadmap, nil, "repository connect_read_only"},
		{stand.BotToken, roadmap, &githubstand.Fault{Path: regexp.MustCompile(`/issues$`), Kind: githubstand.Status, Status: 403, Message: "Resource not accessible by personal access token"}, "token connect_no_issues"},
		{stand.BotToken, roadmap, &githubstand.Fault{Path: repo, Kind: githubstand.HTML502}, " github_busy"},
	} {
		stand.ClearFaults()
		if c.fault != nil {
			stand.Fail(*c.fault)
		}
		if err := w.ConnectToken(t.Context(), admin, TokenForm{Token: c.token, Repository: c.repository}); code(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
		if w.Configured() || len(w.changes()) != 0 {
			t.Fatalf("%+v was kept", c)
		}
	}
	stand.ClearFaults()
	w.connect(stand.BotToken, "ACME/roadmap")
	if c := w.connection(); c.Name != stand.BotLogin || c.Repository != roadmap || c.Hook {
		t.Errorf("%+v", c)
	}
}

func TestTheWebhookIsMadeForWhoMayAndOnce(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := unset(t, sqlite(t), stand)
	if err := w.MakeHook(t.Context(), admin); code(err) != " github_not_connected" {
		t.Errorf("%v", err)
	}
	w.connect(stand.BotToken, roadmap)
	for range 2 {
		if err := w.MakeHook(t.Context(), admin); err != nil {
			t.Fatal(err)
		}
	}
	made := 0
	for _, r := range stand.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/hooks") {
			made++
		}
	}
	if made != 1 || !w.connection().Hook {
		t.Errorf("%d webhooks were made; %+v", made, w.connection())
	}
	stand.Fail(githubstand.Fault{Path: regexp.MustCompile(`/hooks$`), Kind: githubstand.Status, Status: 403, Message: "Resource not accessible by personal access token"})
	if err := w.MakeHook(t.Context(), admin); code(err) != " github_hook_refused" {
		t.Errorf("%v", err)
	}
	w.choose("acme/secret")
	local := unset(t, w.db, stand, func(o *Options) { o.PublicURL = "http://127.0.0.1:8080" })
	if err := second(local.Connection(t.Context(), admin)); err != nil {
		t.Fatal(err)
	}
	if err := local.MakeHook(t.Context(), admin); code(err) != " github_hook_unreachable" {
		t.Errorf("%v", err)
	}
}

func TestAClassicTokenNeedsTheRightScope(t *testing.T) {
	for scopes, want := range map[string]bool{"repo": true, "gist, public_repo": true, "": false, "repo:status, user": false} {
		if mayWrite(scopes) != want {
			t.Errorf("%q", scopes)
		}
	}
}
