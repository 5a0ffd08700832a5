package issuesync

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// keepHooks is how long a webhook's guid is remembered: GitHub redelivers for
// three days, and a person looks further back.
const keepHooks = 14 * 24 * time.Hour

// keepOps is how long it is known what was written, and what gave way.
const keepOps = 365 * 24 * time.Hour

// Forget removes webhooks, writes and pages whose time is over; for the retention job.
func (s *Sync) Forget(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		now := s.db.Now()
		if err := tx.Where("read_at < ?", now.Add(-keepPages)).Delete(&models.GithubPage{}).Error; err != nil {
			return err
		}
		if err := tx.Where("done_at < ?", now.Add(-keepOps)).Delete(&models.IssueOp{}).Error; err != nil {
			return err
		}
		if err := tx.Where("untied_from <> 0 AND updated_at < ?", now.Add(-keepOps)).Delete(&models.IssueComment{}).Error; err != nil {
			return err
		}
		if err := tx.Where("asked_at < ?", now.Add(-keepHooks)).Delete(&models.GithubRedelivery{}).Error; err != nil {
			return err
		}
		if err := tx.Where("looked_at < ?", now.Add(-keepHooks)).Delete(&models.GithubHook{}).Error; err != nil {
			return err
		}
		if err := tx.Where("merged_at < ?", now.Add(-2*keepHooks)).Delete(&models.GithubMerge{}).Error; err != nil { // as old, none moves anything
			return err
		}
		return tx.Where("received_at < ?", now.Add(-keepHooks)).Delete(&models.HookDelivery{}).Error
	})
}
