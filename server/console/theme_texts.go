package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// setTexts saves what the theme is called and what is published of it.
func (c *Console) setTexts(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	id, title := ec.Param("id"), ec.FormValue("title")
	publicTitle, publicText := textOf(ec, "public_title"), textOf(ec, "public_text")
	rev, _ := strconv.ParseInt(ec.FormValue("revision"), 10, 64) // nonsense is no revision
	draft := themes.Draft{Title: &title, PublicTitle: &publicTitle, PublicText: &publicText}
	if target, named := ec.FormValue("target"), ec.Request().Form.Has("target"); named {
		draft.Target = &target
	}
	message, act := p.T("toast.saved"), ""
	th, err := c.s.Themes.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	yes, no := true, false
	candidate := th.Status == models.StatusCandidate
	switch ec.FormValue("publish") {
	case "publish":
		message = p.T("toast.published")
		if !candidate { // a candidate is published by confirming it
			draft.Public = &yes
		}
	case "withdraw":
		message, draft.Public = p.T("toast.withdrawn"), &no
	}
	if th, act, err = c.s.Themes.Edit(ctx, actor, id, rev, draft); err == nil && candidate && ec.FormValue("publish") == "publish" {
		_, act, err = c.s.Themes.Confirm(ctx, actor, th.ID, publicTitle, &yes)
	}
	if err != nil {
		return c.refuseTexts(ec, err)
	}
	return c.Back(ec, "/themes/"+th.ID, &ui.Toast{Message: message, Activity: act})
}

// refuseTexts shows the form again with what was written. After somebody
// else's change it carries the new revision: what is saved then was compared.
func (c *Console) refuseTexts(ec echo.Context, err error) error {
	d, _, readErr := c.themePage(ec, ec.Param("id"))
	if readErr != nil {
		return readErr
	}
	status := http.StatusUnprocessableEntity
	messages, ok := c.Fields(contextOf(ec), err, confirmNames)
	switch {
	case ok:
		d.Texts.Errors = messages
	case models.KindOf(err) == models.Conflict:
		status, d.Conflict = http.StatusConflict, true
	default:
		return err
	}
	d.Texts.Title = c.s.Intake.NameOf(ec.FormValue("title"))
	d.Texts.PublicTitle, d.Texts.PublicText = localized(textOf(ec, "public_title")), localized(textOf(ec, "public_text"))
	d.Texts.Target = c.s.Intake.NameOf(ec.FormValue("target"))
	return c.showTheme(ec, status, d)
}
