package console

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// close ends suggestions without a theme.
func (c *Console) close(ec echo.Context) error {
	ids := web.IDs(ec, "suggestion")
	if len(ids) == 0 {
		return c.refuse(ec, models.BadField("suggestion", "nothing_selected"))
	}
	act, err := c.s.Themes.Close(contextOf(ec), actorOf(ec), ids)
	if err != nil {
		return c.refuse(ec, err)
	}
	return c.finish(ec, nextOf(ec), done{act, c.Printer(ec).T("toast.closing")})
}
