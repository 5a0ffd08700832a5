package issuesync

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// apply brings a link and its theme to what GitHub says of the issue – from a pull, a list, a
// sweep or an answer. The same again writes nothing. The meeting says what is left to be
// written there; it is nil for an issue that is no longer the link's.
func (s *Sync) apply(ctx context.Context, linkID string, is issue) (m *meeting, err error) {
	m, err = s.met(ctx, s.db.Read(ctx), linkID, is)
	if err != nil || m == nil || m.quiet() {
		return m, err
	}
	if m.conflicts[fieldTitle] { // the later title counts, whatever else has changed there since
		if is.retitled, err = s.retitled(ctx, m.l); err != nil {
			return nil, err
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if m, err = s.met(ctx, s.db.Hold(tx), linkID, is); err != nil || m == nil { // as it stands now
			return err
		}
		return m.carry(ctx, tx, true)
	})
	return m, err
}

// met is the meeting of a link that is still tied to the issue; nil for any other.
func (s *Sync) met(ctx context.Context, tx *gorm.DB, linkID string, is issue) (*meeting, error) {
	var l models.IssueLink
	if err := tx.Session(&gorm.Session{}).First(&l, "id = ?", linkID).Error; models.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if l.IssueID != is.id {
		return nil, nil // tied to another meanwhile
	}
	return s.meet(ctx, tx.Session(&gorm.Session{NewDB: true}), &l, is)
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
// that is gone has no say, and a duplicate leaves it to what it is a duplicate of.
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
	complete, dropped, heard := true, false, 0
	for i := range links {
		if links[i].State != models.LinkGone && !isDuplicated(&links[i]) {
			complete = complete && completed(&links[i])
			dropped = dropped || notPlanned(&links[i])
			heard++
		}
	}
	if complete && heard > 0 {
		return s.complete(ctx, th, mayShip)
	}
	if l.IssueState == "closed" && !completed(l) && !notPlanned(l) {
		return nil // a duplicate of something: a merge is proposed, and a person decides
	}
	if err := s.takeBack(ctx, tx, th, l.Force != ""); err != nil {
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
// person has decided stays, unless a person wants that, too (forced).
func (s *Sync) takeBack(ctx context.Context, tx *gorm.DB, th *models.Theme, forced bool) error {
	if th.Status != models.StatusShipped && !(forced && th.Status == models.StatusDeclined) {
		return nil
	}
	var act models.Activity
	if err := tx.Where("theme_id = ? AND verb = ?", th.ID, models.ThemeStatus).Order("seq DESC").Limit(1).Find(&act).Error; err != nil {
		return err
	}
	c, err := act.Change()
	if err != nil || act.ActorKind != models.ActorGitHub && !forced || act.UndoneBy != "" || c.Before == nil {
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
