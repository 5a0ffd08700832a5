package issuesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// overlap is read again until it is over: lists lag behind changes a little.
const overlap = 120 * time.Second

// watched is a repository with issues of ours.
type watched struct {
	RepositoryID int64
	Repository   string    // its name as one of the links has it
	Since        time.Time // the oldest link
}

// Reconcile reads what has changed lately in every repository with linked
// issues, for what the webhooks did not bring. It is the handler of the cron
// job github_recent: an error (jobs.Later under a rate limit) brings it back.
// One repository's trouble does not keep the others waiting.
func (s *Sync) Reconcile(ctx context.Context) error {
	s = s.now()
	return s.each(ctx, func(ctx context.Context, w watched) error {
		return errors.Join(s.recent(ctx, w), s.recentComments(ctx, w))
	})
}

// Sweep compares every issue of those repositories with its link: the handler
// of the cron job github_nightly. Issues that were made for a link whose answer
// was lost are adopted, and links that the list does not know are read one by
// one.
func (s *Sync) Sweep(ctx context.Context) error {
	s = s.now()
	return s.each(ctx, func(ctx context.Context, w watched) error {
		return errors.Join(s.sweep(ctx, w), s.aimAtNight(ctx, w), s.sweepComments(ctx, w))
	})
}

func (s *Sync) each(ctx context.Context, do func(context.Context, watched) error) error {
	if !s.Configured() {
		return nil
	}
	var repos []watched
	err := s.db.Read(ctx).Model(&models.IssueLink{}).Select("repository_id, MAX(repository) AS repository").
		Where("repository_id <> 0").Group("repository_id").Order("repository_id").Scan(&repos).Error
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	var errs []error
	for _, r := range repos {
		err := do(ctx, r)
		if t := asTrouble(err); t != nil && t.end == limited {
			return jobs.Later{At: t.until} // nobody gets through now
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("reconcile %s: %w", r.Repository, err))
		}
	}
	return errors.Join(errs...)
}

// recent reads the changes since the cursor, oldest first, and moves the cursor to the last of
// them, or to what was changed overlap ago where that is less. While nothing changes the cursor
// stays, and with it the address, so that GitHub answers for free. The next page is asked for by time and not
// by number: an issue that changes meanwhile moves to the end, and numbered pages would skip
// another.
func (s *Sync) recent(ctx context.Context, w watched) error {
	cur, err := s.cursor(ctx, w)
	if err != nil {
		return err
	}
	known, err := s.known(ctx, w.RepositoryID)
	if err != nil {
		return err
	}
	since, number := cur.Since, 1
	for {
		q := url.Values{"state": {"all"}, "sort": {"updated"}, "direction": {"asc"}, "per_page": {"100"}, "since": {stamp(since)}, "page": {fmt.Sprint(number)}}
		p, err := s.turn(ctx, at(w.RepositoryID, w.Repository)+"/issues?"+q.Encode(), s.api.list)
		if err == nil {
			err = s.applyAll(ctx, known, p.issues)
		}
		if err == nil {
			err = s.mergedAll(ctx, w.RepositoryID, p.merged)
		}
		if err == nil {
			err = s.taken(ctx, p)
		}
		if err != nil {
			return errors.Join(err, s.saveCursor(ctx, cur, later(cur.Since, since.Add(-overlap)), err))
		}
		switch {
		case p.next == "":
			until := p.last
			if sure := s.api.via.onGitHub(s.db.Now()).Add(-overlap); sure.Before(until) {
				until = sure
			}
			return s.saveCursor(ctx, cur, later(cur.Since, until), nil)
		case p.last.After(since.Truncate(time.Second)):
			since, number = p.last, 1
		default: // a hundred changes in one second
			number++
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// known maps the ids of a repository's linked issues to their links.
func (s *Sync) known(ctx context.Context, repositoryID int64) (map[int64]string, error) {
	var links []models.IssueLink
	err := s.db.Read(ctx).Select("id", "issue_id").Find(&links, "repository_id = ? AND issue_id <> 0", repositoryID).Error
	m := make(map[int64]string, len(links))
	for _, l := range links {
		m[l.IssueID] = l.ID
	}
	return m, err
}

// applyAll applies what is known of ours. What fails here is tried again as a
// job of its own and does not hold up the others.
func (s *Sync) applyAll(ctx context.Context, known map[int64]string, issues []issue) error {
	for _, is := range issues {
		id, ours := known[is.id]
		if !ours {
			continue
		}
		m, err := s.apply(ctx, id, is)
		if err != nil {
			slog.Warn("github: apply", "link", id, "error", err)
		}
		if err != nil || m != nil && m.pushes() {
			if err := s.queue.Enqueue(ctx, PullJob, id, "", s.db.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// cursor reads how far the repository has been read; from its oldest link on
// when it never was.
func (s *Sync) cursor(ctx context.Context, w watched) (models.GithubRepository, error) {
	var c models.GithubRepository
	res := s.db.Read(ctx).Limit(1).Find(&c, "id = ?", w.RepositoryID)
	if res.Error != nil || res.RowsAffected == 1 {
		return c, res.Error
	}
	var first models.IssueLink
	err := s.db.Read(ctx).Where("repository_id = ?", w.RepositoryID).Order("created_at").First(&first).Error
	return models.GithubRepository{ID: w.RepositoryID, Name: first.Repository, Since: first.CreatedAt.Add(-overlap)}, err
}

func (s *Sync) saveCursor(ctx context.Context, c models.GithubRepository, since time.Time, trouble error) error {
	c.Since, c.CheckedAt, c.LastError = models.Milli(since), s.db.Now(), ""
	if trouble != nil {
		if c.LastError = trouble.Error(); asTrouble(trouble) != nil {
			c.LastError = noteOf(asTrouble(trouble))
		}
		c.LastError = clip(c.LastError, 300)
	}
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}},
			DoUpdates: clause.AssignmentColumns([]string{"since", "checked_at", "last_error"})}).Create(&c).Error
	})
}
