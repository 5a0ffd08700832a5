package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

const webhooksPath = "/settings/webhooks"

// webhookWrites are what the forms about webhooks do, by the path that they are sent to.
func (c *Console) webhookWrites() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		webhooksPath:                 c.makeWebhook,
		webhooksPath + "/:id":        c.editWebhook,
		webhooksPath + "/:id/test":   c.testWebhook,
		webhooksPath + "/:id/switch": c.switchWebhook,
		webhooksPath + "/:id/secret": c.rotateWebhook,
		webhooksPath + "/:id/delete": c.removeWebhook,
		webhooksPath + "/:id/replay": c.replayWebhook,
	}
}

// webhooks lists them, with the form for one more.
func (c *Console) webhooks(ec echo.Context) error {
	return c.showWebhooks(ec, http.StatusOK, webhooks.Patch{}, nil)
}

func (c *Console) showWebhooks(ec echo.Context, status int, p webhooks.Patch, errs map[string]string) error {
	es, err := c.s.Webhooks.Endpoints(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	d := ui.Webhooks{Form: c.webhookForm(ec, models.WebhookEndpoint{Kind: models.WebhookStandard, Locale: string(c.Printer(ec).Locale())}, p, errs)}
	for _, e := range es {
		d.Rows = append(d.Rows, webhookRow(e))
	}
	v := c.view(ec, c.Printer(ec).T("nav.webhooks"))
	v.Path = webhooksPath
	return c.Show(ec, status, v, ui.PageWebhooks, d)
}

func webhookRow(e models.WebhookEndpoint) ui.WebhookRow {
	return ui.WebhookRow{ID: e.ID, URL: webhooksPath + "/" + e.ID, Name: e.Name, Kind: e.Kind, Host: e.Host, Channel: e.Channel, Product: e.Product, Events: len(e.Events.V),
		Off: e.DisabledWhy, Failing: at(e.FailingSince), LastOK: at(e.LastOkAt)}
}

// webhookForm shows an endpoint, over it what was typed in.
func (c *Console) webhookForm(ec echo.Context, e models.WebhookEndpoint, p webhooks.Patch, errs map[string]string) ui.WebhookForm {
	t := c.Printer(ec)
	f := ui.WebhookForm{ID: e.ID, Revision: e.Rev, Name: e.Name, Product: e.Product, Channel: e.Channel, Host: e.Host, Kind: e.Kind, Errors: errs,
		TakesSecret: e.ID == "" || e.Kind == models.WebhookFeishu || e.Kind == models.WebhookDingTalk}
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	f.URL, _ = c.s.Webhooks.Address(actorOf(ec), e) // "" of a new one, and where it is a secret
	kind, locale, events := e.Kind, e.Locale, e.Events.V
	for _, typed := range []struct {
		from *string
		to   *string
	}{{p.Name, &f.Name}, {p.URL, &f.URL}, {p.Product, &f.Product}, {p.Channel, &f.Channel}, {p.Kind, &kind}, {p.Locale, &locale}} {
		if typed.from != nil {
			*typed.to = *typed.from
		}
	}
	if p.Events != nil {
		events = *p.Events
	}
	f.Kinds = choices(t, "webhooks.kind.", webhooks.Kinds(), []string{kind})
	for _, l := range i18n.Locales() {
		f.Locales = append(f.Locales, ui.Option{Value: string(l), Label: t.T("lang." + string(l)), Selected: string(l) == locale})
	}
	for _, w := range webhooks.Types() {
		f.Events = append(f.Events, ui.Option{Value: string(w), Label: t.T("hook.say." + string(w)), Selected: slices.Contains(events, string(w))})
	}
	return f
}

// webhookTyped reads the form.
func webhookTyped(ec echo.Context) (p webhooks.Patch, err error) {
	values, err := ec.FormParams()
	if err != nil {
		return p, err
	}
	events := append([]string{}, values["events"]...)
	p = webhooks.Patch{Name: new(ec.FormValue("name")), URL: new(ec.FormValue("url")), Locale: new(ec.FormValue("locale")), Product: new(ec.FormValue("product")),
		Channel: new(ec.FormValue("channel")), Events: &events}
	if s := ec.FormValue("secret"); s != "" {
		p.Secret = &s
	}
	if k := ec.FormValue("kind"); k != "" {
		p.Kind = &k
	}
	p.Rev, _ = strconv.ParseInt(ec.FormValue("revision"), 10, 64) // without one the last to save wins
	return p, nil
}

// makeWebhook makes one and shows its secret, this once: nothing reads it out again.
func (c *Console) makeWebhook(ec echo.Context) error {
	p, err := webhookTyped(ec)
	if err != nil {
		return err
	}
	secret := ""
	end, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		e, fresh, err := c.s.Webhooks.Save(ctx, actorOf(ec), "", p)
		if err != nil || fresh == "" {
			return web.Ending{Path: e.ID}, err
		}
		secret = fresh
		shut, err := web.Shut(ec, fresh)
		return web.Ending{Path: e.ID, Note: shut}, err
	})
	if err != nil {
		messages, ok := c.webhookErrors(ec, err)
		if !ok {
			return err
		}
		return c.showWebhooks(ec, http.StatusUnprocessableEntity, p, messages)
	}
	e, err := c.s.Webhooks.Endpoint(contextOf(ec), actorOf(ec), end.Path)
	if err != nil {
		return err
	}
	if secret == "" && end.Note != "" { // the button was pressed twice
		if secret, err = web.Unshut(ec, end.Note); err != nil {
			return err
		}
	}
	if secret == "" {
		return c.finish(ec, webhooksPath+"/"+e.ID, done{"", c.Printer(ec).T("webhooks.said.made", e.Name)})
	}
	return c.showWebhook(ec, http.StatusOK, shownWebhook{e: e, fresh: secret})
}

