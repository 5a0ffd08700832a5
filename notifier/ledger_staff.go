package notifier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// staffLife is until when mail to members is of use.
const staffLife = 24 * time.Hour

// staffMail is something that members of the team are told. Key tells it from
// others of its kind: a member gets one mail for each.
type staffMail struct {
	kind    Kind
	members []string // ids
	key     string
	theme   string
	now     bool // it waits for no mailing, and is of no use after a day
}

// tellMembers queues one mail for each member who is there, inside the caller's
// Write, and returns the deliveries' ids by member; who was told before has the
// id that was given then.
func (n *Notifier) tellMembers(ctx context.Context, tx *gorm.DB, m staffMail) (map[string]string, error) {
	var rows []models.Member
	if err := tx.Order("id").Find(&rows, "id IN ? AND disabled_at IS NULL AND email <> ''", m.members).Error; err != nil {
		return nil, fmt.Errorf("tell members: %w", err)
	}
	lane, l, life := models.LaneNormal, n.normal, mailLife
	if m.now {
		lane, l, life = models.LaneNow, n.now, staffLife
	}
	ids := map[string]string{}
	for _, to := range rows {
		d := n.newDelivery(m.kind, lane, to.Email, string(n.localeOf(to.Locale)), n.db.Now(), life)
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
