package app

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// Announce gives a theme a status and says who will hear of it. With dryRun it
// only says so, and counts everybody. Never call it inside of a Write.
func (a *App) Announce(ctx context.Context, actor auth.Actor, theme string, c themes.StatusChange, dryRun bool) (api.Announced, error) {
	count := a.Notifier.Estimate
	if dryRun {
		count = a.Notifier.Preview
	}
	out, err := a.consider(ctx, actor, theme, c, count)
	if err != nil || dryRun {
		return out, err
	}
	out.Activity, out.Theme, err = a.Themes.SetStatus(ctx, actor, out.Theme.ID, c)
	return out, err
}

// consider says how the theme would stand and who would hear of it.
func (a *App) consider(ctx context.Context, actor auth.Actor, theme string, c themes.StatusChange,
	count func(context.Context, auth.Actor, string, models.Text, bool) (notifier.Preview, error)) (api.Announced, error) {
	var out api.Announced
	var err error
	if out.Theme, err = a.Themes.TryStatus(ctx, actor, theme, c); err != nil {
		return out, err
	}
	out.Audience, err = count(ctx, actor, out.Theme.ID, c.Reason, c.Notify)
	return out, err
}
