package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// unsubscribe asks before it stops mail: scanners open links.
func (p *Portal) unsubscribe(ec echo.Context) error { return p.showMail(ec, false) }

// stopMail stops mail, or lets it come again. A mail program sends the form by
// itself (RFC 8058), and reads nothing of the page but that it went well.
func (p *Portal) stopMail(ec echo.Context) error {
	do, again := p.s.Notifier.Unsubscribe, ec.FormValue("again") != ""
	if again {
		do = p.s.Notifier.Resubscribe
	}
	if err := do(contextOf(ec), ec.Param("token")); err != nil {
		return p.noSuchMail(ec, err)
	}
	return p.showMail(ec, again)
}

// showMail shows how it stands, and why.
func (p *Portal) showMail(ec echo.Context, again bool) error {
	pr, token := p.Printer(ec), ec.Param("token")
	x, err := p.s.Notifier.PreferencesPage(contextOf(ec), token)
	if err != nil {
		return p.noSuchMail(ec, err)
	}
	d := ui.Unsubscribe{Token: token, Email: x.Email, Done: x.Off || x.Stop.Complained, Again: again}
	if d.Email == "" {
		d.Email = pr.T("unsubscribe.you")
	}
	for _, stop := range web.WishStops(pr, "stop", x, true) {
		if !x.Off || x.Stop.Complained || !stop.Again { // that they stopped it the page says itself
			d.Stops = append(d.Stops, stop)
		}
	}
	if !d.Done {
		d.Themes = web.Mutable(pr, x.Themes[:min(len(x.Themes), 5)])
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
	title := "unsubscribe.title"
	switch {
	case d.Invalid:
		title = "unsubscribe.invalid"
	case d.Again:
		title = "unsubscribe.back"
	case d.Done:
		title = "unsubscribe.done"
	}
	v := p.quiet(ec, p.Printer(ec).T(title))
	if ec.Request().Method != http.MethodGet {
		v.Path = "/"
	}
	return p.Show(ec, status, v, ui.PageUnsubscribe, d)
}
