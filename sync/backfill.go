package issuesync

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// A backfill brings a repository's open issues in: each becomes a suggestion, and that becomes or
// joins a theme, to which the issue is tied as both stand. Nothing is written to GitHub and
// nobody is told. Its row says how far it is; each issue is one transaction, so whoever stops
// loses nothing and repeats nothing.

// BackfillJob is the kind of the jobs that bring in a page of issues; the key is the repository's
// id.
const BackfillJob = "github.backfill"

// Looked is what a person reads before a backfill. Open counts issues that are open: exactly, or
// (not Exact) with pull requests, which are left out. Linked of them have a theme already.
// Running is the one under way, nil for none; of that nothing else was asked.
type Looked struct {
	Repository string
	Open       int
	Exact      bool
	Linked     int
	Private    bool
	Running    *models.GithubBackfill
	repo       repository
}

// LookAt says what a backfill of a repository ("owner/name") would find. It takes as long as
// GitHub does: never call it inside of a Write. Needs auth.Administer. Errors: Invalid for
// repository, Unavailable while GitHub does not answer.
func (s *Sync) LookAt(ctx context.Context, a auth.Actor, name string) (l Looked, err error) {
	s = s.now()
	if err := auth.Can(a, auth.Administer); err != nil {
		return l, err
	}
	name = strings.TrimSpace(name)
	switch {
	case !s.Configured() || s.opts.File == nil:
		return l, models.BadField("repository", "github_not_configured")
	case !isRepository(name):
		return l, models.BadField("repository", "repository_invalid")
	}
	if l.Running, err = s.backfilling(s.db.Read(ctx), "LOWER(repository) = LOWER(?)", name); err != nil || l.Running != nil {
		l.Repository = name
		return l, err
	}
	ctx = forPerson(ctx)
	if l.repo, err = s.api.repository(ctx, name); err != nil {
		return l, s.lookTrouble(name, err)
	}
	l.Repository, l.Private, l.Open = l.repo.name, l.repo.private, l.repo.open
	switch {
	case !l.repo.hasIssues:
		return l, models.BadField("repository", codeIssuesOff)
	case l.repo.archived:
		return l, models.BadField("repository", "backfill_archived", l.repo.name)
	}
	p, err := s.api.list(ctx, firstOpen(l.repo.id), "")
	if err != nil {
		return l, s.lookTrouble(name, err)
	}
	if p.next == "" {
		l.Open, l.Exact = len(p.issues), true
	}
	var n int64
	err = s.db.Read(ctx).Model(&models.IssueLink{}).Where("repository_id = ? AND issue_state = 'open' AND state = ?", l.repo.id, models.LinkLinked).Count(&n).Error
	l.Linked = int(n)
	return l, err
}

// firstOpen is where the list of a repository's open issues begins, in the order in which they
// were made: it does not change under the reader's hands but where one is closed.
func firstOpen(repositoryID int64) string {
	q := url.Values{"state": {"open"}, "sort": {"created"}, "direction": {"asc"}, "per_page": {"100"}}
	return at(repositoryID, "") + "/issues?" + q.Encode()
}

func (s *Sync) lookTrouble(name string, err error) error {
	t := asTrouble(err)
	switch {
	case t == nil:
		return err
	case t.end == limited:
		return models.Busy("github_busy", t.until.Sub(s.db.Now()), t)
	case t.code() == codeNotFound: // nobody tries it again
		return models.BadField("repository", "connect_repository_unseen", name, t.detail())
	case t.end == refused:
		return &models.Error{Kind: models.Invalid, Field: "repository", Code: t.code(), Args: ExplainNote(noteOf(t)).Args, Cause: t}
	}
	return models.Busy("github_busy", s.opts.Pace.LimitBase, t)
}

