package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/heedhq/heed/app/devmail"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/hooks"
	"github.com/heedhq/heed/server/mcp"
	"github.com/heedhq/heed/server/oauth"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

const (
	maxBody     = "2M"
	maxHookBody = "25M" // GitHub's own limit
)

// Options of New.
type Options struct {
	PublicURL     string
	DefaultLocale i18n.Locale
	DB            *models.DB
	Auth          *auth.Auth
	API           api.Services
	Metrics       *Metrics
	UI            *ui.UI
	Product       string        // the name on every page
	Settle        time.Duration // how long a change is held before anybody hears of it
	Mail          *devmail.Box  // the demo's post office, nil otherwise
	Demo          bool
	// TrustedProxies are believed about who asks (X-Forwarded-For), besides this
	// machine itself.
	TrustedProxies []netip.Prefix
}

// Server is the HTTP side of Heed.
type Server struct {
	opts     Options
	echo     *echo.Echo
	http     *http.Server
	problems web.Problems
	cookies  web.Cookies
}

// New puts the doors together. Nothing listens yet.
func New(o Options) *Server {
	s := &Server{opts: o, echo: echo.New(), problems: web.Problems{Catalog: o.API.Catalog, Unsaid: o.API.Intake.Unsaid}, cookies: web.NewCookies(o.PublicURL)}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.onError
	e.IPExtractor = clientIP(o.TrustedProxies)
	e.Use(s.recover, requestID, s.log, s.securityHeaders, s.bodyLimit(), s.authenticate, s.locale, storableOnly)
	s.health()
	e.Use(under(api.Prefix+"/", s.onlyKnown, utf8Only, s.quota))
	described := api.Mount(e, e.Group(api.Prefix), o.API)
	e.GET("/api/openapi.json", described.OpenAPI)
	hooks.Mount(e, o.API.Sync, o.API.Notifier, s.problems)
	mcp.Mount(e, o.API)
	s.pages()
	// Forms of other sites never change anything here.
	protect := http.NewCrossOriginProtection()
	for _, path := range oauth.Open() { // programs', without a cookie
		protect.AddInsecureBypassPattern("POST " + path)
	}
	protect.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "This form came from another site and was refused.", http.StatusForbidden)
	}))
	s.http = &http.Server{Handler: headAsGet(protect.Handler(e)), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	return s
}

// clientIP finds who asks: the nearest address in X-Forwarded-For that is no
// trusted proxy. A peer that is none itself is the client, whatever it claims.
func clientIP(proxies []netip.Prefix) echo.IPExtractor {
	trust := []echo.TrustOption{echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

func (s *Server) bodyLimit() echo.MiddlewareFunc {
	files := newUploads()
	ordinary, hook := middleware.BodyLimit(maxBody), middleware.BodyLimit(maxHookBody)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		plain, large := ordinary(next), hook(next)
		return func(c echo.Context) error {
			if c.Request().URL.Path == hooks.GitHubPath {
				return large(c)
			}
			most := s.opts.API.Intake.FileLimits().Size
			if limit := uploadLimit(c.Request(), most); limit > 0 {
				return files.take(c, limit, most, next)
			}
			return plain(c)
		}
	}
}

// headAsGet answers HEAD wherever GET is answered, for those who watch whether
// the site is up; net/http leaves the body out.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// Handler is everything, for tests that need no socket.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Serve answers on l until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown takes no new requests and waits for those in flight.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }
