package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// takeBackRouting puts a rule, a team or the clocks back as they were before an
// activity; themes' Undo calls it. Conflict when they were changed since.
func (in *Intake) takeBackRouting(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (*models.Activity, error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return nil, err
	}
	if err := in.db.Lock(tx, "routing"); err != nil {
		return nil, err
	}
	undo := map[models.Verb]func(context.Context, *gorm.DB, auth.Actor, *models.Activity) (string, error){
		models.RuleChanged: in.undoRule, models.TeamChanged: in.undoTeam, models.ClocksChanged: in.undoClocks}[act.Verb]
	made, err := undo(ctx, tx, a, act)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	return &models.Activity{ID: made}, nil
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
