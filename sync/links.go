package issuesync

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Create asks for an issue of a theme in a repository ("owner/name"; "" is the
// configured one) and returns its link at once; the issue follows. A theme has
// one issue in a repository: where there is a link already, that is returned.
// Errors: Invalid for public_title and repository, and those of auth.Can.
func (s *Sync) Create(ctx context.Context, a auth.Actor, themeID, repository string) (models.IssueLink, error) {
	s = s.now()
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return models.IssueLink{}, err
	}
	if repository == "" {
		repository = s.opts.Repository
	}
	if !s.Configured() || repository == "" {
		return models.IssueLink{}, models.BadField("repository", "github_not_configured")
	}
	if !isRepository(repository) {
		return models.IssueLink{}, models.BadField("repository", "repository_invalid")
	}
	var l models.IssueLink
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, there, err := s.room(ctx, tx, a, themeID, repository)
		if err != nil {
			return err
		}
		if there != nil {
			l = *there
			return nil
		}
		if th.PublicTitle.IsEmpty() {
			return models.BadField("public_title", "public_title_required")
		}
		now := s.db.Now()
		l = models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: th.ID, Repository: repository, State: models.LinkWanted, CreatedAt: now, UpdatedAt: now}
		if err := tx.Create(&l).Error; err != nil {
			return fmt.Errorf("create issue link: %w", err)
		}
		if err := s.record(ctx, tx, a, models.IssueWanted, &l, repository); err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, CreateJob, l.ID, "", now)
	})
	if err != nil {
		return models.IssueLink{}, err
	}
	return l, nil
}

// room finds the live theme and its link to the repository, nil for none. It
// keeps others from making one until the transaction ends.
func (s *Sync) room(ctx context.Context, tx *gorm.DB, a auth.Actor, themeID, repository string) (*models.Theme, *models.IssueLink, error) {
	th, err := s.themes.Get(ctx, a, themeID)
	if err != nil {
		return nil, nil, err
	}
	if err := s.db.Lock(tx, "issue_links:"+th.ID); err != nil {
		return nil, nil, err
	}
	links, err := s.linksOf(tx, th.ID)
	if err != nil {
		return nil, nil, err
	}
	for i := range links {
		if strings.EqualFold(links[i].Repository, repository) {
			return th, &links[i], nil
		}
	}
	return th, nil, nil
}

// inRepository selects the links of a repository by its name in small letters, given twice: links
// may still have a former one.
const inRepository = "(repository_id IN (SELECT id FROM github_repositories WHERE LOWER(name) = ?) OR LOWER(repository) = ?)"

// familyOf selects a theme and those merged into it.
const familyOf = `WITH RECURSIVE family (id) AS (
		SELECT id FROM themes WHERE id = ?
		UNION SELECT t.id FROM themes t JOIN family f ON t.merged_into = f.id AND t.merged_into <> '')
	SELECT id FROM family`

// linksOf lists the links of a theme and of those merged into it: one for a
// repository that the theme was linked to already stays behind in a merge.
func (s *Sync) linksOf(tx *gorm.DB, themeID string) ([]models.IssueLink, error) {
	var links []models.IssueLink
	err := tx.Where("theme_id IN ("+familyOf+")", themeID).Order("id").Find(&links).Error
	if err != nil {
		return nil, fmt.Errorf("read issue links: %w", err)
	}
	return links, nil
}

// Links lists the issue links of a theme, the oldest first.
func (s *Sync) Links(ctx context.Context, a auth.Actor, themeID string) ([]models.IssueLink, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	th, err := s.themes.Get(ctx, a, themeID)
	if err != nil {
		return nil, err
	}
	return s.linksOf(s.db.Read(ctx), th.ID)
}

// own finds a link of the theme; NotFound for any other.
func (s *Sync) own(ctx context.Context, tx *gorm.DB, a auth.Actor, themeID, linkID string) (*models.IssueLink, error) {
	th, err := s.themes.Get(ctx, a, themeID)
	if err != nil {
		return nil, err
	}
	links, err := s.linksOf(tx, th.ID)
	if err != nil {
		return nil, err
	}
	for i := range links {
		if links[i].ID == linkID {
			return &links[i], nil
		}
	}
	return nil, models.Fail(models.NotFound, "issue_link_not_found")
}

// Unlink unties an issue from its theme; the issue stays as it is. While it is
// unknown whether the issue exists (creating, uncertain) it is a Conflict:
// nobody would find it again.
func (s *Sync) Unlink(ctx context.Context, a auth.Actor, themeID, linkID string) error {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		l, err := s.own(ctx, tx, a, themeID, linkID)
		if err != nil {
			return err
		}
		res := tx.Delete(&models.IssueLink{}, "id = ? AND state NOT IN ?", l.ID, []models.LinkState{models.LinkCreating, models.LinkUncertain})
		if res.Error != nil {
			return fmt.Errorf("unlink issue: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return models.Fail(models.Conflict, "issue_link_unsure")
		}
		err = tx.Exec("UPDATE issue_ops SET state = ?, done_at = ? WHERE link_id = ? AND state IN ?", models.OpDropped, s.db.Now(), l.ID, openOps).Error
		if err == nil { // tied again, they are known
			err = tx.Exec("UPDATE issue_comments SET untied_from = ?, updated_at = ? WHERE link_id = ?", l.IssueID, s.db.Now(), l.ID).Error
		}
		if err == nil {
			err = s.themes.WithdrawMerge(ctx, auth.GitHub(), l.ID)
		}
		if err != nil {
			return fmt.Errorf("unlink issue: %w", err)
		}
		return s.record(ctx, tx, a, models.IssueUnlinked, l, l.Repository)
	})
}

// record writes an activity of a link; what is its Action.
func (s *Sync) record(ctx context.Context, tx *gorm.DB, a auth.Actor, verb models.Verb, l *models.IssueLink, what string) error {
	return s.db.Record(ctx, tx, a.By(), &models.Activity{Verb: verb, ThemeID: l.ThemeID,
		Snapshot: models.Change{Issue: l.ID, URL: l.URL, Action: what}.Encode()})
}
