package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// splitNames: the form has one place for what is wrong with a split.
var splitNames = map[string]string{"title": "split_title", "suggestions": "split_title"}

// split moves the selected suggestions into a new theme.
func (c *Console) split(ec echo.Context) error {
	title, ids := ec.FormValue("split_title"), web.IDs(ec, "suggestion")
	end, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		act, th, err := c.s.Themes.Split(ctx, actorOf(ec), ec.Param("id"), ids, title)
		if err != nil {
			return web.Ending{}, err
		}
		return web.Ending{Path: "/themes/" + th.ID, Toast: &ui.Toast{Message: c.Printer(ec).T("toast.split", len(ids), th.Title), Activity: act}}, nil
	})
	if err == nil {
		return c.Back(ec, end.Path, end.Toast)
	}
	messages, ok := c.Fields(contextOf(ec), err, splitNames)
	if !ok {
		return err
	}
	d, _, err := c.themePage(ec, ec.Param("id"))
	if err != nil {
		return err
	}
	d.Split = ui.SplitForm{Title: c.s.Intake.NameOf(title), Errors: messages}
	return c.showTheme(ec, http.StatusUnprocessableEntity, d)
}

// merge moves everything of the theme into another.
func (c *Console) merge(ec echo.Context) error {
	act, th, err := c.s.Themes.MergeTold(contextOf(ec), actorOf(ec), ec.Param("id"), ec.FormValue("into"), ec.FormValue("notify") != "")
	if err != nil {
		return c.sorry(ec, "/themes/"+ec.Param("id"), err)
	}
	return c.Back(ec, "/themes/"+th.ID, &ui.Toast{Message: c.Printer(ec).T("toast.merged", th.NameFor(actorOf(ec).Locale)), Activity: act})
}

// mergeChoices are the themes to merge into, or the merge's result, alone.
func (c *Console) mergeChoices(ec echo.Context) error {
	th, err := c.s.Themes.Get(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	f := ui.MergeForm{ThemeID: th.ID}
	if err := c.fillMerge(ec, th, &f); err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageTheme, ui.FragmentMergeChoices, f)
}

// fillMerge adds what the query asks for: themes by name, or a preview.
func (c *Console) fillMerge(ec echo.Context, th *models.Theme, f *ui.MergeForm) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	f.Query = ec.QueryParam("merge_q")
	if into := ec.QueryParam("merge_into"); into != "" {
		target, would, err := c.s.Themes.TryMerge(ctx, actor, th.ID, into)
		if models.KindOf(err) == models.Invalid { // it went meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		f.Preview = &ui.MergePreview{Into: refOf(target, actor.Locale), People: would.People, Suggestions: would.Suggestions, Both: would.Both}
		return nil
	}
	if f.Query == "" {
		return nil
	}
	found, err := c.s.Themes.Named(ctx, actor, f.Query, 10)
	for i := range found {
		if found[i].ID != th.ID {
			f.Matches = append(f.Matches, refOf(&found[i], actor.Locale))
		}
	}
	return err
}
