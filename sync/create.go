package issuesync

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// createJob brings a link from wanted to linked. The link's row is the outbox:
// what it says decides what is done next, whoever died before.
func (s *Sync) createJob(ctx context.Context, j models.Job) error {
	l, err := s.link(ctx, j.Key)
	if err != nil || l == nil {
		return err
	}
	if l.NotBefore != nil && l.NotBefore.After(s.db.Now()) && l.State != models.LinkCreating {
		return jobs.Later{At: *l.NotBefore}
	}
	switch l.State {
	case models.LinkCreating: // whoever sent it died before writing down the answer
		return s.doubt(ctx, l, "Heed was stopped before the answer came")
	case models.LinkUncertain:
		return s.probe(ctx, l)
	case models.LinkWanted, models.LinkHeld:
		return s.send(ctx, l)
	}
	return nil
}

// send asks for the issue when it is this link's turn.
func (s *Sync) send(ctx context.Context, l *models.IssueLink) error {
	if err := s.lane.enter(ctx, l.ID, opIssue, true); err != nil {
		return err
	}
	defer s.lane.leave(ctx, l.ID, opIssue)
	repo, err := s.api.repository(ctx, l.Repository)
	if err != nil {
		return s.refusedOrLater(ctx, l, err)
	}
	var code string
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		code, err = s.seen(tx, repo)
		return err
	})
	if err != nil {
		return err
	}
	var th *models.Theme
	if code == "" {
		if th, code, err = s.ready(ctx, l, repo); err != nil {
			return err
		}
	}
	if code != "" {
		return s.hold(ctx, l, note(code, ""))
	}
	l.RepositoryID = repo.id
	if l.SentAt != nil { // an earlier answer was lost: the issue may be there by now
		found, err := s.look(ctx, l)
		if err != nil {
			return s.refusedOrLater(ctx, l, err)
		}
		if found != nil {
			return s.adopt(ctx, l.ID, *found)
		}
	}
	return s.post(ctx, l, repo, th)
}

// ready reads the theme and says, as a code, why no issue may be made of it.
func (s *Sync) ready(ctx context.Context, l *models.IssueLink, repo repository) (*models.Theme, string, error) {
	th, err := s.themes.Get(ctx, auth.System(), l.ThemeID)
	switch {
	case models.KindOf(err) == models.NotFound:
		return nil, codeNoTheme, nil
	case err != nil:
		return nil, "", err
	case th.PublicTitle.IsEmpty():
		return nil, codeNoTitle, nil
	}
	links, err := s.linksOf(s.db.Read(ctx), th.ID)
	if err != nil {
		return nil, "", err
	}
	for _, o := range links {
		if o.ID != l.ID && o.RepositoryID == repo.id { // the same repository under a former name
			return nil, codeTwice, nil
		}
	}
	return th, "", nil
}

// post writes down that the request leaves, lets it leave, and writes down how
// it ended. The row is committed first: a process that dies in between leaves
// a "creating" behind, which leads to a look.
func (s *Sync) post(ctx context.Context, l *models.IssueLink, repo repository, th *models.Theme) error {
	before := *l
	first := s.db.Now()
	if l.SentAt != nil {
		first = *l.SentAt // looks must reach back to the earliest request
	}
	title, body, labels, sh := s.newIssue(th, l.ID)
	as, err := s.api.bot(ctx) // whoever connects another account meanwhile: it is looked for under this one
	if err != nil {
		return s.refusedOrLater(ctx, l, err)
	}
	var ok bool
	err = s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		ok, err = s.move(ctx, l, map[string]any{"state": models.LinkCreating, "repository_id": repo.id, "sent_at": first, "sent_as": as, "probes": 0, "not_before": nil, "last_error": "", "shadow": sh.encode()})
		if err != nil || !ok {
			return err
		}
		return s.asksForIssue(tx, l, title)
	})
	if err != nil || !ok {
		return err
	}
	// From here on neither a shutdown nor a lost lease helps: it would only
	// make the end unknown.
	ctx = context.WithoutCancel(ctx)
	is, err := s.api.create(ctx, repo.name, title, body, labels)
	if err == nil {
		return s.adopt(ctx, l.ID, is)
	}
	t := asTrouble(err)
	if t == nil || t.end == lost {
		return s.doubt(ctx, l, detailOf(err))
	}
	// Clearly not carried out: as if it had not been sent.
	if _, err := s.move(ctx, l, map[string]any{"state": models.LinkWanted, "sent_at": before.SentAt}); err != nil {
		return err
	}
	return s.refusedOrLater(ctx, l, t)
}

// refusedOrLater settles what kept a request from being made or carried out.
func (s *Sync) refusedOrLater(ctx context.Context, l *models.IssueLink, err error) error {
	t := asTrouble(err)
	switch {
	case t == nil: // shutting down
		return err
	case t.end == limited:
		_, werr := s.move(ctx, l, map[string]any{"state": models.LinkWanted, "not_before": t.until, "last_error": noteOf(t)})
		if werr != nil {
			return werr
		}
		return jobs.Later{At: t.until}
	case t.end == refused:
		if werr := s.hold(ctx, l, noteOf(t)); werr != nil || !t.mends() {
			return werr
		}
		return jobs.Later{At: s.db.Now().Add(s.opts.Pace.Refused)}
	}
	if _, werr := s.move(ctx, l, map[string]any{"state": models.LinkWanted, "last_error": noteOf(t)}); werr != nil {
		return werr
	}
	return t
}

