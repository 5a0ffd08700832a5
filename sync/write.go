package issuesync

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// mostWrites of one issue in Pace.Calm: more are no conversation between people any more but
// two programs that answer each other.
const mostWrites = 6

// write carries out the next request of what a meeting leaves to be written, and asks for
// the job again while there may be more. The issue was read just before: a body is read,
// changed and written back, and GitHub knows no condition for that.
func (s *Sync) write(ctx context.Context, m *meeting) error {
	if err := s.shut(ctx, m.l); err != nil {
		return err
	}
	if at, err := s.tooMany(ctx, m.l.ID); err != nil {
		return err
	} else if at.After(s.db.Now()) {
		return s.later(ctx, m.l, at, note(codeTooMany, at.UTC().Format(time.RFC3339)))
	}
	if err := s.aim(ctx, m); err != nil || !m.pushes() {
		return err
	}
	if err := s.lane.enter(ctx, m.l.ID, "fields", false); err != nil {
		return err
	}
	defer s.lane.leave(ctx, m.l.ID, "fields")
	if err := s.leaves(ctx, m); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // from here on a shutdown would only make the end unknown
	is, err := s.request(ctx, m.l, m.change())
	if t := asTrouble(err); t != nil {
		return s.unwritten(ctx, m, t)
	} else if err != nil {
		return err
	}
	return s.written(ctx, m, is)
}

// request sends the first of what a change takes: the edit, or one label.
func (s *Sync) request(ctx context.Context, l *models.IssueLink, c change) (*issue, error) {
	switch {
	case c.edit != (edit{}):
		is, err := s.api.edit(ctx, l, c.edit)
		return &is, err
	case len(c.add) > 0:
		return nil, s.api.addLabel(ctx, l, c.add[0])
	}
	err := s.api.removeLabel(ctx, l, c.remove[0])
	if t := asTrouble(err); t != nil && t.status == http.StatusNotFound { // somebody was faster; an issue that is gone will be missed
		err = nil
	}
	return nil, err
}

// leaves writes down that a request goes out, before it does.
func (s *Sync) leaves(ctx context.Context, m *meeting) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE issue_ops SET state = ?, sent_at = ?, attempts = attempts + 1, note = '' WHERE link_id = ? AND field IN ? AND state IN ?",
			models.OpSent, s.db.Now(), m.l.ID, m.sent(), openOps).Error
	})
}

// written takes over what the issue became. Where more is left, or the answer does not say,
// the job runs again: it begins with a look.
func (s *Sync) written(ctx context.Context, m *meeting, is *issue) error {
	if is == nil {
		return jobs.Later{At: s.db.Now()}
	}
	after, err := s.apply(ctx, m.l.ID, *is)
	if err == nil && after != nil && after.pushes() {
		return jobs.Later{At: s.db.Now()}
	}
	return err
}

// unwritten settles a request that did not succeed. What may have been carried out is seen
// at the next look; what was refused waits for a person, or for what it needs.
func (s *Sync) unwritten(ctx context.Context, m *meeting, t *trouble) error {
	switch {
	case t.end == limited:
		return s.later(ctx, m.l, t.until, noteOf(t))
	case t.end == refused && !t.mends() && !t.vanished(): // what is gone is missed at the next look
		return s.giveUp(ctx, m, t)
	case t.end == refused:
		return s.later(ctx, m.l, s.db.Now().Add(s.opts.Pace.Refused), noteOf(t))
	}
	return errors.Join(t, s.complain(ctx, m.l, t))
}

// later comes back to a link at a time, and says why.
func (s *Sync) later(ctx context.Context, l *models.IssueLink, at time.Time, why string) error {
	if _, err := s.move(ctx, l, map[string]any{"last_error": why}); err != nil {
		return err
	}
	return jobs.Later{At: at}
}

// giveUp: GitHub takes it under no circumstances. Both sides stay as they are until one of
// them changes, or a person asks for it again.
func (s *Sync) giveUp(ctx context.Context, m *meeting, t *trouble) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var l models.IssueLink // a person may have asked for something meanwhile
		if err := s.db.Hold(tx).Limit(1).Find(&l, "id = ?", m.l.ID).Error; err != nil || l.ID == "" {
			return err
		}
		sh, err := readShadow(&l)
		if err != nil {
			return err
		}
		for _, f := range m.sent() {
			sh[f] = pair{m.ours[f], m.theirs[f]}
		}
		if err := tx.Exec("UPDATE issue_ops SET state = ?, note = ? WHERE link_id = ? AND field IN ? AND state IN ?", models.OpFailed, noteOf(t), l.ID, m.sent(), openOps).Error; err != nil {
			return err
		}
		if l.Force == m.l.Force {
			l.Force = ""
		}
		return tx.Model(&l).Updates(map[string]any{"shadow": sh.encode(), "force": l.Force, "last_error": noteOf(t)}).Error
	})
}

// tooMany is when a link may be written to again, the zero time for now.
func (s *Sync) tooMany(ctx context.Context, link string) (time.Time, error) {
	var sent []time.Time
	err := s.db.Read(ctx).Model(&models.IssueOp{}).Where("link_id = ? AND field IN ? AND sent_at > ?", link, fields, s.db.Now().Add(-s.opts.Pace.Calm)).
		Distinct("sent_at").Order("sent_at DESC").Limit(mostWrites).Pluck("sent_at", &sent).Error
	if err != nil || len(sent) < mostWrites {
		return time.Time{}, err
	}
	return sent[mostWrites-1].Add(s.opts.Pace.Calm), nil
}

// sent are the fields that the next request writes.
func (m *meeting) sent() (all []string) {
	edits := m.change().edit != edit{}
	for _, f := range fields {
		if m.ways[f] == push && edits == (f != fieldLabel) {
			all = append(all, f)
		}
	}
	return all
}

// pushes reports whether anything is left to be written to GitHub.
func (m *meeting) pushes() bool {
	for _, w := range m.ways {
		if w == push {
			return true
		}
	}
	return false
}

// change is what is to be written to the issue.
func (m *meeting) change() (c change) {
	if m.ways[fieldState] == push {
		c.toState(m.th.Status, &m.is)
	}
	if m.ways[fieldLabel] == push {
		c.toLabel(m.th.Status, &m.is)
	}
	if m.ways[fieldTitle] == push {
		title := m.ours[fieldTitle]
		c.Title = &title
	}
	if m.ways[fieldTarget] == push {
		c.Milestone = m.aimedAt
	}
	if m.ways[fieldBlock] == push {
		body := m.is.body
		if block := m.s.blockIn(body, m.l.ID); block != "" {
			body = strings.Replace(body, block, m.block, 1)
		} else { // a person wants it back
			body = strings.TrimSpace(body + "\n\n" + m.block)
		}
		c.Body = &body
	}
	return c
}
