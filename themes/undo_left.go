package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// takenOut are the suggestions that an activity moved and that their people took out of
// where it put them ("this is not what I meant"), so that made does not move them back.
// Their word is not one that somebody else takes back by undoing something before it.
func takenOut(tx *gorm.DB, act, made string) ([]string, error) {
	out := []string{}
	err := tx.Raw(`SELECT DISTINCT m.row_id FROM moves m JOIN decisions d ON d.suggestion_id = m.row_id AND d.theme_id = m.to_theme
		WHERE m.activity_id = @act AND m.what = 'suggestion' AND d.same = FALSE AND d.actor_kind = @person
			AND NOT EXISTS (SELECT 1 FROM moves n WHERE n.activity_id = @made AND n.what = 'suggestion' AND n.row_id = m.row_id)
			AND NOT EXISTS (SELECT 1 FROM suggestion_themes x WHERE x.suggestion_id = m.row_id AND x.theme_id = m.to_theme)
		ORDER BY m.row_id`, map[string]any{"act": act, "made": made, "person": models.ActorPerson}).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	return out, nil
}

// StayedOut are the suggestions that an undo left where their people had taken them; none
// of any other activity.
func (t *Themes) StayedOut(ctx context.Context, a auth.Actor, id string) ([]string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var act models.Activity
	if err := t.db.Read(ctx).First(&act, "id = ?", id).Error; err != nil {
		return nil, fmt.Errorf("read undo: %w", err)
	}
	c, err := act.Change()
	return c.StayOut, err
}
