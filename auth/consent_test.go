package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

const (
	here     = "https://heed.test/mcp"
	verifier = "a-verifier-of-at-least-forty-three-characters-0123"
	callback = "https://client.test/done"
)

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// consenting is a member, and a program that they are asked to let in.
type consenting struct {
	t      *testing.T
	a      *auth.Auth
	member auth.Actor
	client models.OAuthClient
	asks   auth.ConsentRequest
}

func newConsenting(t *testing.T, db *models.DB) *consenting {
	a := auth.New(db, auth.Options{Key: testKey, Limits: auth.Limits{Hour: 100}})
	m := must[models.Member](t)(a.AddMember(ctx, "ana@x.test", models.RolePM, "Ana"))
	client := must[models.OAuthClient](t)(a.RegisterClient(ctx, "Desktop", []string{callback}, "10.0.0.1"))
	return &consenting{t: t, a: a, client: client,
		member: auth.Actor{Kind: models.ActorMember, ID: m.ID, Name: "Ana", Email: m.Email, Role: m.Role},
		asks:   auth.ConsentRequest{ResponseType: "code", ClientID: client.ID, RedirectURI: callback, Challenge: challengeOf(verifier), Method: "S256", Resource: here}}
}

func (c *consenting) code() string {
	c.t.Helper()
	asked := must[auth.Asked](c.t)(c.a.CheckConsent(ctx, c.asks, here))
	return must[string](c.t)(c.a.Allow(ctx, c.member, asked, c.asks, auth.ConsentScopes(), here))
}

func (c *consenting) exchange(code string) auth.Exchange {
	return auth.Exchange{Grant: "authorization_code", Code: code, RedirectURI: callback, ClientID: c.client.ID, Verifier: verifier, Resource: here}
}

func refusedAs(t *testing.T, what string, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*auth.GrantError](err)
	if !ok || e.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestAProgramIsAskedForInOrder(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		c := newConsenting(t, db)
		for what, x := range map[string]struct {
			change func(*auth.ConsentRequest)
			code   string
			told   bool
		}{
			"an unknown client":           {func(r *auth.ConsentRequest) { r.ClientID = models.NewID(models.PrefixClient) }, "invalid_client", false},
			"no client":                   {func(r *auth.ConsentRequest) { r.ClientID = "" }, "invalid_client", false},
			"another address":             {func(r *auth.ConsentRequest) { r.RedirectURI = "https://evil.test/done" }, "invalid_request", false},
			"an address that begins so":   {func(r *auth.ConsentRequest) { r.RedirectURI = callback + ".evil" }, "invalid_request", false},
			"another path":                {func(r *auth.ConsentRequest) { r.RedirectURI = "https://client.test/other" }, "invalid_request", false},
			"another port where not ours": {func(r *auth.ConsentRequest) { r.RedirectURI = "https://client.test:444/done" }, "invalid_request", false},
			"no code":                     {func(r *auth.ConsentRequest) { r.ResponseType = "token" }, "unsupported_response_type", true},
			"no PKCE":                     {func(r *auth.ConsentRequest) { r.Challenge, r.Method = "", "" }, "invalid_request", true},
			"plain PKCE":                  {func(r *auth.ConsentRequest) { r.Challenge, r.Method = verifier, "plain" }, "invalid_request", true},
			"a method that is missing":    {func(r *auth.ConsentRequest) { r.Method = "" }, "invalid_request", true},
			"a challenge that is none":    {func(r *auth.ConsentRequest) { r.Challenge = "short" }, "invalid_request", true},
			"another resource":            {func(r *auth.ConsentRequest) { r.Resource = "https://bank.test/mcp" }, "invalid_target", true},
			"more than can be given":      {func(r *auth.ConsentRequest) { r.Scope = "suggestions:write admin" }, "invalid_scope", true},
			"the right to announce":       {func(r *auth.ConsentRequest) { r.Scope = "followups:send" }, "invalid_scope", true},
		} {
			r := c.asks
			x.change(&r)
			_, err := c.a.CheckConsent(ctx, r, here)
			refusedAs(t, what, err, x.code)
			if e, ok := errors.AsType[*auth.GrantError](err); ok && e.Told != x.told {
				t.Errorf("%s: told the client %v", what, e.Told)
			}
		}
	})
}

