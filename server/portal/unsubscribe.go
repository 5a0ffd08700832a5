package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// unsubscribe asks before it stops mail: scanners open links.
func (p *Portal) unsubscribe(ec echo.Context) error {
	sub, err := p.s.Notifier.UnsubscribePage(contextOf(ec), ec.Param("token"))
	if err != nil {
		return p.noSuchMail(ec, err)
	}
	return p.showUnsubscribe(ec, http.StatusOK, p.unsubscribeOf(ec, sub))
}

// stopMail stops mail. A mail program sends the same form by itself
// (RFC 8058), and reads nothing of the page but that it went well.
func (p *Portal) stopMail(ec echo.Context) error {
	sub, err := p.s.Notifier.Unsubscribe(contextOf(ec), ec.Param("token"))
	if err != nil {
		return p.noSuchMail(ec, err)
	}
	d := p.unsubscribeOf(ec, sub)
	d.Done = true
	return p.showUnsubscribe(ec, http.StatusOK, d)
}

func (p *Portal) unsubscribeOf(ec echo.Context, sub notifier.Subscription) ui.Unsubscribe {
	theme, _ := sub.Theme.In(reader(ec).Locale)
	return ui.Unsubscribe{Token: ec.Param("token"), Email: sub.Email, Theme: theme}
}

func (p *Portal) noSuchMail(ec echo.Context, err error) error {
	switch models.KindOf(err) {
	case models.NotFound, models.Invalid, models.Unauthenticated:
		return p.showUnsubscribe(ec, http.StatusNotFound, ui.Unsubscribe{Invalid: true})
	}
	return err
}

func (p *Portal) showUnsubscribe(ec echo.Context, status int, d ui.Unsubscribe) error {
	v := p.quiet(ec, p.Printer(ec).T("unsubscribe.title"))
	if ec.Request().Method != http.MethodGet {
		v.Path = "/"
	}
	return p.Show(ec, status, v, ui.PageUnsubscribe, d)
}
