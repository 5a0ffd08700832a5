package issuesync

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// visitAll is the key of VisitJob.
const visitAll = "all"

// LookAgain has the repositories, their webhooks and their releases looked at now and not
// within the hour. Needs auth.Administer; Invalid where GitHub is not set up.
func (s *Sync) LookAgain(ctx context.Context, a auth.Actor) error {
	if err := auth.Can(a, auth.Administer); err != nil {
		return err
	}
	if !s.Configured() {
		return models.BadField("repository", "github_not_configured")
	}
	return s.db.Write(ctx, func(ctx context.Context, _ *gorm.DB) error {
		return s.queue.Enqueue(ctx, VisitJob, visitAll, "", s.db.Now())
	})
}

func (s *Sync) visitJob(ctx context.Context, _ models.Job) error { return s.Visit(ctx) }

// lookAround reads, once an hour, what else there is to know of the watched repositories.
func (s *Sync) lookAround(ctx context.Context) error {
	if !s.Configured() {
		return nil
	}
	err := s.appHook(ctx)
	if !s.opts.Releases {
		err = errors.Join(err, s.forgetReleases(ctx))
	}
	if !s.opts.Releases && !s.wantsHooks() {
		return err
	}
	return errors.Join(err, s.eachWatched(ctx, func(ctx context.Context, w watched) error {
		err := s.hooks(ctx, w)
		if s.opts.Releases {
			err = errors.Join(err, s.releases(ctx, w))
		}
		return err
	}))
}

// laterIfLimited has a job come back when GitHub may be asked again.
func laterIfLimited(err error) error {
	if t := asTrouble(err); t != nil && t.end == limited {
		return jobs.Later{At: t.until}
	}
	return err
}

// eachWatched goes through the repositories with linked issues and the one where new issues
// go, which may have none yet.
func (s *Sync) eachWatched(ctx context.Context, do func(context.Context, watched) error) error {
	var seen []watched
	err := s.each(ctx, func(ctx context.Context, w watched) error {
		seen = append(seen, w)
		return do(ctx, w)
	})
	if _, wait := errors.AsType[jobs.Later](err); wait || !s.Configured() || s.opts.Repository == "" {
		return err
	}
	for _, w := range seen {
		if strings.EqualFold(w.Repository, s.opts.Repository) {
			return err
		}
	}
	return errors.Join(err, s.alsoConfigured(ctx, seen, do))
}

// alsoConfigured does it with the configured repository, unless it is one of those already seen
// under another name.
func (s *Sync) alsoConfigured(ctx context.Context, seen []watched, do func(context.Context, watched) error) error {
	repo, err := s.api.repository(ctx, s.opts.Repository)
	if err == nil {
		for _, w := range seen {
			if w.RepositoryID == repo.id {
				return nil
			}
		}
		err = do(ctx, watched{RepositoryID: repo.id, Repository: repo.name})
	}
	if t := asTrouble(err); err == nil || t != nil && t.vanished() { // who makes an issue there is told
		return nil
	}
	return fmt.Errorf("look at %s: %w", s.opts.Repository, laterIfLimited(err))
}
