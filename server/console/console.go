package console

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// pageRows is how many rows a list shows before "Load 50 more".
const pageRows = 50

// Options of Mount.
type Options struct {
	Pages    *web.Pages
	Services api.Services
	// Settle is how long a change is held before anybody hears of it.
	Settle time.Duration
	// Auth makes and ends tokens.
	Auth *auth.Auth
	// Now tells the time; nil means the system's clock.
	Now func() time.Time
}

// Console holds what its handlers need.
type Console struct {
	*web.Pages
	s      api.Services
	settle time.Duration
	auth   *auth.Auth
	now    func() time.Time
}

// Mount adds the console's routes.
func Mount(e *echo.Echo, o Options) {
	c := &Console{Pages: o.Pages, s: o.Services, settle: o.Settle, auth: o.Auth, now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	for path, h := range c.reads() {
		e.GET(path, h, c.staff, web.Clean)
	}
	for _, forms := range []map[string]echo.HandlerFunc{c.writes(), c.webhookWrites(), c.gitHubSetupWrites()} {
		for path, h := range forms {
			e.POST(path, h, c.staff, web.Clean)
		}
	}
}

// staff lets the team in: others sign in first, and whoever is known without
// the right is told so.
func (c *Console) staff(next echo.HandlerFunc) echo.HandlerFunc {
	return c.Known(func(ec echo.Context) error {
		if err := auth.Can(actorOf(ec), auth.ReadAll); err != nil {
			if web.WantsJSON(ec.Request()) {
				return c.RefuseJSON(ec, err, nil)
			}
			return err
		}
		return next(ec)
	})
}

func actorOf(ec echo.Context) auth.Actor { return web.Actor(ec.Request().Context()) }

func contextOf(ec echo.Context) context.Context { return ec.Request().Context() }

// view is what surrounds a page of the console.
func (c *Console) view(ec echo.Context, title string) ui.View {
	v := c.View(ec, title)
	v.NoIndex = true
	if n, err := c.s.Intake.Inbox(contextOf(ec), actorOf(ec)); err == nil { // a page is not refused for its navigation's number
		v.InboxCount = int(n)
	}
	if n, err := c.s.Intake.OpenEmergencies(contextOf(ec), actorOf(ec)); err == nil {
		v.EmergencyCount = int(n)
	}
	if n, err := c.s.Themes.OpenProposals(contextOf(ec), actorOf(ec)); err == nil {
		v.ProposalCount = int(n)
	}
	if n, err := c.s.Intake.UnreadOutcomes(contextOf(ec), actorOf(ec)); err == nil {
		v.OutcomeCount = n
	}
	if cs, _, err := c.s.Themes.WaitingComments(contextOf(ec), actorOf(ec)); err == nil {
		v.CommentCount = len(cs)
	}
	if n, err := c.s.Themes.OpenWords(contextOf(ec), actorOf(ec)); err == nil {
		v.ProposalCount += int(n)
	}
	if n, err := c.s.Themes.PromisesWaiting(contextOf(ec), actorOf(ec)); err == nil {
		v.PromiseCount = int(n)
	}
	if n, err := c.s.Notifier.ToTellCount(contextOf(ec), actorOf(ec)); err == nil {
		v.ByHandCount = n
	}
	return v
}

// once does what a form asks, one time for one showing of it; files came with it.
func (c *Console) once(ec echo.Context, files []intake.Upload, do func(context.Context) (web.Ending, error)) (web.Ending, error) {
	return web.Once(ec, c.s.Intake, actorOf(ec), files, web.Form{Do: do})
}

// done is the answer to a change made by a script.
type done struct {
	Activity string `json:"activity"`
	Message  string `json:"message"`
}

// finish ends a change that went well: JSON for scripts, else back to the page
// with a toast that can undo it.
func (c *Console) finish(ec echo.Context, next string, d done) error {
	if web.WantsJSON(ec.Request()) {
		return ec.JSON(http.StatusOK, d)
	}
	return c.Back(ec, next, &ui.Toast{Message: d.Message, Activity: d.Activity})
}

// sorry sends the browser back with what went wrong, where no form is to be
// filled in again.
func (c *Console) sorry(ec echo.Context, next string, err error) error {
	switch models.KindOf(err) {
	case models.Conflict, models.Invalid, models.NotFound, models.TooLarge:
	default:
		return err
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Message(contextOf(ec), err), Failed: true})
}
