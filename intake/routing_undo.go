package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// UndoesRouting reports whether an activity changed rules, teams or clocks: then
// UndoRouting takes it back.
func (in *Intake) UndoesRouting(ctx context.Context, id string) (bool, error) {
	var name string
	err := in.db.Read(ctx).Model(&models.Activity{}).Where("id = ?", id).Limit(1).Pluck("verb", &name).Error
	verb := models.Verb(name)
	return verb == models.RuleChanged || verb == models.TeamChanged || verb == models.ClocksChanged, err
}

// UndoRouting puts a rule, a team or the clocks back as they were before an activity,
// and gives the activity that records it, which can be undone in turn. Conflict when
// they were changed since.
func (in *Intake) UndoRouting(ctx context.Context, a auth.Actor, id string) (made string, err error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return "", err
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := in.db.Lock(tx, "routing"); err != nil {
			return err
		}
		var act models.Activity
		if res := tx.Limit(1).Find(&act, "id = ?", id); res.Error != nil || res.RowsAffected == 0 {
			if res.Error != nil {
				return res.Error
			}
			return models.Fail(models.NotFound, "activity_not_found")
		}
		switch {
		case act.UndoneBy != "":
			return models.Fail(models.Conflict, "already_undone")
		case in.db.Now().Sub(act.CreatedAt) > themes.UndoWindow:
			return models.Fail(models.Conflict, "undo_too_late")
		}
		var err error
		switch act.Verb {
		case models.RuleChanged:
			made, err = in.undoRule(ctx, tx, a, &act)
		case models.TeamChanged:
			made, err = in.undoTeam(ctx, tx, a, &act)
		case models.ClocksChanged:
			made, err = in.undoClocks(ctx, tx, a, &act)
		default:
			err = models.Fail(models.Conflict, "cannot_undo", string(act.Verb))
		}
		if err != nil {
			return err
		}
		return tx.Model(&models.Activity{}).Where("seq = ?", act.Seq).Update("undone_by", made).Error
	})
	if err != nil {
		return "", fmt.Errorf("undo: %w", err)
	}
	return made, nil
}

func stepOf[T any](act *models.Activity) (s models.SettingStep[T], err error) {
	err = json.Unmarshal([]byte(act.Snapshot), &s)
	return s, err
}

func (in *Intake) undoRule(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (string, error) {
	s, err := stepOf[models.RoutingRule](act)
	if err != nil {
		return "", err
	}
	if s.After == nil {
		back := *s.Before
		return in.putRule(ctx, tx, a, nil, &back, act.ID)
	}
	now, err := ruleAt(tx, s.After.ID)
	if err != nil || !sameWords(&now, s.After) {
		return "", models.Fail(models.Conflict, "rule_changed")
	}
	if s.Before == nil {
		return in.putRule(ctx, tx, a, &now, nil, act.ID)
	}
	back := *s.Before
	back.Rev = now.Rev
	return in.putRule(ctx, tx, a, &now, &back, act.ID)
}

func (in *Intake) undoTeam(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (string, error) {
	s, err := stepOf[TeamOf](act)
	if err != nil {
		return "", err
	}
	key := ""
	if s.Before != nil {
		key = s.Before.Key
	} else if s.After != nil {
		key = s.After.Key
	}
	now, err := teamAt(tx, key)
	if err != nil {
		return "", err
	}
	if (now == nil) != (s.After == nil) || now != nil && (now.Name != s.After.Name || !reflect.DeepEqual(now.Members, s.After.Members)) {
		return "", models.Fail(models.Conflict, "team_changed")
	}
	return in.changeTeam(ctx, a, key, s.Before, act.ID)
}

func (in *Intake) undoClocks(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (string, error) {
	s, err := stepOf[models.Clocks](act)
	if err != nil {
		return "", err
	}
	now, err := in.clockSetting(tx)
	if err != nil {
		return "", err
	}
	if !reflect.DeepEqual(now.Clocks.V, *s.After) {
		return "", models.Fail(models.Conflict, "clocks_changed")
	}
	return in.putClocks(ctx, a, *s.Before, 0, act.ID)
}
