package console

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
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
	// Repositories are those that issues may be made in.
	Repositories []string
	// Now tells the time; nil means the system's clock.
	Now func() time.Time
}

// Console holds what its handlers need.
type Console struct {
	*web.Pages
	s            api.Services
	settle       time.Duration
	repositories []string
	now          func() time.Time
}

// Mount adds the console's routes.
func Mount(e *echo.Echo, o Options) {
	c := &Console{Pages: o.Pages, s: o.Services, settle: o.Settle, repositories: o.Repositories, now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	get := func(path string, h echo.HandlerFunc) { e.GET(path, h, c.staff, web.Clean) }
	post := func(path string, h echo.HandlerFunc) { e.POST(path, h, c.staff, web.Clean) }
	get("/inbox", c.inbox)
	get("/inbox/themes", c.themeOptions)
	get("/inbox/:id", c.reading)
	get("/inbox/:id/pane", c.pane)
	post("/inbox/assign", c.assign)
	post("/inbox/asks", c.assignAsks)
	post("/inbox/close", c.close)
	post("/inbox/confirm", c.confirm)
	post("/inbox/different", c.different)
	post("/activities/:id/undo", c.undo)
	get("/suggestions/:id", c.suggestion)
	post("/suggestions/:id/replies", c.reply)
	post("/suggestions/:id/state", c.setState)
	post("/suggestions/:id/attachments", c.addFiles)
	get("/themes", c.themeList)
	get("/themes/:id", c.theme)
	get("/themes/:id/consequence", c.consequence)
	get("/themes/:id/merge", c.mergeChoices)
	post("/themes/:id/status", c.setStatus)
	post("/themes/:id/texts", c.setTexts)
	post("/themes/:id/split", c.split)
	post("/themes/:id/merge", c.merge)
	post("/themes/:id/issues", c.addIssue)
	post("/themes/:id/issues/:link/repair", c.repairIssue)
	post("/themes/:id/issues/:link/unlink", c.unlinkIssue)
	get("/proposals", c.proposals)
	post("/proposals/:id/accept", c.acceptProposal)
	post("/proposals/:id/dismiss", c.dismissProposal)
	get("/capture", c.capture)
	post("/capture", c.file)
	get("/capture/similar", c.captureSimilar)
	get("/capture/source", c.captureSource)
	get("/capture/people", c.capturePeople)
	get("/capture/people/:id", c.capturePerson)
	get("/capture/recent", c.captureRecent)
	post("/capture/:id/withdraw", c.withdraw)
	get("/outcomes", c.outcomes)
	post("/outcomes/seen", c.seeOutcomes)
	post("/outcomes/mail", c.mailOutcomes)
	get("/followups", c.followUps)
	get("/tell-by-hand", c.byHand)
	post("/tell-by-hand", c.toldByHand)
	get("/people", c.people)
	get("/people/:id", c.person)
	post("/people/:id", c.editPerson)
	post("/people/:id/addresses", c.addAddress)
	post("/people/:id/addresses/remove", c.removeAddress)
	post("/people/:id/merge", c.mergePerson)
	get("/accounts", c.accounts)
	post("/accounts", c.saveAccount)
	post("/accounts/:id/delete", c.deleteAccount)
	post("/segments", c.setSegment)
	post("/segments/delete", c.deleteSegment)
	get("/quality", c.quality)
	get("/quality.csv", c.qualityCSV)
	post("/deliveries/:id/retry", c.retryDelivery)
	post("/deliveries/:id/cancel", c.cancelDelivery)
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
	if n, err := c.s.Themes.OpenProposals(contextOf(ec), actorOf(ec)); err == nil {
		v.ProposalCount = int(n)
	}
	if n, err := c.s.Intake.UnreadOutcomes(contextOf(ec), actorOf(ec)); err == nil {
		v.OutcomeCount = n
	}
	if n, err := c.s.Notifier.ToTellCount(contextOf(ec), actorOf(ec)); err == nil {
		v.ByHandCount = n
	}
	return v
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
