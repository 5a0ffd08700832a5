package issuesync

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Link ties an issue that exists, by its address, to a theme: Find, then Tie.
func (s *Sync) Link(ctx context.Context, a auth.Actor, themeID, address string) (models.IssueLink, error) {
	f, err := s.Find(ctx, a, address)
	if err != nil {
		return models.IssueLink{}, err
	}
	return s.Tie(ctx, a, themeID, f)
}

// Found is an issue as GitHub gave it to Find.
type Found struct {
	is   issue
	repo repository
}

// Find reads an issue by its address from GitHub. It takes as long as GitHub
// does: never call it inside of a Write. Errors: Invalid for url, Unavailable
// while GitHub does not answer.
func (s *Sync) Find(ctx context.Context, a auth.Actor, address string) (Found, error) {
	s = s.now()
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return Found{}, err
	}
	if !s.Configured() {
		return Found{}, models.BadField("url", "github_not_configured")
	}
	name, number, ok := s.parse(address)
	if !ok {
		return Found{}, models.BadField("url", "issue_address")
	}
	is, repo, err := s.read(forPerson(ctx), name, number)
	if err != nil {
		return Found{}, err
	}
	return Found{is, repo}, nil
}

// Tie ties an issue that was found to a theme. One that is closed as completed
// makes the theme ready, but ships nothing: it may have been closed long ago.
// Errors: Invalid for url when the theme has another issue of the repository, or
// the issue another theme.
func (s *Sync) Tie(ctx context.Context, a auth.Actor, themeID string, f Found) (models.IssueLink, error) {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return models.IssueLink{}, err
	}
	is, repo := f.is, f.repo
	var l models.IssueLink
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, there, err := s.room(ctx, tx, a, themeID, repo.name)
		if err != nil {
			return err
		}
		if there != nil && there.IssueID == is.id {
			l = *there
			return nil
		}
		if there != nil {
			return models.BadField("url", "issue_exists")
		}
		if other, err := holder(tx, repo.id, is.id); err != nil {
			return err
		} else if other != nil {
			return models.BadField("url", "issue_linked_elsewhere")
		}
		if _, err := s.seen(tx, repo); err != nil {
			return err
		}
		now := s.db.Now()
		l = models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: th.ID, Repository: repo.name, RepositoryID: repo.id,
			State: models.LinkWanted, CreatedAt: now, UpdatedAt: now}
		if err := tx.Create(&l).Error; err != nil {
			return fmt.Errorf("create issue link: %w", err)
		}
		return s.tie(ctx, tx, a, &l, is, false)
	})
	if err != nil {
		return models.IssueLink{}, err
	}
	return l, nil
}

// read fetches an issue that a person named.
func (s *Sync) read(ctx context.Context, name string, number int) (issue, repository, error) {
	is, err := s.api.issue(ctx, 0, name, number)
	if err == nil && is.isPull {
		return issue{}, repository{}, models.BadField("url", "issue_is_pull_request")
	}
	var repo repository
	if err == nil {
		repo, err = s.api.repository(ctx, is.repository)
	}
	t := asTrouble(err)
	switch {
	case t == nil:
		return is, repo, err
	case t.vanished():
		return issue{}, repository{}, models.BadField("url", "issue_not_found", t.detail())
	case t.end == limited:
		return issue{}, repository{}, models.Busy("github_busy", t.until.Sub(s.db.Now()), t)
	case t.end == refused:
		return issue{}, repository{}, &models.Error{Kind: models.Invalid, Field: "url", Code: t.code(), Args: []any{t.detail()}, Cause: t}
	}
	return issue{}, repository{}, models.Busy("github_busy", s.opts.Pace.LimitBase, t)
}

var issueAddress = regexp.MustCompile(`^https?://([^/?#@\s]+)/([^/?#\s]+/[^/?#\s]+)/issues/([0-9]{1,9})(?:[/?#]\S*)?$`)

// parse reads https://host/owner/name/issues/N of our GitHub.
func (s *Sync) parse(address string) (name string, number int, ok bool) {
	m := issueAddress.FindStringSubmatch(strings.TrimSpace(address))
	if m == nil || !strings.EqualFold(m[1], webHost(s.api.via.base)) || !isRepository(m[2]) {
		return "", 0, false
	}
	if _, err := fmt.Sscanf(m[3], "%d", &number); err != nil || number == 0 {
		return "", 0, false
	}
	return m[2], number, true
}
