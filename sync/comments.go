package issuesync

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// Which way comments go; CommentsOff is "".
const (
	CommentsOut  = "out"
	CommentsIn   = "in"
	CommentsBoth = "both"
)

func (s *Sync) commentsOut() bool {
	return s.opts.Comments == CommentsOut || s.opts.Comments == CommentsBoth
}
func (s *Sync) commentsIn() bool {
	return s.opts.Comments == CommentsIn || s.opts.Comments == CommentsBoth
}

// maxCommentBody is what GitHub takes of a comment, in characters, with room to spare.
const maxCommentBody = 60_000

// takenBack stands where a comment was that is not to be seen any more: what answered it stays
// in its place.
const takenBack = "*This comment was taken back.*"

// bringOut notes for the theme's issues that a comment was made, shown or removed.
func (s *Sync) bringOut(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	if !s.commentsOut() || act.ThemeID == "" || act.Verb != models.CommentAdded && act.Verb != models.CommentSettled && act.Verb != models.ActivityUndone {
		return nil
	}
	c, err := act.Change()
	if err != nil || c.Comment == nil {
		return err
	}
	links, err := s.linksOf(tx, act.ThemeID)
	if err != nil {
		return err
	}
	now := s.db.Now()
	for _, l := range links {
		if l.State != models.LinkLinked && l.State != models.LinkGone { // one that is gone may come back
			continue
		}
		if c.Comment.To == models.CommentVisible {
			row := models.IssueComment{ID: models.NewID(models.PrefixIssueNote), LinkID: l.ID, CommentID: c.Comment.ID, Origin: models.OriginOurs, State: models.OpPlanned, CreatedAt: now, UpdatedAt: now}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return err
			}
		}
		err := tx.Exec("UPDATE issue_comments SET state = ? WHERE link_id = ? AND comment_id = ? AND origin = ? AND state <> ?",
			models.OpPlanned, l.ID, c.Comment.ID, models.OriginOurs, models.OpSent).Error
		if err == nil {
			err = s.queue.Enqueue(ctx, CommentJob, l.ID, "", now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// outgoing is a comment on its way to an issue.
type outgoing struct {
	l    *models.IssueLink
	row  models.IssueComment
	body string // "" when nobody may see it
	op   models.IssueOp
}

// commentJob brings the comments of a theme to one issue, one after the other in the order in
// which they were made: each made once, and reworded when it is taken back.
func (s *Sync) commentJob(ctx context.Context, j models.Job) error {
	l, err := s.link(ctx, j.Key)
	if err != nil || l == nil || l.State != models.LinkLinked {
		return err
	}
	var due []models.IssueComment
	err = s.db.Read(ctx).Where("link_id = ? AND origin = ? AND state IN ?", l.ID, models.OriginOurs, []models.IssueOpState{models.OpPlanned, models.OpSent}).
		Order("comment_id").Limit(2).Find(&due).Error
	if err != nil || len(due) == 0 {
		return err
	}
	if err := s.bringOne(ctx, l, due[0]); err != nil {
		return err
	}
	if len(due) > 1 {
		return jobs.Later{At: s.db.Now()}
	}
	return nil
}

func (s *Sync) bringOne(ctx context.Context, l *models.IssueLink, row models.IssueComment) error {
	body, err := s.bodyNow(ctx, s.db.Read(ctx), l, row.CommentID)
	if err != nil {
		return err
	}
	o := &outgoing{l: l, row: row, body: body}
	o.op = models.IssueOp{LinkID: l.ID, ThemeID: l.ThemeID, Field: opComment + row.CommentID, Way: models.WayOut, Becomes: o.body}
	switch {
	case row.GithubID == 0 && row.State == models.OpSent:
		return s.lookForComment(ctx, o)
	case row.GithubID == 0 && o.body == "":
		return s.endSame(ctx, o, models.OpDropped, "")
	case row.GithubID != 0 && row.Digest == digest(orTaken(o.body)):
		return s.endSame(ctx, o, models.OpDone, "")
	}
	return s.sendComment(ctx, o)
}

// bodyNow is what a comment says there at this moment: "" when not everybody may read it here.
func (s *Sync) bodyNow(ctx context.Context, tx *gorm.DB, l *models.IssueLink, commentID string) (string, error) {
	var c models.Comment
	if err := tx.Limit(1).Find(&c, "id = ?", commentID).Error; err != nil {
		return "", err
	}
	th, err := s.themes.Get(ctx, auth.System(), l.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return "", nil
	}
	if err != nil || !th.Public {
		return "", err
	}
	return s.commentBody(&c), nil
}

// endSame ends a comment, unless it has changed since it was read: then it begins anew.
func (s *Sync) endSame(ctx context.Context, o *outgoing, state models.IssueOpState, why string) error {
	var changed bool
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		body, err := s.bodyNow(ctx, tx, o.l, o.row.CommentID)
		if err != nil {
			return err
		}
		end := state
		if changed = body != o.body; changed {
			end, why = models.OpPlanned, ""
		}
		return s.endComment(ctx, o, map[string]any{"state": end}, end, why)
	})
	if err != nil || !changed {
		return err
	}
	return jobs.Later{At: s.db.Now()}
}

// showOrHide has a theme's comments compared once more when it was published or hidden.
func (s *Sync) showOrHide(ctx context.Context, tx *gorm.DB, act *models.Activity, links []models.IssueLink) error {
	c, err := act.Change()
	if err != nil || !s.commentsOut() || c.Before != nil && c.After != nil && c.Before.Public == c.After.Public {
		return err
	}
	for _, l := range links {
		res := tx.Exec("UPDATE issue_comments SET state = ? WHERE link_id = ? AND origin = ? AND state <> ?", models.OpPlanned, l.ID, models.OriginOurs, models.OpSent)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected > 0 {
			if err := s.queue.Enqueue(ctx, CommentJob, l.ID, "", s.db.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func orTaken(body string) string {
	if body == "" {
		return takenBack
	}
	return body
}

// commentBody is a comment as it may be read there: without who wrote it.
func (s *Sync) commentBody(c *models.Comment) string {
	if c.State != models.CommentVisible {
		return ""
	}
	team, zh := c.MemberID != "", c.Lang == "zh"
	from := "**Somebody who asked for this:**"
	switch {
	case team && zh:
		from = "**团队：**"
	case zh:
		from = "**一位提出需求的用户：**"
	case team:
		from = "**The team:**"
	}
	text := strings.TrimSpace(s.neutralise(s.opts.Redact(c.Text)))
	marker := s.marker(c.ID)
	return clip(from+" "+text, maxCommentBody-len(marker)-3) + "\n\n" + marker
}

// sendComment makes the comment there, or changes it.
func (s *Sync) sendComment(ctx context.Context, o *outgoing) error {
	if err := s.shut(ctx, o.l); err != nil {
		return err
	}
	as, err := s.api.bot(ctx)
	if err != nil {
		return s.readTrouble(err)
	}
	makes := o.row.GithubID == 0
	if err := s.lane.enter(ctx, o.l.ID, "comments", makes); err != nil {
		return err
	}
	defer s.lane.leave(ctx, o.l.ID, "comments")
	now := s.db.Now()
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if o.row.SentAt == nil {
			o.row.SentAt = &now // looks reach back to the first request
		}
		o.row.State, o.row.SentAs, o.row.Probes, o.row.UpdatedAt = models.OpSent, as, 0, now
		o.op.State, o.op.SentAt, o.op.Attempts = models.OpSent, &now, 1
		if err := s.putOp(tx, o.op); err != nil {
			return err
		}
		return tx.Save(&o.row).Error
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	var id int64
	if makes {
		id, err = s.api.comment(ctx, http.MethodPost, issuePath(o.l)+"/comments", o.body)
	} else {
		id, err = s.api.comment(ctx, http.MethodPatch, commentPath(o.l, o.row.GithubID), orTaken(o.body))
	}
	if t := asTrouble(err); t != nil {
		return s.commentTrouble(ctx, o, t)
	} else if err != nil {
		return err
	}
	return s.stands(ctx, o, id, orTaken(o.body))
}

// stands notes what a comment says there, and has it compared once more with what it says here:
// it may have been taken back while the request was on its way.
func (s *Sync) stands(ctx context.Context, o *outgoing, id int64, body string) error {
	err := s.endComment(ctx, o, map[string]any{"github_id": id, "state": models.OpPlanned, "digest": digest(body)}, models.OpDone, "")
	return orLater(err, s.db.Now())
}

func (s *Sync) endComment(ctx context.Context, o *outgoing, to map[string]any, state models.IssueOpState, why string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Model(&models.IssueComment{}).Where("id = ?", o.row.ID).Updates(to).Error; err != nil {
			return err
		}
		set := map[string]any{"state": state, "note": why}
		if state == models.OpDone || state == models.OpDropped {
			set["done_at"] = s.db.Now()
		}
		return tx.Model(&models.IssueOp{}).Where("link_id = ? AND field = ? AND state IN ?", o.l.ID, o.op.Field, openOps).Updates(set).Error
	})
}

// commentTrouble settles a comment that was not taken. One that may have been is looked for.
func (s *Sync) commentTrouble(ctx context.Context, o *outgoing, t *trouble) error {
	// Clearly not carried out: as if it had not been sent.
	back := map[string]any{"state": models.OpPlanned}
	switch {
	case t.end == limited:
		return orLater(s.endComment(ctx, o, back, models.OpPlanned, noteOf(t)), t.until)
	case t.end == refused && t.mends() && (o.row.GithubID == 0 || !t.vanished()): // a takeback is not given up
		return orLater(s.endComment(ctx, o, back, models.OpPlanned, noteOf(t)), s.db.Now().Add(s.opts.Pace.Refused))
	case t.end == refused: // locked, or gone
		return s.endSame(ctx, o, models.OpFailed, noteOf(t))
	case t.end == unsent || o.row.GithubID != 0: // it did not leave, or the same again does no harm
		return errors.Join(t, s.endComment(ctx, o, back, models.OpPlanned, noteOf(t)))
	}
	return jobs.Later{At: s.db.Now().Add(s.opts.Pace.probeGap(0))}
}

// lookForComment finds out whether a comment was made whose answer was lost. Only when the
// last look has found nothing is it made again.
func (s *Sync) lookForComment(ctx context.Context, o *outgoing) error {
	bot, err := s.api.bot(ctx)
	if err != nil {
		return s.readTrouble(err)
	}
	q := url.Values{"per_page": {"100"}, "since": {stamp(s.api.via.onGitHub(*o.row.SentAt).Add(-lookBack))}}
	for path := issuePath(o.l) + "/comments?" + q.Encode(); path != ""; {
		p, err := s.api.remarks(ctx, path, "")
		if err != nil {
			return s.readTrouble(err)
		}
		for _, c := range p.remarks {
			if (strings.EqualFold(c.author, bot) || strings.EqualFold(c.author, o.row.SentAs)) && s.marked(c.body) == o.row.CommentID {
				return s.stands(ctx, o, c.id, c.body)
			}
		}
		path = p.next
	}
	if o.row.Probes+1 < len(s.opts.Pace.Probes) {
		err := s.endComment(ctx, o, map[string]any{"probes": o.row.Probes + 1}, models.OpSent, "")
		return orLater(err, s.db.Now().Add(s.opts.Pace.probeGap(o.row.Probes+1)))
	}
	if o.body == "" { // it is not wanted any more, and is not there
		return s.endComment(ctx, o, map[string]any{"state": models.OpDropped}, models.OpDropped, "")
	}
	return s.sendComment(ctx, o)
}

func orLater(err error, at time.Time) error {
	if err != nil {
		return err
	}
	return jobs.Later{At: at}
}

// readTrouble is what a job does that could not read.
func (s *Sync) readTrouble(err error) error {
	t := asTrouble(err)
	switch {
	case t == nil:
		return err
	case t.end == limited:
		return jobs.Later{At: t.until}
	case t.end == refused:
		return jobs.Later{At: s.db.Now().Add(s.opts.Pace.Refused)}
	}
	return t
}