func TestRedirectsAreHTTPSOrOnThisMachine(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	a := auth.New(db, auth.Options{Key: testKey})
	for uri, ok := range map[string]bool{
		"https://client.test/done": true, "http://127.0.0.1/done": true, "http://localhost:7777/": true, "http://[::1]:1/x": true,
		"http://client.test/done": false, "http://127.0.0.1.evil.test/": false, "http://localhost.evil.test/": false, "javascript:alert(1)": false, "data:text/html,x": false,
		"cursor://anysphere/x": false, "https://": false, "https:///x": false, "https://user@client.test/": false, "https://client.test/#f": false, "https://client.test/\nx": false,
		"//client.test/x": false, "": false, "https://*.client.test/": false, "https://client.test/" + strings.Repeat("a", 500): false, `https://client.test\@evil.test/`: false,
	} {
		if _, err := a.RegisterClient(ctx, "x", []string{uri}, uri); (err == nil) != ok {
			t.Errorf("%q: %v", uri, err)
		}
	}
	if _, err := a.RegisterClient(ctx, "x", nil, "1"); err == nil {
		t.Error("a client without an address")
	}
	c := must[models.OAuthClient](t)(a.RegisterClient(ctx, "Evil\u202e\u200b\n<b>\U000e0041"+strings.Repeat("x", 200), []string{callback}, "2"))
	if strings.ContainsAny(c.Name, "\u202e\u200b\n\U000e0041") || len([]rune(c.Name)) > 61 {
		t.Errorf("shown as %q", c.Name)
	}
	n := together(40, func(int) bool {
		_, err := a.RegisterClient(ctx, "x", []string{callback}, "10.9.9.9")
		return err == nil
	})
	if n != 20 {
		t.Errorf("%d programs were registered from one network, want 20", n)
	}
}

func TestACodeIsForOneClientOneAddressOneVerifierOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		c := newConsenting(t, db)
		other := must[models.OAuthClient](t)(c.a.RegisterClient(ctx, "Other", []string{callback}, "10.0.0.2"))
		for what, x := range map[string]struct {
			change func(*auth.Exchange)
			code   string
			after  time.Duration
		}{
			"no verifier":          {func(x *auth.Exchange) { x.Verifier = "" }, "invalid_grant", 0},
			"the challenge itself": {func(x *auth.Exchange) { x.Verifier = challengeOf(verifier) }, "invalid_grant", 0},
			"another verifier":     {func(x *auth.Exchange) { x.Verifier = strings.Repeat("b", 50) }, "invalid_grant", 0},
			"another address":      {func(x *auth.Exchange) { x.RedirectURI = "https://client.test/other" }, "invalid_grant", 0},
			"another client":       {func(x *auth.Exchange) { x.ClientID = other.ID }, "invalid_grant", 0},
			"no client":            {func(x *auth.Exchange) { x.ClientID = "" }, "invalid_request", 0},
			"another resource":     {func(x *auth.Exchange) { x.Resource = "https://bank.test/mcp" }, "invalid_target", 0},
			"another code":         {func(x *auth.Exchange) { x.Code += "x" }, "invalid_grant", 0},
			"as a refresh token":   {func(x *auth.Exchange) { x.Grant, x.Refresh = "refresh_token", x.Code }, "invalid_grant", 0},
			"a password":           {func(x *auth.Exchange) { x.Grant = "password" }, "unsupported_grant_type", 0},
			"too late":             {func(*auth.Exchange) {}, "invalid_grant", 61 * time.Second},
		} {
			code := c.code()
			clock.Add(x.after)
			e := c.exchange(code)
			x.change(&e)
			_, err := c.a.Redeem(ctx, e)
			refusedAs(t, what, err, x.code)
		}

		code := c.code()
		g := must[auth.Granted](t)(c.a.Redeem(ctx, c.exchange(code)))
		who := must[auth.Actor](t)(c.a.ByToken(ctx, g.Access))
		if who.Kind != models.ActorAgent || who.For != "Ana" || who.MemberID != c.member.ID || who.Resource != here || who.Limits.Hour != 100 || auth.Can(who, auth.Announce) == nil || auth.Can(who, auth.Propose) != nil {
			t.Errorf("it speaks as %+v", who)
		}
		// Whoever shows the code again has stolen it, or was stolen from.
		_, err := c.a.Redeem(ctx, c.exchange(code))
		refusedAs(t, "again", err, "invalid_grant")
		if _, err := c.a.ByToken(ctx, g.Access); err == nil {
			t.Error("the token outlived its stolen code")
		}
		_, err = c.a.Redeem(ctx, auth.Exchange{Grant: "refresh_token", Refresh: g.Refresh, ClientID: c.client.ID})
		refusedAs(t, "its refresh token", err, "invalid_grant")

		code = c.code()
		if n := together(8, func(int) bool { _, err := c.a.Redeem(ctx, c.exchange(code)); return err == nil }); n != 1 {
			t.Errorf("one code was exchanged %d times", n)
		}
	})
}

