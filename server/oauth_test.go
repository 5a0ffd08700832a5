package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const pkce = "a-verifier-of-at-least-forty-three-characters-0123"

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

var sealIn = regexp.MustCompile(`name="seal" value="([^"]+)"`)

// program is an MCP client that wants to be let in.
type program struct {
	r        *rig
	id       string
	callback string
}

func (r *rig) program(callback string) program {
	r.t.Helper()
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/oauth/register", strings.NewReader(`{"client_name":"Desktop","redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none"}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "https://elsewhere.test") // a program in a browser tab
	r.handler.ServeHTTP(rec, req)
	var c struct {
		ID string `json:"client_id"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &c); err != nil || rec.Code != http.StatusCreated {
		r.t.Fatalf("register: %d %s", rec.Code, rec.Body)
	}
	return program{r, c.ID, callback}
}

func (p program) asks() url.Values {
	return url.Values{"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.callback}, "state": {"s-1"}, "scope": {"suggestions:write themes:read"},
		"code_challenge": {challengeOf(pkce)}, "code_challenge_method": {"S256"}, "resource": {"http://heed.test/mcp"}}
}

// allowed is what the browser is told after the member said yes.
func (p program) allowed(b *browser, scopes ...string) url.Values {
	p.r.t.Helper()
	q := p.asks()
	page := b.get("/oauth/authorize?" + q.Encode()).want(http.StatusOK)
	q.Set("seal", html.UnescapeString(sealIn.FindStringSubmatch(page.body)[1]))
	q.Set("answer", "allow")
	q["scopes"] = scopes
	to, err := url.Parse(b.do(http.MethodPost, "/oauth/authorize", q).want(http.StatusSeeOther).header.Get("Location"))
	if err != nil || !strings.HasPrefix(to.String(), p.callback+"?") {
		p.r.t.Fatalf("sent to %s (%v)", to, err)
	}
	return to.Query()
}

func (p program) exchange(form url.Values) (int, map[string]any, http.Header) {
	p.r.t.Helper()
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://elsewhere.test")
	p.r.handler.ServeHTTP(rec, req)
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		p.r.t.Fatalf("token: %d %s", rec.Code, rec.Body)
	}
	return rec.Code, out, rec.Header()
}

func TestAMemberLetsAProgramIn(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RolePM)
	p := r.program("http://127.0.0.1/done")
	p.callback = "http://127.0.0.1:49152/done" // it listens where there is room
	page := b.get("/oauth/authorize?"+p.asks().Encode()).says("Desktop", "127.0.0.1:49152", "Ana", "pm@team.example", "It can never announce")
	csp := page.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "frame-ancestors 'none'") || page.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(csp, "form-action 'self' http://127.0.0.1:49152;") {
		t.Errorf("the page could be framed, or its answer is held back: %s", csp)
	}
	b.in("zh").get("/oauth/authorize?"+p.asks().Encode()).says("请求以您的名义接入", "允许")
	answer := p.allowed(b.in("en"), "suggestions:write")
	if answer.Get("iss") != "http://heed.test" || answer.Get("state") != "s-1" || answer.Get("code") == "" {
		t.Fatalf("answered %v", answer)
	}
	code, granted, header := p.exchange(url.Values{"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {p.callback}, "client_id": {p.id}, "code_verifier": {pkce}, "resource": {"http://heed.test/mcp"}})
	if code != http.StatusOK || granted["token_type"] != "Bearer" || granted["scope"] != "suggestions:write" || header.Get("Cache-Control") != "no-store" || header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %v %v", code, granted, header)
	}
	access := granted["access_token"].(string)
	a := r.agent(r.site(), access, "")
	a.call("file_suggestion", args{"quote": "Please add dark mode", "external_id": "c-1"})
	if _, text, failed := a.try("triage_queue", nil); !failed || !strings.Contains(text, "not_allowed") {
		t.Errorf("it reads what it was not given: %s", text)
	}
	var s models.Suggestion
	if err := r.db.Read(ctx).Last(&s).Error; err != nil || s.FilerName != "Desktop" || s.FilerFor != "Ana" {
		t.Errorf("filed by %q for %q (%v)", s.FilerName, s.FilerFor, err)
	}
	b.get("/inbox/" + s.ID).says("filed by Desktop, for Ana")
	b.in("zh").get("/inbox/" + s.ID).says("由 Desktop（代 Ana） 代提")
	b.in("en").get("/settings/tokens").says("Desktop", "let in by consent", "1 filed:")

	// Elsewhere it counts for nothing.
	rest := r.visitor()
	rest.header, rest.accept = http.Header{"Authorization": {"Bearer " + access}}, "application/json"
	rest.get("/api/v1/themes").want(http.StatusUnauthorized).says("token_elsewhere")

	// The member ends it, in mid-run.
	var row models.APIToken
	if err := r.db.Read(ctx).First(&row, "client_id = ?", p.id).Error; err != nil {
		t.Fatal(err)
	}
	b.post("/settings/tokens/" + row.ID + "/revoke").to("/settings/tokens")
	if _, text, failed := a.try("file_suggestion", args{"quote": "one more"}); !failed {
		t.Errorf("after it was ended: %s", text)
	}
	if code, out, _ := p.exchange(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {granted["refresh_token"].(string)}, "client_id": {p.id}}); code != http.StatusBadRequest || out["error"] != "invalid_grant" {
		t.Errorf("its refresh: %d %v", code, out)
	}
}

func TestConsentCannotBeForged(t *testing.T) {
	r := newRig(t)
	b, other := r.member(models.RolePM), r.member(models.RoleSupport)
	p := r.program("https://client.test/done")
	q := p.asks()
	sealed := html.UnescapeString(sealIn.FindStringSubmatch(b.get("/oauth/authorize?" + q.Encode()).body)[1])
	with := func(change func(url.Values)) url.Values {
		f := p.asks()
		f.Set("seal", sealed)
		f.Set("answer", "allow")
		f["scopes"] = []string{"suggestions:write"}
		change(f)
		return f
	}
	send := func(who *browser, f url.Values) *page { return who.do(http.MethodPost, "/oauth/authorize", f) }
	send(b, with(func(f url.Values) { f.Del("seal") })).want(http.StatusForbidden)
	send(b, with(func(f url.Values) { f.Set("seal", "x") })).want(http.StatusForbidden)
	send(b, with(func(f url.Values) { f.Set("code_challenge", challengeOf("another")) })).want(http.StatusForbidden)
	send(b, with(func(f url.Values) { f.Set("state", "s-2") })).want(http.StatusForbidden)
	send(other, with(func(url.Values) {})).want(http.StatusForbidden)
	// Another site's form does not arrive, whatever it holds.
	b.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.test"}}
	send(b, with(func(url.Values) {})).want(http.StatusForbidden)
	b.header = nil
	send(r.visitor(), with(func(url.Values) {})).to("/sign-in?next=%2F")
	if n := count(t, r, &models.OAuthSecret{}); n != 0 {
		t.Fatalf("%d codes were handed out", n)
	}
	// Nothing is given by looking, and nothing where the member says no.
	no := send(b, with(func(f url.Values) { f.Set("answer", "deny") })).want(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(no, "https://client.test/done?") || !strings.Contains(no, "error=access_denied") || !strings.Contains(no, "iss=http%3A%2F%2Fheed.test") {
		t.Errorf("a no is told as %s", no)
	}
	send(b, with(func(f url.Values) { f.Del("scopes") })).want(http.StatusUnprocessableEntity)
	if n := count(t, r, &models.APIToken{}); n != 0 {
		t.Errorf("%d tokens", n)
	}

	// Who asks wrongly is told where that is safe.
	ask := func(change func(url.Values)) *page {
		f := p.asks()
		change(f)
		return b.get("/oauth/authorize?" + f.Encode())
	}
	ask(func(f url.Values) { f.Set("redirect_uri", "https://evil.test/") }).want(http.StatusBadRequest).says("cannot be let in").hides("evil.test/?")
	ask(func(f url.Values) { f.Set("client_id", "clt_x") }).want(http.StatusBadRequest)
	for what, change := range map[string]func(url.Values){
		"no PKCE":          func(f url.Values) { f.Del("code_challenge") },
		"plain":            func(f url.Values) { f.Set("code_challenge_method", "plain") },
		"another resource": func(f url.Values) { f.Set("resource", "https://bank.test/") },
		"all scopes":       func(f url.Values) { f.Set("scope", "admin") },
	} {
		if to := ask(change).want(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, "https://client.test/done?error=") {
			t.Errorf("%s: sent to %s", what, to)
		}
	}
	r.visitor().get("/oauth/authorize?" + p.asks().Encode()).want(http.StatusSeeOther)
	person := r.signedIn("mei@example.com")
	person.get("/oauth/authorize?" + p.asks().Encode()).want(http.StatusForbidden)
}

func TestClientsFindTheirWay(t *testing.T) {
	r := newRig(t)
	v := r.visitor()
	v.accept = "application/json"
	res := v.do(http.MethodPost, "/mcp", nil).want(http.StatusUnauthorized)
	if h := res.header.Get("WWW-Authenticate"); h != `Bearer resource_metadata="http://heed.test/.well-known/oauth-protected-resource/mcp", scope="suggestions:write themes:read"` {
		t.Errorf("WWW-Authenticate: %s", h)
	}
	v.header = http.Header{"Authorization": {"Bearer heed_agent_wrong"}}
	if h := v.do(http.MethodPost, "/mcp", nil).want(http.StatusUnauthorized).header.Get("WWW-Authenticate"); !strings.Contains(h, `error="invalid_token"`) {
		t.Errorf("WWW-Authenticate: %s", h)
	}
	v.header = nil
	for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"} {
		v.get(path).want(http.StatusOK).says(`"resource":"http://heed.test/mcp"`, `"authorization_servers":["http://heed.test"]`)
	}
	v.get("/.well-known/oauth-authorization-server").want(http.StatusOK).says(`"issuer":"http://heed.test"`, `"code_challenge_methods_supported":["S256"]`, `"authorization_response_iss_parameter_supported":true`, `"token_endpoint_auth_methods_supported":["none"]`)
	// A member's browser is no client of the tools, so no page can use it as one.
	b := r.member(models.RoleOwner)
	b.accept = "application/json"
	b.do(http.MethodPost, "/mcp", nil).want(http.StatusUnauthorized)
	b.header = http.Header{"Authorization": {"Bearer " + r.token(auth.NewToken{})}, "Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.test"}}
	b.do(http.MethodPost, "/mcp", nil).want(http.StatusForbidden)
	b.header = nil
	b.do(http.MethodPost, "/oauth/token", url.Values{"grant_type": {"password"}}).want(http.StatusBadRequest).says("unsupported_grant_type")
}

func TestTokensOnThePage(t *testing.T) {
	r := newRig(t)
	pm := r.member(models.RolePM)
	page := pm.post("/settings/tokens", "name", "kb-bot", "kind", "agent", "scopes", "suggestions:write").want(http.StatusOK).says("Copy “kb-bot” now")
	secret := regexp.MustCompile(`heed_agent_[A-Za-z0-9]+_[A-Za-z0-9]{6}`).FindString(page.body)
	a := must(r.auth.ByToken(ctx, secret))(t)
	if a.For != "Ana" || a.Role != models.RolePM {
		t.Errorf("it speaks as %+v", a)
	}
	pm.get("/settings/tokens").says("kb-bot", "for Ana", "Revoke").hides(secret)
	pm.in("zh").get("/settings/tokens").says("API 令牌", "代 Ana")
	pm.in("en").post("/settings/tokens", "name", "", "kind", "agent").want(http.StatusUnprocessableEntity).says("has-error")
	pm.post("/settings/tokens", "name", "x", "kind", "service", "scopes", "admin").want(http.StatusUnprocessableEntity).says("Only an admin")
	admin := r.member(models.RoleAdmin)
	admin.post("/settings/tokens", "name", "ci", "kind", "service", "scopes", "admin", "hourly_limit", "many").want(http.StatusUnprocessableEntity).says("whole number")
	admin.post("/settings/tokens", "name", "ci", "kind", "service", "scopes", "admin", "hourly_limit", "7").want(http.StatusOK).says("Copy “ci” now", "7 an hour")
	pm.get("/settings/tokens").hides("7 an hour")
	pm.post("/settings/tokens/" + a.TokenID + "/revoke").to("/settings/tokens")
	if _, err := r.auth.ByToken(ctx, secret); err == nil {
		t.Error("it lives on")
	}
	r.signedIn("mei@example.com").get("/settings/tokens").want(http.StatusForbidden)
	r.visitor().get("/settings/tokens").to("/sign-in?next=%2Fsettings%2Ftokens")
}
