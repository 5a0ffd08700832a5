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
	Model   string `json:"model"`    // whose vectors are compared; "" for words alone
	Waiting int    `json:"waiting"`  // texts without a vector yet: they are found by their words
	StandIn bool   `json:"stand_in"` // dedup.embeddings_url fails: the built-in model, or words, stand in
}

func (s *Server) health() {
	s.echo.GET("/livez", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	s.echo.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
		defer cancel()
		th := s.opts.API.Themes
		r := ready{Status: "ok", Warming: th.Warming(), Indexed: th.Indexed(), Model: th.Model(), Waiting: th.Encoding(), StandIn: th.StandIn()}
		if err := s.opts.DB.Ping(ctx); err != nil {
			r.Status = "database unreachable"
			return c.JSON(http.StatusServiceUnavailable, r)
		}
		return c.JSON(http.StatusOK, r)
	})
}
