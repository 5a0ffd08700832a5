package issuesync

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// onTheWay selects the links that are still to be compared, or written to: what has changed
// here may not be on GitHub yet.
const onTheWay = `SELECT link_id FROM issue_ops WHERE done_at IS NULL AND state <> 'failed' AND field <> 'issue'
	UNION SELECT key FROM jobs WHERE kind IN ('` + PullJob + `', '` + CommentJob + `')`

// Waiting says which of the links are not known to be in step: something is to be compared or
// written.
func (s *Sync) Waiting(ctx context.Context, a auth.Actor, links []models.IssueLink) (map[string]bool, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	ids, waits := []string{}, map[string]bool{}
	for _, l := range links {
		ids = append(ids, l.ID)
	}
	var some []string
	if err := s.db.Read(ctx).Raw("SELECT w.link_id FROM ("+onTheWay+") w WHERE w.link_id IN ?", ids).Scan(&some).Error; err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	for _, id := range some {
		waits[id] = true
	}
	return waits, nil
}
