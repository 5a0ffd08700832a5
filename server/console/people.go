package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/ui"
)

// people lists people, or finds them.
func (c *Console) people(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := people.Filter{Query: ec.QueryParam("q"), Account: ec.QueryParam("account"), Segment: ec.QueryParam("segment"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.People.List(ctx, actor, f)
	if err != nil {
		return err
	}
	accounts, err := c.s.People.Accounts(ctx, actor)
	if err != nil {
		return err
	}
	segments, err := c.s.People.Segments(ctx, actor)
	if err != nil {
		return err
	}
	d := ui.People{Query: f.Query, Accounts: accountOptions(accounts, f.Account, p.T("people.any_account")), Segments: segmentOptions(p, segments, f.Segment),
		Filtered: f.Query != "" || f.Account != "" || f.Segment != ""}
	for _, r := range rows {
		row := hitOf(p, r.Hit)
		row.Suggestions, row.Since = r.Suggestions, r.Since
		d.Rows = append(d.Rows, row)
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"q": f.Query, "account": f.Account, "segment": f.Segment} {
			if value != "" {
				q.Set(name, value)
			}
		}
		d.MoreURL = "/people?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.people")), ui.PagePeople, d)
}

// hitOf is a person as staff choose them.
func hitOf(p *i18n.Printer, h people.Hit) ui.PersonRow {
	r := ui.PersonRow{ID: h.ID, URL: "/people/" + h.ID, Name: h.Name, Address: h.Address, Account: h.Account, Segment: h.Segment, Lang: h.Locale}
	if h.Channel != models.ChannelEmail {
		r.Channel = h.Channel
	}
	if r.Name == "" {
		r.Name = h.Address
	}
	if r.Name == "" {
		r.Name = p.T("person.unnamed")
	}
	return r
}

func accountOptions(rows []people.AccountRow, selected, none string) []ui.Option {
	out := []ui.Option{{Label: none, Selected: selected == ""}}
	for _, r := range rows {
		out = append(out, ui.Option{Value: r.ID, Label: r.Name, Selected: r.ID == selected, Count: r.People})
	}
	return out
}

func segmentOptions(p *i18n.Printer, rows []people.SegmentRow, selected string) []ui.Option {
	out := []ui.Option{{Label: p.T("people.any_segment"), Selected: selected == ""}}
	for _, r := range rows {
		out = append(out, ui.Option{Value: r.Name, Label: r.Name, Selected: r.Name == selected, Count: r.People})
	}
	return out
}
