package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// byHand lists whom no mail reaches, with what to tell them.
func (c *Console) byHand(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := notifier.ByHandFilter{Theme: ec.QueryParam("theme"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.Notifier.ByHand(ctx, actor, f)
	if err != nil {
		return err
	}
	ids := []string{}
	if f.Theme != "" {
		ids = append(ids, f.Theme)
	}
	for _, r := range rows {
		ids = append(ids, r.ThemeID)
	}
	live, err := c.s.Themes.Live(ctx, actor, ids)
	if err != nil {
		return err
	}
	d := ui.ByHand{CanTell: auth.Can(actor, auth.EditPeople) == nil}
	if th, ok := live[f.Theme]; ok {
		ref := refOf(&th, actor.Locale)
		d.Theme = &ref
	}
	for _, r := range rows {
		v := ui.ToTell{EventID: r.EventID, PersonID: r.PersonID, PersonURL: "/people/" + r.PersonID, Name: r.PersonName, Status: string(r.Status), Text: r.Text, Lang: r.Locale,
			Addresses: addressesOf(p, r.Addresses), Mail: r.Mail, At: r.At, Theme: ui.ThemeRef{ID: r.ThemeID, URL: "/themes/" + r.ThemeID, Title: r.ThemeTitle}}
		if th, ok := live[r.ThemeID]; ok {
			v.Theme = refOf(&th, actor.Locale)
		}
		if r.Suggestion != "" {
			v.Kind, v.Said, v.SaidURL = string(r.Kind), r.Said, "/suggestions/"+r.Suggestion
		}
		if v.Name == "" && len(r.Addresses) > 0 {
			v.Name = r.Addresses[0].Value
		}
		if v.Name == "" {
			v.Name = p.T("person.unnamed")
		}
		d.Rows = append(d.Rows, v)
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		if f.Theme != "" {
			q.Set("theme", f.Theme)
		}
		d.MoreURL = "/tell-by-hand?" + q.Encode()
	}
	if d.Receipts, err = c.receipts(ec, f.Theme); err != nil {
		return err
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.by_hand")), ui.PageByHand, d)
}

// receipts are the themes of late news that people without an address asked for.
func (c *Console) receipts(ec echo.Context, theme string) ([]ui.Receipts, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	rows, err := c.s.Notifier.LookedUp(ctx, actor, theme)
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, r := range rows {
		ids = append(ids, r.ThemeID)
	}
	live, err := c.s.Themes.Live(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	var out []ui.Receipts
	for _, r := range rows {
		if th, ok := live[r.ThemeID]; ok {
			out = append(out, ui.Receipts{Theme: refOf(&th, actor.Locale), N: r.N})
		}
	}
	return out, nil
}

// toldByHand records that a member told somebody.
func (c *Console) toldByHand(ec echo.Context) error {
	act, err := c.s.Notifier.ToldByHand(contextOf(ec), actorOf(ec), ec.FormValue("event"), ec.FormValue("person"))
	next := web.Next(ec.FormValue("next"), "/tell-by-hand")
	if err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("toast.by_hand.told"), Activity: act})
}
