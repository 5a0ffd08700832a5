package issuesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// Filing is an issue as it is brought in. ExternalID is the same whenever it is, Name is
// "acme/web#77".
type Filing struct {
	Title, Text, URL, ExternalID, Author, Name string
}

// Filed is what became of it: Theme is nil where the door leaves it to a person, New says that
// the theme was made of it, Again that it had been brought in before.
type Filed struct {
	Suggestion string
	Theme      *models.Theme
	New, Again bool
}

// Door takes an issue in as any other suggestion: it prepares it outside of a Write, and commit
// stores it inside of one.
type Door func(context.Context, Filing) (commit func(context.Context) (Filed, error), err error)

// triesOfOne is how often an issue is tried before the others go on without it.
const triesOfOne = 5

// backfillJob brings in one page of a repository's open issues and comes back for the next.
func (s *Sync) backfillJob(ctx context.Context, j models.Job) error {
	id, _ := strconv.ParseInt(j.Key, 10, 64) // 0 for what is none
	b, err := s.backfilling(s.db.Read(ctx), "repository_id = ?", id)
	if err != nil || b == nil || s.opts.File == nil {
		return err
	}
	path := b.Next
	if path == "" {
		path = firstOpen(b.RepositoryID)
	}
	p, err := s.openPage(ctx, path, b.Round > 1)
	if err != nil {
		return s.backfillTrouble(ctx, b, err)
	}
	clean, passed := true, 0
	for _, is := range p.issues {
		if is.number <= b.Reached {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		known, err := s.isKnown(ctx, b, is)
		if err != nil {
			return err
		}
		if known {
			passed++
			continue
		}
		err = s.bringIn(ctx, b, is, passed)
		if errors.Is(err, errStopped) {
			return jobs.Later{At: s.db.Now().Add(s.opts.Pace.WriteGap)}
		}
		if err != nil {
			if !isRefusal(err) && j.Attempts < triesOfOne {
				return err
			}
			clean = false
			if err := s.leaveOut(ctx, b, is, passed, err); err != nil {
				return err
			}
		}
		passed = 0
	}
	return s.turnPage(ctx, b, p, passed, clean)
}

// openPage reads a page of the list. again is for a round that only looks whether anything was
// missed: it costs nothing where a page is as it was, but for the last one, which stays as it is
// when another begins behind it.
func (s *Sync) openPage(ctx context.Context, path string, again bool) (p leaf, err error) {
	if again {
		if p, err = s.turn(ctx, path, s.api.list); err != nil || p.fresh || p.next != "" {
			return p, err
		}
	}
	now, err := s.api.list(ctx, path, "")
	p = leaf{page: now, fresh: true, id: s.pageID(path)}
	for _, is := range now.issues {
		p.ids = append(p.ids, is.id)
	}
	return p, err
}

// isRefusal reports whether it will be the same the next time.
func isRefusal(err error) bool {
	k := models.KindOf(err)
	return k == models.Invalid || k == models.NotFound || k == models.Conflict
}

// isKnown reports whether an issue has a theme already, was made for one, or was brought in.
func (s *Sync) isKnown(ctx context.Context, b *models.GithubBackfill, is issue) (bool, error) {
	if s.marked(is.body) != "" {
		return true, nil
	}
	l, err := holder(s.db.Read(ctx), b.RepositoryID, is.id)
	if err != nil || l != nil {
		return l != nil, err
	}
	var n int64
	err = s.db.Read(ctx).Model(&models.Suggestion{}).Where("source = 'github' AND external_id = ? AND external_id <> ''", s.filingID(b, is)).Count(&n).Error
	return n > 0, err
}

// filingID names an issue for good: names and numbers change.
func (s *Sync) filingID(b *models.GithubBackfill, is issue) string {
	return fmt.Sprintf("%s:%d:%d", webHost(s.api.via.base), b.RepositoryID, is.id)
}

// bringIn makes a suggestion of an issue and ties it to the theme where that stands, unless it
// has an issue of the repository: then it has joined those who ask for it. passed issues before
// it were known.
func (s *Sync) bringIn(ctx context.Context, b *models.GithubBackfill, is issue, passed int) error {
	commit, err := s.opts.File(ctx, Filing{Title: is.title, Text: htmlComment.ReplaceAllString(is.body, ""), URL: is.url, ExternalID: s.filingID(b, is), Author: is.author,
		Name: fmt.Sprintf("%s#%d", b.Repository, is.number)})
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now, err := s.goesOn(tx, b, is)
		if err != nil {
			return err
		}
		f, err := commit(ctx)
		if err != nil {
			return err
		}
		if f.Theme == nil {
			if f.Theme, err = s.themes.OpenFor(ctx, auth.GitHub(), f.Suggestion); err != nil {
				return err
			}
			f.New = true
		}
		if err := s.tieIn(ctx, tx, now, f.Theme, is); err != nil {
			return err
		}
		switch {
		case f.Again:
			now.Skipped++
		case f.New:
			now.Made, now.Fresh = now.Made+1, now.Fresh+1
		default:
			now.Joined, now.Fresh = now.Joined+1, now.Fresh+1
		}
		return s.saveReached(tx, now, is, passed)
	})
	return err
}

