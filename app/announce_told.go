package app

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// WriteUpdate writes an update of a theme and says who will hear of it. With dryRun it
// only says so, and counts the audience one by one; else very many stand as they were
// last counted. Never call it inside of a Write.
func (a *App) WriteUpdate(ctx context.Context, actor auth.Actor, theme string, u themes.Update, dryRun bool) (api.UpdateWritten, error) {
	out := api.UpdateWritten{}
	th, text, err := a.Themes.TryUpdate(ctx, actor, theme, u)
	if err != nil {
		return out, err
	}
	out.Update = models.ThemeUpdate{ThemeID: th.ID, Text: text, Notify: u.Notify}
	if dryRun {
		out.Audience, err = a.Notifier.PreviewOf(ctx, actor, notifier.KindUpdate, []models.Theme{*th}, text, u.Notify)
		return out, err
	}
	out.Audience, err = a.Notifier.EstimateOf(ctx, actor, notifier.KindUpdate, th.ID, text, u.Notify)
	if err != nil {
		return out, err
	}
	up, err := a.Themes.WriteUpdate(ctx, actor, theme, u)
	if err == nil {
		out.Update = *up
	}
	return out, err
}

// Ship ships a release and says who will hear of it. With dryRun it only says so.
// Never call it inside of a Write.
func (a *App) Ship(ctx context.Context, actor auth.Actor, r themes.Release, dryRun bool) (api.Shipped, error) {
	out := api.Shipped{}
	var err error
	tried := r
	if out.Themes, err = a.Themes.TryRelease(ctx, actor, &tried); err != nil {
		return out, err
	}
	out.Release = models.Release{Version: tried.Version, Product: tried.Product, Notes: tried.Notes, Notify: r.Notify}
	out.Audience, err = a.Notifier.PreviewOf(ctx, actor, notifier.KindStatus, out.Themes, tried.Notes, r.Notify)
	if err != nil || dryRun {
		return out, err
	}
	rel, err := a.Themes.ShipRelease(ctx, actor, r)
	if err == nil {
		out.Release = *rel
	}
	return out, err
}
