package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// bounces lists what came back, what was decided and why.
func (c *Console) bounces(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := notifier.BounceFilter{Outcome: ec.QueryParam("outcome"), Delivery: ec.QueryParam("delivery"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.Notifier.Bounces(ctx, actor, f)
	if err != nil {
		return err
	}
	d := ui.Bounces{Outcomes: bounceOptions(p, f.Outcome)}
	for _, r := range rows {
		v := ui.Bounce{ID: r.ID, Kind: r.Kind, Via: r.Via, At: r.CreatedAt, Address: r.Address, Status: r.Status, Diagnostic: r.Diagnostic, Outcome: r.Outcome, Reason: r.Reason}
		if r.PersonID != "" {
			if v.Person, v.PersonURL = r.PersonName, "/people/"+r.PersonID; v.Person == "" {
				v.Person = p.T("person.unnamed")
			}
		}
		d.Rows = append(d.Rows, v)
	}
	ways, err := c.s.Notifier.BounceWays(ctx, actor)
	if err != nil {
		return err
	}
	d.Mailbox = mailboxOf(ways)
	if next != "" {
		q := url.Values{"cursor": {next}}
		if f.Outcome != "" {
			q.Set("outcome", f.Outcome)
		}
		d.MoreURL = "/followups/bounces?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("bounces.title")), ui.PageBounces, d)
}

func mailboxOf(w notifier.BounceWays) *ui.BounceMailbox {
	if !w.Mailbox {
		return nil
	}
	return &ui.BounceMailbox{CheckedAt: w.CheckedAt, Problem: w.Problem}
}

func bounceOptions(p *i18n.Printer, selected string) []ui.Option {
	out := []ui.Option{{Label: p.T("bounces.any"), Selected: selected == ""}}
	for _, o := range notifier.BounceOutcomes() {
		out = append(out, ui.Option{Value: o, Label: p.T("bounces.outcome." + o), Selected: o == selected})
	}
	return out
}
