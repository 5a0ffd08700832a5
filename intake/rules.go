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

// MaxRules is how many rules there may be.
const MaxRules = 500

// RuleDraft is a rule as it is written. Position is from 1; 0 or beyond the end puts a
// new rule last and leaves another where it is.
type RuleDraft struct {
	Name       string
	Conditions models.RuleIf
	Outcome    models.RuleThen
	Disabled   bool
	Position   int
	Rev        int64 // not 0: the revision that was seen
}

// Rules gives all rules in their order, for who may read all.
func (in *Intake) Rules(ctx context.Context, a auth.Actor) ([]models.RoutingRule, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	rows := []models.RoutingRule{}
	if err := in.db.Read(ctx).Order("position, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return rows, nil
}

// Rule gives one rule. NotFound rule_not_found.
func (in *Intake) Rule(ctx context.Context, a auth.Actor, id string) (models.RoutingRule, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return models.RoutingRule{}, err
	}
	return ruleAt(in.db.Read(ctx), id)
}

func ruleAt(db *gorm.DB, id string) (row models.RoutingRule, err error) {
	res := db.Limit(1).Find(&row, "id = ?", id)
	if res.Error == nil && res.RowsAffected == 0 {
		return row, models.Fail(models.NotFound, "rule_not_found", id)
	}
	return row, res.Error
}

// AddRule makes a rule and gives the activity that records it.
func (in *Intake) AddRule(ctx context.Context, a auth.Actor, d RuleDraft) (models.RoutingRule, string, error) {
	return in.changeRule(ctx, a, "", func(old *models.RoutingRule) (*models.RoutingRule, error) {
		row := models.RoutingRule{ID: models.NewID(models.PrefixRule), CreatedAt: in.db.Now()}
		d.write(&row)
		return &row, nil
	}, &d)
}

// EditRule writes a rule anew, its place included. Conflict rule_changed when it is
// not as it was seen.
func (in *Intake) EditRule(ctx context.Context, a auth.Actor, id string, d RuleDraft) (models.RoutingRule, string, error) {
	return in.changeRule(ctx, a, id, func(old *models.RoutingRule) (*models.RoutingRule, error) {
		if d.Rev != 0 && d.Rev != old.Rev {
			return nil, models.Fail(models.Conflict, "rule_changed")
		}
		row := *old
		d.write(&row)
		return &row, nil
	}, &d)
}

// MoveRule puts a rule at a place from 1 on; beyond the end is the end.
func (in *Intake) MoveRule(ctx context.Context, a auth.Actor, id string, position int) (models.RoutingRule, string, error) {
	return in.changeRule(ctx, a, id, func(old *models.RoutingRule) (*models.RoutingRule, error) {
		row := *old
		row.Position = max(position, 1)
		return &row, nil
	}, nil)
}

// SwitchRule turns a rule off or on.
func (in *Intake) SwitchRule(ctx context.Context, a auth.Actor, id string, off bool) (models.RoutingRule, string, error) {
	return in.changeRule(ctx, a, id, func(old *models.RoutingRule) (*models.RoutingRule, error) {
		row := *old
		row.Disabled = off
		return &row, nil
	}, nil)
}

// RemoveRule takes a rule out; undo puts it back.
func (in *Intake) RemoveRule(ctx context.Context, a auth.Actor, id string) (string, error) {
	_, act, err := in.changeRule(ctx, a, id, func(*models.RoutingRule) (*models.RoutingRule, error) { return nil, nil }, nil)
	return act, err
}

func (d *RuleDraft) write(row *models.RoutingRule) {
	row.Name, row.Conditions, row.Outcome, row.Disabled = d.Name, models.AsJSON(d.Conditions), models.AsJSON(d.Outcome), d.Disabled
	if d.Position > 0 || row.Position == 0 {
		row.Position = d.Position
	}
}

