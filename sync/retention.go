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

// Forget removes webhooks whose time is over; for the retention job.
func (s *Sync) Forget(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("received_at < ?", s.db.Now().Add(-keepHooks)).Delete(&models.HookDelivery{}).Error
	})
}
