package console

import (
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// recall takes a change back out of the mail that nobody has yet.
func (c *Console) recall(ec echo.Context) error {
	done, err := c.s.Notifier.Recall(contextOf(ec), actorOf(ec), ec.Param("event"))
	return c.recalled(ec, web.Next(ec.FormValue("next"), "/followups"), done, err)
}

// recallActivity takes what was just done back out of the mail, and leaves it done.
func (c *Console) recallActivity(ec echo.Context) error {
	done, err := c.s.Notifier.RecallActivity(contextOf(ec), actorOf(ec), ec.Param("id"))
	return c.recalled(ec, nextOf(ec), done, err)
}

// recalled says how far a recall is.
func (c *Console) recalled(ec echo.Context, next string, r notifier.Recalled, err error) error {
	if err != nil {
		return c.sorry(ec, next, err)
	}
	key := "recall.done"
	if !r.Done {
		key = "recall.going"
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T(key, r.Held, r.Sent)})
}

// recalling says how far the recalls of a theme's changes are that are not done.
func (c *Console) recalling(ec echo.Context, theme string) (lines []string, err error) {
	rows, err := c.s.Notifier.Recalling(contextOf(ec), actorOf(ec), theme)
	for _, r := range rows {
		lines = append(lines, c.Printer(ec).T("recall.going", r.Held, r.Sent))
	}
	return lines, err
}
