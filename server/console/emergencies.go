package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// emergencies shows what somebody must take care of at once.
func (c *Console) emergencies(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	all := ec.QueryParam("all") != ""
	rows, open, err := c.s.Intake.Emergencies(ctx, actor, all, pageRows)
	if err != nil {
		return err
	}
	d := ui.Emergencies{Open: int(open), CanAct: auth.Can(actor, auth.Triage) == nil, Tabs: []ui.Tab{
		{Label: p.T("emergencies.open"), URL: "/emergencies", Current: !all}, {Label: p.T("emergencies.all"), URL: "/emergencies?all=1", Current: all}}}
	ss := make([]models.Suggestion, len(rows))
	for i, r := range rows {
		ss[i] = r.Suggestion
	}
	people, where, err := c.s.Intake.People(ctx, actor, personsOf(ss))
	if err != nil {
		return err
	}
	for _, r := range rows {
		row := c.alarmOf(p, r)
		row.Provenance = said(p, &r.Suggestion, people, where)
		if row.By == "" && !row.Closed {
			d.OpenIDs = append(d.OpenIDs, row.ID)
		}
		d.Rows = append(d.Rows, row)
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.emergencies")), ui.PageEmergency, d)
}

func (c *Console) alarmOf(p *i18n.Printer, r intake.Alarmed) ui.Emergency {
	s := &r.Suggestion
	v := ui.Emergency{ID: s.ID, URL: "/inbox/" + s.ID, Receipt: s.Receipt, Cause: string(r.Emergency.Cause), Lang: langOfWords(s.Lang), Title: titleOf(s),
		Redacted: web.Removed(p, r.Findings), Since: r.Emergency.CreatedAt, Alerts: r.Alerts, By: r.AcknowledgedName, HandedOver: s.State == models.StateHandedOver,
		Closed: s.State == models.StateClosed, Advice: web.Advice(p, r.Emergency.Cause)}
	if words := wordsOf(s); words != v.Title {
		v.Words = piecesOf(words)
	}
	if r.AcknowledgedAt != nil {
		v.At = *r.AcknowledgedAt
		if v.By == "" {
			v.By = r.AcknowledgedBy
		}
	}
	if r.AlertAt != nil && !v.Closed {
		v.Next = *r.AlertAt
	}
	if s.FirstRepliedAt != nil {
		v.Replied = *s.FirstRepliedAt
	} else if s.ReplyDueAt != nil && !v.Closed {
		v.Due, v.Late = *s.ReplyDueAt, s.ReplyDueAt.Before(c.now())
	}
	return v
}

// piecesOf marks in somebody's words what must not leave the console.
func piecesOf(text string) []ui.Piece {
	out, last := []ui.Piece{}, 0
	for _, c := range intake.Chips(text) {
		if c.Start > last {
			out = append(out, ui.Piece{Text: text[last:c.Start]})
		}
		out, last = append(out, ui.Piece{Text: text[c.Start:c.End], Chip: string(c.Kind)}), c.End
	}
	if last < len(text) {
		out = append(out, ui.Piece{Text: text[last:]})
	}
	return out
}

// acknowledge says that the reader takes care: alerts stop.
func (c *Console) acknowledge(ec echo.Context) error {
	ids := strings.Fields(ec.FormValue("suggestion"))
	if err := c.s.Intake.Acknowledge(contextOf(ec), actorOf(ec), ids...); err != nil {
		return c.sorry(ec, "/emergencies", err)
	}
	return c.finish(ec, web.Next(ec.FormValue("next"), "/emergencies"), done{Message: c.Printer(ec).T("toast.acknowledged")})
}

// handOver gives an emergency to another team, outside of Heed: it is acknowledged,
// and its state says so.
func (c *Console) handOver(ec echo.Context) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	ids := slices.Compact(strings.Fields(ec.FormValue("suggestion")))
	if err := c.s.Intake.Acknowledge(ctx, actor, ids...); err != nil {
		return c.sorry(ec, "/emergencies", err)
	}
	state := string(models.StateHandedOver)
	for _, id := range ids {
		if _, err := c.s.Intake.Edit(ctx, actor, id, intake.Patch{State: &state}); err != nil {
			return c.sorry(ec, "/emergencies", err)
		}
	}
	return c.finish(ec, web.Next(ec.FormValue("next"), "/emergencies"), done{Message: c.Printer(ec).T("toast.handed_over")})
}
