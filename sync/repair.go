package issuesync

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Mend is what a person asks of a link that is not as it should be.
type Mend string

// The mends.
const (
	MendAgain  Mend = "again"  // do now what it waits for, and ask again for what was refused
	MendSkip   Mend = "skip"   // leave both sides as they are
	MendOurs   Mend = "ours"   // the issue becomes what the theme says; a block that was taken out is put back
	MendTheirs Mend = "theirs" // the theme becomes what the issue says
)

// Repair mends a link. Again ("" too) asks again for a held issue, looks for an uncertain one,
// and reads a linked or gone one anew. Errors: Invalid for how, Conflict for the others while
// there is no issue, and those of auth.Can.
func (s *Sync) Repair(ctx context.Context, a auth.Actor, themeID, linkID string, how Mend) error {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return err
	}
	switch how {
	case "":
		how = MendAgain
	case MendAgain, MendSkip, MendOurs, MendTheirs:
	default:
		return models.BadField("how", "mend_unknown", string(how))
	}
	if how == MendTheirs {
		if err := auth.Can(a, auth.Announce); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		l, err := s.own(ctx, tx, a, themeID, linkID)
		if err != nil {
			return err
		}
		if err := s.db.Hold(tx).First(l, "id = ?", l.ID).Error; err != nil { // before the theme, as a meeting does
			return fmt.Errorf("repair issue link: %w", err)
		}
		kind := CreateJob
		if l.State == models.LinkLinked || l.State == models.LinkGone {
			kind = PullJob
		} else if how != MendAgain {
			return models.Fail(models.Conflict, "issue_not_linked")
		}
		if how == MendOurs { // what it said of the issue is settled by that
			if err := s.themes.Unmark(ctx, auth.GitHub(), l.ThemeID); err != nil {
				return err
			}
		}
		if err := s.mend(tx, l, how); err != nil {
			return fmt.Errorf("repair issue link: %w", err)
		}
		if how != MendAgain {
			if err := s.record(ctx, tx, a, models.IssueChanged, l, string(how)); err != nil {
				return err
			}
		}
		if how == MendAgain {
			if err := s.sayAgain(ctx, tx, l); err != nil {
				return err
			}
			if err := s.enqueueWhere(ctx, tx, "id = ? AND state_reason = ?", l.ID, isDuplicate); err != nil {
				return err
			}
		}
		return s.queue.Enqueue(ctx, kind, l.ID, "", s.db.Now())
	})
}

// sayAgain asks again for comments that GitHub refused.
func (s *Sync) sayAgain(ctx context.Context, tx *gorm.DB, l *models.IssueLink) error {
	res := tx.Exec("UPDATE issue_comments SET state = ? WHERE link_id = ? AND origin = ? AND state = ?", models.OpPlanned, l.ID, models.OriginOurs, models.OpFailed)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	return s.queue.Enqueue(ctx, CommentJob, l.ID, "", s.db.Now())
}

// mend prepares what the link's next meeting carries out.
func (s *Sync) mend(tx *gorm.DB, l *models.IssueLink, how Mend) error {
	to := map[string]any{"not_before": nil}
	switch how {
	case MendOurs, MendTheirs:
		to["force"] = string(how)
	case MendSkip:
		to["last_error"] = ""
		err := tx.Exec("UPDATE issue_ops SET state = ?, done_at = ? WHERE link_id = ? AND state = ?", models.OpDropped, s.db.Now(), l.ID, models.OpFailed).Error
		if err != nil {
			return err
		}
	case MendAgain:
		sh, err := readShadow(l)
		if err != nil {
			return err
		}
		var failed []models.IssueOp
		if err := tx.Find(&failed, "link_id = ? AND field IN ? AND state = ?", l.ID, fields, models.OpFailed).Error; err != nil {
			return err
		}
		for _, op := range failed {
			sh.again(op)
		}
		if len(failed) > 0 {
			to["shadow"] = sh.encode()
		}
	}
	return tx.Model(&models.IssueLink{}).Where("id = ?", l.ID).Updates(to).Error
}

// force sends every field the way a person wants.
func (m *meeting) force() {
	for _, f := range fields {
		text := f == fieldTitle || f == fieldBlock || f == fieldTarget
		if text && m.aside || !m.s.inStep(f) || m.agrees(f) {
			continue
		}
		switch {
		case m.l.Force == string(MendOurs):
			m.ways[f] = push
		case f != fieldBlock:
			m.ways[f] = take
		}
	}
}
