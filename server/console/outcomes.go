package console

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// outcomes is what became of what the member, and the tokens they stand behind,
// filed.
func (c *Console) outcomes(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := intake.OutcomeFilter{Filer: ec.QueryParam("filer"), Outcome: ec.QueryParam("outcome"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	o, err := c.s.Intake.Outcomes(ctx, actor, f)
	if err != nil {
		return err
	}
	here := func(outcome, cursor string) string {
		q := url.Values{}
		for k, v := range map[string]string{"filer": f.Filer, "outcome": outcome, "cursor": cursor} {
			if v != "" {
				q.Set(k, v)
			}
		}
		if len(q) == 0 {
			return "/outcomes"
		}
		return "/outcomes?" + q.Encode()
	}
	d := ui.Outcomes{Unread: o.Unread, Newest: o.Newest, Mail: !o.NoMail, Outcome: f.Outcome,
		All: ui.Option{Value: here("", ""), Label: p.T("outcomes.all"), Count: o.Total, Selected: f.Outcome == ""}}
	for _, k := range models.OutcomeList() {
		if o.Counts[k] > 0 || string(k) == f.Outcome {
			d.Counts = append(d.Counts, ui.Option{Value: here(string(k), ""), Label: p.T("outcome." + string(k)), Count: o.Counts[k], Selected: string(k) == f.Outcome})
		}
	}
	if d.Filers, err = c.filerChoices(ec, f.Filer, o.Filers); err != nil {
		return err
	}
	for i := range o.Rows {
		r := &o.Rows[i]
		x := filingOf(&r.Suggestion)
		x.Outcome, x.At, x.Unread = string(r.Outcome), r.ChangedAt, r.Unread
		if r.Filer.ID != actor.ID {
			x.Filer = r.Filer.Name
		}
		if r.Theme != nil {
			ref := refOf(r.Theme, string(web.Locale(ctx)))
			x.Theme = &ref
		}
		d.Rows = append(d.Rows, x)
	}
	if o.Next != "" {
		d.MoreURL = here(f.Outcome, o.Next)
	}
	return c.Show(ec, 200, c.view(ec, p.T("nav.outcomes")), ui.PageOutcomes, d)
}

// filerChoices offers those that one stands behind, where there are several.
func (c *Console) filerChoices(ec echo.Context, chosen string, of []intake.Filer) ([]ui.Option, error) {
	if chosen != "" {
		o, err := c.s.Intake.Filers(contextOf(ec), actorOf(ec))
		if err != nil {
			return nil, err
		}
		of = o
	}
	if len(of) < 2 {
		return nil, nil
	}
	out := []ui.Option{{Label: c.Printer(ec).T("outcomes.filer.all")}}
	for _, f := range of {
		out = append(out, ui.Option{Value: f.ID, Label: f.Name, Selected: f.ID == chosen})
	}
	return out, nil
}

// seeOutcomes takes the unread marks away, of what had come when the page was
// made.
func (c *Console) seeOutcomes(ec echo.Context) error {
	newest, err := strconv.ParseInt(ec.FormValue("newest"), 10, 64)
	if err != nil {
		return models.BadField("newest", "invalid")
	}
	if err := c.s.Intake.SeeOutcomes(contextOf(ec), actorOf(ec), newest); err != nil {
		return err
	}
	return c.Back(ec, "/outcomes", nil)
}

// mailOutcomes switches the mail about it.
func (c *Console) mailOutcomes(ec echo.Context) error {
	on := ec.FormValue("on") == "1"
	if err := c.s.Intake.MailOutcomes(contextOf(ec), actorOf(ec), on); err != nil {
		return err
	}
	message := c.Printer(ec).T("outcomes.mail.off")
	if on {
		message = c.Printer(ec).T("outcomes.mail.on")
	}
	return c.Back(ec, "/outcomes#mail", &ui.Toast{Message: message})
}
