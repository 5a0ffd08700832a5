// Package oauth lets a member give an MCP client access by consent: the metadata
// that clients read, their registration, the consent page, and the exchange of
// codes (OAuth 2.1 with PKCE). What is allowed is decided in package auth; here it
// is spoken over HTTP.
package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/server/mcp"
	"github.com/heedhq/heed/server/web"
)

// Where things are. Open are called by programs from wherever they run and use no
// cookie.
const (
	resourcePath  = "/.well-known/oauth-protected-resource"
	serverPath    = "/.well-known/oauth-authorization-server"
	authorizePath = "/oauth/authorize"
	tokenPath     = "/oauth/token"
	registerPath  = "/oauth/register"
	revokePath    = "/oauth/revoke"
)

// Open are the paths that another site's page may post to.
func Open() []string { return []string{tokenPath, registerPath, revokePath} }

// OAuth holds what its handlers need.
type OAuth struct {
	*web.Pages
	auth   *auth.Auth
	nameOf func(string) string
}

// Mount adds the routes. nameOf is what a program may call itself, "" for what is no
// name.
func Mount(e *echo.Echo, p *web.Pages, a *auth.Auth, nameOf func(string) string) {
	o := &OAuth{Pages: p, auth: a, nameOf: nameOf}
	for _, path := range []string{resourcePath, resourcePath + mcp.Path} {
		e.GET(path, o.resource)
		e.OPTIONS(path, preflight)
	}
	for _, path := range []string{serverPath, serverPath + mcp.Path} {
		e.GET(path, o.server)
		e.OPTIONS(path, preflight)
	}
	e.GET(authorizePath, o.ask, web.Clean)
	e.POST(authorizePath, o.answer, web.Clean)
	e.POST(registerPath, o.register)
	e.POST(tokenPath, o.token, web.Clean)
	e.POST(revokePath, o.revoke, web.Clean)
	for _, path := range Open() {
		e.OPTIONS(path, preflight)
	}
}

// Resource is the address that consents are for.
func Resource(publicURL string) string { return publicURL + mcp.Path }

// Challenge is what a refused caller of the tools is told: where to read how to
// get a token (RFC 9728). known says that a token was shown.
func Challenge(publicURL string, known bool) string {
	c := `Bearer resource_metadata="` + publicURL + resourcePath + mcp.Path + `", scope="` + scopes(" ") + `"`
	if known {
		c += `, error="invalid_token"`
	}
	return c
}

func scopes(sep string) string {
	names := []string{}
	for _, s := range auth.ConsentScopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, sep)
}

func public(c echo.Context) {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, MCP-Protocol-Version")
}

func preflight(c echo.Context) error {
	public(c)
	return c.NoContent(http.StatusNoContent)
}

// resource describes what a token opens (RFC 9728).
func (o *OAuth) resource(c echo.Context) error {
	public(c)
	return c.JSON(http.StatusOK, map[string]any{
		"resource": Resource(o.PublicURL), "resource_name": o.Product, "authorization_servers": []string{o.PublicURL},
		"scopes_supported": auth.ConsentScopes(), "bearer_methods_supported": []string{"header"},
	})
}

// server describes how a token is got (RFC 8414).
func (o *OAuth) server(c echo.Context) error {
	public(c)
	return c.JSON(http.StatusOK, map[string]any{
		"issuer": o.PublicURL, "authorization_endpoint": o.PublicURL + authorizePath, "token_endpoint": o.PublicURL + tokenPath,
		"registration_endpoint": o.PublicURL + registerPath, "revocation_endpoint": o.PublicURL + revokePath,
		"scopes_supported": auth.ConsentScopes(), "response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported": []string{"authorization_code", "refresh_token"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none"}, "revocation_endpoint_auth_methods_supported": []string{"none"},
		"authorization_response_iss_parameter_supported": true,
	})
}

// register keeps a program that wants to ask (RFC 7591). Whatever it wants to be,
// it is a public client.
func (o *OAuth) register(c echo.Context) error {
	public(c)
	var in struct {
		Name      string   `json:"client_name"`
		Redirects []string `json:"redirect_uris"`
		Method    string   `json:"token_endpoint_auth_method"`
		Grants    []string `json:"grant_types"`
		Responses []string `json:"response_types"`
	}
	if err := c.Bind(&in); err != nil {
		return refuse(c, &auth.GrantError{Code: "invalid_client_metadata", Detail: "the body is not the JSON that is expected"})
	}
	client, err := o.auth.RegisterClient(c.Request().Context(), o.nameOf(in.Name), in.Redirects, c.RealIP())
	if err != nil {
		return refuse(c, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusCreated, map[string]any{
		"client_id": client.ID, "client_id_issued_at": client.CreatedAt.Unix(), "client_name": client.Name, "redirect_uris": client.RedirectURIs.V,
		"token_endpoint_auth_method": "none", "grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"}, "scope": scopes(" "),
	})
}

// token exchanges a code or a refresh token.
func (o *OAuth) token(c echo.Context) error {
	public(c)
	g, err := o.auth.Redeem(c.Request().Context(), auth.Exchange{Grant: form(c, "grant_type"), Code: form(c, "code"), RedirectURI: form(c, "redirect_uri"), ClientID: form(c, "client_id"),
		Verifier: form(c, "code_verifier"), Refresh: form(c, "refresh_token"), Resource: form(c, "resource"), Scope: form(c, "scope")})
	if err != nil {
		return refuse(c, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, map[string]any{"access_token": g.Access, "token_type": "Bearer", "expires_in": int(g.ExpiresIn.Seconds()), "refresh_token": g.Refresh, "scope": g.Scopes})
}

// revoke ends a consent from the client's side (RFC 7009).
func (o *OAuth) revoke(c echo.Context) error {
	public(c)
	if err := o.auth.GiveUp(c.Request().Context(), form(c, "token"), form(c, "client_id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// form is a field of the body alone: secrets in an address would be logged.
func form(c echo.Context, name string) string { return c.Request().PostFormValue(name) }

// refuse answers a program in OAuth's form.
func refuse(c echo.Context, err error) error {
	e, ok := errors.AsType[*auth.GrantError](err)
	if !ok {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusBadRequest, map[string]string{"error": e.Code, "error_description": e.Detail})
}

// back is where the browser takes an answer; iss tells the client whose it is
// (RFC 9207).
func (o *OAuth) back(redirect, state string, answer url.Values) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return "/" // it was checked: cannot be
	}
	q := u.Query()
	for k, v := range answer {
		q[k] = v
	}
	if state != "" {
		q.Set("state", state)
	}
	q.Set("iss", o.PublicURL)
	u.RawQuery = q.Encode()
	return u.String()
}
