package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// longValue is how much of a text stands in the ledger before it is opened.
const longValue = 80

// mostTroubled links stand above the ledger.
const mostTroubled = 20

// gitHub shows how the connection to GitHub is, and what went over it.
func (c *Console) gitHub(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := issuesync.LedgerFilter{Which: ec.QueryParam("which"), Theme: ec.QueryParam("theme"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.Sync.Ledger(ctx, actor, f)
	if err != nil {
		return err
	}
	ids := []string{}
	if f.Theme != "" {
		ids = append(ids, f.Theme)
	}
	var troubled []models.IssueLink
	if f == (issuesync.LedgerFilter{Limit: pageRows}) { // who looks for something is not shown it again
		if troubled, err = c.s.Sync.Troubled(ctx, actor, mostTroubled); err != nil {
			return err
		}
	}
	for _, l := range troubled {
		ids = append(ids, l.ThemeID)
	}
	for _, r := range rows {
		ids = append(ids, r.ThemeID)
	}
	live, err := c.s.Themes.Live(ctx, actor, ids)
	if err != nil {
		return err
	}
	d := ui.GitHub{Which: whichOptions(p, f.Which), Narrowed: f.Which != "" || f.Theme != "" || f.Cursor != ""}
	if d.Health, err = c.gitHubHealth(ec); err != nil {
		return err
	}
	if !d.Narrowed {
		b, err := c.backfills(ec)
		if err != nil {
			return err
		}
		if b.CanBegin || len(b.Rows) > 0 {
			d.Backfills = &b
		}
	}
	d.Theme = themeRefOf(ec, live, f.Theme)
	for i := range troubled {
		d.Troubled = append(d.Troubled, ui.TroubledLink{Theme: themeRefOf(ec, live, troubled[i].ThemeID), Issue: c.issueOf(ec, &troubled[i])})
	}
	for _, r := range d.Health.Repositories {
		d.TroubledCount += r.Troubled
	}
	for _, r := range rows {
		d.Rows = append(d.Rows, c.ledgerRowOf(ec, r, live))
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"which": f.Which, "theme": f.Theme} {
			if value != "" {
				q.Set(name, value)
			}
		}
		d.MoreURL = "/github?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.github")), ui.PageGitHub, d)
}

// themeRefOf is the theme that stands for an id now; nil once it is gone.
func themeRefOf(ec echo.Context, live map[string]models.Theme, id string) *ui.ThemeRef {
	th, ok := live[id]
	if !ok {
		return nil
	}
	return new(refOf(&th, actorOf(ec).Locale))
}

func whichOptions(p *i18n.Printer, selected string) []ui.Option {
	out := []ui.Option{{Label: p.T("github.which.all"), Selected: selected == ""}}
	for _, which := range []string{"open", "failed", "conflict"} {
		out = append(out, ui.Option{Value: which, Label: p.T("github.which." + which), Selected: which == selected})
	}
	return out
}

func (c *Console) gitHubHealth(ec echo.Context) (v ui.GitHubHealth, err error) {
	h, err := c.s.Sync.Health(contextOf(ec), actorOf(ec))
	if err != nil {
		return v, err
	}
	mayAdminister := auth.Can(actorOf(ec), auth.Administer) == nil
	v = ui.GitHubHealth{Missing: !h.Configured, CanSetUp: mayAdminister, CanVisit: h.Configured && mayAdminister, App: c.hookOf(ec, h.App, ""), Silent: h.SilentUntil, Waiting: h.Waiting, Until: h.Until, Hook: timeOf(h.HookAt)}
	for _, r := range h.Repositories {
		row := ui.RepositoryHealth{Name: r.Repository, Linked: r.Linked, Troubled: r.Troubled, Checked: timeOf(r.CheckedAt), LastError: c.lastError(ec, r), Hook: c.hookOf(ec, r.Hook, r.Repository)}
		if r.Trouble != "" {
			row.Problem = c.problemOf(ec, r.Trouble, r.Repository)
			row.CanAgree = issuesync.AsksToAgree(r.Trouble) && mayAdminister
		}
		v.Repositories = append(v.Repositories, row)
	}
	return v, nil
}

// problemOf is a note in the reader's language; a bare code is told of the repository.
func (c *Console) problemOf(ec echo.Context, note, repository string) string {
	if note != "" && !strings.Contains(note, ": ") {
		note += ": " + repository
	}
	return c.explained(ec, issuesync.ExplainNote(note))
}

// explained is what is wrong in the reader's language, its moments as they write them; "" for nothing.
func (c *Console) explained(ec echo.Context, e *models.Error) string {
	if e == nil {
		return ""
	}
	for i, arg := range e.Args {
		s, _ := arg.(string)
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			e.Args[i] = c.Printer(ec).DateTime(at.In(c.now().Location()))
		}
	}
	return c.Message(contextOf(ec), e)
}

