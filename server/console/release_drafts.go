package console

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// releaseDrafts lists what came out on GitHub and waits.
func (c *Console) releaseDrafts(ec echo.Context) (rows []ui.ReleaseDraftRow, err error) {
	drafts, err := c.s.Themes.ReleaseDrafts(contextOf(ec), actorOf(ec))
	for _, d := range drafts {
		row := ui.ReleaseDraftRow{ID: d.ID, Version: d.Version, Name: d.Name, Repository: d.Repository, URL: d.URL, At: d.PublishedAt, Themes: len(d.Themes)}
		if row.Name == d.Version || row.Name == "v"+d.Version { // says nothing more
			row.Name = ""
		}
		for _, th := range d.Themes {
			if th.Named {
				row.Named++
			}
		}
		rows = append(rows, row)
	}
	return rows, err
}

// fillIn fills the form with a draft, its proposals ticked; one that is over leaves the form
// as it is and says so.
func (c *Console) fillIn(ec echo.Context, d *ui.Releases, id string) error {
	if id == "" || !d.CanShip {
		return nil
	}
	draft, err := c.draft(ec, id)
	if err != nil {
		return err
	}
	if draft == nil {
		d.Form.Wrong = []string{c.Printer(ec).T("error.release_draft_over")}
		return nil
	}
	d.Form.Version, d.Form.Notes = draft.Version, localized(draft.Notes)
	ids := make([]string, 0, len(draft.Themes))
	for _, th := range draft.Themes {
		ids = append(ids, th.ID)
	}
	return c.offerDrafted(ec, d, id, ids)
}

func (c *Console) draft(ec echo.Context, id string) (*themes.ReleaseDraft, error) {
	drafts, err := c.s.Themes.ReleaseDrafts(contextOf(ec), actorOf(ec))
	if i := slices.IndexFunc(drafts, func(d themes.ReleaseDraft) bool { return d.ID == id }); i >= 0 {
		return &drafts[i], err
	}
	return nil, err
}

// offerDrafted has the form offer what a draft proposes, those themes before the others, with
// the chosen ones ticked.
func (c *Console) offerDrafted(ec echo.Context, d *ui.Releases, id string, chosen []string) error {
	if id == "" {
		return nil
	}
	draft, err := c.draft(ec, id)
	if err != nil || draft == nil { // over meanwhile: whoever ships it is told, and may ship without it
		return err
	}
	d.Form.Draft, d.Form.Drafted = id, draft.Version
	for i := range d.Drafts {
		d.Drafts[i].Chosen = d.Drafts[i].ID == id
	}
	var first []ui.ReleaseChoice
	for _, th := range draft.Themes {
		first = append(first, ui.ReleaseChoice{ThemeRef: refOf(&th.Theme, actorOf(ec).Locale), Named: th.Named, Ready: th.ReadyAt != nil, Chosen: slices.Contains(chosen, th.ID)})
	}
	for _, ch := range d.Form.Themes {
		if !slices.ContainsFunc(first, func(f ui.ReleaseChoice) bool { return f.ID == ch.ID }) {
			ch.Chosen = slices.Contains(chosen, ch.ID)
			first = append(first, ch)
		}
	}
	d.Form.Themes = first
	return nil
}

// dismissDraft puts a draft aside for good.
func (c *Console) dismissDraft(ec echo.Context) error {
	d, err := c.s.Themes.DismissDraft(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, "/releases", err)
	}
	return c.Back(ec, "/releases", &ui.Toast{Message: c.Printer(ec).T("releases.draft.dismissed", d.Version)})
}
