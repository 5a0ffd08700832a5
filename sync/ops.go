package issuesync

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// openOps are the states of which a field has one at most.
var openOps = []models.IssueOpState{models.OpPlanned, models.OpSent, models.OpFailed}

// opIssue is the field of the op that makes an issue.
const opIssue = "issue"

// opComment begins the field of the op of a comment; its id follows.
const opComment = "comment:"

// opMilestone is the field of the op of a milestone that was made.
const opMilestone = "milestone"

// asksForIssue writes down that the request for a link's issue leaves.
func (s *Sync) asksForIssue(tx *gorm.DB, l *models.IssueLink, title string) error {
	now := s.db.Now()
	return s.putOp(tx, models.IssueOp{LinkID: l.ID, ThemeID: l.ThemeID, Field: opIssue, Way: models.WayOut, Becomes: title, State: models.OpSent, Attempts: 1, SentAt: &now})
}

// putOp writes an op in the place of the open one of its field, if there is one.
func (s *Sync) putOp(tx *gorm.DB, op models.IssueOp) error {
	op.ID, op.CreatedAt = models.NewID(models.PrefixIssueOp), s.db.Now()
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "link_id"}, {Name: "field"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "state = 'planned' OR state = 'sent' OR state = 'failed'"}}},
		DoUpdates: append(clause.AssignmentColumns([]string{"theme_id", "conflict", "was", "becomes", "state", "note"}),
			clause.Assignment{Column: clause.Column{Name: "attempts"}, Value: gorm.Expr("issue_ops.attempts + excluded.attempts")},
			clause.Assignment{Column: clause.Column{Name: "sent_at"}, Value: gorm.Expr("COALESCE(excluded.sent_at, issue_ops.sent_at)")})}).Create(&op).Error
}

// note writes down where a field goes. What comes in is done with the Write; what goes out
// takes the place of what had been planned before.
func (m *meeting) note(tx *gorm.DB, field, way string) error {
	now := m.s.db.Now()
	op := models.IssueOp{LinkID: m.l.ID, ThemeID: m.th.ID, Field: field, Way: way, Conflict: m.conflicts[field]}
	if way == models.WayIn {
		op.Was, op.Becomes, op.State, op.DoneAt = m.was[field].Ours, m.theirs[field], models.OpDone, &now
		if field == fieldTitle || field == fieldTarget {
			op.Was = m.ours[field]
		}
		return m.s.putIn(tx, op)
	}
	op.Was, op.Becomes, op.State = m.theirs[field], m.ours[field], models.OpPlanned
	if field == fieldBlock {
		if op.Was = ""; op.Conflict || m.l.Force != "" { // somebody wrote into it: what gives way is kept
			op.Was = m.s.blockIn(m.is.body, m.l.ID)
		}
	}
	if open, ok := m.open[field]; ok && open.State == models.OpSent && open.Becomes == op.Becomes {
		return nil // on its way; what it was before it was sent stays known
	}
	return m.s.putOp(tx, op)
}

// untaken writes down that the theme did not take what GitHub says of a field.
func (m *meeting) untaken(tx *gorm.DB, field string, why *models.Error) error {
	op := models.IssueOp{LinkID: m.l.ID, ThemeID: m.th.ID, Field: field, Way: models.WayIn, Conflict: m.conflicts[field], Was: m.ours[field], Becomes: m.theirs[field],
		State: models.OpFailed, Note: note(codeUntaken, why.Code), Attempts: 1}
	m.l.LastError = op.Note
	if err := tx.Model(&models.IssueLink{}).Where("id = ?", m.l.ID).Update("last_error", op.Note).Error; err != nil {
		return err
	}
	return m.s.putOp(tx, op)
}

// putIn writes what came in, which is done at once.
func (s *Sync) putIn(tx *gorm.DB, op models.IssueOp) error {
	op.ID, op.CreatedAt = models.NewID(models.PrefixIssueOp), s.db.Now()
	return tx.Create(&op).Error
}

// closeOp ends a write that is no longer open: both sides agree, by it or without it.
func closeOp(tx *gorm.DB, op models.IssueOp, now time.Time) error {
	state := models.OpDropped
	if op.State == models.OpSent {
		state = models.OpDone
	}
	return tx.Model(&models.IssueOp{}).Where("id = ?", op.ID).Updates(map[string]any{"state": state, "done_at": now, "note": ""}).Error
}
