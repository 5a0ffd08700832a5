package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// inbox shows what waits for a decision.
func (c *Console) inbox(ec echo.Context) error { return c.showInbox(ec, http.StatusOK, nil) }

// reading is the inbox with one suggestion open; on a narrow screen it is the
// suggestion's own page.
func (c *Console) reading(ec echo.Context) error {
	p, err := c.paneOf(ec, ec.Param("id"), ec.QueryParam("stack") != "")
	if err != nil {
		return err
	}
	return c.showInbox(ec, http.StatusOK, p)
}

// showInbox renders the whole page, with a suggestion open where pane is not
// nil.
func (c *Console) showInbox(ec echo.Context, status int, pane *ui.InboxPane) error {
	v := c.view(ec, c.Printer(ec).T("nav.inbox"))
	return c.showInboxIn(ec, status, v, pane)
}

func (c *Console) showInboxIn(ec echo.Context, status int, v ui.View, pane *ui.InboxPane) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	sought := intake.Sought{Kind: ec.QueryParam("kind"), Source: ec.QueryParam("source"), Query: ec.QueryParam("q"), Cursor: ec.QueryParam("cursor"), Limit: pageRows, EchoOf: ec.QueryParam("same"),
		Team: ec.QueryParam("team"), Urgency: ec.QueryParam("urgency"), Due: ec.QueryParam("sort") == "due"}
	routes, err := c.routeFilters(ec, &sought)
	if err != nil {
		return err
	}
	desk, err := c.s.Intake.Desk(ctx, actor, sought)
	if err != nil {
		return err
	}
	d := ui.Inbox{Query: sought.Query, Total: int(desk.Total), Handled: int(desk.Handled), Pane: pane, PaneFirst: pane != nil, SameAs: sought.EchoOf, Routes: routes}
	d.Kinds, d.Sources = c.kindOptions(ec, sought.Kind), c.sourceOptions(ec, desk.Sources, sought.Source)
	if d.Rows, err = c.rows(ec, desk.Rows, pane, sought.Due); err != nil {
		return err
	}
	if len(d.Rows) > 0 {
		recent, err := c.s.Themes.Recent(ctx, actor, 8)
		if err != nil {
			return err
		}
		d.Recent = refsOf(recent, actor.Locale)
	}
	if desk.Next != "" {
		q := url.Values{"cursor": {desk.Next}}
		for name, value := range map[string]string{"same": sought.EchoOf, "kind": sought.Kind, "source": sought.Source, "q": sought.Query,
			"team": ec.QueryParam("team"), "urgency": sought.Urgency, "sort": ec.QueryParam("sort")} {
			if value != "" {
				q.Set(name, value)
			}
		}
		d.MoreURL = "/inbox?" + q.Encode()
	}
	return c.Show(ec, status, v, ui.PageInbox, d)
}

func (c *Console) kindOptions(ec echo.Context, selected string) []ui.Option {
	p := c.Printer(ec)
	out := []ui.Option{{Label: p.T("inbox.any_kind"), Selected: selected == ""}}
	for _, k := range []models.SuggestionKind{models.KindSuggestion, models.KindProblem, models.KindQuestion} {
		out = append(out, ui.Option{Value: string(k), Label: p.T("kind." + string(k)), Selected: selected == string(k)})
	}
	return out
}

func (c *Console) sourceOptions(ec echo.Context, counts []intake.SourceCount, selected string) []ui.Option {
	p := c.Printer(ec)
	out := []ui.Option{{Label: p.T("inbox.any_source"), Selected: selected == ""}}
	for _, s := range counts {
		out = append(out, ui.Option{Value: s.Source, Label: sourceName(p, s.Source), Count: s.Count, Selected: s.Source == selected})
	}
	return out
}

// themeOptions lists themes for the assign dialog: the last ones while nothing
// is typed.
func (c *Console) themeOptions(ec echo.Context) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	var ths []models.Theme
	var err error
	if q := ec.QueryParam("q"); q == "" {
		ths, err = c.s.Themes.Recent(ctx, actor, 10)
	} else {
		ths, err = c.s.Themes.Named(ctx, actor, q, 10)
	}
	if err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageInbox, ui.FragmentThemeOptions, refsOf(ths, actor.Locale))
}

// nextOf is where an inbox form goes afterwards.
func nextOf(ec echo.Context) string { return web.Next(ec.FormValue("next"), "/inbox") }