// hold leaves the link to a person.
func (s *Sync) hold(ctx context.Context, l *models.IssueLink, why string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if _, err := s.move(ctx, l, map[string]any{"state": models.LinkHeld, "not_before": nil, "last_error": why}); err != nil {
			return err
		}
		return tx.Exec("UPDATE issue_ops SET state = ?, note = ? WHERE link_id = ? AND field = ? AND state IN ?", models.OpFailed, why, l.ID, opIssue, openOps).Error
	})
}

// doubt: the issue may or may not exist. The first look is due soon.
func (s *Sync) doubt(ctx context.Context, l *models.IssueLink, why string) error {
	at := s.db.Now().Add(s.opts.Pace.probeGap(0))
	if _, err := s.move(ctx, l, map[string]any{"state": models.LinkUncertain, "probes": 0, "not_before": at, "last_error": note(codeUnsure, why)}); err != nil {
		return err
	}
	return jobs.Later{At: at}
}

// move changes a link that is still in the state it was read in, and l with
// it; false when somebody else was faster.
func (s *Sync) move(ctx context.Context, l *models.IssueLink, to map[string]any) (bool, error) {
	var moved bool
	var now models.IssueLink
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&models.IssueLink{}).Where("id = ? AND state = ?", l.ID, l.State).Updates(to)
		if moved = res.RowsAffected == 1; res.Error != nil || !moved {
			return res.Error
		}
		now = models.IssueLink{}
		return tx.First(&now, "id = ?", l.ID).Error
	})
	if err != nil {
		return false, err
	}
	if moved {
		*l = now
	}
	return moved, nil
}

// adopt ties the link to the issue that was made for it.
func (s *Sync) adopt(ctx context.Context, linkID string, is issue) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var l models.IssueLink
		if err := s.db.Hold(tx).First(&l, "id = ?", linkID).Error; models.IsNotFound(err) {
			slog.Warn("github: an issue was made for a link that is gone", "link", linkID, "url", is.url)
			return nil
		} else if err != nil {
			return err
		}
		if l.IssueID != 0 {
			if l.IssueID != is.id {
				slog.Error("github: a link has a second issue", "link", linkID, "first", l.URL, "second", is.url)
			}
			return nil
		}
		return s.tie(ctx, tx, auth.GitHub(), &l, is, true)
	})
}

// tie makes l a link to the issue and takes over the issue's state. The row of
// l exists.
func (s *Sync) tie(ctx context.Context, tx *gorm.DB, a auth.Actor, l *models.IssueLink, is issue, mayShip bool) error {
	if err := s.rename(tx, l, is.repository); err != nil {
		return err
	}
	l.State, l.IssueID, l.Number, l.URL = models.LinkLinked, is.id, is.number, is.url
	l.IssueState, l.StateReason = "open", "" // as issues begin
	l.NotBefore, l.LastError, l.Probes = nil, "", 0
	at := time.Time{}
	if l.GithubAt = &at; is.state != "closed" {
		l.GithubAt, l.StateReason = &is.updated, is.reason
	}
	if err := tx.Select("*").Updates(l).Error; err != nil {
		return err
	}
	if err := s.record(ctx, tx, a, models.IssueLinked, l, l.Repository); err != nil {
		return err
	}
	if err := tx.Exec("UPDATE issue_ops SET state = ?, done_at = ? WHERE link_id = ? AND field = ? AND state IN ?", models.OpDone, s.db.Now(), l.ID, opIssue, openOps).Error; err != nil {
		return err
	}
	if err := s.commentsAgain(ctx, tx, l); err != nil {
		return err
	}
	if err := s.ofThis(ctx, tx, l); err != nil {
		return err
	}
	m, err := s.meet(ctx, tx, l, is)
	if err != nil {
		return err
	}
	if err := m.carry(ctx, tx, mayShip); err != nil || !m.pushes() {
		return err
	}
	return s.queue.Enqueue(ctx, PullJob, l.ID, "", s.db.Now())
}

// newIssue is what an issue begins with, and what both sides then are. GitHub makes labels
// it does not have.
func (s *Sync) newIssue(th *models.Theme, linkID string) (title, body string, labels []string, sh shadow) {
	title, body = s.compose(th, linkID)
	sh = shadow{fieldTitle: {title, title}, fieldBlock: {digest(body), digest(body)}, fieldState: {string(th.Status), isOpen}, fieldLabel: {string(th.Status), ""}}
	if label := labelOf(th.Status); label != "" {
		labels, sh[fieldLabel] = []string{label}, pair{string(th.Status), string(th.Status)}
	}
	if s.inStep(fieldTarget) {
		sh[fieldTarget] = pair{} // it begins with no milestone, and gets it then
	}
	if wantedState(th.Status) != isOpen {
		sh[fieldState] = pair{string(models.StatusReceived), isOpen} // it begins open, and is closed then
	}
	return title, body, labels, sh
}

// rename takes over the repository's current name, unless the theme has another
// link under it.
func (s *Sync) rename(tx *gorm.DB, l *models.IssueLink, name string) error {
	if name == "" || strings.EqualFold(name, l.Repository) {
		return nil
	}
	var n int64
	if err := tx.Model(&models.IssueLink{}).Where("theme_id = ? AND repository = ? AND id <> ?", l.ThemeID, name, l.ID).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	l.Repository = name
	return nil
}

func detailOf(err error) string {
	if t := asTrouble(err); t != nil {
		return t.detail()
	}
	return err.Error()
}
