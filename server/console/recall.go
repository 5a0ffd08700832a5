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
	key := "recall.done"
	if !done.Done {
		key = "recall.going"
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T(key, done.Held, done.Sent)})
}

// recalling says how far the recalls of a theme's changes are that are not done.
func (c *Console) recalling(ec echo.Context, theme string) (lines []string, err error) {
	rows, err := c.s.Notifier.Recalling(contextOf(ec), actorOf(ec), theme)
	for _, r := range rows {
		lines = append(lines, c.Printer(ec).T("recall.going", r.Held, r.Sent))
	}
	return lines, err
}
