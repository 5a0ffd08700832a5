package issuesync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// overhearJob reads the comments of a link's issue and brings those of people here, where
// staff decides who sees them. What is edited there is edited here; what is deleted there is
// removed here, and stays known.
func (s *Sync) overhearJob(ctx context.Context, j models.Job) error {
	l, err := s.link(ctx, j.Key)
	if err != nil || l == nil || l.State != models.LinkLinked || !s.commentsIn() {
		return err
	}
	bot, err := s.api.bot(ctx)
	if err != nil {
		return s.readTrouble(err)
	}
	there := map[int64]remark{}
	for path := issuePath(l) + "/comments?per_page=100"; path != ""; {
		cs, next, err := s.api.comments(ctx, path)
		if err != nil {
			return s.readTrouble(err)
		}
		for _, c := range cs {
			if c.author != bot && !c.bot && s.marked(c.body) == "" {
				there[c.id] = c
			}
		}
		path = next
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return s.overhear(ctx, tx, l, there) })
}

// overhear compares what is there with what came here before.
func (s *Sync) overhear(ctx context.Context, tx *gorm.DB, l *models.IssueLink, there map[int64]remark) error {
	var had []models.IssueComment
	if err := s.db.Hold(tx).Order("id").Find(&had, "link_id = ? AND origin = ?", l.ID, models.OriginTheirs).Error; err != nil {
		return err
	}
	for _, row := range had {
		c, still := there[row.GithubID]
		delete(there, row.GithubID)
		if still && row.Digest == digest(c.body) || !still && row.State == models.OpDropped {
			continue
		}
		if err := s.themes.Reword(ctx, auth.GitHub(), row.CommentID, c.body); err != nil {
			return err
		}
		state := models.OpDone
		if !still {
			state = models.OpDropped
		}
		if err := tx.Model(&models.IssueComment{}).Where("id = ?", row.ID).Updates(map[string]any{"digest": digest(c.body), "state": state}).Error; err != nil {
			return err
		}
	}
	for _, c := range sorted(there) {
		if err := s.hear(ctx, tx, l, c); err != nil {
			return err
		}
	}
	return nil
}

// hear brings a new comment here.
func (s *Sync) hear(ctx context.Context, tx *gorm.DB, l *models.IssueLink, c remark) error {
	made, err := s.themes.Overhear(ctx, auth.GitHub(), l.ThemeID, c.author+" (GitHub)", c.body)
	if models.KindOf(err) == models.NotFound {
		return nil // an emptied candidate: nobody reads it
	}
	if err != nil {
		return err
	}
	now := s.db.Now()
	row := models.IssueComment{ID: models.NewID(models.PrefixIssueNote), LinkID: l.ID, CommentID: made.ID, GithubID: c.id, Origin: models.OriginTheirs, State: models.OpDone,
		Digest: digest(c.body), CreatedAt: now, UpdatedAt: now}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return s.putIn(tx, models.IssueOp{LinkID: l.ID, ThemeID: made.ThemeID, Field: opComment + made.ID, Way: models.WayIn, Becomes: made.Text, State: models.OpDone, DoneAt: &now})
}

// recentComments finds issues whose comments changed lately, for what the webhooks did not
// bring, and has those read that are linked.
func (s *Sync) recentComments(ctx context.Context, w watched) error {
	if !s.commentsIn() {
		return nil
	}
	cur, err := s.cursor(ctx, w)
	if err != nil {
		return err
	}
	since := cur.Since
	if cur.CommentsSince != nil {
		since = *cur.CommentsSince
	}
	began := s.api.via.onGitHub(s.db.Now())
	seen := map[int]bool{}
	q := url.Values{"sort": {"updated"}, "direction": {"asc"}, "per_page": {"100"}, "since": {stamp(since)}}
	for path := at(w.RepositoryID, w.Repository) + "/issues/comments?" + q.Encode(); path != ""; {
		cs, next, err := s.api.comments(ctx, path)
		if err != nil {
			return err
		}
		for _, c := range cs {
			seen[c.number] = true
		}
		path = next
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var errs []error
		for number := range seen {
			_, err := s.enqueueFor(ctx, tx, w.RepositoryID, number, OverhearJob)
			errs = append(errs, err)
		}
		until := models.Milli(later(since, began.Add(-overlap)))
		errs = append(errs, tx.Model(&models.GithubCursor{}).Where("repository = ?", w.Repository).Update("comments_since", until).Error)
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("recent comments: %w", err)
		}
		return nil
	})
}

// sorted are remarks in the order in which they were made.
func sorted(there map[int64]remark) (all []remark) {
	for _, id := range slices.Sorted(maps.Keys(there)) {
		all = append(all, there[id])
	}
	return all
}
