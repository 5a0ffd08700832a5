package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/server/mcp"
	"github.com/heedhq/heed/server/oauth"
	"github.com/heedhq/heed/server/web"
)

// onError answers every error that no handler answered: problem+json to
// programs, a page to people.
func (s *Server) onError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	var p *web.Problem
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		code := map[int]string{http.StatusNotFound: "not_found", http.StatusMethodNotAllowed: "method_not_allowed",
			http.StatusRequestEntityTooLarge: "body_too_large", http.StatusTooManyRequests: "too_fast"}[he.Code]
		if code == "" {
			code = "invalid"
		}
		if he.Code == http.StatusNotFound && !wantsPage(c.Request()) {
			code = "address_unknown"
		}
		p = s.problems.Plain(ctx, he.Code, code)
	} else {
		p = s.problems.From(ctx, err)
	}
	if p.Status == http.StatusUnauthorized && c.Request().URL.Path == mcp.Path {
		c.Response().Header().Set("WWW-Authenticate", oauth.Challenge(s.opts.PublicURL, c.Request().Header.Get("Authorization") != ""))
	}
	for k, v := range p.GetHeaders() {
		c.Response().Header()[k] = v
	}
	if c.Request().Method == http.MethodHead {
		c.NoContent(p.Status)
		return
	}
	if wantsPage(c.Request()) && s.page(c, p) == nil {
		return
	}
	c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	c.JSON(p.Status, p)
}

// wantsPage: a browser says so, and programs' paths never get one.
func wantsPage(r *http.Request) bool {
	for _, prefix := range []string{"/api/", mcp.Path, "/oauth/token", "/oauth/register", "/oauth/revoke", "/.well-known/", "/webhooks/", "/livez", "/readyz"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
