package issuesync

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/heedhq/heed/jobs"
)

// lookAround reads, once an hour, what else there is to know of the watched repositories.
func (s *Sync) lookAround(ctx context.Context) error {
	if !s.opts.Releases {
		return s.forgetReleases(ctx)
	}
	return s.eachWatched(ctx, s.releases)
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
	return errors.Join(err, s.configured(ctx, seen, do))
}

// configured does it with the configured repository, unless it is one of those already seen
// under another name.
func (s *Sync) configured(ctx context.Context, seen []watched, do func(context.Context, watched) error) error {
	repo, err := s.api.repository(ctx, s.opts.Repository)
	if err == nil {
		for _, w := range seen {
			if w.RepositoryID == repo.id {
				return nil
			}
		}
		err = do(ctx, watched{RepositoryID: repo.id, Repository: repo.name})
	}
	switch t := asTrouble(err); {
	case t == nil && err == nil || t != nil && t.vanished(): // who makes an issue there is told
		return nil
	case t != nil && t.end == limited:
		return jobs.Later{At: t.until}
	}
	return fmt.Errorf("look at %s: %w", s.opts.Repository, err)
}
