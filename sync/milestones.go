package issuesync

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// What becomes of a target that is no milestone of the repository.
const (
	MilestonesMatch  = "match"  // it is left until there is one
	MilestonesCreate = "create" // the milestone is made
)

// milestoneNumber is how an edit names a milestone; 0 is none.
type milestoneNumber int

// MarshalJSON writes null for none: a field that is left out would stay.
func (n milestoneNumber) MarshalJSON() ([]byte, error) {
	if n == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(n))
}

// milestone is one of a repository, by its number; titles are unique there.
type milestone struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
}

// inStep reports whether a field is brought to the other side.
func (s *Sync) inStep(field string) bool {
	return field != fieldTarget || s.opts.Milestones != ""
}

// planned is a milestone's title as a theme has it: masked, one line, cut to length.
func (s *Sync) planned(title string) string {
	title = redact.Visible(s.opts.Redact(plain(title)))
	if utf8.RuneCountInString(title) > themes.MaxTarget {
		title = clip(title, themes.MaxTarget-1)
	}
	return title
}

// aimed is a target as it goes out.
func (s *Sync) aimed(target string) string { return s.neutralise(s.planned(target)) }

// sameAim reports whether a target and a milestone's title say the same.
func (s *Sync) sameAim(target, title string) bool {
	return strings.EqualFold(s.aimed(target), s.aimed(title))
}

// takeTarget plans the theme for what its issue's milestone says.
func (m *meeting) takeTarget(ctx context.Context) error {
	if m.aside {
		return nil
	}
	target := m.s.planned(m.is.milestone.Title)
	_, _, err := m.s.themes.Edit(ctx, auth.GitHub(), m.th.ID, 0, themes.Draft{Target: &target})
	return err
}

// aim finds the milestone that a theme's target is to become, before its request leaves.
// Where there is none, it is made, or the target is left and the rest is written.
func (s *Sync) aim(ctx context.Context, m *meeting) error {
	if m.ways[fieldTarget] != push {
		return nil
	}
	title := m.ours[fieldTarget]
	if title == "" {
		m.aimedAt = new(milestoneNumber)
		return nil
	}
	n, err := s.milestoneOf(ctx, m.l, title)
	switch t := asTrouble(err); {
	case t != nil && t.end == refused && !t.mends() && !t.vanished():
		return s.leaveTarget(ctx, m, noteOf(t))
	case t != nil:
		return s.unwritten(ctx, m, t)
	case err != nil:
		return err
	case n != 0:
		m.aimedAt = new(milestoneNumber(n))
		return nil
	case s.opts.Milestones == MilestonesCreate:
		return s.makeMilestone(ctx, m, title)
	}
	return s.leaveTarget(ctx, m, note(codeNoMilestone, title))
}

// makeMilestone asks for a milestone and comes back to look for it. An answer that was lost
// needs no more: the look finds it, or GitHub refuses a second one of the same title.
func (s *Sync) makeMilestone(ctx context.Context, m *meeting, title string) error {
	if err := s.lane.enter(ctx, m.l.ID, "milestone", true); err != nil {
		return err
	}
	defer s.lane.leave(ctx, m.l.ID, "milestone")
	ctx = context.WithoutCancel(ctx) // from here on a shutdown would only make the end unknown
	_, err := s.api.do(ctx, http.MethodPost, at(m.l.RepositoryID, m.l.Repository)+"/milestones", map[string]string{"title": title}, nil)
	t := asTrouble(err)
	if t == nil && err != nil {
		return err
	}
	if t == nil {
		now := s.db.Now()
		err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return s.putIn(tx, models.IssueOp{LinkID: m.l.ID, ThemeID: m.th.ID, Field: opMilestone, Way: models.WayOut, Becomes: title, State: models.OpDone, Attempts: 1, SentAt: &now, DoneAt: &now})
		})
		if err != nil {
			return fmt.Errorf("github: note a milestone: %w", err)
		}
		return jobs.Later{At: now}
	}
	if t.end != refused || t.signIn || t.status == http.StatusUnauthorized {
		return s.unwritten(ctx, m, t)
	}
	n, err := s.milestoneOf(ctx, m.l, title)
	if err != nil {
		return s.readTrouble(err)
	}
	if n != 0 { // somebody was faster
		return jobs.Later{At: s.db.Now().Add(s.opts.Pace.WriteGap)}
	}
	return s.leaveTarget(ctx, m, noteOf(t))
}

// leaveTarget leaves both sides as they are until one of them changes, a person asks again,
// or the milestone is made. Whatever else is to be written is not held up by it.
func (s *Sync) leaveTarget(ctx context.Context, m *meeting, why string) error {
	m.ways[fieldTarget] = stay
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var l models.IssueLink // other fields may have moved on meanwhile, or a person have asked for something
		if err := s.db.Hold(tx).Limit(1).Find(&l, "id = ?", m.l.ID).Error; err != nil || l.ID == "" {
			return err
		}
		sh, err := readShadow(&l)
		if err != nil {
			return err
		}
		sh[fieldTarget] = pair{m.ours[fieldTarget], m.theirs[fieldTarget]}
		if err := tx.Exec("UPDATE issue_ops SET state = ?, note = ? WHERE link_id = ? AND field = ? AND state IN ?", models.OpFailed, why, l.ID, fieldTarget, openOps).Error; err != nil {
			return err
		}
		if l.Force == m.l.Force && !m.pushes() {
			l.Force = ""
		}
		return tx.Model(&l).Updates(map[string]any{"shadow": sh.encode(), "force": l.Force, "last_error": why}).Error
	})
}

// milestoneOf finds the number of a repository's milestone by its title, 0 for none.
func (s *Sync) milestoneOf(ctx context.Context, l *models.IssueLink, title string) (int, error) {
	for path := at(l.RepositoryID, l.Repository) + "/milestones?state=all&per_page=100"; path != ""; {
		all, next, err := s.milestonesAt(ctx, path)
		if err != nil {
			return 0, err
		}
		for _, m := range all {
			if s.sameAim(title, m.Title) {
				return m.Number, nil
			}
		}
		path = next
	}
	return 0, nil
}

// milestonesAt reads a page of them, for free where it has not changed.
func (s *Sync) milestonesAt(ctx context.Context, path string) (all []milestone, next string, err error) {
	had := models.GithubPage{ID: s.pageID(path)}
	if err := s.db.Read(ctx).Limit(1).Find(&had, "id = ?", had.ID).Error; err != nil {
		return nil, "", err
	}
	var page []*github.Milestone
	res, err := s.api.ask(ctx, http.MethodGet, path, had.ETag, nil, &page)
	if t := asTrouble(err); t != nil && t.end == unchanged {
		return all, had.Next, json.Unmarshal([]byte(had.Issues), &all)
	} else if err != nil {
		return nil, "", err
	}
	for _, m := range page {
		all = append(all, milestone{m.GetNumber(), m.GetTitle()})
	}
	next = s.api.following(res.Header.Get("Link"))
	if res.Header.Get("ETag") == "" || len(all) == 100 && next == "" { // of a last page that is full nobody says that there is one more
		return all, next, nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, "", err
	}
	now := s.db.Now()
	row := models.GithubPage{ID: had.ID, ETag: res.Header.Get("ETag"), Next: next, Last: now, Issues: string(text), ReadAt: now}
	return all, next, s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&row).Error
	})
}

// saidOfTarget is when an issue's milestone was changed, or later: its title changes without
// the issue.
func (m *meeting) saidOfTarget() time.Time { return later(m.is.updated, m.is.milestoneAt) }
