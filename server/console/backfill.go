package console

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/ui"
)

// backfills are how far repositories have been brought in and, for who may begin one, what a
// look at the one that they name finds.
func (c *Console) backfills(ec echo.Context) (v ui.Backfills, err error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	rows, err := c.s.Sync.Backfills(ctx, actor)
	if err != nil {
		return v, err
	}
	may := auth.Can(actor, auth.Administer) == nil
	v.CanBegin = may && c.s.Sync.Configured()
	for _, r := range rows {
		v.Rows = append(v.Rows, c.backfillOf(ec, r, may))
		v.Running = v.Running || r.State == models.BackfillRunning
	}
	if v.Repository = strings.TrimSpace(ec.QueryParam("backfill")); v.Repository == "" || !v.CanBegin {
		v.Repository = cmp.Or(v.Repository, c.s.Sync.Repository())
		return v, nil
	}
	l, err := c.s.Sync.LookAt(ctx, actor, v.Repository)
	switch models.KindOf(err) {
	case models.Invalid, models.Unavailable:
		v.Error = c.Message(ctx, err)
		return v, nil
	}
	if err != nil || l.Running != nil { // which is listed
		return v, err
	}
	v.Look = &ui.BackfillLook{Repository: l.Repository, Open: l.Open, Exact: l.Exact, Linked: l.Linked, Private: l.Private}
	return v, nil
}

func (c *Console) backfillOf(ec echo.Context, r issuesync.Progress, may bool) ui.Backfill {
	v := ui.Backfill{Repository: r.Repository, State: string(r.State), Done: r.Done(), Total: max(r.Total, r.Done()), Made: r.Made, Joined: r.Joined, Skipped: r.Skipped, Failed: r.Failed,
		By: r.StartedName, Started: r.StartedAt, Until: r.Until, Ended: timeOf(r.EndedAt), Problem: c.problemOf(ec, r.LastError, r.Repository)}
	v.CanCancel = may && r.State == models.BackfillRunning
	return v
}

// beginBackfill brings in the open issues of a repository.
func (c *Console) beginBackfill(ec echo.Context) error {
	name := strings.TrimSpace(ec.FormValue("repository"))
	l, err := c.s.Sync.LookAt(contextOf(ec), actorOf(ec), name)
	if err == nil {
		_, err = c.s.Sync.Backfill(contextOf(ec), actorOf(ec), l)
	}
	switch models.KindOf(err) {
	case models.Invalid, models.Unavailable: // the page says it beside the name
		return c.Back(ec, "/github?"+url.Values{"backfill": {name}}.Encode()+"#backfill-title", &ui.Toast{Message: c.Message(contextOf(ec), err), Failed: true})
	}
	if err != nil {
		return c.sorry(ec, "/github", err)
	}
	return c.Back(ec, "/github#backfill-title", &ui.Toast{Message: c.Printer(ec).T("backfill.begun", l.Repository)})
}

// cancelBackfill stops the one under way.
func (c *Console) cancelBackfill(ec echo.Context) error {
	name := ec.FormValue("repository")
	if _, err := c.s.Sync.CancelBackfill(contextOf(ec), actorOf(ec), name); err != nil {
		return c.sorry(ec, "/github#backfill-title", err)
	}
	return c.Back(ec, "/github#backfill-title", &ui.Toast{Message: c.Printer(ec).T("backfill.stopped", name)})
}
