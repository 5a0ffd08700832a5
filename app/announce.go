package app

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// Announce gives a theme a status and says who will hear of it. With dryRun it
// only says so. It is the one method behind every door that announces.
func (a *App) Announce(ctx context.Context, actor auth.Actor, theme string, c themes.StatusChange, dryRun bool) (api.Announced, error) {
	var out api.Announced
	var err error
	if out.Theme, err = a.Themes.TryStatus(ctx, actor, theme, c); err != nil {
		return out, err
	}
	if out.Audience, err = a.Notifier.Preview(ctx, actor, out.Theme.ID, c.Reason, c.Notify); err != nil || dryRun {
		return out, err
	}
	out.Activity, out.Theme, err = a.Themes.SetStatus(ctx, actor, out.Theme.ID, c)
	return out, err
}
