package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// themeList shows the themes with their filter.
func (c *Console) themeList(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := themes.Filter{Status: models.Status(ec.QueryParam("status")), Query: ec.QueryParam("q"), Sort: ec.QueryParam("sort"),
		Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.Themes.List(ctx, actor, f)
	if err != nil {
		return err
	}
	if f.Query != "" && f.Cursor == "" { // by what it is called, too: the index knows what people said
		if rows, err = c.alsoNamed(ec, f, rows); err != nil {
			return err
		}
	}
	total, err := c.s.Themes.Count(ctx, actor, f.Status)
	if err != nil {
		return err
	}
	d := ui.ThemeList{Query: f.Query, Statuses: c.statusOptions(ec, f.Status), Total: int(total),
		Sorts: []ui.Option{
			{Label: p.T("themes.sort.people"), Selected: f.Sort == "" || f.Sort == "people"},
			{Value: "updated", Label: p.T("themes.sort.updated"), Selected: f.Sort == "updated"},
			{Value: "new", Label: p.T("themes.sort.new"), Selected: f.Sort == "new"},
		}}
	if f.Query != "" {
		d.Total = len(rows)
	}
	if d.Rows, err = c.themeRows(ec, rows); err != nil {
		return err
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"status": string(f.Status), "sort": f.Sort, "q": f.Query} {
			if value != "" {
				q.Set(name, value)
			}
		}
		d.MoreURL = "/themes?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.themes")), ui.PageThemes, d)
}

func (c *Console) alsoNamed(ec echo.Context, f themes.Filter, rows []models.Theme) ([]models.Theme, error) {
	named, err := c.s.Themes.Named(contextOf(ec), actorOf(ec), f.Query, pageRows)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, th := range rows {
		seen[th.ID] = true
	}
	for _, th := range named {
		if !seen[th.ID] && (f.Status == "" || th.Status == f.Status) {
			rows = append(rows, th)
		}
	}
	return rows, nil
}

func (c *Console) themeRows(ec echo.Context, rows []models.Theme) ([]ui.ThemeRow, error) {
	ids := make([]string, 0, len(rows))
	for _, th := range rows {
		ids = append(ids, th.ID)
	}
	issues, err := c.s.Themes.FirstIssues(contextOf(ec), actorOf(ec), ids)
	if err != nil {
		return nil, err
	}
	out := make([]ui.ThemeRow, 0, len(rows))
	for i := range rows {
		th := &rows[i]
		row := ui.ThemeRow{ThemeRef: refOf(th, actorOf(ec).Locale), Suggestions: th.SuggestionsCount, Published: th.Public, Target: th.Target, Updated: th.UpdatedAt}
		if th.Title != row.Title {
			row.InternalTitle = th.Title
		}
		if th.PromiseDate != nil && th.Status.IsOpen() {
			row.Promise, row.Overdue = *th.PromiseDate, th.PromiseDate.Before(c.now())
		}
		if l, ok := issues[th.ID]; ok {
			row.Issue, row.IssueFailed = issueName(&l), l.LastError != "" || l.State == models.LinkHeld
		}
		out = append(out, row)
	}
	return out, nil
}

func (c *Console) statusOptions(ec echo.Context, selected models.Status) []ui.Option {
	p := c.Printer(ec)
	out := []ui.Option{{Label: p.T("themes.any_status"), Selected: selected == ""}}
	for _, s := range append([]models.Status{models.StatusCandidate, models.StatusReceived}, models.Settable()...) {
		out = append(out, ui.Option{Value: string(s), Label: p.T("status." + string(s)), Selected: s == selected})
	}
	return out
}

// issueName is "web#77": the repository without its owner.
func issueName(l *models.IssueLink) string {
	_, name, _ := strings.Cut(l.Repository, "/")
	if l.Number == 0 {
		return name
	}
	return name + "#" + strconv.Itoa(l.Number)
}
