package notifier

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// staffMail is something that members of the team are told. Key tells it from
// others of its kind: a member gets one mail for each.
type staffMail struct {
	kind    Kind
	members []string // ids
	key     string
	theme   string
	now     bool // it waits for no mailing
}

// tellMembers queues one mail for each member who is there, inside the caller's
// Write, and returns the deliveries' ids by member; who was told before has the
// id that was given then.
func (n *Notifier) tellMembers(ctx context.Context, tx *gorm.DB, m staffMail) (map[string]string, error) {
	var rows []models.Member
	if err := tx.Order("id").Find(&rows, "id IN ? AND disabled_at IS NULL AND email <> ''", m.members).Error; err != nil {
		return nil, fmt.Errorf("tell members: %w", err)
	}
	lane, l := models.LaneNormal, n.normal
	if m.now {
		lane, l = models.LaneNow, n.now
	}
	ids := map[string]string{}
	for _, to := range rows {
		d := n.newDelivery(m.kind, lane, to.Email, string(n.localeOf(to.Locale)), n.db.Now(), mailLife)
		d.DedupKey, d.ThemeID = d.Kind+"/"+m.key+"/"+to.ID, m.theme
		var old []string
		if err := tx.Model(&models.Delivery{}).Where("dedup_key = ?", d.DedupKey).Pluck("id", &old).Error; err != nil {
			return nil, fmt.Errorf("tell members: %w", err)
		}
		if len(old) > 0 {
			ids[to.ID] = old[0]
			continue
		}
		if err := tx.Create(&d).Error; err != nil {
			return nil, fmt.Errorf("tell members: %w", err)
		}
		ids[to.ID] = d.ID
	}
	n.db.AfterCommit(ctx, l.nudge)
	return ids, nil
}
