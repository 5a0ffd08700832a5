package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// releaseNames: where the services say notes, the form has a field per language.
var releaseNames = map[string]string{"notes": "notes_en", "themes": "themes_0"}

// releases lists what was shipped, with the form for the next.
func (c *Console) releases(ec echo.Context) error {
	d, err := c.releasesPage(ec, ec.QueryParams()["theme"])
	if err == nil {
		err = c.fillIn(ec, d, ec.QueryParam("draft"))
	}
	if err != nil {
		return err
	}
	return c.showReleases(ec, http.StatusOK, d)
}

func (c *Console) showReleases(ec echo.Context, status int, d *ui.Releases) error {
	v := c.view(ec, c.Printer(ec).T("nav.releases"))
	if ec.Request().Method != http.MethodGet {
		v.Path = "/releases"
	}
	return c.Show(ec, status, v, ui.PageReleases, d)
}

// releasesPage reads the page; chosen are the themes whose boxes are ticked, and those
// that GitHub says are ready when nothing was chosen yet.
func (c *Console) releasesPage(ec echo.Context, chosen []string) (*ui.Releases, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	rows, next, err := c.s.Themes.Releases(ctx, actor, ec.QueryParam("cursor"), pageRows)
	if err != nil {
		return nil, err
	}
	d := &ui.Releases{CanShip: auth.Can(actor, auth.Announce) == nil, DraftsCome: c.s.Sync.ReadsReleases(), Form: ui.ReleaseForm{Errors: map[string]string{}}}
	for _, r := range rows {
		v := ui.ReleaseRow{ID: r.ID, Version: r.Version, Product: r.Product, By: r.ActorName, Activity: r.ActivityID, At: r.CreatedAt,
			CanUndo: d.CanShip && c.now().Sub(r.CreatedAt) < themes.UndoWindow}
		v.Notes, v.NotesLang = r.Notes.In(actor.Locale)
		for i := range r.Themes {
			v.Themes = append(v.Themes, refOf(&r.Themes[i], actor.Locale))
		}
		d.Rows = append(d.Rows, v)
	}
	if d.Drafts, err = c.releaseDrafts(ec); err != nil {
		return nil, err
	}
	if next != "" {
		d.MoreURL = "/releases?cursor=" + next
	}
	may, err := c.s.Themes.Shippable(ctx, actor)
	if err != nil {
		return nil, err
	}
	for i := range may {
		th := &may[i]
		on := slices.Contains(chosen, th.ID) || len(chosen) == 0 && th.ReadyAt != nil
		d.Form.Themes = append(d.Form.Themes, ui.ReleaseChoice{ThemeRef: refOf(th, actor.Locale), Ready: th.ReadyAt != nil, Chosen: on})
	}
	return d, nil
}

// shipRelease ships a release once its readers were shown; a form sent without that
// step is shown its preview.
func (c *Console) shipRelease(ec echo.Context) error {
	r := themes.Release{Version: strings.TrimSpace(ec.FormValue("version")), Product: strings.TrimSpace(ec.FormValue("product")), Themes: web.IDs(ec, "theme"),
		Notes: textOf(ec, "notes"), Notify: ec.FormValue("silent") == "", Draft: ec.FormValue("draft")}
	chosen := r.Themes
	if len(chosen) == 0 {
		chosen = []string{""} // none, and not those that are ready
	}
	d, err := c.releasesPage(ec, chosen)
	if err != nil {
		return err
	}
	f := &d.Form
	if err := c.offerDrafted(ec, d, r.Draft, r.Themes); err != nil {
		return err
	}
	f.Version, f.Product, f.Notes, f.Silent, f.Chosen = r.Version, r.Product, ui.Localized{EN: r.Notes.EN, ZH: r.Notes.ZH}, !r.Notify, len(r.Themes)
	confirmed := ec.FormValue("step") == "confirm"
	var s api.Shipped
	look := func(ctx context.Context) (err error) {
		s, err = c.s.Ship(ctx, actorOf(ec), r, true)
		return err
	}
	var end web.Ending
	if confirmed {
		end, err = web.Once(ec, c.s.Intake, actorOf(ec), nil, web.Form{Before: look, Do: func(ctx context.Context) (web.Ending, error) {
			made, err := c.s.Themes.ShipRelease(ctx, actorOf(ec), r)
			if err != nil {
				return web.Ending{}, err
			}
			return web.Ending{Path: "/releases", Toast: &ui.Toast{Message: c.Printer(ec).T("toast.release", len(s.Themes), made.Version), Activity: made.ActivityID, Held: s.Audience.Mails}}, nil
		}})
	} else {
		err = look(contextOf(ec))
	}
	if err != nil {
		messages, ok := c.Fields(contextOf(ec), err, releaseNames)
		if !ok {
			return c.sorry(ec, "/releases", err)
		}
		for name, message := range messages {
			if strings.HasPrefix(name, "themes_") || name == "draft" {
				f.Wrong = append(f.Wrong, message)
				continue
			}
			f.Errors[name] = message
		}
		slices.Sort(f.Wrong)
		return c.showReleases(ec, http.StatusUnprocessableEntity, d)
	}
	if !confirmed {
		f.Preview = c.consequenceOf(ec, s.Audience, f.Silent)
		return c.showReleases(ec, http.StatusOK, d)
	}
	return c.Back(ec, end.Path, end.Toast)
}
