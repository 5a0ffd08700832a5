package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// statusNames: where the services say reason, the form has a field per
// language.
var statusNames = map[string]string{"reason": "reason_en"}

// readStatus fills the form with what was sent.
func readStatus(ec echo.Context, f *ui.StatusForm) {
	reason := textOf(ec, "reason")
	f.Status, f.Reason = ec.FormValue("status"), ui.Localized{EN: reason.EN, ZH: reason.ZH}
	f.Promise, f.Version = strings.TrimSpace(ec.FormValue("promise_date")), strings.TrimSpace(ec.FormValue("version"))
	f.Silent = ec.FormValue("silent") != ""
}

// changeOf is the status that a form asks for.
func changeOf(f *ui.StatusForm) (themes.StatusChange, error) {
	ch := themes.StatusChange{Status: models.Status(f.Status), Reason: models.Text{EN: f.Reason.EN, ZH: f.Reason.ZH}, Version: f.Version, Notify: !f.Silent}
	if f.Status == "" {
		return ch, models.BadField("status", "status_invalid")
	}
	if f.Promise != "" {
		date, err := themes.ParseDate(f.Promise)
		if err != nil {
			return ch, err
		}
		ch.PromiseDate = &date
	}
	return ch, nil
}

// preview says who would be told, or what is wrong with the form.
func (c *Console) preview(ec echo.Context, th *models.Theme, f *ui.StatusForm) error {
	readStatus(ec, f)
	ch, err := changeOf(f)
	if err == nil {
		var would notifier.Preview
		if would, err = c.wouldTell(ec, th.ID, ch); err == nil {
			f.Preview = c.consequenceOf(ec, would, f.Silent)
			return nil
		}
	}
	messages, ok := c.Fields(contextOf(ec), err, statusNames)
	if !ok {
		return err
	}
	f.Errors = messages
	return nil
}

func (c *Console) wouldTell(ec echo.Context, theme string, ch themes.StatusChange) (notifier.Preview, error) {
	a, err := c.s.Consider(contextOf(ec), actorOf(ec), theme, ch, true)
	return a.Audience, err
}

func (c *Console) consequenceOf(ec echo.Context, would notifier.Preview, silent bool) *ui.Consequence {
	p := c.Printer(ec)
	out := &ui.Consequence{People: would.Mails, Everybody: would.People, Mails: would.Mails, EN: would.ByLocale["en"], ZH: would.ByLocale["zh"], Lacking: would.LackingLanguage,
		SettleMinutes: int((c.settle + time.Minute - 1) / time.Minute), Silent: silent}
	for _, channel := range slices.Sorted(maps.Keys(would.Channels)) {
		out.People += would.Channels[channel]
		out.Otherwise = append(out.Otherwise, p.T("consequence.channel", would.Channels[channel], channel))
	}
	if would.ByHand > 0 {
		out.Otherwise = append(out.Otherwise, p.T("consequence.by_hand", would.ByHand))
	}
	if would.Receipts > 0 {
		out.Otherwise = append(out.Otherwise, p.T("consequence.receipts", would.Receipts))
	}
	for _, s := range would.Skipped {
		if s.Reason != notifier.SkipChannel && s.Reason != notifier.SkipNoChannel { // those are told otherwise
			out.Skipped = append(out.Skipped, ui.Skip{Reason: skipReason(p, s.Reason), Count: s.Count})
		}
	}
	return out
}

// consequence is the line below the status form alone.
func (c *Console) consequence(ec echo.Context) error {
	th, err := c.s.Themes.Get(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	f := ui.StatusForm{ThemeID: th.ID, Errors: map[string]string{}}
	if err := c.preview(ec, th, &f); err != nil {
		return err
	}
	for _, message := range f.Errors { // the fields are not sent again, so the line says it
		f.Errors = map[string]string{"consequence": message}
	}
	return c.Fragment(ec, ui.PageTheme, ui.FragmentConsequence, f)
}

// setStatus gives the theme a status once its readers were shown; a form sent
// without that step is shown its preview.
func (c *Console) setStatus(ec echo.Context) error {
	if ec.FormValue("step") == "confirm" {
		return c.confirmStatus(ec)
	}
	d, th, err := c.themePage(ec, ec.Param("id"))
	if err != nil {
		return err
	}
	f := &d.StatusForm
	readStatus(ec, f)
	if stale(ec, th) {
		d.Conflict = true
		return c.showTheme(ec, http.StatusConflict, d)
	}
	if err := c.preview(ec, th, f); err != nil {
		return err
	}
	if len(f.Errors) > 0 {
		return c.showTheme(ec, http.StatusUnprocessableEntity, d)
	}
	return c.showTheme(ec, http.StatusOK, d)
}

// confirmStatus gives the theme its status, one time for one showing of the form: who
// presses twice has changed nothing under their own hands, and can still take it back.
func (c *Console) confirmStatus(ec echo.Context) error {
	var f ui.StatusForm
	readStatus(ec, &f)
	var ch themes.StatusChange
	var would notifier.Preview
	ctx, actor, id := contextOf(ec), actorOf(ec), ec.Param("id")
	end, err := web.Once(ec, c.s.Intake, actor, nil, web.Form{Before: func(context.Context) error {
		th, err := c.s.Themes.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		if stale(ec, th) {
			return models.Fail(models.Conflict, "theme_changed")
		}
		if ch, err = changeOf(&f); err != nil {
			return err
		}
		ch.Rev = th.Rev // what was compared above must still hold inside the write
		id = th.ID
		a, err := c.s.Consider(ctx, actor, id, ch, false)
		would = a.Audience
		return err
	}, Do: func(ctx context.Context) (web.Ending, error) {
		activity, _, err := c.s.Themes.SetStatus(ctx, actor, id, ch)
		if err != nil {
			return web.Ending{}, err
		}
		p := c.Printer(ec)
		toast := &ui.Toast{Message: p.T("toast.status", p.T("status."+f.Status)), Activity: activity}
		if !f.Silent && would.Mails > 0 {
			toast.Message, toast.Held = p.T("toast.status.told", would.Mails, p.T("status."+f.Status)), would.Mails
		}
		return web.Ending{Path: "/themes/" + id, Toast: toast}, nil
	}})
	if err != nil {
		return c.refuseStatus(ec, err)
	}
	return c.Back(ec, end.Path, end.Toast)
}

// refuseStatus shows the theme as it is by now with the form as it was sent.
func (c *Console) refuseStatus(ec echo.Context, failed error) error {
	messages, ok := c.Fields(contextOf(ec), failed, statusNames)
	e, known := errors.AsType[*models.Error](failed)
	changed := known && e.Code == "theme_changed"
	if !ok && !changed {
		return failed
	}
	d, _, err := c.themePage(ec, ec.Param("id"))
	if err != nil {
		return err
	}
	readStatus(ec, &d.StatusForm)
	if changed {
		d.Conflict = true
		return c.showTheme(ec, http.StatusConflict, d)
	}
	d.StatusForm.Errors = messages
	return c.showTheme(ec, http.StatusUnprocessableEntity, d)
}

// stale reports whether the theme was changed since the form was made.
func stale(ec echo.Context, th *models.Theme) bool {
	seen, err := strconv.ParseInt(ec.FormValue("revision"), 10, 64)
	return err == nil && seen != 0 && seen != th.Rev
}
