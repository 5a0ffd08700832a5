package issuesync

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// landed finds out about writes whose answer was lost and of which nothing is to be seen:
// they were not carried out, or somebody has taken them back since, whose word then counts.
// GitHub's list of what happened to the issue knows.
func (s *Sync) landed(ctx context.Context, l *models.IssueLink, is issue) error {
	var ops []models.IssueOp
	err := s.db.Read(ctx).Find(&ops, "link_id = ? AND state = ? AND field IN ?", l.ID, models.OpSent, []string{fieldTitle, fieldState, fieldTarget}).Error
	if err != nil {
		return err
	}
	for _, op := range ops {
		made := op.Becomes
		if theirs := is.title; op.Field == fieldTitle && theirs != op.Was {
			continue
		}
		if op.Field == fieldTarget && is.milestone.Title != op.Was {
			continue
		}
		if op.Field == fieldState {
			if made = wantedState(models.Status(op.Becomes)); stateOf(is.state, is.reason) != op.Was {
				continue
			}
		}
		did, err := s.didWrite(ctx, l, op)
		if err != nil {
			return err
		}
		if did {
			err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
				return tx.Exec("UPDATE issue_ops SET was = ? WHERE id = ? AND state = ?", made, op.ID, models.OpSent).Error
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// didWrite reports whether our account has changed the op's field since it was sent.
func (s *Sync) didWrite(ctx context.Context, l *models.IssueLink, op models.IssueOp) (did bool, err error) {
	bot, err := s.api.bot(ctx)
	if err != nil {
		return false, err
	}
	since := s.api.via.onGitHub(*op.SentAt).Truncate(time.Second)
	err = s.events(ctx, l, func(e *github.IssueEvent) {
		what := e.GetEvent()
		if !strings.EqualFold(e.GetActor().GetLogin(), bot) || e.GetCreatedAt().Time.Before(since) {
			return
		}
		switch op.Field {
		case fieldTitle:
			did = did || what == "renamed"
		case fieldState:
			did = did || what == "closed" || what == "reopened"
		case fieldTarget: // our last word on it: an earlier one may be of the same second
			if what == "milestoned" || what == "demilestoned" {
				did = aimedBy(op, e)
			}
		}
	})
	return did, err
}

// retitled is when a link's issue last got another title, the zero time when GitHub does not
// tell.
func (s *Sync) retitled(ctx context.Context, l *models.IssueLink) (last time.Time, err error) {
	err = s.events(ctx, l, func(e *github.IssueEvent) {
		if e.GetEvent() == "renamed" {
			last = later(last, e.GetCreatedAt().Time.UTC())
		}
	})
	return last, err
}

// events reads what happened to a link's issue.
func (s *Sync) events(ctx context.Context, l *models.IssueLink, each func(*github.IssueEvent)) error {
	for path := issuePath(l) + "/events?per_page=100"; path != ""; {
		var all []*github.IssueEvent
		res, err := s.api.do(ctx, http.MethodGet, path, nil, &all)
		if err != nil {
			return err
		}
		for _, e := range all {
			each(e)
		}
		path = s.api.following(res.Header.Get("Link"))
	}
	return nil
}

// aimedBy reports whether an event is what the write of a target does.
func aimedBy(op models.IssueOp, e *github.IssueEvent) bool {
	what, title := "milestoned", op.Becomes
	if title == "" {
		what, title = "demilestoned", op.Was
	}
	return e.GetEvent() == what && strings.EqualFold(e.GetMilestone().GetTitle(), title)
}
