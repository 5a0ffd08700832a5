package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// gallery shows each component in its states.
func (p *Portal) gallery(ec echo.Context) error {
	d := ui.NewGallery(web.Locale(contextOf(ec)), p.now())
	d.Portal = ec.QueryParam("portal") != ""
	return p.Show(ec, http.StatusOK, p.quiet(ec, p.Printer(ec).T("gallery.title")), ui.PageGallery, d)
}
