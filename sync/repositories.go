package issuesync

import (
	"context"
	"fmt"
	"log/slog"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Visit looks at the repositories themselves: whether they are there, take issues, and who may
// read them. It is the handler of the cron job github_hourly.
func (s *Sync) Visit(ctx context.Context) error {
	return s.each(ctx, func(ctx context.Context, w watched) error {
		repo, err := s.api.repositoryAt(ctx, at(w.RepositoryID, w.Repository))
		if t := asTrouble(err); t != nil && t.vanished() {
			return s.troubled(ctx, w.Repository, note(codeNotFound, t.detail()))
		}
		if err != nil {
			return err
		}
		_, err = s.seen(ctx, repo)
		return err
	})
}

// seen notes a repository as GitHub has just shown it, and says, as a code, what keeps issues
// out of it. One that was private and is public now gets nothing until a person has said so:
// what stands in its issues was not written for everybody.
func (s *Sync) seen(ctx context.Context, repo repository) (trouble string, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		now, names := s.db.Now(), []string(nil)
		if err := tx.Model(&models.GithubCursor{}).Where("LOWER(repository) = LOWER(?)", repo.name).Limit(1).Pluck("repository", &names).Error; err != nil {
			return err
		}
		name := append(names, repo.name)[0] // names differ by their letters' case
		row := models.GithubCursor{Repository: name, Since: now.Add(-overlap), CheckedAt: now, Private: repo.private}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := s.db.Hold(tx).First(&row, "repository = ?", name).Error; err != nil {
			return err
		}
		switch {
		case row.Private && !repo.private, row.Trouble == codeNowPublic && !repo.private:
			trouble = codeNowPublic
			slog.Warn("github: a repository that was private is public; nothing is written to it until a person agrees", "repository", repo.name)
		case !repo.hasIssues:
			trouble = codeIssuesOff
		case repo.archived:
			trouble = codeArchived
		default:
			trouble = ""
		}
		return tx.Model(&models.GithubCursor{}).Where("repository = ?", name).
			Updates(map[string]any{"private": repo.private || trouble == codeNowPublic, "trouble": trouble}).Error
	})
	if err != nil {
		return "", fmt.Errorf("look at a repository: %w", err)
	}
	return trouble, nil
}

func (s *Sync) troubled(ctx context.Context, name, trouble string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE github_cursors SET trouble = ? WHERE repository = ? AND trouble <> ?", trouble, name, codeNowPublic).Error
	})
}

// shut is jobs.Later while nothing may be written to the link's repository.
func (s *Sync) shut(ctx context.Context, l *models.IssueLink) error {
	var row models.GithubCursor
	if err := s.db.Read(ctx).Limit(1).Find(&row, "LOWER(repository) = LOWER(?)", l.Repository).Error; err != nil {
		return err
	}
	if row.Trouble != codeNowPublic && row.Trouble != codeArchived {
		return nil
	}
	return s.later(ctx, l, s.db.Now().Add(s.opts.Pace.Refused), note(row.Trouble, l.Repository))
}

// Agree lets Heed write to a repository that has become public. Needs auth.Administer; NotFound
// for a repository that waits for no such word.
func (s *Sync) Agree(ctx context.Context, a auth.Actor, repository string) error {
	if err := auth.Can(a, auth.Administer); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		res := tx.Exec("UPDATE github_cursors SET trouble = '', private = FALSE WHERE repository = ? AND trouble = ?", repository, codeNowPublic)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return models.Fail(models.NotFound, "repository_waits_for_nothing", repository)
		}
		var links []models.IssueLink
		if err := tx.Find(&links, "repository = ?", repository).Error; err != nil {
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
