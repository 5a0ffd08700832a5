package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/server/console"
	"github.com/heedhq/heed/server/oauth"
	"github.com/heedhq/heed/server/portal"
	"github.com/heedhq/heed/server/web"
)

// pages mounts the doors for people.
func (s *Server) pages() {
	console.Mount(s.echo, console.Options{Pages: s.shown(), Services: s.opts.API, Settle: s.opts.Settle, Auth: s.opts.Auth})
	oauth.Mount(s.echo, s.shown(), s.opts.Auth, s.opts.API.Intake.NameOf)
	portal.Mount(s.echo, portal.Options{Pages: s.shown(), Services: s.opts.API, Auth: s.opts.Auth, Mail: s.opts.Mail})
}

func (s *Server) shown() *web.Pages {
	return &web.Pages{UI: s.opts.UI, Problems: s.problems, Cookies: s.cookies, PublicURL: s.opts.PublicURL,
		Product: s.opts.Product, Demo: s.opts.Demo}
}

// page shows an error to a person. Whoever must sign in is sent to where that
// is done.
func (s *Server) page(c echo.Context, p *web.Problem) error {
	if p.Status == http.StatusUnauthorized && c.Request().Method == http.MethodGet {
		return s.shown().SignInFirst(c, web.Next(c.Request().URL.RequestURI(), "/"))
	}
	return s.shown().Failure(c, p)
}
