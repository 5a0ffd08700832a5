package issuesync

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	changesCursor = "github"
	changesBatch  = 200
)

// Run notices what changes here and what webhooks say, and has the issues of those themes
// brought in step, until ctx ends. What it noticed is a job with the cursor: nothing is missed
// by who stops. It follows the connection: without one, what changes waits for it.
func (s *Sync) Run(ctx context.Context) {
	if err := s.beginTargets(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("github: begin", "error", err)
	}
	var hooks sync.WaitGroup
	hooks.Go(func() { s.hearHooks(ctx) })
	defer hooks.Wait()
	for {
		if err := s.Follow(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("github: follow the connection", "error", err)
		}
		if s.now().round(ctx) == changesBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.opts.Pace.Changes):
		}
	}
}

// round reads what has changed once, and says how much it was.
func (s *Sync) round(ctx context.Context) int {
	if !s.opts.isConfigured() {
		return 0
	}
	if until, err := s.lane.silent(ctx); err == nil {
		s.api.via.hush(until)
	}
	n, err := s.readChanges(ctx)
	if err != nil && ctx.Err() == nil {
		slog.Warn("github: read what has changed", "error", err)
	}
	return n
}

// readChanges asks for the job of every linked issue whose theme has changed. Several changes
// of a theme are one job.
func (s *Sync) readChanges(ctx context.Context) (int, error) {
	return s.db.Consume(ctx, changesCursor, changesBatch, func(ctx context.Context, tx *gorm.DB, acts []models.Activity) error {
		seen := map[string]bool{}
		for _, a := range acts {
			if err := s.bringOut(ctx, tx, &a); err != nil {
				return err
			}
			if err := s.createOn(ctx, tx, &a); err != nil {
				return err
			}
			if a.ThemeID == "" || seen[a.ThemeID] || !isShown(a.Verb) {
				continue
			}
			seen[a.ThemeID] = true
			links, err := s.linksOf(tx, a.ThemeID)
			if err == nil {
				err = s.showOrHide(ctx, tx, &a, links)
			}
			if err == nil {
				err = s.ofWhatAgain(ctx, tx, &a, links)
			}
			if err != nil {
				return err
			}
			for _, l := range links {
				if l.State != models.LinkLinked {
					continue
				}
				if err := s.queue.Enqueue(ctx, PullJob, l.ID, "", s.db.Now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// isShown reports whether an issue may say something else after an activity of this verb.
func isShown(v models.Verb) bool {
	switch v {
	case models.ThemeConfirmed, models.ThemeEdited, models.ThemeStatus, models.ThemeMerged, models.ThemeSplit, models.ActivityUndone, models.ReleaseShipped:
		return true
	}
	return false
}

// createOn makes an issue of a theme that has just got the status which asks for one, or, in
// that status, the public title that it lacked. Who unlinks it afterwards is not overruled.
func (s *Sync) createOn(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	if s.opts.CreateOn == "" || s.opts.Repository == "" || act.ThemeID == "" || !isShown(act.Verb) {
		return nil
	}
	c, err := act.Change()
	if err != nil || c.After == nil || c.After.Status != s.opts.CreateOn || c.After.PublicTitle.IsEmpty() {
		return err
	}
	if c.Before != nil && c.Before.Status == c.After.Status && !c.Before.PublicTitle.IsEmpty() {
		return nil
	}
	_, err = s.Create(ctx, auth.System(), act.ThemeID, "")
	switch models.KindOf(err) {
	case models.NotFound, models.Invalid: // gone, or without a title again
		return nil
	}
	return err
}
