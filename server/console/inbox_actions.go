package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// assign puts suggestions into a theme.
func (c *Console) assign(ec echo.Context) error {
	ids, theme := web.IDs(ec, "suggestion"), ec.FormValue("theme")
	if len(ids) == 0 {
		return c.refuse(ec, models.BadField("suggestion", "nothing_selected"))
	}
	if theme == "" {
		return c.refuse(ec, models.BadField("theme", "theme_required"))
	}
	act, ths, err := c.s.Themes.Assign(contextOf(ec), actorOf(ec), ids, themes.Assignment{Theme: theme})
	if err != nil {
		return c.refuse(ec, err)
	}
	if act == "" {
		return c.refuse(ec, models.Fail(models.Conflict, "stands_there"))
	}
	title := ""
	if len(ths) > 0 {
		title = ths[0].NameFor(actorOf(ec).Locale)
	}
	return c.finish(ec, nextOf(ec), done{act, c.Printer(ec).T("toast.assigning", title)})
}

// different remembers that suggestions do not belong to a theme.
func (c *Console) different(ec echo.Context) error {
	for _, id := range web.IDs(ec, "suggestion") {
		if _, _, err := c.s.Themes.Decide(contextOf(ec), actorOf(ec), id, ec.FormValue("theme"), false); err != nil {
			return c.refuse(ec, err)
		}
	}
	if web.IsFragment(ec.Request()) {
		return ec.NoContent(http.StatusOK)
	}
	return c.Back(ec, nextOf(ec), nil)
}

// undo takes an activity back.
func (c *Console) undo(ec echo.Context) error {
	act, err := c.s.Themes.Undo(contextOf(ec), actorOf(ec), ec.Param("id"))
	message := c.Printer(ec).T("toast.undone")
	if err == nil {
		if out, err := c.s.Themes.StayedOut(contextOf(ec), actorOf(ec), act); err == nil && len(out) > 0 {
			message = c.Printer(ec).T("toast.undone.but", len(out))
		}
	}
	switch {
	case err != nil && web.WantsJSON(ec.Request()):
		return c.RefuseJSON(ec, err, nil)
	case err != nil:
		return c.sorry(ec, nextOf(ec), err)
	case web.WantsJSON(ec.Request()):
		return ec.JSON(http.StatusOK, done{act, message})
	}
	return c.Back(ec, nextOf(ec), &ui.Toast{Message: message})
}

// refuse answers a form of the inbox that cannot be taken: the page again, with
// what is wrong.
func (c *Console) refuse(ec echo.Context, err error) error {
	if web.WantsJSON(ec.Request()) {
		return c.RefuseJSON(ec, err, confirmNames)
	}
	kind := models.KindOf(err)
	if kind != models.Invalid && kind != models.Conflict && kind != models.NotFound {
		return err
	}
	v := c.view(ec, c.Printer(ec).T("nav.inbox"))
	v.Path = nextOf(ec)
	v.Toast = &ui.Toast{Message: c.Message(contextOf(ec), err), Failed: true}
	return c.showInboxIn(ec, c.Problems.From(contextOf(ec), err).Status, v, nil)
}

// confirmNames: where the services say public_title, the form has a field per
// language.
var confirmNames = map[string]string{"public_title": "public_title_en", "public_text": "public_text_en", "new/title": "public_title_en"}

// textOf reads a text in both languages from name_en and name_zh.
func textOf(ec echo.Context, name string) models.Text {
	return models.Text{EN: strings.TrimSpace(ec.FormValue(name + "_en")), ZH: strings.TrimSpace(ec.FormValue(name + "_zh"))}
}

func localized(t models.Text) ui.Localized {
	l := ui.Localized{EN: t.EN, ZH: t.ZH}
	if l.EN == "" && l.ZH == "" { // the language was never named
		l.EN = t.Any
	}
	return l
}
