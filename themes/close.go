package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Close ends suggestions without a theme: they leave the inbox. It returns the
// activity's id, "" when all of them were closed already.
func (t *Themes) Close(ctx context.Context, a auth.Actor, suggestions []string) (string, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", err
	}
	if len(suggestions) == 0 {
		return "", models.BadField("suggestions", "suggestions_required")
	}
	var act *models.Activity
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		act = nil
		if err := t.known(tx, suggestions); err != nil {
			return err
		}
		var rows []models.Suggestion
		if err := tx.Select("id", "state").Find(&rows, "id IN ? AND state <> ?", suggestions, models.StateClosed).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		c := models.Change{Suggestions: len(rows), States: map[string]models.StateStep{}}
		for _, r := range rows {
			c.States[r.ID] = models.StateStep{From: r.State, To: models.StateClosed}
			if _, err := t.setState(tx, r.ID, r.State, models.StateClosed); err != nil {
				return err
			}
		}
		act = &models.Activity{Verb: models.SuggestionClosed, SuggestionID: rows[0].ID, Snapshot: c.Encode()}
		return t.db.Record(ctx, tx, a.By(), act)
	})
	if err != nil || act == nil {
		return "", err
	}
	return act.ID, nil
}

// reopen takes a closing back, or carries it out again, for the suggestions
// that still stand as it left them.
func (t *Themes) reopen(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	made := models.Change{Suggestions: c.Suggestions, States: map[string]models.StateStep{}, Undoes: act.ID, UndoneVerb: models.SuggestionClosed, Again: c.TakesBack()}
	for id, step := range c.States {
		changed, err := t.setState(tx, id, step.To, step.From)
		if err != nil {
			return nil, err
		}
		if changed {
			made.States[id] = models.StateStep{From: step.To, To: step.From}
		}
	}
	if len(made.States) == 0 {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	again := &models.Activity{Verb: models.ActivityUndone, SuggestionID: act.SuggestionID, Snapshot: made.Encode()}
	return again, t.db.Record(ctx, tx, a.By(), again)
}

// setState changes a suggestion's state where it still is from, and with it
// whether it waits; false where it is not from any more.
func (t *Themes) setState(tx *gorm.DB, id string, from, to models.SuggestionState) (bool, error) {
	res := tx.Exec("UPDATE suggestions SET state = ?, rev = rev + 1, updated_at = ? WHERE id = ? AND state = ?", to, t.db.Now(), id, from)
	if res.Error != nil {
		return false, fmt.Errorf("set state: %w", res.Error)
	}
	return res.RowsAffected > 0, RefreshWaiting(tx, id)
}

// RefreshWaiting brings one suggestion's place in the inbox in step with its
// state and its themes, inside a Write.
func RefreshWaiting(tx *gorm.DB, suggestion string) error {
	if err := tx.Exec("UPDATE suggestions SET "+setWaiting+" WHERE id = ?", suggestion).Error; err != nil {
		return fmt.Errorf("refresh inbox: %w", err)
	}
	return relike(tx, []string{suggestion})
}
