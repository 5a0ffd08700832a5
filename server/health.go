package server

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// ready is what /readyz says.
type ready struct {
	Status  string `json:"status"`
	Warming bool   `json:"warming"` // the index is still being loaded: similar suggestions are incomplete
	Indexed int    `json:"indexed"`
}

func (s *Server) health() {
	s.echo.GET("/livez", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	s.echo.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
		defer cancel()
		r := ready{Status: "ok", Warming: s.opts.API.Themes.Warming(), Indexed: s.opts.API.Themes.Indexed()}
		if err := s.opts.DB.Ping(ctx); err != nil {
			r.Status = "database unreachable"
			return c.JSON(http.StatusServiceUnavailable, r)
		}
		return c.JSON(http.StatusOK, r)
	})
}
