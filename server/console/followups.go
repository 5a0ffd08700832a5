package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// followUps shows who was told what, and what became of it.
func (c *Console) followUps(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f := notifier.Filter{State: ec.QueryParam("state"), Theme: ec.QueryParam("theme"), Cursor: ec.QueryParam("cursor"), Limit: pageRows}
	rows, next, err := c.s.Notifier.Deliveries(ctx, actor, f)
	if err != nil {
		return err
	}
	ids := []string{}
	if f.Theme != "" {
		ids = append(ids, f.Theme)
	}
	for _, r := range rows {
		if r.ThemeID != "" {
			ids = append(ids, r.ThemeID)
		}
	}
	live, err := c.s.Themes.Live(ctx, actor, ids)
	if err != nil {
		return err
	}
	d := ui.FollowUps{States: stateOptions(p, f.State), Relay: relayOf(c.s.Notifier.Status())}
	if th, ok := live[f.Theme]; ok {
		ref := refOf(&th, actor.Locale)
		d.Theme = &ref
		held, err := c.s.Notifier.RecallableOf(ctx, actor, f.Theme)
		if err != nil {
			return err
		}
		for _, h := range held {
			d.Held = append(d.Held, ui.HeldChange{Event: h.Event, People: h.People})
		}
		if d.Recalling, err = c.recalling(ec, f.Theme); err != nil {
			return err
		}
	}
	for _, r := range rows {
		d.Rows = append(d.Rows, c.deliveryOf(ec, r, live))
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		for name, value := range map[string]string{"state": f.State, "theme": f.Theme} {
			if value != "" {
				q.Set(name, value)
			}
		}
		d.MoreURL = "/followups?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.followups")), ui.PageFollowUp, d)
}

// relayOf is what to say about the mail server: nothing while it works. Each
// node knows its own connection.
func relayOf(s notifier.RelayStatus) *ui.Relay {
	switch {
	case !s.Configured:
		return &ui.Relay{Missing: true}
	case s.Down:
		return &ui.Relay{Since: s.Since, RetryAt: s.RetryAt, Problem: s.Problem}
	}
	return nil
}

// filterStates are the states one looks for, in the order of a mail's life.
func filterStates() []models.DeliveryState {
	return []models.DeliveryState{models.DeliveryReady, models.DeliverySent, models.DeliveryInDoubt, models.DeliveryFailed,
		models.DeliveryExpired, models.DeliveryCancelled, models.DeliverySkipped}
}

func stateOptions(p *i18n.Printer, selected string) []ui.Option {
	out := []ui.Option{{Label: p.T("followups.any_state"), Selected: selected == ""}}
	for _, s := range filterStates() {
		out = append(out, ui.Option{Value: string(s), Label: p.T("delivery.state." + string(s)), Selected: string(s) == selected})
	}
	return out
}

func (c *Console) deliveryOf(ec echo.Context, r notifier.DeliveryRow, live map[string]models.Theme) ui.Delivery {
	v := ui.Delivery{ID: r.ID, At: r.RunAt, Person: r.Address, Locale: r.Locale, Kind: kindOf(r.Kind), State: string(r.State), Tries: r.Attempts, Detail: r.Answer}
	if r.SentAt != nil {
		v.At = *r.SentAt
	}
	if th, ok := live[r.ThemeID]; ok {
		ref := refOf(&th, actorOf(ec).Locale)
		v.Subject, v.SubjectLang, v.SubjectURL = ref.Title, ref.TitleLang, ref.URL
	}
	if r.SuggestionID != "" {
		v.Subject, v.SubjectURL = c.Printer(ec).T("followups.suggestion"), "/suggestions/"+r.SuggestionID
	}
	if r.State == models.DeliverySkipped {
		v.Detail = skipReason(c.Printer(ec), r.Answer)
	}
	if r.State == models.DeliveryReady && r.Answer == notifier.NightAnswer {
		v.Detail = c.Printer(ec).T("followups.night")
	}
	if r.State == models.DeliveryReady && r.Attempts > 0 {
		v.State, v.NextTry = "retrying", r.RunAt
	}
	if auth.Can(actorOf(ec), auth.RetryDelivery) == nil {
		switch r.State {
		case models.DeliveryFailed, models.DeliveryInDoubt:
			v.CanRetry, v.CanCancel = true, true
		case models.DeliveryReady:
			v.CanRetry, v.CanCancel = r.Attempts > 0, true
		}
	}
	return v
}

// kindOf is the mail's kind as the catalogs name it.
func kindOf(kind string) string {
	if kind == "signin_code" {
		return "sign_in"
	}
	return kind
}

func (c *Console) retryDelivery(ec echo.Context) error {
	err := c.s.Notifier.Retry(contextOf(ec), actorOf(ec), ec.Param("id"))
	return c.afterDelivery(ec, c.Printer(ec).T("toast.delivery.retry"), err)
}

func (c *Console) cancelDelivery(ec echo.Context) error {
	err := c.s.Notifier.Cancel(contextOf(ec), actorOf(ec), ec.Param("id"))
	return c.afterDelivery(ec, c.Printer(ec).T("toast.delivery.cancelled"), err)
}

func (c *Console) afterDelivery(ec echo.Context, message string, err error) error {
	next := web.Next(ec.FormValue("next"), "/followups")
	if err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: message})
}
