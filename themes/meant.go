package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// JoinedTheme is a suggestion of a person that was put into a theme, as the page behind
// "this is not what I meant" shows it.
type JoinedTheme struct {
	Suggestion models.Suggestion
	Theme      models.Theme
}

// JoinedBy lists which suggestions of a person an activity put into a theme where they
// still stand; or where one suggestion stands by itself, without anybody's decision.
func (t *Themes) JoinedBy(ctx context.Context, person, activity, suggestion string) ([]JoinedTheme, error) {
	db := t.db.Read(ctx)
	var rows []models.SuggestionTheme
	q := db.Joins("JOIN suggestions s ON s.id = suggestion_themes.suggestion_id AND s.person_id = ? AND s.person_id <> '' AND s.confidential = FALSE", person)
	if suggestion != "" {
		q = q.Where("suggestion_themes.suggestion_id = ? AND suggestion_themes.action = ?", suggestion, models.ActionAttached)
	} else {
		q = q.Where("(suggestion_themes.suggestion_id, suggestion_themes.theme_id) IN (SELECT row_id, to_theme FROM moves WHERE activity_id = ? AND what = ? AND to_theme <> '')", activity, models.MoveSuggestion)
	}
	if err := q.Order("suggestion_themes.suggestion_id").Limit(20).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what joined: %w", err)
	}
	var out []JoinedTheme
	for _, r := range rows {
		var j JoinedTheme
		if err := db.First(&j.Suggestion, "id = ?", r.SuggestionID).Error; err != nil {
			return nil, fmt.Errorf("read what joined: %w", err)
		}
		if err := db.First(&j.Theme, "id = ?", r.ThemeID).Error; err != nil {
			return nil, fmt.Errorf("read what joined: %w", err)
		}
		out = append(out, j)
	}
	return out, nil
}

// NotMeant takes a person's own suggestion out of a theme, for good, as staff's word
// that it is different does: it waits in the inbox again and is never proposed there.
// It returns the activity's id. Errors: NotFound suggestion_not_found; Conflict
// changed_since when it stands there no more.
func (t *Themes) NotMeant(ctx context.Context, a auth.Actor, suggestion, theme string) (string, error) {
	var act *models.Activity
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := t.holdSaid(tx, suggestion); err != nil {
			return err
		}
		var mine int64
		if err := tx.Model(&models.Suggestion{}).Where("id = ? AND person_id = ? AND person_id <> '' AND confidential = FALSE", suggestion, a.PersonID).Count(&mine).Error; err != nil {
			return fmt.Errorf("not meant: %w", err)
		}
		if mine == 0 {
			return models.Fail(models.NotFound, "suggestion_not_found", suggestion)
		}
		th, err := t.held(tx, theme)
		if err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&models.SuggestionTheme{}).Where("suggestion_id = ? AND theme_id = ?", suggestion, th.ID).Count(&there).Error; err != nil {
			return fmt.Errorf("not meant: %w", err)
		}
		if there == 0 {
			return models.Fail(models.Conflict, "changed_since")
		}
		step, err := remember(tx, models.Decision{SuggestionID: suggestion, ThemeID: th.ID, ActorKind: a.Kind, ActorID: a.ID, CreatedAt: t.db.Now()})
		if err != nil {
			return err
		}
		act = &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.DecisionMade, SuggestionID: suggestion, ThemeID: th.ID, PersonID: a.PersonID}
		act, err = t.follow(ctx, tx, a, act, th, step)
		return err
	})
	if err != nil {
		return "", err
	}
	return act.ID, nil
}
