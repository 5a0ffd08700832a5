package console

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// asksOf are the several things that a suggestion asks for, each with its theme
// and its words, and the themes' titles in one line. None while it asks for one,
// or stands in their themes already.
func (c *Console) asksOf(ec echo.Context, f intake.Filed) (out []ui.AskRef, titles string, err error) {
	s := &f.Suggestion
	in := map[string]bool{}
	for _, th := range f.Themes {
		in[th.ID] = true
	}
	names, todo := []string{}, false
	for i, ask := range s.Asks.V {
		if ask.Start < 0 || ask.End > len(s.Text) || ask.Start >= ask.End {
			return nil, "", nil
		}
		found, err := c.s.Themes.Likely(contextOf(ec), actorOf(ec), s.ID, ask.Candidates)
		if err != nil {
			return nil, "", err
		}
		a := ui.AskRef{N: i, Text: s.Text[ask.Start:ask.End]}
		if len(found) > 0 {
			ref := likelyOf(c.Printer(ec), found[0])
			a.Theme = &ref
			names = append(names, ref.Title)
			todo = todo || !in[ref.ID]
		} else {
			names = append(names, c.Printer(ec).T("inbox.asks.new"))
		}
		out = append(out, a)
	}
	if !todo {
		return nil, "", nil
	}
	return out, strings.Join(names, quoteGap(c.Printer(ec))), nil
}

// quoteGap stands between the titles of a list that is quoted as a whole.
func quoteGap(p *i18n.Printer) string {
	if p.Locale() == i18n.ZH {
		return "”“"
	}
	return "”, “"
}

// assignAsks puts a suggestion into the theme of each ask that is ticked.
func (c *Console) assignAsks(ec echo.Context) error {
	ids := web.IDs(ec, "suggestion")
	if len(ids) != 1 {
		return c.refuse(ec, models.BadField("suggestion", "nothing_selected"))
	}
	which := []int{}
	for _, s := range web.IDs(ec, "ask") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return c.refuse(ec, models.BadField("asks", "asks_none"))
		}
		which = append(which, n)
	}
	if len(which) == 0 {
		return c.refuse(ec, models.BadField("ask", "nothing_selected"))
	}
	act, ths, err := c.s.Themes.AssignAsks(contextOf(ec), actorOf(ec), ids[0], which)
	if err != nil {
		return c.refuse(ec, err)
	}
	if act == "" {
		return c.refuse(ec, models.Fail(models.Conflict, "stands_there"))
	}
	names := []string{}
	for i := range ths {
		names = append(names, ths[i].NameFor(actorOf(ec).Locale))
	}
	return c.finish(ec, nextOf(ec), done{act, c.Printer(ec).T("toast.assigning", strings.Join(names, quoteGap(c.Printer(ec))))})
}