// changeRule is the one way in which rules change: what it was and became is recorded.
// id "" makes one. A draft is checked first.
func (in *Intake) changeRule(ctx context.Context, a auth.Actor, id string, change func(*models.RoutingRule) (*models.RoutingRule, error), d *RuleDraft) (row models.RoutingRule, act string, err error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return row, "", err
	}
	if d != nil {
		if err := in.checkRule(d); err != nil {
			return row, "", err
		}
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := in.db.Lock(tx, "routing"); err != nil {
			return err
		}
		if d != nil && d.Outcome.Team != "" {
			if err := teamExists(tx, d.Outcome.Team); err != nil {
				return models.BadField("outcome/team", "team_unknown", d.Outcome.Team)
			}
		}
		var before *models.RoutingRule
		if id != "" {
			old, err := ruleAt(tx, id)
			if err != nil {
				return err
			}
			before = &old
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		if after != nil {
			if before == nil || !sameRule(before, after) {
				if act, err = in.putRule(ctx, tx, a, before, after, ""); err != nil {
					return err
				}
			}
			row = *after
			return nil
		}
		act, err = in.putRule(ctx, tx, a, before, nil, "")
		return err
	})
	if err != nil {
		return row, "", fmt.Errorf("change rule: %w", err)
	}
	return row, act, nil
}

func sameRule(a, b *models.RoutingRule) bool {
	return a.Position == b.Position && sameWords(a, b)
}

// sameWords leaves aside where the rule stands: others move it along.
func sameWords(a, b *models.RoutingRule) bool {
	return a.Name == b.Name && a.Disabled == b.Disabled && reflect.DeepEqual(a.Conditions, b.Conditions) && a.Outcome == b.Outcome
}

// putRule brings a rule from before to after, nil being none, and numbers the others
// around it.
func (in *Intake) putRule(ctx context.Context, tx *gorm.DB, a auth.Actor, before, after *models.RoutingRule, undoes string) (string, error) {
	var rows []models.RoutingRule
	if err := tx.Order("position, id").Find(&rows).Error; err != nil {
		return "", err
	}
	order := make([]string, 0, len(rows)+1)
	for _, r := range rows {
		if before == nil || r.ID != before.ID {
			order = append(order, r.ID)
		}
	}
	if before != nil {
		if err := tx.Delete(&models.RoutingRule{}, "id = ?", before.ID).Error; err != nil {
			return "", err
		}
	}
	if after != nil {
		if len(order) >= MaxRules {
			return "", models.Fail(models.Conflict, "rules_too_many", MaxRules)
		}
		if after.Position <= 0 || after.Position > len(order) {
			after.Position = len(order) + 1
		}
		after.Rev, after.UpdatedAt = after.Rev+1, in.db.Now()
		if err := tx.Create(after).Error; err != nil {
			return "", err
		}
		order = append(order[:after.Position-1], append([]string{after.ID}, order[after.Position-1:]...)...)
	}
	at := map[string]int{}
	for _, r := range rows {
		at[r.ID] = r.Position
	}
	for i, id := range order {
		if after != nil && id == after.ID || at[id] == i+1 {
			continue
		}
		if err := tx.Model(&models.RoutingRule{}).Where("id = ?", id).Update("position", i+1).Error; err != nil {
			return "", err
		}
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.RuleChanged, Snapshot: settingStep(before, after, undoes)}
	return act.ID, in.recordSetting(ctx, tx, a, act)
}

func settingStep[T any](before, after *T, undoes string) string {
	b, err := json.Marshal(models.SettingStep[T]{Before: before, After: after, Undoes: undoes})
	if err != nil {
		panic(err) // only plain fields: cannot fail
	}
	return string(b)
}

// recordSetting records a change of rules, teams or clocks, and lets every node know.
func (in *Intake) recordSetting(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) error {
	if err := in.changedRouting(ctx, tx); err != nil {
		return err
	}
	return in.db.Record(ctx, tx, a.By(), act)
}
