package issuesync

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// openOps are the states of which a field has one at most.
var openOps = []models.IssueOpState{models.OpPlanned, models.OpSent, models.OpFailed}

// note writes down where a field goes. What comes in is done with the Write; what goes out
// takes the place of what had been planned before.
func (m *meeting) note(tx *gorm.DB, field, way string) error {
	now := m.s.db.Now()
	op := models.IssueOp{ID: models.NewID(models.PrefixIssueOp), LinkID: m.l.ID, ThemeID: m.th.ID, Field: field, Way: way, Conflict: m.conflicts[field], CreatedAt: now}
	if way == models.WayIn {
		op.Was, op.Becomes, op.State, op.DoneAt = m.was[field].Ours, m.theirs[field], models.OpDone, &now
		if field == fieldTitle {
			op.Was = m.ours[field]
		}
		return tx.Create(&op).Error
	}
	op.Was, op.Becomes, op.State = m.theirs[field], m.ours[field], models.OpPlanned
	if field == fieldBlock {
		if op.Was = ""; op.Conflict { // somebody wrote into it: what gives way is kept
			op.Was = m.s.blockIn(m.is.body, m.l.ID)
		}
	}
	if open, ok := m.open[field]; ok && open.State == models.OpSent && open.Becomes == op.Becomes {
		return nil // on its way; what it was before it was sent stays known
	}
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "link_id"}, {Name: "field"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "state = 'planned' OR state = 'sent' OR state = 'failed'"}}},
		DoUpdates:   clause.AssignmentColumns([]string{"theme_id", "conflict", "was", "becomes", "state"})}).Create(&op).Error
}

// closeOp ends a write that is no longer open: both sides agree, by it or without it.
func closeOp(tx *gorm.DB, op models.IssueOp, now time.Time) error {
	state := models.OpDropped
	if op.State == models.OpSent {
		state = models.OpDone
	}
	return tx.Model(&models.IssueOp{}).Where("id = ?", op.ID).Updates(map[string]any{"state": state, "done_at": now, "note": ""}).Error
}
