package issuesync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// An issue that was closed as a duplicate says, in a comment, of what: GitHub's REST tells it
// nowhere else. Where that issue has a theme, a merge is proposed; a person decides. Where
// nobody knows of what, the link says so until it is known, or the theme has its end.

// DuplicateJob is the kind of the jobs that find out of what an issue is a duplicate; the key is
// the link's id.
const DuplicateJob = "github.duplicate"

func isDuplicated(l *models.IssueLink) bool {
	return stateOf(l.IssueState, l.StateReason) == isDuplicate
}

// isOfWhat reports whether a note of a link is about what it is a duplicate of.
func isOfWhat(note string) bool {
	code, _, _ := strings.Cut(note, ": ")
	return code == codeDuplicate || code == codeDuplicateAlone || code == codeDuplicateApart
}

// asksOfWhat: the link waits for a person to say of what its issue is a duplicate.
func (m *meeting) asksOfWhat() bool {
	return isOfWhat(m.l.LastError) && m.theirs[fieldState] == isDuplicate
}

// heardSince: something was said on such an issue that no webhook may have told.
func (m *meeting) heardSince() bool {
	return m.asksOfWhat() && (m.l.GithubAt == nil || m.is.updated.After(*m.l.GithubAt))
}

// looksOfWhat reports, before the link takes over what its issue is, whether it is to be found
// out of what that is a duplicate. Another note may have stood in the place of the answer.
func (m *meeting) looksOfWhat(moved bool) bool {
	return m.theirs[fieldState] == isDuplicate && (moved || m.heardSince() || m.l.LastError != "" && !isOfWhat(m.l.LastError))
}

// ofWhat has it found out, or takes back what was proposed for an issue that is no duplicate
// any more.
func (m *meeting) ofWhat(ctx context.Context, looks bool) error {
	switch {
	case looks:
		return m.s.queue.Enqueue(ctx, DuplicateJob, m.l.ID, "", m.s.db.Now())
	case m.theirs[fieldState] != isDuplicate:
		return m.s.themes.WithdrawMerge(ctx, auth.GitHub(), m.l.ID)
	}
	return nil
}

