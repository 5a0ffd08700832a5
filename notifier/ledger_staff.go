package notifier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// staffLife is until when mail to members is of use.
const staffLife = 24 * time.Hour

// tellMembers queues, inside the caller's Write, one mail of a kind about something to
// each of these members, in the lane that waits for no mailing. The same kind about the
// same thing reaches a member once, however often it is asked for.
func (n *Notifier) tellMembers(ctx context.Context, tx *gorm.DB, kind Kind, about string, members []models.Member) error {
	for _, m := range members {
		d := n.newDelivery(kind, models.LaneNow, m.Email, string(n.localeOf(m.Locale)), n.db.Now(), staffLife)
		d.DedupKey = d.Kind + "/" + about + "/" + m.ID
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&d).Error; err != nil {
			return fmt.Errorf("tell members: %w", err)
		}
	}
	n.db.AfterCommit(ctx, n.now.nudge)
	return nil
}

// aboutOf is what a mail to a member is about, and the member's id.
func aboutOf(d models.Delivery) (about, member string) {
	key := strings.TrimPrefix(d.DedupKey, d.Kind+"/")
	about, member, _ = strings.Cut(key, "/")
	return about, member
}

// teamAudience gives who answers for a team: its members who are still here; without
// any, and for "", everybody of support and the product managers, and without them
// the owner and the administrators.
func teamAudience(db *gorm.DB, team string) ([]models.Member, error) {
	var out []models.Member
	active := func() *gorm.DB { return db.Where("disabled_at IS NULL").Order("id") }
	if team != "" {
		err := active().Where("id IN (SELECT member_id FROM team_members WHERE team = ?)", team).Find(&out).Error
		if err != nil || len(out) > 0 {
			return out, err
		}
	}
	for _, roles := range [][]models.Role{{models.RoleSupport, models.RolePM}, {models.RoleOwner, models.RoleAdmin}} {
		if err := active().Where("role IN ?", roles).Find(&out).Error; err != nil || len(out) > 0 {
			return out, err
		}
	}
	return out, nil
}