// lastError is why a repository could not be read last: a note, or an error in no words of ours.
func (c *Console) lastError(ec echo.Context, r issuesync.RepositoryHealth) string {
	if code, _, _ := strings.Cut(r.LastError, ": "); c.Printer(ec).Has("error." + code) {
		return c.problemOf(ec, r.LastError, r.Repository)
	}
	return r.LastError
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (c *Console) ledgerRowOf(ec echo.Context, r issuesync.LedgerRow, live map[string]models.Theme) ui.LedgerRow {
	p := c.Printer(ec)
	v := ui.LedgerRow{ID: r.ID, At: r.CreatedAt, Issue: r.Repository, URL: r.URL, Way: r.Way, Conflict: r.Conflict, State: string(r.State), Tries: r.Attempts}
	if r.Number > 0 {
		v.Issue = fmt.Sprintf("%s#%d", r.Repository, r.Number)
	}
	v.Theme = themeRefOf(ec, live, r.ThemeID)
	var which string
	v.Field, which, _ = strings.Cut(r.Field, ":") // of a comment, its id stands behind it
	if v.Field == "merged" {
		_, number, _ := strings.Cut(which, "/")
		v.FieldName = p.T("github.merged", number)
	} else if !p.Has("github.field." + v.Field) {
		v.FieldName = v.Field
	}
	v.Was, v.Becomes = c.ledgerValue(p, v.Field, r.Was), c.ledgerValue(p, v.Field, r.Becomes)
	if v.Field == "block" { // what it became is known by its digest alone
		v.Becomes = ui.LedgerValue{Text: p.T("github.our_text")}
	}
	if r.State != models.OpFailed {
		return v
	}
	v.Problem = c.problemOf(ec, r.Note, r.Repository)
	if r.Repository != "" && auth.Can(actorOf(ec), auth.LinkIssue) == nil {
		made := v.Field != "issue" // one that was never made cannot win
		sides := made && v.Field != "comment"
		v.Mends = &ui.Mends{Theme: r.ThemeID, Link: r.LinkID, Name: v.Issue, Again: true, Skip: made, Ours: sides, Theirs: sides && auth.Can(actorOf(ec), auth.Announce) == nil}
	}
	return v
}

// ledgerValue is what a field held, in words where they are ours. Texts come from GitHub
// too: none that holds a secret is shown.
func (c *Console) ledgerValue(p *i18n.Printer, field, value string) (v ui.LedgerValue) {
	switch field {
	case "state", "label", "merged":
		for _, word := range strings.Fields(value) {
			if p.Has("status." + word) {
				v.Statuses = append(v.Statuses, word)
			} else {
				v.Text = issueStateWord(p, word)
			}
		}
	default:
		if field == "comment" { // behind it stands what Heed knows its own by
			value, _, _ = strings.Cut(value, "\n\n<!--")
		}
		v.Text = c.s.Intake.Unsaid(strings.TrimSpace(issuesync.Unmarked(value)))
		if short := themes.Headline(v.Text, longValue); short != strings.TrimSpace(v.Text) {
			v.Text, v.Whole = short, v.Text
		}
	}
	return v
}

// issueStateWord names the state of an issue; GitHub may add others.
func issueStateWord(p *i18n.Printer, word string) string {
	switch {
	case word == issuesync.MergedReady:
		return p.T("github.ready")
	case word == "open":
		return p.T("issue.state.open")
	case reasonOf(word) != "":
		return p.T("issue.state.closed") + " · " + p.T("issue.reason."+word)
	}
	return word
}

// hookOf is a webhook in the reader's language.
func (c *Console) hookOf(ec echo.Context, h *issuesync.HookHealth, repository string) (v ui.HookHealth) {
	if h == nil {
		return v
	}
	v.Again = h.Again
	for _, note := range h.Problems {
		v.Problems = append(v.Problems, c.problemOf(ec, note, repository))
	}
	for _, note := range h.Quiet {
		v.Quiet = append(v.Quiet, c.problemOf(ec, note, repository))
	}
	return v
}

// visitGitHub looks again now at what is looked at once an hour.
func (c *Console) visitGitHub(ec echo.Context) error {
	if err := c.s.Sync.LookAgain(contextOf(ec), actorOf(ec)); err != nil {
		return c.sorry(ec, "/github", err)
	}
	return c.Back(ec, "/github", &ui.Toast{Message: c.Printer(ec).T("github.visiting")})
}

// agreeRepository lets Heed write to a repository that has become public.
func (c *Console) agreeRepository(ec echo.Context) error {
	name := ec.FormValue("repository")
	if err := c.s.Sync.Agree(contextOf(ec), actorOf(ec), name); err != nil {
		return c.sorry(ec, "/github", err)
	}
	return c.Back(ec, "/github", &ui.Toast{Message: c.Printer(ec).T("github.agreed", name)})
}
