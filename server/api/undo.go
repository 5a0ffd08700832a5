package api

import (
	"context"

	"github.com/heedhq/heed/auth"
)

// Undo takes an activity back, whoever's it is to take back.
func (s Services) Undo(ctx context.Context, a auth.Actor, id string) (string, error) {
	ours, err := s.Intake.UndoesRouting(ctx, id)
	if err != nil {
		return "", err
	}
	if ours {
		return s.Intake.UndoRouting(ctx, a, id)
	}
	return s.Themes.Undo(ctx, a, id)
}