// webhookErrors are messages by field; what belongs to none stands above the form.
func (c *Console) webhookErrors(ec echo.Context, err error) (map[string]string, bool) {
	if models.KindOf(err) == models.Conflict {
		return map[string]string{"row": c.Message(contextOf(ec), err)}, true
	}
	return c.Fields(contextOf(ec), err, nil)
}

// editWebhook changes one.
func (c *Console) editWebhook(ec echo.Context) error {
	p, err := webhookTyped(ec)
	if err != nil {
		return err
	}
	p.Kind = nil
	id := ec.Param("id")
	e, _, err := c.s.Webhooks.Save(contextOf(ec), actorOf(ec), id, p)
	if err != nil {
		messages, ok := c.webhookErrors(ec, err)
		if !ok {
			return err
		}
		if e, err = c.s.Webhooks.Endpoint(contextOf(ec), actorOf(ec), id); err != nil {
			return err
		}
		return c.showWebhook(ec, http.StatusUnprocessableEntity, shownWebhook{e: e, typed: p, errs: messages})
	}
	return c.finish(ec, webhooksPath+"/"+e.ID, done{"", c.Printer(ec).T("webhooks.said.saved", e.Name)})
}

// testWebhook sends a test and waits for the answer.
func (c *Console) testWebhook(ec echo.Context) error {
	next := webhooksPath + "/" + ec.Param("id")
	m, err := c.s.Webhooks.SendTest(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, webhooksPath, err)
	}
	t := c.Printer(ec)
	if m.State == models.WebhookSent {
		return c.finish(ec, next, done{"", t.T("webhooks.said.tested")})
	}
	answer := m.Answer
	if m.Status != 0 {
		answer = strconv.Itoa(m.Status) + " " + answer
	}
	if answer == "" {
		answer = t.T("webhooks.no_answer")
	}
	return c.Back(ec, next, &ui.Toast{Message: t.T("webhooks.said.test_failed", answer), Failed: true})
}

// switchWebhook switches one on or off.
func (c *Console) switchWebhook(ec echo.Context) error {
	on := ec.FormValue("on") != ""
	e, _, err := c.s.Webhooks.Save(contextOf(ec), actorOf(ec), ec.Param("id"), webhooks.Patch{Enabled: &on})
	if err != nil {
		return c.sorry(ec, webhooksPath, err)
	}
	said := "webhooks.said.off"
	if on {
		said = "webhooks.said.on"
	}
	return c.finish(ec, webhooksPath+"/"+e.ID, done{"", c.Printer(ec).T(said, e.Name)})
}

// rotateWebhook changes the secret and shows the new one, this once.
func (c *Console) rotateWebhook(ec echo.Context) error {
	e, secret, err := c.s.Webhooks.Rotate(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, webhooksPath, err)
	}
	return c.showWebhook(ec, http.StatusOK, shownWebhook{e: e, fresh: secret})
}

// removeWebhook ends one.
func (c *Console) removeWebhook(ec echo.Context) error {
	e, err := c.s.Webhooks.Endpoint(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err == nil {
		err = c.s.Webhooks.Remove(contextOf(ec), actorOf(ec), e.ID)
	}
	if err != nil {
		return c.sorry(ec, webhooksPath, err)
	}
	return c.finish(ec, webhooksPath, done{"", c.Printer(ec).T("webhooks.said.removed", e.Name)})
}

// replayWebhook sends one message again, or all since a time.
func (c *Console) replayWebhook(ec echo.Context) error {
	ctx, actor, t := contextOf(ec), actorOf(ec), c.Printer(ec)
	next := webhooksPath + "/" + ec.Param("id")
	if id := ec.FormValue("message"); id != "" {
		if _, err := c.s.Webhooks.Replay(ctx, actor, id); err != nil {
			return c.sorry(ec, next, err)
		}
		return c.finish(ec, next, done{"", t.T("webhooks.said.replayed", 1)})
	}
	since, err := time.Parse("2006-01-02T15:04", ec.FormValue("since"))
	if err != nil {
		e, err := c.s.Webhooks.Endpoint(ctx, actor, ec.Param("id"))
		if err != nil {
			return err
		}
		return c.showWebhook(ec, http.StatusUnprocessableEntity, shownWebhook{e: e, since: c.Message(ctx, models.BadField("since", "webhook_since"))})
	}
	n, more, err := c.s.Webhooks.ReplaySince(ctx, actor, ec.Param("id"), since)
	if err != nil {
		return c.sorry(ec, next, err)
	}
	said := "webhooks.said.replayed"
	if more {
		said = "webhooks.said.more"
	}
	return c.finish(ec, next, done{"", t.T(said, n)})
}
