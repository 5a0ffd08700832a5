package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// unsubscribe asks before it stops mail: scanners open links.
func (p *Portal) unsubscribe(ec echo.Context) error { return p.showMail(ec) }

// stopMail stops mail, or lets it come again. A mail program sends the form by
// itself (RFC 8058), and reads nothing of the page but that it went well.
func (p *Portal) stopMail(ec echo.Context) error {
	do := p.s.Notifier.Unsubscribe
	if ec.FormValue("again") != "" {
		do = p.s.Notifier.Resubscribe
	}
	if err := do(contextOf(ec), ec.Param("token")); err != nil {
		return p.noSuchMail(ec, err)
	}
	return p.showMail(ec)
}

// showMail shows how it stands.
func (p *Portal) showMail(ec echo.Context) error {
	sub, err := p.s.Notifier.UnsubscribePage(contextOf(ec), ec.Param("token"))
	if err != nil {
		return p.noSuchMail(ec, err)
	}
	d := ui.Unsubscribe{Token: ec.Param("token"), Email: sub.Email, Done: sub.Off}
	if !sub.Off {
		x, err := p.s.Notifier.PreferencesPage(contextOf(ec), d.Token)
		if err != nil {
			return err
		}
		d.Themes = mutable(p.Printer(ec), x.Themes[:min(len(x.Themes), 5)])
	}
	if d.Email == "" {
		d.Email = p.Printer(ec).T("unsubscribe.you")
	}
	return p.showUnsubscribe(ec, http.StatusOK, d)
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
