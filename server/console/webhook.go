package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/ui"
)

// shownWebhook is the page of one webhook: over what it is stands what was typed in.
type shownWebhook struct {
	e     models.WebhookEndpoint
	fresh string // a secret that was made just now
	typed webhooks.Patch
	errs  map[string]string
	since string // what is wrong with the time of a replay
}

// webhook is the page of one: its state, what it was told, and the form to change it.
func (c *Console) webhook(ec echo.Context) error {
	e, err := c.s.Webhooks.Endpoint(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	return c.showWebhook(ec, http.StatusOK, shownWebhook{e: e})
}

func (c *Console) showWebhook(ec echo.Context, status int, s shownWebhook) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	d := ui.Webhook{WebhookRow: webhookRow(s.e), Form: c.webhookForm(ec, s.e, s.typed, s.errs), Fresh: s.fresh, Rotates: s.e.Kind == models.WebhookStandard,
		Since: ec.FormValue("since"), SinceError: s.since, MostTries: webhooks.Tries()}
	if s.e.OldSecretUntil != nil && c.now().Before(*s.e.OldSecretUntil) {
		d.Old = *s.e.OldSecretUntil
	}
	ms, next, err := c.s.Webhooks.Messages(ctx, actor, webhooks.Filter{Endpoint: s.e.ID, Cursor: ec.QueryParam("cursor"), Limit: pageRows})
	if err != nil {
		return err
	}
	for _, m := range ms {
		d.Rows = append(d.Rows, webhookDelivery(m))
	}
	if d.Waiting, err = c.s.Webhooks.Waiting(ctx, actor, s.e.ID); err != nil {
		return err
	}
	if next != "" {
		d.MoreURL = d.URL + "?cursor=" + url.QueryEscape(next)
	}
	if d.One, err = c.openedWebhook(ec, s.e.ID); err != nil {
		return err
	}
	v := c.view(ec, s.e.Name)
	v.Path = d.URL
	return c.Show(ec, status, v, ui.PageWebhook, d)
}

// openedWebhook is the message that the address names, in full.
func (c *Console) openedWebhook(ec echo.Context, endpoint string) (*ui.WebhookOpened, error) {
	id := ec.QueryParam("message")
	if id == "" {
		return nil, nil
	}
	m, tries, err := c.s.Webhooks.Message(contextOf(ec), actorOf(ec), id)
	if err != nil {
		return nil, err
	}
	if m.EndpointID != endpoint {
		return nil, models.Fail(models.NotFound, "webhook_message_not_found", id)
	}
	o := &ui.WebhookOpened{WebhookDelivery: webhookDelivery(m), Payload: m.Content}
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(m.Content), "", "  ") == nil {
		o.Payload = pretty.String()
	}
	for _, t := range tries {
		o.Attempts = append(o.Attempts, ui.WebhookAttempt{N: t.N, Status: t.Status, Outcome: t.Outcome, Answer: t.Answer, At: t.CreatedAt})
	}
	return o, nil
}

func webhookDelivery(m models.WebhookMessage) ui.WebhookDelivery {
	d := ui.WebhookDelivery{ID: m.ID, URL: webhooksPath + "/" + m.EndpointID + "?message=" + m.ID + "#one-title", Type: m.Type, State: string(m.State), Tries: m.Tries, Status: m.Status,
		Answer: m.Answer, At: m.CreatedAt, Sent: at(m.SentAt)}
	if m.State == models.WebhookReady {
		d.Next = m.RunAt.UTC()
	}
	switch {
	case m.SuggestionID != "":
		d.About, d.AboutURL = m.SuggestionID, "/suggestions/"+m.SuggestionID
	case m.ThemeID != "":
		d.About, d.AboutURL = m.ThemeID, "/themes/"+m.ThemeID
	}
	return d
}
