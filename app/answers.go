package app

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// Solved reads the link of a mail that asks whether what shipped solves it. NotFound
// link_unknown.
func (a *App) Solved(ctx context.Context, token string) (api.SolvedPage, error) {
	page, _, err := a.solved(ctx, token)
	return page, err
}

func (a *App) solved(ctx context.Context, token string) (page api.SolvedPage, asked notifier.Asked, err error) {
	if asked, err = a.Notifier.AskedSolved(ctx, token); err != nil {
		return page, asked, err
	}
	page.Person = asked.Person
	if page.Theme, page.Over, err = a.Themes.Shipping(ctx, asked.Theme, asked.Activity); err != nil {
		return page, asked, err
	}
	page.Answer, err = a.Themes.Answered(ctx, page.Theme.ID, asked.Activity, asked.Person.PersonID)
	return page, asked, err
}

// Solve answers such a link, once. A no is a report that came back: words is what the
// person says, and instead what stands for it where they say nothing.
func (a *App) Solve(ctx context.Context, token string, solved bool, words, instead string) (api.SolvedPage, error) {
	page, asked, err := a.solved(ctx, token)
	if err != nil || page.Answer != nil {
		return page, err
	}
	var report func(context.Context, *gorm.DB, *models.Theme) (*models.Suggestion, error)
	if words = strings.TrimSpace(words); words == "" {
		words = instead
	}
	if !solved {
		prepared, err := a.Intake.PrepareReport(ctx, asked.Person, page.Theme, words)
		if err != nil {
			return page, err
		}
		report = func(ctx context.Context, _ *gorm.DB, _ *models.Theme) (*models.Suggestion, error) {
			f, err := a.Intake.Commit(ctx, asked.Person, prepared)
			return &f.Suggestion, err
		}
	}
	page.Answer, _, err = a.Themes.Answer(ctx, asked.Person, page.Theme.ID, asked.Activity, solved, report)
	return page, err
}

// Meant reads the link of a mail that told of things put together: the person's own
// suggestions, with where they stand. NotFound link_unknown.
func (a *App) Meant(ctx context.Context, token string) ([]themes.JoinedTheme, auth.Actor, error) {
	asked, err := a.Notifier.AskedMeant(ctx, token)
	if err != nil {
		return nil, asked.Person, err
	}
	joined, err := a.Themes.JoinedBy(ctx, asked.Person.PersonID, asked.Activity, asked.Suggestion)
	return joined, asked.Person, err
}

// NotMeant takes one of these suggestions out of its theme, with what the person says
// of it: it waits in the inbox again. Errors: NotFound link_unknown, suggestion_not_found.
func (a *App) NotMeant(ctx context.Context, token, suggestion, words string) error {
	joined, who, err := a.Meant(ctx, token)
	if err != nil {
		return err
	}
	for _, j := range joined {
		if j.Suggestion.ID != suggestion {
			continue
		}
		return a.DB.Write(ctx, func(ctx context.Context, _ *gorm.DB) error {
			if _, err := a.Themes.NotMeant(ctx, who, suggestion, j.Theme.ID); err != nil {
				return err
			}
			_, err := a.Intake.Answer(ctx, who, suggestion, models.MessageObjection, words)
			return err
		})
	}
	return models.Fail(models.NotFound, "suggestion_not_found", suggestion)
}