func TestAccessEndsAndIsRenewedByRotation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		c := newConsenting(t, db)
		first := must[auth.Granted](t)(c.a.Redeem(ctx, c.exchange(c.code())))
		id := must[auth.Actor](t)(c.a.ByToken(ctx, first.Access)).ID
		clock.Add(auth.AccessValid)
		if _, err := c.a.ByToken(ctx, first.Access); err == nil {
			t.Error("access did not end")
		}
		renew := func(g auth.Granted) (auth.Granted, error) {
			return c.a.Redeem(ctx, auth.Exchange{Grant: "refresh_token", Refresh: g.Refresh, ClientID: c.client.ID})
		}
		second := must[auth.Granted](t)(renew(first))
		if who := must[auth.Actor](t)(c.a.ByToken(ctx, second.Access)); who.ID != id {
			t.Error("renewed access is another agent's")
		}
		_, err := c.a.Redeem(ctx, auth.Exchange{Grant: "refresh_token", Refresh: second.Refresh, ClientID: c.client.ID, Scope: "admin"})
		refusedAs(t, "more than was given", err, "invalid_scope")

		third := must[auth.Granted](t)(c.a.Redeem(ctx, c.exchange(c.code())))
		fourth := must[auth.Granted](t)(renew(third))
		_, err = renew(third)
		refusedAs(t, "a refresh token that was used", err, "invalid_grant")
		if _, err := c.a.ByToken(ctx, fourth.Access); err == nil {
			t.Error("access outlived a refresh token that was shown twice")
		}

		fifth := must[auth.Granted](t)(c.a.Redeem(ctx, c.exchange(c.code())))
		fails(t, "given up by another client", c.a.GiveUp(ctx, fifth.Refresh, "clt_other"), "")
		must[auth.Actor](t)(c.a.ByToken(ctx, fifth.Access))
		fails(t, "given up", c.a.GiveUp(ctx, fifth.Refresh, c.client.ID), "")
		if _, err := c.a.ByToken(ctx, fifth.Access); err == nil {
			t.Error("access outlived being given up")
		}

		sixth := must[auth.Granted](t)(c.a.Redeem(ctx, c.exchange(c.code())))
		clock.Add(31 * 24 * time.Hour)
		_, err = renew(sixth)
		refusedAs(t, "a month later", err, "invalid_grant")
		must[int64](t)(c.a.Sweep(ctx))
		if n := count(t, db, &models.APIToken{}, "revoked_at IS NULL"); n != 0 {
			t.Errorf("%d tokens live on with nothing that speaks for them", n)
		}
	})
}

func TestOnlyASignedInMemberConsents(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		c := newConsenting(t, db)
		asked := must[auth.Asked](t)(c.a.CheckConsent(ctx, c.asks, here))
		token := c.member
		token.TokenID = "tok_1"
		for what, who := range map[string]auth.Actor{
			"nobody": auth.Anonymous(), "a person": {Kind: models.ActorPerson, ID: "per_1"}, "an agent": {Kind: models.ActorAgent, ID: "tok_1", TokenID: "tok_1"}, "a member's token": token,
		} {
			_, err := c.a.Allow(ctx, who, asked, c.asks, auth.ConsentScopes(), here)
			fails(t, what, err, "not_allowed")
		}
		_, err := c.a.Allow(ctx, c.member, asked, c.asks, nil, here)
		fails(t, "without a scope", err, "scopes_missing")
		_, err = c.a.Allow(ctx, c.member, asked, c.asks, []auth.Scope{auth.ScopeAdmin}, here)
		fails(t, "with one that was not asked", err, "scopes_missing")
	})
}

func TestMembersManageTheirOwnTokens(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a := auth.New(db, auth.Options{Key: testKey})
		as := func(email string, role models.Role) auth.Actor {
			m := must[models.Member](t)(a.AddMember(ctx, email, role, email[:3]))
			return auth.Actor{Kind: models.ActorMember, ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role}
		}
		ana, bob, root := as("ana@x.test", models.RolePM), as("bob@x.test", models.RoleSupport), as("root@x.test", models.RoleAdmin)
		zero := 0
		_, mine, err := a.GiveToken(ctx, ana, auth.NewToken{Name: "bot", Kind: models.TokenAgent, MemberEmail: "root@x.test", HourlyLimit: &zero})
		fails(t, "an agent of one's own", err, "")
		if mine.MemberID != ana.ID || mine.HourlyLimit != nil {
			t.Errorf("made %+v", mine)
		}
		_, _, err = a.GiveToken(ctx, ana, auth.NewToken{Name: "ci", Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeAdmin}})
		fails(t, "a service", err, "token_kind_own")
		_, ci, err := a.GiveToken(ctx, root, auth.NewToken{Name: "ci", Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeAdmin}})
		fails(t, "a service by an admin", err, "")
		_, err = a.TakeToken(ctx, bob, mine.ID)
		fails(t, "another's", err, "token_unknown")
		for who, n := range map[*auth.Actor]int{&ana: 1, &bob: 0, &root: 2} {
			if ts := must[[]models.APIToken](t)(a.TokensFor(ctx, *who)); len(ts) != n {
				t.Errorf("%s sees %d", who.Name, len(ts))
			}
		}
		_, err = a.TakeToken(ctx, ana, mine.ID)
		fails(t, "one's own", err, "")
		_, err = a.TakeToken(ctx, root, ci.ID)
		fails(t, "any, by an admin", err, "")
		if n := count(t, db, &models.Activity{}, "verb IN ('token.created', 'token.revoked')"); n != 4 {
			t.Errorf("%d entries of the audit, want 4", n)
		}
	})
}