// ofWhatAgain looks once more after a change of a theme: it may go now where it could not.
func (s *Sync) ofWhatAgain(ctx context.Context, tx *gorm.DB, act *models.Activity, links []models.IssueLink) error {
	c, err := act.Change()
	if err != nil {
		return err
	}
	if c.Into != "" && act.Verb == models.ThemeMerged { // some of its links are that one's now
		more, err := s.linksOf(tx, c.Into)
		if err != nil {
			return err
		}
		links = append(slices.Clone(links), more...)
	}
	for i := range links {
		if links[i].State == models.LinkLinked && isDuplicated(&links[i]) {
			if err := s.queue.Enqueue(ctx, DuplicateJob, links[i].ID, "", s.db.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ofThis looks once more at duplicates of an issue that had no theme until now.
func (s *Sync) ofThis(ctx context.Context, tx *gorm.DB, l *models.IssueLink) error {
	return s.enqueueWhere(ctx, tx, "state_reason = 'duplicate' AND LOWER(last_error) = LOWER(?)", note(codeDuplicateAlone, fmt.Sprintf("%s#%d", l.Repository, l.Number)))
}

// enqueueComments has a linked issue's comments read where they matter: they come here, or say
// of what the issue is a duplicate.
func (s *Sync) enqueueComments(ctx context.Context, tx *gorm.DB, repositoryID int64, number int) error {
	if s.commentsIn() {
		if err := s.enqueueFor(ctx, tx, repositoryID, number, OverhearJob); err != nil {
			return err
		}
	}
	return s.enqueueWhere(ctx, tx, isDuplicateAt, repositoryID, number)
}

const isDuplicateAt = "repository_id = ? AND number = ? AND state = 'linked' AND state_reason = 'duplicate'"

// duplicatesAt counts the links of an issue that is closed as a duplicate.
func duplicatesAt(tx *gorm.DB, repositoryID int64, number int) (n int64, err error) {
	err = tx.Model(&models.IssueLink{}).Where(isDuplicateAt, repositoryID, number).Count(&n).Error
	return n, err
}

func (s *Sync) enqueueWhere(ctx context.Context, tx *gorm.DB, which string, args ...any) error {
	var ids []string
	if err := tx.Model(&models.IssueLink{}).Where(which, args...).Order("id").Pluck("id", &ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.queue.Enqueue(ctx, DuplicateJob, id, "", s.db.Now()); err != nil {
			return err
		}
	}
	return nil
}

// duplicateJob reads what was said on an issue that was closed as a duplicate, and proposes what
// follows.
func (s *Sync) duplicateJob(ctx context.Context, j models.Job) error {
	l, err := s.link(ctx, j.Key)
	if err != nil || l == nil || l.State != models.LinkLinked || !isDuplicated(l) {
		return err
	}
	is, err := s.api.issue(ctx, l.RepositoryID, l.Repository, l.Number)
	if t := asTrouble(err); t != nil && t.vanished() || err == nil && (is.id != l.IssueID || stateOf(is.state, is.reason) != isDuplicate) {
		return s.queue.Enqueue(ctx, PullJob, l.ID, "", s.db.Now()) // it has changed since
	}
	var of *original
	if err == nil {
		of, err = s.original(ctx, l, is)
	}
	if err != nil {
		return s.readTrouble(err)
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return s.proposeFor(ctx, tx, l.ID, of) })
}

// proposeFor proposes the merge that a duplicate speaks for, or notes why there is none.
func (s *Sync) proposeFor(ctx context.Context, tx *gorm.DB, linkID string, of *original) error {
	var l models.IssueLink
	if err := s.db.Hold(tx).Limit(1).Find(&l, "id = ?", linkID).Error; err != nil || l.State != models.LinkLinked || !isDuplicated(&l) {
		return err
	}
	th, err := s.themes.Get(ctx, auth.System(), l.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return nil // an emptied candidate: nobody waits
	}
	if err != nil {
		return err
	}
	why, err := s.mergeFor(ctx, tx, &l, th, of)
	if err != nil {
		return err
	}
	if th.Status == models.StatusDeclined || th.Status == models.StatusShipped { // it has its end
		why = ""
	}
	if l.LastError == why || l.LastError != "" && !isOfWhat(l.LastError) { // what else is wrong comes first
		return nil
	}
	_, err = s.move(ctx, &l, map[string]any{"last_error": why})
	return err
}

// mergeFor proposes it, and says as a note what a person must see; "" for nothing.
func (s *Sync) mergeFor(ctx context.Context, tx *gorm.DB, l *models.IssueLink, th *models.Theme, of *original) (string, error) {
	if of == nil {
		return note(codeDuplicate, ""), s.themes.WithdrawMerge(ctx, auth.GitHub(), l.ID)
	}
	into, err := s.themeOf(ctx, tx, l, of)
	if err != nil {
		return "", err
	}
	if into == nil {
		return note(codeDuplicateAlone, of.name()), s.themes.WithdrawMerge(ctx, auth.GitHub(), l.ID)
	}
	state, err := s.themes.ProposeMerge(ctx, auth.GitHub(), th.ID, into.ID, models.Reason{Kind: models.ReasonGitHub, Words: []string{of.name()}, URL: of.said, Link: l.ID})
	if err != nil || state != "" || into.ID == th.ID {
		return "", err
	}
	return note(codeDuplicateApart, of.name()), nil
}

// themeOf is the live theme of an issue that somebody named; nil for none.
func (s *Sync) themeOf(ctx context.Context, tx *gorm.DB, l *models.IssueLink, of *original) (*models.Theme, error) {
	q := tx.Where("repository_id = ?", l.RepositoryID)
	if !strings.EqualFold(of.repository, l.Repository) {
		q = tx.Where(inRepository, strings.ToLower(of.repository), strings.ToLower(of.repository))
	}
	var other models.IssueLink
	res := q.Where("number = ? AND issue_id <> 0", of.number).Order("id").Limit(1).Find(&other)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	th, err := s.themes.Get(ctx, auth.System(), other.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return nil, nil
	}
	return th, err
}

// isFollowing reports whether a duplicate's theme has another issue, which speaks for it: so it
// is after the merge that was proposed.
func (s *Sync) isFollowing(tx *gorm.DB, l *models.IssueLink, theme string) (bool, error) {
	links, err := s.linksOf(tx, theme)
	return slices.ContainsFunc(links, func(o models.IssueLink) bool {
		return o.ID != l.ID && o.State == models.LinkLinked && !isDuplicated(&o)
	}), err
}
