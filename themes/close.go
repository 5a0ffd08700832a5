package themes

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Close ends suggestions without a theme: they leave the inbox, and their echoes
// with them. It returns the activity's id, "" when all of them were closed already.
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
		if err := t.known(tx, a, suggestions); err != nil {
			return err
		}
		made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionClosed, SuggestionID: suggestions[0]}
		res := tx.Exec(`INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme)
			SELECT @act, 'state', s.id, s.state, 'closed' FROM suggestions s WHERE s.state <> 'closed' AND s.id IN (
				SELECT id FROM suggestions WHERE id IN @ids UNION SELECT id FROM suggestions WHERE echo_of <> '' AND echo_of IN @ids)`,
			map[string]any{"act": made.ID, "ids": suggestions})
		if res.Error != nil {
			return fmt.Errorf("close: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return nil
		}
		act = made
		act.Snapshot = models.Change{Suggestions: int(res.RowsAffected)}.Encode()
		return t.setStates(ctx, tx, a, act)
	})
	if err != nil || act == nil {
		return "", err
	}
	return act.ID, nil
}

// reopen takes a closing back, or carries it out again, for the suggestions
// that still stand as it left them.
func (t *Themes) reopen(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	for id, step := range c.States {
		m := models.Move{ActivityID: act.ID, What: models.MoveState, RowID: id, FromTheme: string(step.From), ToTheme: string(step.To)}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m).Error; err != nil {
			return nil, fmt.Errorf("undo: %w", err)
		}
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, SuggestionID: act.SuggestionID,
		Snapshot: models.Change{Suggestions: c.Suggestions, Undoes: act.ID, UndoneVerb: models.SuggestionClosed, Again: c.TakesBack()}.Encode()}
	res := tx.Exec(`INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme)
		SELECT ?, 'state', m.row_id, m.to_theme, m.from_theme FROM moves m JOIN suggestions s ON s.id = m.row_id
		WHERE m.activity_id = ? AND m.what = 'state' AND s.state = m.to_theme`, made.ID, act.ID)
	if res.Error != nil {
		return nil, fmt.Errorf("undo: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	return made, t.setStates(ctx, tx, a, made)
}

// setStates carries out the moves of an activity from state to state, and records
// it.
func (t *Themes) setStates(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) error {
	args := map[string]any{"act": act.ID, "now": t.db.Now()}
	if err := t.holdTexts(tx, movedRows, args); err != nil {
		return err
	}
	err := tx.Exec(`UPDATE suggestions SET rev = rev + 1, updated_at = @now, state = m.to_theme, reply_next_at = `+clockAgain+`, `+strings.Replace(setWaiting, "state", "m.to_theme", 1)+`
		FROM moves m WHERE m.activity_id = @act AND m.what = 'state' AND m.row_id = suggestions.id`, args).Error
	if err != nil {
		return fmt.Errorf("set states: %w", err)
	}
	if err := regroup(tx, movedRows, args); err != nil {
		return err
	}
	var leads []string
	if err := tx.Raw("SELECT id FROM suggestions WHERE echo_of = '' AND waiting = TRUE AND id IN ("+movedRows+")", args).Scan(&leads).Error; err != nil {
		return fmt.Errorf("set states: %w", err)
	}
	if err := relike(tx, leads); err != nil {
		return err
	}
	return t.db.Record(ctx, tx, a.By(), act)
}

// Refresh brings a suggestion whose state, product or text changed inside a Write in
// step with that: whether it waits in the inbox, and who echoes whom.
func (t *Themes) Refresh(tx *gorm.DB, suggestion string) error {
	if err := tx.Exec("UPDATE suggestions SET "+setWaiting+" WHERE id = ?", suggestion).Error; err != nil {
		return fmt.Errorf("refresh inbox: %w", err)
	}
	one, args := "SELECT id FROM suggestions WHERE id = @id", map[string]any{"id": suggestion}
	if err := t.holdTexts(tx, one, args); err != nil {
		return err
	}
	if err := regroup(tx, one, args); err != nil {
		return err
	}
	return relike(tx, []string{suggestion})
}
