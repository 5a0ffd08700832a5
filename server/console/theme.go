package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// theme shows one theme. What a form of it asks to see first, a status' readers
// or a merge's result, comes by the query, so that it works without script.
func (c *Console) theme(ec echo.Context) error {
	d, th, err := c.themePage(ec, ec.Param("id"))
	if err != nil {
		return err
	}
	if th.ID != ec.Param("id") { // merged away
		return c.Back(ec, "/themes/"+th.ID, nil)
	}
	if status := ec.QueryParam("status"); status != "" {
		d.StatusForm.Status = status
		if ec.QueryParams().Has("reason_en") {
			if err := c.preview(ec, th, &d.StatusForm); err != nil {
				return err
			}
		}
	}
	if err := c.fillMerge(ec, th, &d.Merge); err != nil {
		return err
	}
	return c.showTheme(ec, http.StatusOK, d)
}

func (c *Console) showTheme(ec echo.Context, status int, d *ui.Theme) error {
	v := c.view(ec, d.Title)
	if ec.Request().Method != http.MethodGet {
		v.Path = "/themes/" + d.ID
	}
	return c.Show(ec, status, v, ui.PageTheme, d)
}

// themePage reads everything that a theme's page shows.
func (c *Console) themePage(ec echo.Context, id string) (*ui.Theme, *models.Theme, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	th, err := c.s.Themes.Get(ctx, actor, id)
	if err != nil {
		return nil, nil, err
	}
	reason, _ := th.Reason.In(actor.Locale)
	d := &ui.Theme{ID: th.ID, Title: th.NameFor(actor.Locale), Status: string(th.Status), Candidate: th.Status == models.StatusCandidate,
		Published: th.Public, PublicURL: "/t/" + th.ID, People: th.PeopleCount, SuggestionsCount: th.SuggestionsCount, Version: th.Version, Target: th.Target, Updated: th.UpdatedAt, Reason: reason,
		Texts:      ui.TextsForm{Title: th.Title, PublicTitle: localized(th.PublicTitle), PublicText: localized(th.PublicText), Target: th.Target, Revision: int(th.Rev), Errors: map[string]string{}},
		StatusForm: ui.StatusForm{ThemeID: th.ID, Status: string(th.Status), Revision: int(th.Rev), Errors: map[string]string{}},
		Merge:      ui.MergeForm{ThemeID: th.ID}, Split: ui.SplitForm{Errors: map[string]string{}}}
	if th.PromiseDate != nil && th.Status.IsOpen() {
		d.Promise, d.Overdue = *th.PromiseDate, th.PromiseDate.Before(c.now())
	}
	for _, read := range []func(echo.Context, *models.Theme, *ui.Theme) error{c.readSuggestions, c.readTimeline, c.readIssues, c.readUpdates} {
		if err := read(ec, th, d); err != nil {
			return nil, nil, err
		}
	}
	return d, th, nil
}

func (c *Console) readSuggestions(ec echo.Context, th *models.Theme, d *ui.Theme) error {
	ctx, p := contextOf(ec), c.Printer(ec)
	rows, err := c.s.Themes.Suggestions(ctx, actorOf(ec), th.ID, pageRows)
	if err != nil {
		return err
	}
	people, where, err := c.s.Intake.People(ctx, actorOf(ec), personsOf(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		s := &rows[i]
		d.Suggestions = append(d.Suggestions, ui.ThemeSuggestion{ID: s.ID, Text: wordsOf(s), Lang: langOfWords(s.Lang), Provenance: said(p, s, people, where), Same: sameOf(s)})
	}
	return nil
}

func (c *Console) readIssues(ec echo.Context, th *models.Theme, d *ui.Theme) error {
	links, err := c.s.Sync.Links(contextOf(ec), actorOf(ec), th.ID)
	if err != nil {
		return err
	}
	waits, err := c.s.Sync.Waiting(contextOf(ec), actorOf(ec), links)
	if err != nil {
		return err
	}
	first := ""
	for i := range links {
		issue := c.issueOf(ec, &links[i])
		issue.Waiting = waits[links[i].ID]
		d.Issues = append(d.Issues, issue)
		if first == "" {
			first = issueName(&links[i])
		}
	}
	if first == "" {
		first = "GitHub"
	}
	if th.ReadyAt != nil {
		d.Ready = first
	}
	if th.WantsReasonAt != nil {
		d.NotPlanned = first
	}
	if auth.Can(actorOf(ec), auth.LinkIssue) == nil {
		if r := c.s.Sync.Repository(); r != "" {
			d.Repositories = []ui.Option{{Value: r, Label: r, Selected: true}}
		}
	}
	return nil
}