// Backfill begins to bring in the open issues of a repository that LookAt has looked at, or
// returns the one under way. What an earlier one brought in is not brought in again. Needs
// auth.Administer.
func (s *Sync) Backfill(ctx context.Context, a auth.Actor, l Looked) (b models.GithubBackfill, err error) {
	s = s.now()
	if err := auth.Can(a, auth.Administer); err != nil {
		return b, err
	}
	if l.Running != nil {
		return *l.Running, nil
	}
	if l.repo.id == 0 {
		return b, models.BadField("repository", "repository_invalid")
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.db.Lock(tx, "backfill:"+strconv.FormatInt(l.repo.id, 10)); err != nil {
			return err
		}
		running, err := s.backfilling(tx, "repository_id = ?", l.repo.id)
		if err != nil {
			return err
		}
		if running != nil {
			b = *running
			return nil
		}
		now := s.db.Now()
		b = models.GithubBackfill{RepositoryID: l.repo.id, Repository: l.repo.name, State: models.BackfillRunning, Round: 1, Total: l.Open,
			StartedBy: a.ID, StartedName: a.Name, StartedAt: now, UpdatedAt: now}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&b).Error; err != nil {
			return err
		}
		if _, err := s.seen(tx, l.repo); err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, BackfillJob, backfillKey(b.RepositoryID), "", now)
	})
	if err != nil {
		return b, fmt.Errorf("begin a backfill: %w", err)
	}
	return b, nil
}

func backfillKey(repositoryID int64) string { return strconv.FormatInt(repositoryID, 10) }

// backfilling is the backfill under way of those that which selects; nil for none.
func (s *Sync) backfilling(tx *gorm.DB, which string, args ...any) (*models.GithubBackfill, error) {
	var b models.GithubBackfill
	res := tx.Where(which, args...).Where("state = ?", models.BackfillRunning).Limit(1).Find(&b)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	return &b, nil
}

// CancelBackfill ends the one under way; what it has brought in stays. Needs auth.Administer;
// NotFound for a repository without one.
func (s *Sync) CancelBackfill(ctx context.Context, a auth.Actor, repository string) (b models.GithubBackfill, err error) {
	s = s.now()
	if err := auth.Can(a, auth.Administer); err != nil {
		return b, err
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		running, err := s.backfilling(s.db.Hold(tx), "LOWER(repository) = LOWER(?)", strings.TrimSpace(repository))
		if err != nil {
			return err
		}
		if running == nil {
			return models.Fail(models.NotFound, "backfill_not_running", repository)
		}
		b = *running
		now := s.db.Now()
		b.State, b.NotBefore, b.UpdatedAt, b.EndedAt = models.BackfillCancelled, nil, now, &now
		return tx.Save(&b).Error
	})
	return b, err
}

// Progress is a backfill and, while it runs, about when it will be done.
type Progress struct {
	models.GithubBackfill
	Until time.Time
}

// Backfills lists them, the latest first. Needs auth.ReadAll.
func (s *Sync) Backfills(ctx context.Context, a auth.Actor) ([]Progress, error) {
	s = s.now()
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var rows []models.GithubBackfill
	if err := s.db.Read(ctx).Order("started_at DESC, repository_id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list backfills: %w", err)
	}
	silent, err := s.lane.silent(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Progress, 0, len(rows))
	for _, b := range rows {
		out = append(out, s.ProgressOf(b, silent))
	}
	return out, nil
}

// ProgressOf adds to a backfill about when it will be done, zero for nobody knows; silent is
// until when GitHub wants no requests.
func (s *Sync) ProgressOf(b models.GithubBackfill, silent time.Time) Progress {
	s = s.now()
	p := Progress{GithubBackfill: b}
	done, now := b.Done(), s.db.Now()
	if b.State != models.BackfillRunning || done == 0 {
		return p
	}
	p.Until = later(now, silent)
	if b.NotBefore != nil {
		p.Until = later(p.Until, *b.NotBefore)
	}
	if left := b.Total - done; left > 0 {
		p.Until = p.Until.Add(b.UpdatedAt.Sub(b.StartedAt) / time.Duration(done) * time.Duration(left))
	}
	return p
}

// errStopped ends a page of a backfill that somebody cancelled, or another node went on with.
var errStopped = errors.New("the backfill has gone on")
