package issuesync

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// pullJob asks GitHub for the current state of a link's issue, applies it, and writes there
// what has changed here.
func (s *Sync) pullJob(ctx context.Context, j models.Job) error {
	l, err := s.link(ctx, j.Key)
	if err != nil || l == nil || l.State != models.LinkLinked && l.State != models.LinkGone {
		return err
	}
	is, err := s.api.issue(ctx, l.RepositoryID, l.Repository, l.Number)
	if err == nil && is.id != l.IssueID {
		err = s.follow(ctx, l, is)
	}
	if err == nil {
		err = s.landed(ctx, l, is)
	}
	var m *meeting
	if err == nil {
		m, err = s.apply(ctx, l.ID, is)
	}
	if err == nil {
		if m == nil || !m.pushes() {
			return nil
		}
		return s.write(ctx, m)
	}
	t := asTrouble(err)
	switch {
	case t == nil:
		return err
	case t.vanished():
		return s.lose(ctx, l, note(codeGone, t.detail()))
	case t.end == limited:
		return jobs.Later{At: t.until}
	case t.end == refused:
		if err := s.complain(ctx, l, t); err != nil {
			return err
		}
		return jobs.Later{At: s.db.Now().Add(s.opts.Pace.Refused)}
	}
	return errors.Join(t, s.complain(ctx, l, t))
}

// complain notes on a linked issue why it could not be read.
func (s *Sync) complain(ctx context.Context, l *models.IssueLink, t *trouble) error {
	if l.LastError == noteOf(t) {
		return nil
	}
	_, err := s.move(ctx, l, map[string]any{"last_error": noteOf(t)})
	return err
}

// lose notes that the issue is there no more. It is never made again, and the
// theme stays as it is.
func (s *Sync) lose(ctx context.Context, l *models.IssueLink, why string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		res := tx.Model(&models.IssueLink{}).Where("id = ? AND state = ?", l.ID, models.LinkLinked).
			Updates(map[string]any{"state": models.LinkGone, "last_error": why})
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		return s.record(ctx, tx, auth.GitHub(), models.IssueChanged, l, "gone")
	})
}

// follow ties the link to what its issue became in another repository: there
// it has another id and number.
func (s *Sync) follow(ctx context.Context, l *models.IssueLink, is issue) error {
	repo, err := s.api.repository(ctx, is.repository)
	if err != nil {
		return err
	}
	var taken bool
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		other, err := holder(tx, repo.id, is.id)
		if err != nil {
			return err
		}
		if taken = other != nil && other.ID != l.ID; taken {
			return nil
		}
		if _, err := s.seen(tx, repo); err != nil {
			return err
		}
		now := *l // a Write may run twice, and each time begins with what was given
		if err := s.rename(tx, &now, is.repository); err != nil {
			return err
		}
		return tx.Model(&models.IssueLink{}).Where("id = ? AND issue_id = ?", l.ID, l.IssueID).Updates(map[string]any{
			"repository": now.Repository, "repository_id": repo.id, "issue_id": is.id, "number": is.number, "url": is.url}).Error
	})
	if err != nil {
		return fmt.Errorf("follow a transferred issue: %w", err)
	}
	if taken {
		return s.lose(ctx, l, note(codeMovedOnto, is.url))
	}
	return nil
}

// holder is the link that an issue is tied to, nil for none.
func holder(tx *gorm.DB, repositoryID, issueID int64) (*models.IssueLink, error) {
	var l models.IssueLink
	res := tx.Where("repository_id = ? AND issue_id = ?", repositoryID, issueID).Limit(1).Find(&l)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	return &l, nil
}
