package issuesync

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

const (
	hintsBatch = 500
	// crowd issues that changed at once cost less read as a list.
	crowd = 8
	// breath is the pause after each webhook that was acted upon: those that come meanwhile
	// are one with the next, so that a storm of them is no storm of requests.
	breath     = 10 * time.Millisecond
	mostBreath = 5 * time.Second
)

// hearHooks acts upon webhooks, until ctx ends.
func (s *Sync) hearHooks(ctx context.Context) {
	for taken := 0; ; {
		n, err := s.now().takeHints(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("github: act upon webhooks", "error", err)
		}
		if taken += n; n == hintsBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(time.Duration(taken)*breath, mostBreath)):
		}
		taken = 0
		select {
		case <-ctx.Done():
			return
		case <-s.came:
		case <-time.After(s.opts.Pace.Changes): // those that other nodes took
		}
	}
}

// hooked wakes hearHooks.
func (s *Sync) hooked() {
	select {
	case s.came <- struct{}{}:
	default:
	}
}

// takeHints asks for the jobs of the webhooks that wait, and says how many those were. Several
// about an issue are one job, and about many issues of a repository one list.
func (s *Sync) takeHints(ctx context.Context) (n int, err error) {
	if !s.opts.isConfigured() {
		return 0, nil
	}
	var waiting []models.HookDelivery
	// A look without a write lock first: mostly there is nothing.
	if err := s.db.Read(ctx).Select("guid").Limit(1).Find(&waiting, "taken_at IS NULL").Error; err != nil || len(waiting) == 0 {
		return 0, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		waiting = nil
		err := s.db.Hold(tx).Select("guid", "event", "action", "repository_id", "number", "received_at").Where("taken_at IS NULL").Order("received_at").Limit(hintsBatch).Find(&waiting).Error
		if n = len(waiting); err != nil || n == 0 {
			return err
		}
		if err := s.enqueueHints(ctx, tx, waiting); err != nil {
			return err
		}
		var guids []string
		for _, d := range waiting {
			guids = append(guids, d.GUID)
		}
		return tx.Model(&models.HookDelivery{}).Where("guid IN ?", guids).Update("taken_at", s.db.Now()).Error
	})
	if err != nil {
		return 0, fmt.Errorf("act upon webhooks: %w", err)
	}
	return n, nil
}

// subject is what a webhook is about.
type subject struct {
	repository int64
	number     int
	job        string
}

func (s *Sync) enqueueHints(ctx context.Context, tx *gorm.DB, ds []models.HookDelivery) error {
	about, left, many := map[subject]bool{}, map[subject]bool{}, map[int64]int{}
	for _, d := range ds {
		x := subject{d.RepositoryID, d.Number, s.hintOf(d.Event)}
		if left[x] = left[x] || d.Action == "deleted" || d.Action == "transferred"; x.job == "" || about[x] {
			continue
		}
		if about[x] = true; x.job == PullJob {
			many[d.RepositoryID]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(many)) {
		if many[id] < crowd {
			continue
		}
		if err := s.queue.Enqueue(ctx, RecentJob, strconv.FormatInt(id, 10), "", s.db.Now()); err != nil {
			return err
		}
	}
	for x := range about {
		if x.job == PullJob && many[x.repository] >= crowd && !left[x] { // what has left is in no list
			continue
		}
		var err error
		if x.job == PullJob {
			err = s.enqueueFor(ctx, tx, x.repository, x.number, PullJob)
		} else {
			err = s.enqueueComments(ctx, tx, x.repository, x.number)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recentJob reads what has changed lately in the repository that is its key.
func (s *Sync) recentJob(ctx context.Context, j models.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // of no repository
	}
	err = s.recent(ctx, watched{RepositoryID: id})
	t := asTrouble(err)
	switch {
	case models.IsNotFound(err): // the last of its links was untied meanwhile
		return nil
	case t == nil:
		return err
	case t.end == limited:
		return jobs.Later{At: t.until}
	case t.end == refused: // reconciliation says so
		return nil
	}
	return err
}
