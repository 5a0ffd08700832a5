package portal

import (
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// pace is how often one network may do something.
type pace struct {
	every time.Duration
	burst int
}

// filings and signIns leave room for an office behind one address; auth counts
// codes more strictly itself. alarms is how often what was refused alerts the team:
// not every form has a pace of its own.
var (
	filings = pace{every: 6 * time.Second, burst: 20}
	signIns = pace{every: 3 * time.Second, burst: 20}
	alarms  = pace{every: 6 * time.Second, burst: 40}
)

func (at pace) store() middleware.RateLimiterStore {
	return middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{
		Rate: rate.Every(at.every), Burst: at.burst, ExpiresIn: 10 * time.Minute})
}

// slowly refuses with 429 what comes faster from one network than the pace.
func (p *Portal) slowly(at pace) echo.MiddlewareFunc {
	return p.slowlyOr(at, func(ec echo.Context, _ error) error {
		ec.Response().Header().Set("Retry-After", "60")
		return echo.ErrTooManyRequests
	})
}

// slowlyOr is slowly where somebody may have written for a while: refused shows it again.
func (p *Portal) slowlyOr(at pace, refused func(echo.Context, error) error) echo.MiddlewareFunc {
	return middleware.RateLimiterWithConfig(middleware.RateLimiterConfig{
		Store:               at.store(),
		IdentifierExtractor: func(ec echo.Context) (string, error) { return network(ec.RealIP()), nil },
		DenyHandler: func(ec echo.Context, _ string, _ error) error {
			if x := web.PerilOf(ec.Request().Context()); x != nil { // told what to do; a flood alarms nobody
				x.Keep = nil
			}
			return refused(ec, &models.Error{Kind: models.RateLimited, Code: "too_fast", RetryAfter: time.Minute})
		},
	})
}

// network is what counts as one asker: an IPv4 address, or the /64 that an IPv6
// line has to itself.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if p, err := addr.Prefix(64); err == nil && addr.Is6() {
		return p.String()
	}
	return addr.String()
}
