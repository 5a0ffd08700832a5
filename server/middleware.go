package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/hooks"
	"github.com/heedhq/heed/server/mcp"
	"github.com/heedhq/heed/server/oauth"
	"github.com/heedhq/heed/server/web"
)

// recover turns a panic into an error of the request it happened in.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			slog.Error("panic", "request_id", web.RequestID(c.Request().Context()), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
			c.Error(err)
		}()
		return next(c)
	}
}

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// under applies middleware below a path. A group with middleware would bring
// catch-all routes of its own, which answer 404 to a wrong method.
func under(prefix string, ms ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		inside := next
		for _, m := range slices.Backward(ms) {
			inside = m(inside)
		}
		return func(c echo.Context) error {
			if strings.HasPrefix(c.Request().URL.Path, prefix) {
				return inside(c)
			}
			return next(c)
		}
	}
}

// requestID names the request in logs and error answers; a caller may bring
// its own name.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get("X-Request-Id")
		if !requestIDForm.MatchString(id) {
			id = models.NewID("req")
		}
		c.Response().Header().Set("X-Request-Id", id)
		c.SetRequest(c.Request().WithContext(web.WithRequestID(c.Request().Context(), id)))
		return next(c)
	}
}

// log writes a line per request: which route, never what it carried.
func (s *Server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // writes the answer, so that its status is known here
		}
		r, took := c.Request(), time.Since(began)
		s.opts.Metrics.observe(r.Method, c.Path(), c.Response().Status, took)
		slog.Debug("request", "request_id", web.RequestID(r.Context()), "method", r.Method, "route", c.Path(), "status", c.Response().Status, "ms", took.Milliseconds())
		return nil
	}
}

// securityHeaders asks for https where the site is on https: TLS may end at a
// proxy, so the connection itself tells nothing.
func (s *Server) securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'"
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if s.cookies.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// authenticate finds out who asks: by bearer token, else by session cookie. A
// token that is wrong is refused; a session that is over is nobody.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		actor := auth.Anonymous()
		// A hook's secret is no token of ours; the hook checks it.
		if header := c.Request().Header.Get("Authorization"); header != "" && c.Request().URL.Path != hooks.BouncePath {
			scheme, token, _ := strings.Cut(header, " ")
			if !strings.EqualFold(scheme, "Bearer") {
				return models.Fail(models.Unauthenticated, "token_invalid")
			}
			var err error
			if actor, err = s.opts.Auth.ByToken(ctx, strings.TrimSpace(token)); err != nil {
				return err
			}
			if actor.Resource != "" && (c.Request().URL.Path != mcp.Path || actor.Resource != oauth.Resource(s.opts.PublicURL)) {
				return models.Fail(models.Unauthenticated, "token_elsewhere", actor.Resource)
			}
		} else if secret := s.cookies.SessionCookie(c.Request()); secret != "" {
			found, err := s.opts.Auth.BySession(ctx, secret)
			if err == nil {
				actor = found
			} else if models.KindOf(err) != models.Unauthenticated {
				return err
			}
		}
		c.SetRequest(c.Request().WithContext(web.WithActor(ctx, actor)))
		return next(c)
	}
}

// locale picks the language: asked for, chosen before, the actor's own, the
// browser's, the installation's.
func (s *Server) locale(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx := r.Context()
		wanted := []string{c.QueryParam("lang")}
		if ck, err := r.Cookie(web.LocaleCookie); err == nil {
			wanted = append(wanted, ck.Value)
		}
		wanted = append(wanted, web.OwnLocale(ctx))
		for _, w := range wanted {
			if l, ok := i18n.Parse(w); ok && w != "" {
				c.SetRequest(r.WithContext(web.WithLocale(ctx, l)))
				return next(c)
			}
		}
		l := i18n.Negotiate(r.Header.Get("Accept-Language"), s.opts.DefaultLocale)
		c.SetRequest(r.WithContext(web.WithLocale(ctx, l)))
		return next(c)
	}
}

// onlyKnown: the API is for those who say who they are.
func (s *Server) onlyKnown(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if web.Actor(c.Request().Context()).Kind == models.ActorAnonymous {
			return models.Fail(models.Unauthenticated, "token_required")
		}
		return next(c)
	}
}

// utf8Only refuses bodies that could not be stored: broken UTF-8, and NUL,
// which PostgreSQL's text cannot hold. What was asked is kept for idempotency keys.
func utf8Only(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if uploadLimit(r, 1) > 0 {
			if err := readUpload(c); err != nil {
				return err
			}
			return next(c)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			if he, ok := errors.AsType[*echo.HTTPError](err); ok {
				return he
			}
			return models.Fail(models.Invalid, "body_unreadable")
		}
		if !utf8.Valid(body) {
			return models.BadField("", "not_utf8")
		}
		if web.HasNUL(body) {
			return models.BadField("", "nul_character")
		}
		r = r.WithContext(api.WithRequest(r.Context(), r.Method+" "+r.URL.RequestURI(), body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.SetRequest(r)
		return next(c)
	}
}

// quota says with each answer to a write how much the token may still write.
func (s *Server) quota(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		a := web.Actor(ctx)
		if c.Request().Method == http.MethodGet || a.TokenID == "" || a.Limits == (auth.Limits{}) {
			return next(c)
		}
		c.Response().Before(func() {
			most, left, seconds, err := s.opts.API.Intake.Left(ctx, a)
			if err != nil || most == 0 { // an answer is not held back for its headers
				return
			}
			h := c.Response().Header()
			h.Set("RateLimit-Limit", strconv.Itoa(most))
			h.Set("RateLimit-Remaining", strconv.Itoa(left))
			h.Set("RateLimit-Reset", strconv.Itoa(seconds))
		})
		return next(c)
	}
}
