package intake

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// reroute follows a member's change of a suggestion: the team they named, the clock
// that its urgency has, and that no rule decided what they did.
func (in *Intake) reroute(ctx context.Context, tx *gorm.DB, p Patch, before, s *models.Suggestion) error {
	if p.Team != nil {
		if *p.Team != "" {
			if err := teamExists(tx, *p.Team); err != nil {
				return err
			}
		}
		s.Team = *p.Team
	}
	why := slices.DeleteFunc(slices.Clone(s.Routed.V), func(r models.Routed) bool {
		switch r.Field {
		case models.FieldKind:
			return p.Kind != nil
		case models.FieldProduct:
			return p.Product != nil
		case models.FieldUrgency:
			return p.Urgency != nil
		case models.FieldTeam:
			return p.Team != nil
		}
		return false
	})
	s.Routed = models.AsJSON(why)
	if s.Confidential { // an emergency's clock is its own
		return nil
	}
	if s.Urgency == before.Urgency && s.Team == before.Team && owed(s.State) == owed(before.State) {
		return nil
	}
	if s.ReplyDueAt == nil && s.Urgency == before.Urgency { // it never had a clock
		return nil
	}
	plan, err := in.planned(ctx)
	if err != nil {
		return err
	}
	plan.wind(s)
	return nil
}
