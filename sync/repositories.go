package issuesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// freshLook is how long what a repository was seen to be may be relied on for a write.
const freshLook = 5 * time.Minute

// Visit looks at the repositories themselves: whether they are there, take issues, and who may
// read them, and what else there is to know of them. It is the handler of the cron job
// github_hourly.
func (s *Sync) Visit(ctx context.Context) error {
	s = s.now()
	err := s.each(ctx, func(ctx context.Context, w watched) error {
		_, err := s.visit(ctx, w.RepositoryID, w.Repository)
		return err
	})
	return errors.Join(err, s.lookAround(ctx))
}

// visit looks at one repository, and says, as a note, what keeps issues out of it.
func (s *Sync) visit(ctx context.Context, id int64, name string) (trouble string, err error) {
	repo, err := s.api.repositoryAt(ctx, at(id, name))
	if t := asTrouble(err); t != nil && t.vanished() {
		trouble = note(codeNotFound, t.detail())
		return trouble, s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE github_repositories SET trouble = ?, seen_at = ? WHERE id = ? AND trouble <> ?", trouble, s.db.Now(), id, codeNowPublic).Error
		})
	}
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		trouble, err = s.seen(tx, repo)
		return err
	})
	return trouble, err
}

// seen notes a repository as GitHub has just shown it, and says, as a code, what keeps issues
// out of it. One that was private and is public now gets nothing until a person has said so:
// what stands in its issues was not written for everybody.
func (s *Sync) seen(tx *gorm.DB, repo repository) (trouble string, err error) {
	now := s.db.Now()
	row := models.GithubRepository{ID: repo.id, Name: repo.name, Since: now.Add(-overlap), CheckedAt: now, Private: repo.private}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return "", fmt.Errorf("look at a repository: %w", err)
	}
	if err := s.db.Hold(tx).First(&row, "id = ?", repo.id).Error; err != nil {
		return "", fmt.Errorf("look at a repository: %w", err)
	}
	switch {
	case row.Private && !repo.private, row.Trouble == codeNowPublic && !repo.private:
		trouble = codeNowPublic
		slog.Warn("github: a repository that was private is public; nothing is written to it until a person agrees", "repository", repo.name)
	case !repo.hasIssues:
		trouble = codeIssuesOff
	case repo.archived:
		trouble = codeArchived
	}
	err = tx.Model(&models.GithubRepository{}).Where("id = ?", repo.id).
		Updates(map[string]any{"name": repo.name, "private": repo.private || trouble == codeNowPublic, "trouble": trouble, "seen_at": now}).Error
	if err != nil {
		return "", fmt.Errorf("look at a repository: %w", err)
	}
	return trouble, nil
}

// shut is jobs.Later while nothing may be written to the link's repository. What was seen of
// it a while ago is looked at again first: it may have become public since, or another's.
func (s *Sync) shut(ctx context.Context, l *models.IssueLink) error {
	var row models.GithubRepository
	if err := s.db.Read(ctx).Limit(1).Find(&row, "id = ?", l.RepositoryID).Error; err != nil {
		return err
	}
	trouble := row.Trouble
	if row.SeenAt == nil || row.SeenAt.Before(s.db.Now().Add(-freshLook)) {
		var err error
		if trouble, err = s.visit(ctx, l.RepositoryID, l.Repository); err != nil {
			return s.readTrouble(err)
		}
	}
	if trouble != codeNowPublic && trouble != codeArchived {
		return nil // of one that cannot be reached the request itself will tell
	}
	return s.later(ctx, l, s.db.Now().Add(s.opts.Pace.Refused), note(trouble, l.Repository))
}

// lookBefore has a repository looked at, and in any case before the next write to it: it may
// have got another name, been archived, or become public.
func (s *Sync) lookBefore(ctx context.Context, tx *gorm.DB, repositoryID int64) (Outcome, error) {
	res := tx.Exec("UPDATE github_repositories SET seen_at = NULL WHERE id = ?", repositoryID)
	if res.Error != nil || res.RowsAffected == 0 {
		return Ignored, res.Error
	}
	return Queued, s.queue.Enqueue(ctx, VisitJob, visitAll, "", s.db.Now())
}

// Agree lets Heed write to a repository that has become public. Needs auth.Administer; NotFound
// for a repository that waits for no such word.
func (s *Sync) Agree(ctx context.Context, a auth.Actor, repository string) error {
	if err := auth.Can(a, auth.Administer); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var row models.GithubRepository
		if err := s.db.Hold(tx).Limit(1).Find(&row, "LOWER(name) = LOWER(?) AND trouble = ?", repository, codeNowPublic).Error; err != nil {
			return err
		}
		if row.ID == 0 {
			return models.Fail(models.NotFound, "repository_waits_for_nothing", repository)
		}
		if err := tx.Model(&row).Updates(map[string]any{"trouble": "", "private": false}).Error; err != nil {
			return err
		}
		var links []models.IssueLink
		if err := tx.Find(&links, "repository_id = ? OR repository_id = 0 AND LOWER(repository) = LOWER(?)", row.ID, row.Name).Error; err != nil {
			return err
		}
		for _, l := range links {
			kind := PullJob
			if l.IssueID == 0 {
				kind = CreateJob
			}
			if err := s.queue.Enqueue(ctx, kind, l.ID, "", s.db.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}