// goesOn holds the row of a backfill that is still at work on an issue.
func (s *Sync) goesOn(tx *gorm.DB, b *models.GithubBackfill, is issue) (*models.GithubBackfill, error) {
	now, err := s.backfilling(s.db.Hold(tx), "repository_id = ?", b.RepositoryID)
	if err == nil && (now == nil || now.Round != b.Round || !now.StartedAt.Equal(b.StartedAt) || is.number <= now.Reached) {
		err = errStopped
	}
	return now, err
}

func (s *Sync) saveReached(tx *gorm.DB, b *models.GithubBackfill, is issue, passed int) error {
	if b.Round == 1 {
		b.Skipped += passed
	}
	b.Reached, b.UpdatedAt = is.number, s.db.Now()
	b.Total = max(b.Total, b.Done())
	return tx.Save(b).Error
}

// tieIn ties an issue to a theme as both stand. A theme with an issue of the repository keeps
// that one.
func (s *Sync) tieIn(ctx context.Context, tx *gorm.DB, b *models.GithubBackfill, th *models.Theme, is issue) error {
	name := is.repository
	if name == "" {
		name = b.Repository
	}
	th, there, err := s.room(ctx, tx, auth.GitHub(), th.ID, name)
	if err != nil || there != nil {
		return err
	}
	links, err := s.linksOf(tx, th.ID)
	if err != nil || slices.ContainsFunc(links, func(l models.IssueLink) bool { return l.RepositoryID == b.RepositoryID }) {
		return err
	}
	if other, err := holder(tx, b.RepositoryID, is.id); err != nil || other != nil {
		return err // a person was faster
	}
	now := s.db.Now()
	l := models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: th.ID, Repository: name, RepositoryID: b.RepositoryID, State: models.LinkWanted, CreatedAt: now, UpdatedAt: now}
	if err := tx.Create(&l).Error; err != nil {
		return fmt.Errorf("create issue link: %w", err)
	}
	return s.tie(ctx, tx, auth.GitHub(), &l, is, false)
}

// leaveOut goes on without an issue that cannot be brought in; the next round tries it again.
func (s *Sync) leaveOut(ctx context.Context, b *models.GithubBackfill, is issue, passed int, why error) error {
	slog.Warn("github: bring in an issue", "repository", b.Repository, "issue", is.number, "error", why)
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		now, err := s.goesOn(tx, b, is)
		if err != nil {
			return err
		}
		now.Failed, now.LastError = now.Failed+1, note(codeBackfillIssue, fmt.Sprintf("#%d", is.number))
		return s.saveReached(tx, now, is, passed)
	})
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// turnPage notes that all of a page is done, which need not be read again while it stays as it is
// if it is clean: none was left out. After the last page another round follows, until one finds
// nothing new.
func (s *Sync) turnPage(ctx context.Context, b *models.GithubBackfill, p leaf, passed int, clean bool) error {
	ended := false
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now, err := s.backfilling(s.db.Hold(tx), "repository_id = ?", b.RepositoryID)
		if ended = err == nil && now == nil; err != nil || ended || now.Round != b.Round || now.Next != b.Next || !now.StartedAt.Equal(b.StartedAt) {
			return err
		}
		if clean {
			if err := s.taken(ctx, p); err != nil {
				return err
			}
		}
		if now.Round == 1 {
			now.Skipped += passed
		}
		for _, is := range p.issues {
			now.Reached = max(now.Reached, is.number)
			if is.repository != "" {
				now.Repository = is.repository
			}
		}
		if code, _, _ := strings.Cut(now.LastError, ": "); code != codeBackfillIssue {
			now.LastError = ""
		}
		at := s.db.Now()
		now.Page, now.Next, now.NotBefore, now.UpdatedAt = now.Page+1, p.next, nil, at
		now.Total = max(now.Total, now.Done())
		switch {
		case p.next != "":
		case now.Fresh == 0:
			now.State, now.EndedAt, now.Total, ended = models.BackfillDone, &at, now.Done(), true
		default:
			now.Round, now.Page, now.Reached, now.Fresh = now.Round+1, 0, 0, 0
			now.Failed, now.LastError = 0, ""
		}
		return tx.Save(now).Error
	})
	if err != nil || ended {
		return err
	}
	return jobs.Later{At: s.db.Now().Add(s.opts.Pace.WriteGap)}
}

// backfillTrouble notes why a page could not be read, for who waits for it.
func (s *Sync) backfillTrouble(ctx context.Context, b *models.GithubBackfill, err error) error {
	t := asTrouble(err)
	if t == nil {
		return err
	}
	to := map[string]any{"last_error": noteOf(t), "not_before": nil}
	var back error = t
	switch {
	case t.end == limited:
		to["not_before"], back = t.until, jobs.Later{At: t.until}
	case t.end == refused && t.status == http.StatusUnprocessableEntity && b.Next != "": // an old place in the list: from its beginning to where it was
		to["next"], back = "", jobs.Later{At: s.db.Now().Add(s.opts.Pace.WriteGap)}
	case t.end == refused:
		at := s.db.Now().Add(s.opts.Pace.Refused)
		to["not_before"], back = at, jobs.Later{At: at}
	}
	werr := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.GithubBackfill{}).Where("repository_id = ? AND state = ? AND started_at = ?", b.RepositoryID, models.BackfillRunning, b.StartedAt).Updates(to).Error
	})
	if werr != nil {
		return werr
	}
	return back
}
