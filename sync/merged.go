package issuesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// MergedJob reads a pull request that may have been merged; the key is repository id/number.
const MergedJob = "github.merged"

// What a merged pull request does to the themes whose issues it closes.
const (
	MergedInProgress = "in_progress" // they are in progress, and their people hear of it
	MergedReady      = "ready"       // they are ready: a person or a release ships them
)

// opMerged begins the field of the op of a merged pull request; repository id/number follow.
const opMerged = "merged:"

// mergedJob asks GitHub what became of a pull request.
func (s *Sync) mergedJob(ctx context.Context, j models.Job) error {
	repository, digits, _ := strings.Cut(j.Key, "/")
	id, err := strconv.ParseInt(repository, 10, 64)
	number, err2 := strconv.Atoi(digits)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("github: a pull request's key: %w", err)
	}
	pr, err := s.api.issue(ctx, id, "", number)
	switch t := asTrouble(err); {
	case t == nil && err != nil:
		return err
	case t == nil:
		return s.merged(ctx, id, pr)
	case t.vanished():
		return nil
	case t.end == limited:
		return jobs.Later{At: t.until}
	case t.end == refused && s.db.Now().Sub(j.CreatedAt) > keepHooks:
		return nil // it has become too old to move anything
	case t.end == refused:
		return jobs.Later{At: s.db.Now().Add(s.opts.Pace.Refused)}
	default:
		return t
	}
}

// enqueueMerged lets a pull request be read that is said to be closed.
func (s *Sync) enqueueMerged(ctx context.Context, h hint) (Outcome, error) {
	if s.opts.OnMerged == "" || h.Action != "closed" || h.PullRequest.Number == 0 || h.Repository.ID == 0 {
		return Ignored, nil
	}
	return Queued, s.queue.Enqueue(ctx, MergedJob, mergedKey(h.Repository.ID, h.PullRequest.Number), "", s.db.Now())
}

func mergedKey(repositoryID int64, number int) string {
	return fmt.Sprintf("%d/%d", repositoryID, number)
}

// mergedAll takes over the pull requests of a list. What fails here is tried again as a job
// of its own.
func (s *Sync) mergedAll(ctx context.Context, repositoryID int64, all []issue) error {
	for _, pr := range all {
		if err := s.merged(ctx, repositoryID, pr); err != nil {
			slog.Warn("github: a merged pull request", "repository", repositoryID, "number", pr.number, "error", err)
			if err := s.queue.Enqueue(ctx, MergedJob, mergedKey(repositoryID, pr.number), "", s.db.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// merged moves the themes whose issues a merged pull request closes. It is read once: what
// its author writes into it afterwards moves nothing, and who moves a theme back is not
// overruled. Nor is whoever moved it since a merge of long ago, which is seen for the first
// time because somebody commented on it.
func (s *Sync) merged(ctx context.Context, repositoryID int64, pr issue) error {
	if s.opts.OnMerged == "" || !pr.isPull || pr.merged.Before(s.api.via.gitHubNow().Add(-keepHooks)) {
		return nil
	}
	var known int64
	row := models.GithubMerge{RepositoryID: repositoryID, Number: pr.number, MergedAt: pr.merged}
	if err := s.db.Read(ctx).Model(&row).Where("repository_id = ? AND number = ?", repositoryID, pr.number).Count(&known).Error; err != nil || known > 0 {
		return err
	}
	all := s.closes(pr.body)
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		row := row
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		closed := map[string]models.IssueLink{}
		for _, n := range all {
			links, err := linksNamed(tx, repositoryID, n)
			if err != nil {
				return err
			}
			for _, l := range links {
				if s.mergedSince(&l, pr.merged) {
					closed[l.ID] = l
				}
			}
		}
		for _, id := range slices.Sorted(maps.Keys(closed)) { // in one order, whatever the text's
			l := closed[id]
			if err := s.moveOn(ctx, tx, &l, &pr, repositoryID); err != nil {
				return err
			}
		}
		return nil
	})
}

// mergedSince reports whether a pull request was merged after the link was made: what was
// done long ago moves nothing when a repository is read for the first time.
func (s *Sync) mergedSince(l *models.IssueLink, at time.Time) bool {
	return !at.Before(s.api.via.onGitHub(l.CreatedAt).Truncate(time.Second))
}

// linksNamed are the links to an issue that a pull request of a repository names.
func linksNamed(tx *gorm.DB, repositoryID int64, n named) (links []models.IssueLink, err error) {
	q := tx.Where("number = ? AND state = ?", n.number, models.LinkLinked).Order("id")
	if n.repository == "" {
		q = q.Where("repository_id = ?", repositoryID)
	} else {
		q = q.Where(inRepository, n.repository, n.repository)
	}
	return links, q.Find(&links).Error
}

// moveOn moves a link's theme, never back, and writes down what was decided.
func (s *Sync) moveOn(ctx context.Context, tx *gorm.DB, l *models.IssueLink, pr *issue, repositoryID int64) error {
	th, err := s.themes.Get(ctx, auth.System(), l.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return nil // an emptied candidate: nobody waits
	}
	if err != nil {
		return err
	}
	before, becomes := standing(th), standing(th)
	further := th.Status == models.StatusCandidate || !th.Status.IsOpen() || th.ReadyAt != nil || th.WantsReasonAt != nil
	switch {
	case further:
	case s.opts.OnMerged == MergedReady:
		becomes, err = MergedReady, s.themes.MarkReady(ctx, auth.GitHub(), th.ID)
	case th.Status != models.StatusInProgress:
		becomes = string(models.StatusInProgress)
		_, _, err = s.themes.SetStatus(ctx, auth.GitHub(), th.ID, themes.StatusChange{Status: models.StatusInProgress, Notify: true, Rev: th.Rev})
	}
	if err != nil {
		return err
	}
	now := s.db.Now()
	return s.putIn(tx, models.IssueOp{LinkID: l.ID, ThemeID: th.ID, Field: opMerged + mergedKey(repositoryID, pr.number), Way: models.WayIn,
		Was: before, Becomes: becomes, State: models.OpDone, DoneAt: &now})
}

// standing is how far a theme is: its status, or that it is ready.
func standing(th *models.Theme) string {
	if th.ReadyAt != nil {
		return MergedReady
	}
	return string(th.Status)
}
