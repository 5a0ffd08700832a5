package issuesync

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// apply takes over what GitHub says of a linked issue: from a pull, a list or
// a sweep. The same again writes nothing.
func (s *Sync) apply(ctx context.Context, linkID string, is issue) error {
	var l models.IssueLink
	if err := s.db.Read(ctx).First(&l, "id = ?", linkID).Error; models.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	if s.same(&l, is) {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var l models.IssueLink // as it stands now
		if err := tx.First(&l, "id = ?", linkID).Error; models.IsNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
		if l.IssueID != is.id {
			return nil // tied to another meanwhile
		}
		return s.take(ctx, tx, &l, is, true)
	})
}

func (s *Sync) same(l *models.IssueLink, is issue) bool {
	return l.State == models.LinkLinked && l.IssueState == is.state && l.StateReason == is.reason && l.URL == is.url &&
		l.LastError == "" && (is.repository == "" || strings.EqualFold(l.Repository, is.repository))
}

// take brings l and its theme to the issue's state, in the caller's Write. An
// older view than the one already taken over is passed by: pages of a list may
// be overtaken by a pull.
func (s *Sync) take(ctx context.Context, tx *gorm.DB, l *models.IssueLink, is issue, mayShip bool) error {
	if l.GithubAt != nil && is.updated.Before(*l.GithubAt) || s.same(l, is) {
		return nil
	}
	moved := l.IssueState != is.state || l.StateReason != is.reason
	if err := s.rename(tx, l, is.repository); err != nil {
		return err
	}
	l.State, l.LastError, l.URL, l.Number = models.LinkLinked, "", is.url, is.number
	l.IssueState, l.StateReason, l.GithubAt = is.state, is.reason, &is.updated
	if err := tx.Select("*").Updates(l).Error; err != nil {
		return err
	}
	if !moved {
		return nil
	}
	if err := s.record(ctx, tx, auth.GitHub(), models.IssueChanged, l, strings.TrimSpace(is.state+" "+is.reason)); err != nil {
		return err
	}
	return s.decide(ctx, tx, l, mayShip)
}

// completed: GitHub's default reason is completed, and issues closed before
// there were reasons have none.
func completed(l *models.IssueLink) bool {
	return l.IssueState == "closed" && (l.StateReason == "completed" || l.StateReason == "")
}

func notPlanned(l *models.IssueLink) bool {
	return l.IssueState == "closed" && l.StateReason == "not_planned"
}

// decide tells the theme what its issues say together after l has changed. One
// that is gone has no say.
func (s *Sync) decide(ctx context.Context, tx *gorm.DB, l *models.IssueLink, mayShip bool) error {
	th, err := s.themes.Get(ctx, auth.System(), l.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return nil // an emptied candidate: nobody waits
	}
	if err != nil {
		return err
	}
	links, err := s.linksOf(tx, th.ID)
	if err != nil {
		return err
	}
	complete, dropped := true, false
	for i := range links {
		if links[i].State != models.LinkGone {
			complete = complete && completed(&links[i])
			dropped = dropped || notPlanned(&links[i])
		}
	}
	if complete {
		return s.complete(ctx, th, mayShip)
	}
	if l.IssueState == "closed" && !completed(l) && !notPlanned(l) {
		return nil // a duplicate of something: a person looks at it
	}
	if err := s.takeBack(ctx, tx, th); err != nil {
		return err
	}
	switch {
	case notPlanned(l):
		return s.themes.MarkWantsReason(ctx, auth.GitHub(), th.ID)
	case !dropped:
		return s.themes.Unmark(ctx, auth.GitHub(), th.ID)
	}
	return nil
}

// complete ships the theme or marks it ready. A theme that the team has not
// confirmed, or has declined, waits for a person in any case.
func (s *Sync) complete(ctx context.Context, th *models.Theme, mayShip bool) error {
	if th.Status == models.StatusShipped {
		return nil
	}
	if !mayShip || s.opts.OnCompleted != Ship || !th.Status.IsOpen() {
		return s.themes.MarkReady(ctx, auth.GitHub(), th.ID)
	}
	_, _, err := s.themes.SetStatus(ctx, auth.GitHub(), th.ID, themes.StatusChange{Status: models.StatusShipped, Notify: true})
	return err
}

// takeBack gives a theme that GitHub shipped the status it had before. What a
// person has decided stays.
func (s *Sync) takeBack(ctx context.Context, tx *gorm.DB, th *models.Theme) error {
	if th.Status != models.StatusShipped {
		return nil
	}
	var act models.Activity
	if err := tx.Where("theme_id = ? AND verb = ?", th.ID, models.ThemeStatus).Order("seq DESC").Limit(1).Find(&act).Error; err != nil {
		return err
	}
	c, err := act.Change()
	if err != nil || act.ActorKind != models.ActorGitHub || act.UndoneBy != "" || c.Before == nil {
		return err
	}
	back := themes.StatusChange{Status: c.Before.Status, Reason: c.Before.Reason, Notify: c.Notify}
	if !back.Status.IsSettable() { // received: the nearest that can be given
		back.Status = models.StatusUnderReview
	}
	if d := c.Before.PromiseDate; d != nil && d.After(s.db.Now().Add(26*time.Hour)) { // a day after today wherever the team is
		back.PromiseDate = &themes.Date{Time: *d}
	}
	_, _, err = s.themes.SetStatus(ctx, auth.GitHub(), th.ID, back)
	return err
}
