package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// confirm makes a theme of a candidate, or of suggestions that have none, with
// a title fit for the public.
func (c *Console) confirm(ec echo.Context) error {
	ids := web.IDs(ec, "suggestion")
	title, text := textOf(ec, "public_title"), textOf(ec, "public_text")
	if len(ids) == 0 {
		return c.refuse(ec, models.BadField("suggestion", "nothing_selected"))
	}
	end, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		act, th, err := c.makeTheme(ctx, ec, ids, title, text)
		if err != nil {
			return web.Ending{}, err
		}
		return web.Ending{Path: web.Next(ec.FormValue("next"), "/themes/"+th.ID), Note: act}, nil
	})
	if err != nil {
		return c.refuseConfirm(ec, ids, title, text, err)
	}
	return c.finish(ec, end.Path, done{end.Note, c.Printer(ec).T("toast.confirming")})
}

// makeTheme brings the suggestions together in the candidate, gives it its
// texts and confirms it, in this order: what fails halfway leaves a candidate,
// which still stands in the inbox.
func (c *Console) makeTheme(ctx context.Context, ec echo.Context, ids []string, title, text models.Text) (string, *models.Theme, error) {
	actor := actorOf(ec)
	if title.IsEmpty() {
		return "", nil, models.BadField("public_title", "public_title_required")
	}
	candidate := ec.FormValue("candidate")
	to := themes.Assignment{Theme: candidate}
	if candidate == "" {
		to = themes.Assignment{}
		to.NewTitle, _ = title.In(actor.Locale)
	}
	if candidate == "" || len(ids) > 1 {
		_, ths, err := c.s.Themes.Assign(ctx, actor, ids, to)
		if err != nil {
			return "", nil, err
		}
		candidate = ths[0].ID
	}
	if !text.IsEmpty() {
		if _, _, err := c.s.Themes.Edit(ctx, actor, candidate, 0, themes.Draft{PublicText: &text}); err != nil {
			return "", nil, err
		}
	}
	var public *bool
	if ec.FormValue("publish") != "" {
		yes := true
		public = &yes
	}
	th, act, err := c.s.Themes.Confirm(ctx, actor, candidate, title, public)
	return act, th, err
}

// refuseConfirm shows the form again with what was written.
func (c *Console) refuseConfirm(ec echo.Context, ids []string, title, text models.Text, err error) error {
	if web.WantsJSON(ec.Request()) {
		return c.RefuseJSON(ec, err, confirmNames)
	}
	messages, ok := c.Fields(contextOf(ec), err, confirmNames)
	if !ok {
		return c.refuse(ec, err)
	}
	pane, err := c.paneOf(ec, ids[0], len(ids) > 1)
	if err != nil {
		return err
	}
	pane.Confirm = &ui.ConfirmForm{Candidate: ec.FormValue("candidate"), PublicTitle: localized(title), PublicText: localized(text),
		Publish: ec.FormValue("publish") != "", Errors: messages, Open: true}
	pane.Stack, pane.Takes = ids, max(len(ids), pane.Takes)
	v := c.view(ec, c.Printer(ec).T("nav.inbox"))
	v.Path = pane.URL
	return c.showInboxIn(ec, http.StatusUnprocessableEntity, v, pane)
}
