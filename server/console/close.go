package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// close ends suggestions without a theme.
func (c *Console) close(ec echo.Context) error {
	ids := web.IDs(ec, "suggestion")
	if len(ids) == 0 {
		return c.refuse(ec, models.BadField("suggestion", "nothing_selected"))
	}
	if err := c.setState(ec, ids, models.StateClosed); err != nil {
		return c.refuse(ec, err)
	}
	return c.finish(ec, nextOf(ec), done{closing(ids), c.Printer(ec).T("toast.closing")})
}

func (c *Console) setState(ec echo.Context, ids []string, to models.SuggestionState) error {
	state := string(to)
	for _, id := range ids {
		if _, err := c.s.Intake.Edit(contextOf(ec), actorOf(ec), id, intake.Patch{State: &state}); err != nil {
			return err
		}
	}
	return nil
}

// A closing is taken back by opening again. No activity stands for several
// closed at once, so what undo is given names the suggestions themselves.
const (
	closingPrefix = "closed."
	maxClosing    = 50 // what an address and a cookie can carry
)

func closing(ids []string) string {
	if len(ids) > maxClosing {
		return ""
	}
	return closingPrefix + strings.Join(ids, ".")
}

// closedOnes are the suggestions of a closing, nil for any other activity.
func closedOnes(activity string) []string {
	rest, ok := strings.CutPrefix(activity, closingPrefix)
	if !ok {
		return nil
	}
	return strings.Split(rest, ".")
}
