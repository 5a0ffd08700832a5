package console

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/ui"
)

// everyTeam asks for all teams where a member's own would be shown.
const everyTeam = "*"

// routeFilters are the inbox's filters by team, urgency and order. Who belongs to a team
// sees what it answers, and what is everybody's, until they ask for more.
func (c *Console) routeFilters(ec echo.Context, f *intake.Sought) (ui.RouteFilters, error) {
	p := c.Printer(ec)
	var v ui.RouteFilters
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return v, err
	}
	mine, err := c.s.Intake.MyTeams(contextOf(ec), actorOf(ec))
	if err != nil {
		return v, err
	}
	if f.Team == "" && len(mine) > 0 && f.EchoOf == "" {
		f.Team = intake.Mine
	}
	if len(teams) > 0 {
		if len(mine) > 0 {
			v.Teams = append(v.Teams, ui.Option{Value: intake.Mine, Label: p.T("inbox.team.mine"), Selected: f.Team == intake.Mine})
		}
		v.Teams = append(v.Teams, ui.Option{Value: everyTeam, Label: p.T("inbox.team.any"), Selected: f.Team == "" || f.Team == everyTeam})
		v.Teams = append(v.Teams, teamOptions(p, teams, f.Team, "")[1:]...)
	}
	if f.Team == everyTeam {
		f.Team = ""
	}
	v.Urgencies = urgencyOptions(p, f.Urgency, p.T("inbox.any_urgency"))
	v.Sorts = []ui.Option{{Label: p.T("inbox.sort.new"), Selected: !f.Due}, {Value: "due", Label: p.T("inbox.sort.due"), Selected: f.Due}}
	return v, nil
}
