package issuesync

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// targetsCursor is the activity after which targets and milestones are kept in step: what was
// before is taken as it is, on both sides.
const targetsCursor = "github.milestones"

// beginTargets notes it, once.
func (s *Sync) beginTargets(ctx context.Context) error {
	if s.opts.Milestones == "" {
		return nil
	}
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("INSERT INTO cursors (name, seq) SELECT ?, n FROM counters WHERE name = 'activity' ON CONFLICT (name) DO NOTHING", targetsCursor).Error
	})
	if err != nil {
		return fmt.Errorf("github: begin with milestones: %w", err)
	}
	return nil
}

// firstTarget is the pair of a link that was made before targets were kept in step: the
// milestone as it is, and the target as it was then. What staff have set since goes out.
func (m *meeting) firstTarget(tx *gorm.DB) (pair, error) {
	p := pair{m.ours[fieldTarget], m.theirs[fieldTarget]}
	if m.aside {
		return p, nil
	}
	var acts []models.Activity
	err := tx.Where("theme_id = ? AND seq > (SELECT seq FROM cursors WHERE name = ?) AND verb IN ?", m.th.ID, targetsCursor,
		[]models.Verb{models.ThemeCreated, models.ThemeEdited, models.ActivityUndone}).Order("seq").Find(&acts).Error
	for i := range acts {
		c, err := acts[i].Change()
		if err != nil {
			return p, err
		}
		before := models.ThemeFacts{}
		if c.Before != nil {
			before = *c.Before
		}
		if c.After != nil && c.After.Target != before.Target {
			p.Ours = m.s.aimed(before.Target)
			return p, nil
		}
	}
	return p, err
}

// aimAgain has the links of a repository look once more for the milestone they lacked: one
// was made there, or renamed.
func (s *Sync) aimAgain(ctx context.Context, tx *gorm.DB, repositoryID int64) error {
	var ops []models.IssueOp
	err := tx.Where("field = ? AND state = ? AND link_id IN (SELECT id FROM issue_links WHERE repository_id = ? AND state = ?)", fieldTarget, models.OpFailed, repositoryID, models.LinkLinked).
		Order("link_id").Find(&ops).Error
	if err != nil {
		return err
	}
	for _, op := range ops {
		var l models.IssueLink
		if err := s.db.Hold(tx).First(&l, "id = ?", op.LinkID).Error; err != nil {
			return err
		}
		sh, err := readShadow(&l)
		if err != nil {
			return err
		}
		sh.again(op)
		if err := tx.Model(&models.IssueLink{}).Where("id = ?", l.ID).Update("shadow", sh.encode()).Error; err != nil {
			return err
		}
		if err := s.queue.Enqueue(ctx, PullJob, l.ID, "", s.db.Now()); err != nil {
			return err
		}
	}
	return nil
}

// again makes it seem as if what failed had just changed.
func (sh shadow) again(op models.IssueOp) {
	if op.Way == models.WayIn {
		sh[op.Field] = pair{op.Was, ""}
		return
	}
	was := ""
	if op.Becomes == "" { // what was taken away
		was = op.Was
	}
	sh[op.Field] = pair{was, sh[op.Field].Theirs}
}

// aimAtNight has targets tried again whose milestone was missing, for what no webhook told.
func (s *Sync) aimAtNight(ctx context.Context, w watched) error {
	if s.opts.Milestones == "" {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return s.aimAgain(ctx, tx, w.RepositoryID) })
}

// enqueueMilestone lets the issues be read that have the milestone, and those that would.
func (s *Sync) enqueueMilestone(ctx context.Context, tx *gorm.DB, h hint) (Outcome, error) {
	if h.Milestone.Number == 0 || h.Repository.ID == 0 || s.opts.Milestones == "" {
		return Ignored, nil
	}
	var ids []string
	err := tx.Model(&models.IssueLink{}).Where("repository_id = ? AND milestone = ? AND state = ?", h.Repository.ID, h.Milestone.Number, models.LinkLinked).Pluck("id", &ids).Error
	if err != nil {
		return Ignored, err
	}
	for _, id := range ids {
		if err := s.queue.Enqueue(ctx, PullJob, id, "", s.db.Now()); err != nil {
			return "", err
		}
	}
	return Queued, s.aimAgain(ctx, tx, h.Repository.ID)
}
