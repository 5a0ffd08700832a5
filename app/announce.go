package app

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// Announce gives a theme a status and says who will hear of it, by the last count where
// they are many. Never call it inside of a Write.
func (a *App) Announce(ctx context.Context, actor auth.Actor, theme string, c themes.StatusChange) (api.Announced, error) {
	out, err := a.Consider(ctx, actor, theme, c, false)
	if err == nil {
		out.Activity, out.Theme, err = a.Themes.SetStatus(ctx, actor, out.Theme.ID, c)
	}
	return out, err
}

// Consider says how a theme would stand with a status and who would hear of it; exact
// counts them one by one, however many they are. Never call it inside of a Write.
func (a *App) Consider(ctx context.Context, actor auth.Actor, theme string, c themes.StatusChange, exact bool) (api.Announced, error) {
	var out api.Announced
	var err error
	if out.Theme, err = a.Themes.TryStatus(ctx, actor, theme, c); err != nil {
		return out, err
	}
	count := a.Notifier.Estimate
	if exact {
		count = a.Notifier.Preview
	}
	out.Audience, err = count(ctx, actor, out.Theme.ID, c.Reason, c.Notify)
	return out, err
}
