package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// RoutingChange is who changed what of rules, teams and clocks. What is rule.added,
// rule.edited, rule.moved, rule.on, rule.off, rule.removed, team.added, team.edited,
// team.removed or clocks.edited; Name is the rule's number or the team's key.
type RoutingChange struct {
	Activity string
	By       string
	What     string
	Name     string
	Undone   bool
	At       time.Time
}

// RoutingHistory gives the latest changes of rules, teams and clocks, the newest first.
func (in *Intake) RoutingHistory(ctx context.Context, a auth.Actor, limit int) ([]RoutingChange, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var acts []models.Activity
	// Written as the partial index has it.
	err := in.db.Read(ctx).Where("verb IN ('rule.changed', 'team.changed', 'clocks.changed')").Order("seq DESC").Limit(limit).Find(&acts).Error
	if err != nil {
		return nil, fmt.Errorf("read the history of rules: %w", err)
	}
	out := make([]RoutingChange, 0, len(acts))
	for i := range acts {
		c := RoutingChange{Activity: acts[i].ID, By: acts[i].ActorName, Undone: acts[i].UndoneBy != "", At: acts[i].CreatedAt}
		if c.What, c.Name, err = whatChanged(&acts[i]); err != nil {
			return nil, fmt.Errorf("read the history of rules: %w", err)
		}
		out = append(out, c)
	}
	return out, nil
}

func whatChanged(act *models.Activity) (what, name string, err error) {
	switch act.Verb {
	case models.RuleChanged:
		s, err := stepOf[models.RoutingRule](act)
		if err != nil {
			return "", "", err
		}
		rule := s.After
		switch {
		case s.Before == nil:
			what = "rule.added"
		case s.After == nil:
			what, rule = "rule.removed", s.Before
		case s.Before.Disabled != s.After.Disabled:
			what = map[bool]string{true: "rule.off", false: "rule.on"}[s.After.Disabled]
		case sameWords(s.Before, s.After):
			what = "rule.moved"
		default:
			what = "rule.edited"
		}
		return what, fmt.Sprint(rule.Position), nil
	case models.TeamChanged:
		s, err := stepOf[TeamOf](act)
		switch {
		case err != nil:
			return "", "", err
		case s.Before == nil:
			return "team.added", s.After.Key, nil
		case s.After == nil:
			return "team.removed", s.Before.Key, nil
		}
		return "team.edited", s.After.Key, nil
	}
	return "clocks.edited", "", nil
}
