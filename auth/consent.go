package auth

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// A member lets a program in by consent (OAuth 2.1: an authorization code with
// PKCE). The program is a public client that registered itself and has no secret.
// What it gets is an agent's token with the member behind it, good at one resource.

const (
	maxRedirects   = 5
	maxRedirect    = 500 // characters
	clientsPerHour = 20  // from one network
	unusedClient   = 24 * time.Hour
)

// GrantError is a refusal in OAuth's own words. Told says that it may be sent back
// to the client: before client and redirect address are known to belong together
// it may not. Detail is English, for the client's developers.
type GrantError struct {
	Code, Detail string
	Told         bool
}

// Error describes it for logs.
func (e *GrantError) Error() string { return e.Code + ": " + e.Detail }

// ConsentScopes are what a member can give to a program: all that its tools use.
func ConsentScopes() []Scope { return []Scope{ScopeSuggestionsWrite, ScopeThemesRead} }

// RegisterClient keeps a program that may ask members for access. redirects are
// where browsers may be sent with an answer: https, or http to this machine. ip is
// the caller's. Errors are *GrantError or RateLimited too_many_clients.
func (a *Auth) RegisterClient(ctx context.Context, name string, redirects []string, ip string) (models.OAuthClient, error) {
	var c models.OAuthClient
	name = shownName(name)
	if len(redirects) == 0 || len(redirects) > maxRedirects {
		return c, &GrantError{Code: "invalid_redirect_uri", Detail: "register one to five redirect_uris"}
	}
	for _, r := range redirects {
		if !redirectAllowed(r) {
			return c, &GrantError{Code: "invalid_redirect_uri", Detail: "a redirect_uri is https with a host, or http to localhost, 127.0.0.1 or [::1], without user and fragment"}
		}
	}
	from := a.Digest("registered from", network(ip))
	err := a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := a.db.Lock(tx, "clients from:"+from); err != nil {
			return err
		}
		now := a.db.Now()
		var n int64
		if err := tx.Model(&models.OAuthClient{}).Where("asked_from = ? AND created_at > ?", from, now.Add(-time.Hour)).Count(&n).Error; err != nil {
			return err
		}
		if n >= clientsPerHour {
			e := models.Fail(models.RateLimited, "too_many_clients")
			e.RetryAfter = time.Hour
			return e
		}
		c = models.OAuthClient{ID: models.NewID(models.PrefixClient), Name: name, RedirectURIs: models.AsJSON(redirects), AskedFrom: from, CreatedAt: now}
		return tx.Create(&c).Error
	})
	return c, wrap("register client", err)
}

// shownName is what a program calls itself, fit to be shown: one line without
// anything that hides or turns text.
func shownName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	if s == "" {
		return "MCP client"
	}
	return s
}

func redirectAllowed(raw string) bool {
	if len(raw) > maxRedirect || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' || r == '*' }) {
		return false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || strings.Contains(raw, "#") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u)
}

func isLoopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// sameRedirect compares addresses exactly, but for the port on this machine, which
// a program gets anew each time it listens (RFC 8252).
func sameRedirect(registered, asked string) bool {
	if registered == asked {
		return true
	}
	r, err := url.Parse(registered)
	q, err2 := url.Parse(asked)
	if err != nil || err2 != nil || !redirectAllowed(asked) || r.Scheme != "http" || q.Scheme != "http" || !isLoopback(r) || r.Hostname() != q.Hostname() {
		return false
	}
	return r.EscapedPath() == q.EscapedPath() && r.RawQuery == q.RawQuery
}

// ConsentRequest is what a program asks a member for.
type ConsentRequest struct {
	ResponseType, ClientID, RedirectURI, State, Scope, Challenge, Method, Resource string
}

// Asked is a request that is in order: who asks, where the answer goes, and what
// may be given.
type Asked struct {
	Client      models.OAuthClient
	RedirectURI string
	Scopes      []Scope
}

// CheckConsent looks at a request; resource is the only one there is. Errors are
// *GrantError.
func (a *Auth) CheckConsent(ctx context.Context, r ConsentRequest, resource string) (Asked, error) {
	var out Asked
	if models.IsID(models.PrefixClient, r.ClientID) {
		if err := a.db.Read(ctx).Limit(1).Find(&out.Client, "id = ?", r.ClientID).Error; err != nil {
			return out, wrap("consent", err)
		}
	}
	if out.Client.ID == "" {
		return out, &GrantError{Code: "invalid_client", Detail: "this client is not registered here"}
	}
	uris := out.Client.RedirectURIs.V
	if out.RedirectURI = r.RedirectURI; out.RedirectURI == "" && len(uris) == 1 {
		out.RedirectURI = uris[0]
	}
	if !slices.ContainsFunc(uris, func(u string) bool { return sameRedirect(u, out.RedirectURI) }) {
		return out, &GrantError{Code: "invalid_request", Detail: "this redirect_uri is not registered for the client"}
	}
	told := func(code, detail string) error { return &GrantError{Code: code, Detail: detail, Told: true} }
	switch {
	case r.ResponseType != "code":
		return out, told("unsupported_response_type", "response_type must be code")
	case r.Challenge == "" || r.Method != "S256":
		return out, told("invalid_request", "PKCE is required: code_challenge with code_challenge_method S256")
	case len(r.Challenge) != 43 || strings.ContainsFunc(r.Challenge, func(c rune) bool { return !isURLSafe(c) }):
		return out, told("invalid_request", "code_challenge must be the base64url of a SHA-256")
	case r.Resource != "" && !sameResource(r.Resource, resource):
		return out, told("invalid_target", "the only resource here is "+resource)
	}
	for s := range strings.FieldsSeq(r.Scope) {
		if s == "offline_access" { // what clients add to get a refresh token, which they get anyway
			continue
		}
		if !slices.Contains(ConsentScopes(), Scope(s)) {
			return out, told("invalid_scope", "the scopes are suggestions:write and themes:read")
		}
		if !slices.Contains(out.Scopes, Scope(s)) {
			out.Scopes = append(out.Scopes, Scope(s))
		}
	}
	if len(out.Scopes) == 0 {
		out.Scopes = ConsentScopes()
	}
	return out, nil
}

func isURLSafe(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// sameResource compares two addresses of a resource; a slash at the end is none.
func sameResource(a, b string) bool {
	return strings.TrimRight(a, "/") == strings.TrimRight(b, "/")
}

// sweepConsents forgets secrets that are long over and programs that nobody let
// in, and ends tokens that nothing speaks for any more.
func sweepConsents(tx *gorm.DB, now time.Time) error {
	for _, do := range []func() error{
		func() error {
			return tx.Model(&models.APIToken{}).Where(`client_id <> '' AND revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM oauth_secrets s
				WHERE s.token_id = api_tokens.id AND s.expires_at > ? AND (s.used_at IS NULL OR s.kind = 'access'))`, now).Update("revoked_at", now).Error
		},
		func() error { return tx.Delete(&models.OAuthSecret{}, "expires_at < ?", now.Add(-sweepAfter)).Error },
		func() error {
			return tx.Delete(&models.OAuthClient{}, "used_at IS NULL AND created_at < ?", now.Add(-unusedClient)).Error
		},
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
