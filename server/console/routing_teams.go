package console

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// teamRows adds the teams and their forms to the page; form is one that could not be
// saved, as it was typed.
func (c *Console) teamRows(ec echo.Context, d *ui.Routing, teams []intake.TeamOf, form *ui.TeamForm) error {
	staff, err := c.s.Intake.Staff(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	names := teamNames(teams, c.Printer(ec).Locale())
	d.Team = ui.TeamForm{New: true, Members: memberOptions(staff, nil), Errors: map[string]string{}}
	known := false
	for _, t := range teams {
		row := ui.TeamRow{Key: t.Key, Name: names[t.Key], Form: ui.TeamForm{Key: t.Key, NameEN: t.Name.EN, NameZH: t.Name.ZH, Members: memberOptions(staff, t.Members), Errors: map[string]string{}}}
		if t.Name.Any != "" {
			row.Form.NameEN = t.Name.Any
		}
		for _, m := range row.Form.Members {
			if m.Selected {
				row.Members = append(row.Members, m.Label)
			}
		}
		if form != nil && form.Key == t.Key {
			form.Members, row.Form, known = row.Form.Members, *form, true
		}
		d.Teams = append(d.Teams, row)
	}
	if form != nil && !known {
		form.New, form.Members = true, d.Team.Members
		d.Team = *form
	}
	return nil
}

func memberOptions(staff []models.Member, selected []string) (out []ui.Option) {
	for _, m := range staff {
		label := m.Name
		if label == "" {
			label = m.Email
		}
		out = append(out, ui.Option{Value: m.ID, Label: label, Selected: slices.Contains(selected, m.ID)})
	}
	return out
}

// saveTeam makes a team, or writes it anew.
func (c *Console) saveTeam(ec echo.Context) error {
	params, _ := ec.FormParams()
	f := ui.TeamForm{Key: strings.ToLower(strings.TrimSpace(ec.FormValue("key"))), NameEN: c.s.Intake.NameOf(ec.FormValue("name_en")), NameZH: c.s.Intake.NameOf(ec.FormValue("name_zh"))}
	act, err := c.s.Intake.SaveTeam(contextOf(ec), actorOf(ec), intake.TeamOf{Team: models.Team{Key: f.Key, Name: textOf(ec, "name")}, Members: params["member"]})
	if models.KindOf(err) == models.Invalid {
		messages, ok := c.Fields(contextOf(ec), err, map[string]string{"name/en": "name", "name/zh": "name", "members": "name"})
		if !ok {
			messages = map[string]string{"name": c.Message(contextOf(ec), err)}
		}
		f.Errors = messages
		return c.showRouting(ec, c.Problems.From(contextOf(ec), err).Status, ui.TryForm{}, &f)
	}
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	return c.Back(ec, routingPage, &ui.Toast{Message: c.Printer(ec).T("toast.team.saved"), Activity: act})
}

// deleteTeam gives what waits for a team back to everybody.
func (c *Console) deleteTeam(ec echo.Context) error {
	act, err := c.s.Intake.RemoveTeam(contextOf(ec), actorOf(ec), ec.Param("key"))
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	return c.Back(ec, routingPage, &ui.Toast{Message: c.Printer(ec).T("toast.team.deleted"), Activity: act})
}
