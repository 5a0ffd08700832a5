package issuesync

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// isTroubled is what Health counts: a link that needs a person, or waits for something. One whose
// issue is gone says so in last_error, until a person leaves it as it is.
const isTroubled = "state = 'held' OR last_error <> ''"

// Troubled lists up to limit links in which something is wrong, those that changed last first.
func (s *Sync) Troubled(ctx context.Context, a auth.Actor, limit int) (rows []models.IssueLink, err error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	if err := s.db.Read(ctx).Where(isTroubled).Order("updated_at DESC, id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list troubled links: %w", err)
	}
	return rows, nil
}
