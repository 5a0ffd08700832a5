package auth_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var tokenForm = regexp.MustCompile(`^heed_(member|agent|service)_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`)

func TestTokensAreShownOnceAndStoredHashed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		for _, kind := range auth.TokenKinds() {
			secret, row, err := a.CreateToken(ctx, auth.NewToken{Name: " CI ", Kind: kind, Scopes: []auth.Scope{auth.ScopeThemesWrite, auth.ScopeThemesRead, auth.ScopeThemesRead}})
			if err != nil {
				t.Fatal(err)
			}
			if !tokenForm.MatchString(secret) || !strings.HasPrefix(secret, row.Prefix) || !strings.HasSuffix(secret, row.Last4) ||
				len(row.Prefix) != len("heed_"+kind+"_")+4 || len(row.Last4) != 4 || row.Name != "CI" || row.Scopes != "themes:read themes:write" {
				t.Errorf("%s\n%+v", secret, row)
			}
			if strings.Contains(fmt.Sprintf("%+v", row), secret) {
				t.Error("the secret is stored")
			}
			actor, err := a.ByToken(ctx, secret)
			if err != nil || actor.Kind != kind || actor.ID != row.ID || actor.TokenID != row.ID || actor.Name != "CI" || actor.Role != "" ||
				!slices.Equal(actor.Scopes, []auth.Scope{auth.ScopeThemesRead, auth.ScopeThemesWrite}) {
				t.Errorf("%+v %v", actor, err)
			}
		}
		if ts := must[[]models.APIToken](t)(a.ListTokens(ctx)); len(ts) != 3 {
			t.Errorf("%d tokens listed", len(ts))
		}
		secret, _, err := a.CreateToken(ctx, auth.NewToken{Name: "helper", Kind: models.TokenAgent})
		if err != nil {
			t.Fatal(err)
		}
		if actor, _ := a.ByToken(ctx, secret); !slices.Equal(actor.Scopes, []auth.Scope{auth.ScopeSuggestionsWrite}) {
			t.Errorf("an agent's default is %v", actor.Scopes)
		}
	})
}

func TestWrongTokensAreNotMade(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		gone := must[models.Member](t)(a.AddMember(ctx, "gone@x.test", models.RolePM, ""))
		if err := db.Write(ctx, disable(db, gone.ID)); err != nil {
			t.Fatal(err)
		}
		now := clock.Now()
		admin := []auth.Scope{auth.ScopeAdmin}
		for code, n := range map[string]auth.NewToken{
			"required":           {Name: " ", Kind: "agent"},
			"too_long":           {Name: strings.Repeat("a", 101), Kind: "agent"},
			"token_kind_unknown": {Name: "n", Kind: "robot", Scopes: admin},
			"scopes_missing":     {Name: "n", Kind: "service"},
			"scope_unknown":      {Name: "n", Kind: "agent", Scopes: []auth.Scope{"themes:*"}},
			"expiry_past":        {Name: "n", Kind: "agent", ExpiresAt: &now},
			"member_unknown":     {Name: "n", Kind: "member", Scopes: admin, MemberEmail: "gone@x.test"},
			"email_invalid":      {Name: "n", Kind: "member", Scopes: admin, MemberEmail: "nobody"},
		} {
			secret, _, err := a.CreateToken(ctx, n)
			fails(t, code, err, code)
			if secret != "" {
				t.Errorf("%s: a secret came with the error", code)
			}
			if models.KindOf(err) != models.Invalid {
				t.Errorf("%s: %v names no field", code, err)
			}
		}
		if n := count(t, db, &models.APIToken{}); n != 0 {
			t.Errorf("%d tokens were stored", n)
		}
	})
}

func TestOnlyLiveTokensLetIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		end := clock.Now().Add(15 * time.Second)
		secret, row, err := a.CreateToken(ctx, auth.NewToken{Name: "n", Kind: "agent", ExpiresAt: &end})
		if err != nil {
			t.Fatal(err)
		}
		flip := func(s string, at int) string {
			b := []byte(s)
			b[at] = map[bool]byte{true: 'b', false: 'a'}[b[at] == 'a']
			return string(b)
		}
		body := strings.Index(secret, "_agent_") + len("_agent_")
		for what, s := range map[string]string{
			"empty": "", "cut": secret[:len(secret)-1], "longer": secret + "a", "body changed": flip(secret, body+3), "sum changed": flip(secret, len(secret)-1),
			"other kind": strings.Replace(secret, "agent", "member", 1), "no kind": "heed__x_y", "upper case": strings.ToUpper(secret), "space": secret + " ",
		} {
			_, err := a.ByToken(ctx, s)
			fails(t, what, err, "token_invalid")
		}
		if _, err := a.ByToken(ctx, secret); err != nil {
			t.Fatal(err)
		}
		clock.Add(14 * time.Second)
		if _, err := a.ByToken(ctx, secret); err != nil {
			t.Errorf("before its end: %v", err)
		}
		clock.Add(time.Second)
		_, err = a.ByToken(ctx, secret)
		fails(t, "expired, though remembered a second ago", err, "token_invalid")

		secret, row, err = a.CreateToken(ctx, auth.NewToken{Name: "n", Kind: "agent"})
		if err != nil {
			t.Fatal(err)
		}
		other, _ := newAuth(db)
		for _, x := range []*auth.Auth{a, other} {
			if _, err := x.ByToken(ctx, secret); err != nil {
				t.Fatal(err)
			}
		}
		fails(t, "revoke", a.RevokeToken(ctx, row.ID), "")
		_, err = a.ByToken(ctx, secret)
		fails(t, "revoked here", err, "token_invalid")
		_, err = other.ByToken(ctx, secret)
		fails(t, "revoked by another node a moment ago", err, "")
		clock.Add(10 * time.Second)
		_, err = other.ByToken(ctx, secret)
		fails(t, "revoked by another node", err, "token_invalid")
		at := must[[]models.APIToken](t)(a.ListTokens(ctx))[1].RevokedAt
		fails(t, "revoke again", a.RevokeToken(ctx, row.ID), "")
		if again := must[[]models.APIToken](t)(a.ListTokens(ctx))[1].RevokedAt; at == nil || again == nil || !at.Equal(*again) {
			t.Errorf("revoked at %v, then %v", at, again)
		}
		fails(t, "revoke nothing", a.RevokeToken(ctx, "tok_none"), "token_unknown")
	})
}

func TestATokenNeverOutgrowsItsMember(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		m := must[models.Member](t)(a.AddMember(ctx, "m@x.test", models.RoleOwner, "Mia"))
		must[models.Member](t)(a.AddMember(ctx, "other@x.test", models.RoleOwner, ""))
		make := func(kind string) string {
			s, _, err := a.CreateToken(ctx, auth.NewToken{Name: "n", Kind: kind, Scopes: []auth.Scope{auth.ScopeAdmin}, MemberEmail: "M@x.test"})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		own, agent := make("member"), make("agent")
		actor := must[auth.Actor](t)(a.ByToken(ctx, own))
		if actor.ID != m.ID || actor.Name != "Mia" || actor.TokenID == "" || auth.Can(actor, auth.Administer) != nil {
			t.Errorf("%+v", actor)
		}
		if helper := must[auth.Actor](t)(a.ByToken(ctx, agent)); helper.ID == m.ID || helper.ID != helper.TokenID || helper.Name != "n" || helper.MemberID != m.ID {
			t.Errorf("%+v", helper)
		}
		must[models.Member](t)(a.AddMember(ctx, "m@x.test", models.RoleSupport, ""))
		actor = must[auth.Actor](t)(a.ByToken(ctx, own))
		if auth.Can(actor, auth.Administer) == nil || auth.Can(actor, auth.Announce) == nil || auth.Can(actor, auth.ReadAll) != nil {
			t.Errorf("a support member's token: %+v", actor)
		}
		if err := db.Write(ctx, disable(db, m.ID)); err != nil {
			t.Fatal(err)
		}
		clock.Add(10 * time.Second)
		for _, s := range []string{own, agent} {
			_, err := a.ByToken(ctx, s)
			fails(t, "a disabled member's token", err, "token_invalid")
		}
	})
}

func TestThousandsOfTokensAreServed(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	a, _ := newAuth(db)
	var secrets []string
	for i := range 1100 {
		s, _, err := a.CreateToken(ctx, auth.NewToken{Name: fmt.Sprint(i), Kind: "agent"})
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, s)
	}
	for range 2 {
		for i, s := range secrets {
			if actor, err := a.ByToken(ctx, s); err != nil || actor.Name != fmt.Sprint(i) {
				t.Fatalf("token %d: %+v %v", i, actor, err)
			}
		}
	}
	if n := auth.CachedTokens(a); n > 1000 || n < 900 {
		t.Errorf("%d tokens are remembered", n)
	}
}

func BenchmarkByToken(b *testing.B) {
	db := modelstest.Open(b, modelstest.SQLiteURL(b), nil)
	a, _ := newAuth(db)
	secret, _, err := a.CreateToken(ctx, auth.NewToken{Name: "n", Kind: "agent"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.ByToken(ctx, secret); err != nil {
			b.Fatal(err)
		}
	}
}
