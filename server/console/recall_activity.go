package console

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/ui"
)

// recallActivity takes what was just done back out of the mail, and leaves it done.
func (c *Console) recallActivity(ec echo.Context) error {
	next := nextOf(ec)
	r, err := c.s.Notifier.RecallActivity(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("recall.done", r.Held, r.Sent)})
}
