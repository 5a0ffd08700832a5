package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/ui"
)

// issueOf is a link as its row shows it.
func (c *Console) issueOf(ec echo.Context, l *models.IssueLink) ui.Issue {
	v := ui.Issue{ID: l.ID, Repository: l.Repository, URL: l.URL, Number: l.Number, StateReason: reasonOf(l.StateReason)}
	switch l.State {
	case models.LinkWanted, models.LinkCreating:
		v.State = "creating"
	case models.LinkUncertain:
		v.State = "uncertain"
	case models.LinkHeld:
		v.State = "failed"
	case models.LinkGone:
		v.State = "gone"
	default:
		v.State = "open"
		if l.IssueState == "closed" {
			v.State = "closed"
		}
	}
	v.Error = c.explained(ec, issuesync.Explain(l))
	if l.NotBefore != nil && l.NotBefore.After(c.now()) {
		v.RetryAt = *l.NotBefore
	}
	if l.State == models.LinkLinked {
		v.Synced = l.UpdatedAt
	}
	v.Mends = mendsOf(ec, l)
	return v
}

// reasonOf keeps the reasons that have a word; GitHub may add others.
func reasonOf(s string) string {
	switch s = strings.ToLower(s); s {
	case "completed", "not_planned", "duplicate", "reopened":
		return s
	}
	return ""
}

// addIssue creates an issue of the theme, or links one that is there.
func (c *Console) addIssue(ec echo.Context) error {
	ctx, actor, id := contextOf(ec), actorOf(ec), ec.Param("id")
	url, message := strings.TrimSpace(ec.FormValue("url")), c.Printer(ec).T("toast.issue.linked")
	var err error
	if ec.FormValue("create") != "" {
		message = c.Printer(ec).T("toast.issue.wanted")
		_, err = c.s.Sync.Create(ctx, actor, id, ec.FormValue("repository"))
	} else {
		_, err = c.s.Sync.Link(ctx, actor, id, url)
	}
	if err == nil {
		return c.Back(ec, "/themes/"+id, &ui.Toast{Message: message})
	}
	switch models.KindOf(err) {
	case models.Invalid, models.Conflict, models.NotFound, models.Unavailable:
	default:
		return err
	}
	d, _, readErr := c.themePage(ec, id)
	if readErr != nil {
		return readErr
	}
	d.IssueURL, d.LinkError = url, c.Message(ctx, err)
	return c.showTheme(ec, http.StatusUnprocessableEntity, d)
}

// mendsOf are what the reader may do about a link: what is not there cannot win.
func mendsOf(ec echo.Context, l *models.IssueLink) *ui.Mends {
	if auth.Can(actorOf(ec), auth.LinkIssue) != nil {
		return nil
	}
	linked, amiss := l.State == models.LinkLinked, l.LastError != "" || l.State == models.LinkHeld || l.State == models.LinkGone
	return &ui.Mends{Theme: l.ThemeID, Link: l.ID, Name: issueName(l), Again: amiss, Skip: l.LastError != "" && (linked || l.State == models.LinkGone),
		Ours: linked, Theirs: linked && auth.Can(actorOf(ec), auth.Announce) == nil}
}

func (c *Console) repairIssue(ec echo.Context) error {
	how := issuesync.Mend(ec.FormValue("how"))
	err := c.s.Sync.Repair(contextOf(ec), actorOf(ec), ec.Param("id"), ec.Param("link"), how)
	message := c.Printer(ec).T("toast.issue.repair")
	switch how {
	case issuesync.MendSkip, issuesync.MendOurs, issuesync.MendTheirs:
		message = c.Printer(ec).T("toast.issue." + string(how))
	}
	return c.afterIssue(ec, message, err)
}

func (c *Console) unlinkIssue(ec echo.Context) error {
	err := c.s.Sync.Unlink(contextOf(ec), actorOf(ec), ec.Param("id"), ec.Param("link"))
	return c.afterIssue(ec, c.Printer(ec).T("toast.issue.unlinked"), err)
}

func (c *Console) afterIssue(ec echo.Context, message string, err error) error {
	to := web.Next(ec.FormValue("next"), web.Next("/themes/"+ec.Param("id"), "/themes"))
	if err != nil {
		return c.sorry(ec, to, err)
	}
	return c.Back(ec, to, &ui.Toast{Message: message})
}
