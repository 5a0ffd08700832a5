package issuesync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

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
		p, err := s.api.remarks(ctx, path, "")
		if err != nil {
			return s.readTrouble(err)
		}
		for _, c := range p.remarks {
			if !strings.EqualFold(c.author, bot) && !c.bot && s.marked(c.body) == "" {
				there[c.id] = c
			}
		}
		path = p.next
	}
	gone, err := s.missing(ctx, l, there)
	if err != nil {
		return s.readTrouble(err)
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return s.overhear(ctx, tx, l, there, gone) })
}

// missing asks for each comment that came here and is in no list now: pages shift while they
// are read. Those that are still there are put with the others.
func (s *Sync) missing(ctx context.Context, l *models.IssueLink, there map[int64]remark) (gone map[int64]bool, err error) {
	var ids []int64
	err = s.db.Read(ctx).Model(&models.IssueComment{}).Where("link_id = ? AND origin = ? AND state <> ?", l.ID, models.OriginTheirs, models.OpDropped).
		Order("github_id").Pluck("github_id", &ids).Error
	if err != nil {
		return nil, err
	}
	gone = map[int64]bool{}
	for _, id := range ids {
		if _, listed := there[id]; listed {
			continue
		}
		c, err := s.api.remarkAt(ctx, commentPath(l, id))
		if t := asTrouble(err); t != nil && t.vanished() {
			gone[id] = true
		} else if err != nil {
			return nil, err
		} else {
			there[id] = c
		}
	}
	return gone, nil
}

// overhear compares what is there with what came here before. It leaves both maps as they are:
// a Write may run twice.
func (s *Sync) overhear(ctx context.Context, tx *gorm.DB, l *models.IssueLink, there map[int64]remark, gone map[int64]bool) error {
	var had []models.IssueComment
	if err := s.db.Hold(tx).Order("id").Find(&had, "link_id = ? AND origin = ?", l.ID, models.OriginTheirs).Error; err != nil {
		return err
	}
	fresh := maps.Clone(there)
	for _, row := range had {
		c, still := fresh[row.GithubID]
		delete(fresh, row.GithubID)
		state := models.OpDone
		switch {
		case still && row.Digest != digest(c.body):
		case gone[row.GithubID]:
			state = models.OpDropped
		default:
			continue
		}
		if err := s.themes.Reword(ctx, auth.GitHub(), row.CommentID, c.body); err != nil {
			return err
		}
		if err := tx.Model(&models.IssueComment{}).Where("id = ?", row.ID).Updates(map[string]any{"digest": digest(c.body), "state": state}).Error; err != nil {
			return err
		}
	}
	for _, c := range sorted(fresh) {
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
		p, err := s.api.remarks(ctx, path, "")
		if err != nil {
			return err
		}
		for _, c := range p.remarks {
			seen[c.number] = true
		}
		path = p.next
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var errs []error
		for number := range seen {
			errs = append(errs, s.enqueueFor(ctx, tx, w.RepositoryID, number, OverhearJob))
		}
		until := models.Milli(later(since, began.Add(-overlap)))
		errs = append(errs, tx.Model(&models.GithubRepository{}).Where("id = ?", w.RepositoryID).Update("comments_since", until).Error)
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("recent comments: %w", err)
		}
		return nil
	})
}

// sweepComments finds comments that are in no list any more, and has the issues read that
// they were on.
func (s *Sync) sweepComments(ctx context.Context, w watched) error {
	if !s.commentsIn() {
		return nil
	}
	listed := map[int64]bool{}
	for path := at(w.RepositoryID, w.Repository) + "/issues/comments?sort=created&direction=asc&per_page=100"; path != ""; {
		p, err := s.turn(ctx, path, s.api.remarks)
		if err == nil {
			err = s.taken(ctx, p)
		}
		if err != nil {
			return err
		}
		for _, id := range p.ids {
			listed[id] = true
		}
		path = p.next
	}
	var had []models.IssueComment
	err := s.db.Read(ctx).Table("issue_comments c").Select("c.link_id, c.github_id").Joins("JOIN issue_links l ON l.id = c.link_id").
		Where("l.repository_id = ? AND c.origin = ? AND c.state <> ?", w.RepositoryID, models.OriginTheirs, models.OpDropped).Order("c.id").Scan(&had).Error
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, _ *gorm.DB) error {
		for _, row := range had {
			if listed[row.GithubID] {
				continue
			}
			if err := s.queue.Enqueue(ctx, OverhearJob, row.LinkID, "", s.db.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// commentsAgain ties comments to a link that were tied to another of the same issue and theme:
// they are not brought over once more.
func (s *Sync) commentsAgain(ctx context.Context, tx *gorm.DB, l *models.IssueLink) error {
	res := tx.Exec("UPDATE issue_comments SET link_id = ?, untied_from = 0 WHERE untied_from = ? AND comment_id IN (SELECT id FROM comments WHERE theme_id IN ("+familyOf+"))",
		l.ID, l.IssueID, l.ThemeID)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	for _, kind := range []string{CommentJob, OverhearJob} { // what was said meanwhile
		if err := s.queue.Enqueue(ctx, kind, l.ID, "", s.db.Now()); err != nil {
			return err
		}
	}
	return nil
}

// sorted are remarks in the order in which they were made.
func sorted(there map[int64]remark) (all []remark) {
	for _, id := range slices.Sorted(maps.Keys(there)) {
		all = append(all, there[id])
	}
	return all
}
