package portal

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

func locales() []i18n.Locale { return i18n.Locales() }

// list is the public list of themes.
func (p *Portal) list(ec echo.Context) error {
	ctx, who, words := contextOf(ec), reader(ec), p.Printer(ec)
	tab, query := ec.QueryParam("tab"), ec.QueryParam("q")
	f := themes.Filter{Query: query, Public: true, Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	switch tab {
	case "new":
		f.Sort = "new"
	case "planned":
		f.Status = models.StatusPlanned
	case "shipped":
		f.Status, f.Sort = models.StatusShipped, "updated"
	default:
		tab = "top"
	}
	rows, next, err := p.s.Themes.List(ctx, who, f)
	if err != nil {
		return err
	}
	d := ui.PortalList{Query: query, CanVote: true}
	if d.Themes, err = p.cards(ec, rows); err != nil {
		return err
	}
	for _, name := range []string{"top", "new", "planned", "shipped"} {
		d.Tabs = append(d.Tabs, ui.Tab{Label: words.T("portal.tab." + name), URL: address(name, query, ""), Current: name == tab})
	}
	if next != "" {
		d.MoreURL = address(tab, query, next)
	}
	v := p.view(ec, words.T("portal.ask"))
	v.Description, v.NoIndex = words.T("portal.description"), query != ""
	return p.Show(ec, http.StatusOK, v, ui.PagePortalList, d)
}

func address(tab, query, cursor string) string {
	q := url.Values{}
	if tab != "top" {
		q.Set("tab", tab)
	}
	if query != "" {
		q.Set("q", query)
	}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

// cards are published themes with the reader's own votes, in one more read.
func (p *Portal) cards(ec echo.Context, rows []models.Theme) ([]ui.PortalCard, error) {
	ids := make([]string, 0, len(rows))
	for _, th := range rows {
		ids = append(ids, th.ID)
	}
	voted, err := p.s.Themes.Voted(contextOf(ec), actorOf(ec).PersonID, ids)
	if err != nil {
		return nil, err
	}
	out := make([]ui.PortalCard, 0, len(rows))
	for i := range rows {
		out = append(out, cardOf(&rows[i], reader(ec).Locale, voted[rows[i].ID]))
	}
	return out, nil
}
