package console

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// recall takes a change back out of the mail that nobody has yet.
func (c *Console) recall(ec echo.Context) error {
	next := web.Next(ec.FormValue("next"), "/followups")
	done, err := c.s.Notifier.Recall(contextOf(ec), actorOf(ec), ec.Param("event"))
	if err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("recall.done", done.Held, done.Sent)})
}
