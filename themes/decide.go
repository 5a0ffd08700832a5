package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Decide remembers a word on whether a suggestion belongs to a theme. Said by
// staff, same also assigns and different also takes it out, for good: it is never
// proposed again. An agent's word is a proposal. It returns the id of the activity
// that undo takes.
func (t *Themes) Decide(ctx context.Context, a auth.Actor, suggestion, theme string, same bool) (string, []models.Theme, error) {
	if a.Kind == models.ActorAgent {
		w, err := t.ProposeAssignment(ctx, a, suggestion, theme, same, "")
		if err != nil {
			return "", nil, err
		}
		return w.Activity, w.Stands, nil
	}
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	var act *models.Activity
	var now []models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if err := t.known(tx, a, []string{suggestion}); err != nil {
			return err
		}
		if err := t.holdSaid(tx, suggestion); err != nil {
			return err
		}
		if err := sharable(tx, "?", []string{suggestion}); err != nil {
			return err
		}
		field := map[bool]string{true: "same", false: "different"}[same]
		th, err := t.named(tx, field, theme)
		if err != nil {
			return err
		}
		step, err := remember(tx, models.Decision{SuggestionID: suggestion, ThemeID: th.ID, Same: same,
			ActorKind: a.Kind, ActorID: a.ID, CreatedAt: t.db.Now()})
		if err != nil {
			return err
		}
		act = &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.DecisionMade, SuggestionID: suggestion, ThemeID: th.ID}
		if act, err = t.follow(ctx, tx, a, act, th, step); err != nil {
			return err
		}
		if err := t.answered(tx, a, act.ID, suggestion, th.ID, same); err != nil {
			return err
		}
		now, err = themesOf(tx, suggestion)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return act.ID, now, nil
}

// follow carries out a decision and records it. Where it moves something, the
// activity that undo takes is the assignment, which then takes the word back as
// well.
func (t *Themes) follow(ctx context.Context, tx *gorm.DB, a auth.Actor, made *models.Activity, th *models.Theme, step *models.DecisionStep) (*models.Activity, error) {
	id, same := made.SuggestionID, step.To.Same
	if err := relikeText(tx, id); err != nil {
		return nil, err
	}
	by := *step
	by.Activity = made.ID
	var moved *models.Activity
	var err error
	if same {
		moved, err = t.assign(ctx, tx, a, []string{id}, th, nil, nil, &by)
	} else {
		moved, err = t.assign(ctx, tx, a, []string{id}, nil, nil, []string{th.ID}, &by)
	}
	if err != nil {
		return nil, err
	}
	if moved != nil {
		made.Snapshot = models.Change{Same: &same}.Encode()
		return moved, t.db.Record(ctx, tx, a.By(), made)
	}
	made.Snapshot = models.Change{Same: &same, Decided: step}.Encode()
	if err := t.judge(ctx, tx, a, made.ID, []ruling{spoken(step.To)}); err != nil {
		return nil, err
	}
	return made, t.db.Record(ctx, tx, a.By(), made)
}

// spoken is what a word that moves nothing says.
func spoken(d *models.Decision) ruling {
	r := ruling{suggestion: d.SuggestionID, given: d.Same}
	if !d.Same {
		r.denied = []string{d.ThemeID}
	}
	return r
}

// remember stores a decision and says what was said before; a person's word
// replaces an earlier one, a proposal never replaces a person's.
func remember(tx *gorm.DB, d models.Decision) (*models.DecisionStep, error) {
	step := &models.DecisionStep{To: &d}
	var before models.Decision
	res := tx.Limit(1).Find(&before, "suggestion_id = ? AND theme_id = ?", d.SuggestionID, d.ThemeID)
	if res.Error != nil {
		return nil, fmt.Errorf("remember decision: %w", res.Error)
	}
	if res.RowsAffected == 1 {
		step.From = &before
	}
	return step, write(tx, d)
}

func write(tx *gorm.DB, d models.Decision) error {
	err := tx.Exec(`INSERT INTO decisions (suggestion_id, theme_id, same, proposed, actor_kind, actor_id, product, exact_hash, created_at)
		SELECT s.id, ?, ?, ?, ?, ?, s.product, s.exact_hash, ? FROM suggestions s WHERE s.id = ?
		ON CONFLICT (suggestion_id, theme_id) DO UPDATE SET same = excluded.same, proposed = excluded.proposed,
			actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, created_at = excluded.created_at
		WHERE decisions.proposed = TRUE OR excluded.proposed = FALSE`,
		d.ThemeID, d.Same, d.Proposed, d.ActorKind, d.ActorID, d.CreatedAt, d.SuggestionID).Error
	if err != nil {
		return fmt.Errorf("remember decision: %w", err)
	}
	return nil
}

// relikeText is relike for a suggestion and those with its text that wait without
// a theme.
func relikeText(tx *gorm.DB, suggestion string) error {
	ids, err := withDuplicates(tx, []string{suggestion})
	if err != nil {
		return err
	}
	return relike(tx, ids)
}

// retract puts a word back to what was said before, and gives the step that would
// say it again.
func (t *Themes) retract(tx *gorm.DB, step *models.DecisionStep, undone string) (*models.DecisionStep, error) {
	d := step.To
	if d == nil {
		d = step.From
	}
	var now models.Decision
	res := tx.Limit(1).Find(&now, "suggestion_id = ? AND theme_id = ?", d.SuggestionID, d.ThemeID)
	if res.Error != nil {
		return nil, fmt.Errorf("retract decision: %w", res.Error)
	}
	there := res.RowsAffected == 1
	if there != (step.To != nil) || there && (now.Same != step.To.Same || now.Proposed != step.To.Proposed) {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	if there {
		if err := tx.Delete(&models.Decision{}, "suggestion_id = ? AND theme_id = ?", d.SuggestionID, d.ThemeID).Error; err != nil {
			return nil, fmt.Errorf("retract decision: %w", err)
		}
	}
	if step.From != nil {
		if err := write(tx, *step.From); err != nil {
			return nil, err
		}
	}
	if step.Activity != "" {
		if err := tx.Model(&models.Activity{}).Where("id = ?", step.Activity).Update("undone_by", undone).Error; err != nil {
			return nil, fmt.Errorf("retract decision: %w", err)
		}
	}
	return &models.DecisionStep{Activity: step.Activity, From: step.To, To: step.From}, relikeText(tx, d.SuggestionID)
}

// unsay takes a word back that moved nothing.
func (t *Themes) unsay(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	if c.Decided == nil {
		return nil, models.Fail(models.Conflict, "cannot_undo", string(act.Verb))
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, ThemeID: act.ThemeID, SuggestionID: act.SuggestionID}
	step, err := t.retract(tx, c.Decided, made.ID)
	if err != nil {
		return nil, err
	}
	if c.TakesBack() && step.To != nil { // said again
		if err := t.judge(ctx, tx, a, made.ID, []ruling{spoken(step.To)}); err != nil {
			return nil, err
		}
	}
	made.Snapshot = models.Change{Undoes: act.ID, UndoneVerb: models.DecisionMade, Again: c.TakesBack(), Decided: step}.Encode()
	return made, t.db.Record(ctx, tx, a.By(), made)
}
