package portal

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// setLocale keeps the language that this browser reads in.
func (p *Portal) setLocale(ec echo.Context) error {
	l, ok := i18n.Parse(ec.FormValue("locale"))
	if !ok {
		return models.BadField("locale", "invalid")
	}
	p.Cookies.SetChoice(ec.Response(), web.LocaleCookie, string(l))
	return p.Back(ec, web.With(web.Next(ec.FormValue("next"), "/"), "lang", ""), nil)
}

// setAppearance keeps whether this browser shows light or dark.
func (p *Portal) setAppearance(ec echo.Context) error {
	switch a := ui.Appearance(ec.FormValue("appearance")); a {
	case ui.System, ui.Light, ui.Dark:
		p.Cookies.SetChoice(ec.Response(), web.AppearanceCookie, string(a))
		return p.Back(ec, web.Next(ec.FormValue("next"), "/"), nil)
	}
	return models.BadField("appearance", "invalid")
}
