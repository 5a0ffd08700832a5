package issuesync

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// meeting is a link whose theme and issue are compared, field by field.
type meeting struct {
	s            *Sync
	l            *models.IssueLink
	is           issue
	th           *models.Theme // nil when it is gone: there is nothing to compare
	aside        bool          // the theme was merged into one that has an issue there: this one keeps its texts
	was          shadow
	since        shadow // was, and what writes have made since whose answer was lost
	ours, theirs values
	block        string           // ours, in full
	unmet        bool             // its pair of target and milestone is not written down yet
	aimedAt      *milestoneNumber // what the target becomes, once it was found
	byPerson     bool             // the theme has its status from a person
	follows      bool             // a duplicate beside an issue that speaks for the theme: it stays as it is
	open         map[string]models.IssueOp
	ways         map[string]way
	conflicts    map[string]bool
}

// meet compares l with its issue, by what tx sees.
func (s *Sync) meet(ctx context.Context, tx *gorm.DB, l *models.IssueLink, is issue) (*meeting, error) {
	m := &meeting{s: s, l: l, is: is, open: map[string]models.IssueOp{}}
	var err error
	if m.was, err = readShadow(l); err != nil {
		return nil, err
	}
	var open []models.IssueOp
	if err := tx.Find(&open, "link_id = ? AND field IN ? AND state IN ?", l.ID, fields, openOps).Error; err != nil {
		return nil, err
	}
	for _, op := range open {
		m.open[op.Field] = op
	}
	m.theirs = values{fieldTitle: is.title, fieldBlock: digest(s.blockIn(is.body, l.ID)), fieldState: stateOf(is.state, is.reason), fieldLabel: labelsOf(&is), fieldTarget: is.milestone.Title}
	if err := m.look(ctx, tx); err != nil {
		return nil, err
	}
	if len(m.was) == 0 && m.th != nil {
		m.was = m.first()
	}
	if _, met := m.was[fieldTarget]; !met && m.th != nil && s.inStep(fieldTarget) {
		if m.was[fieldTarget], err = m.firstTarget(tx); err != nil {
			return nil, err
		}
		m.unmet = true
	}
	return m, m.compare(tx)
}

// look reads our side.
func (m *meeting) look(ctx context.Context, tx *gorm.DB) error {
	th, err := m.s.themes.Get(ctx, auth.System(), m.l.ThemeID)
	if models.KindOf(err) == models.NotFound {
		return nil // an emptied candidate: nobody waits
	}
	if err != nil {
		return err
	}
	m.th, m.aside = th, th.ID != m.l.ThemeID
	title, block := m.s.compose(th, m.l.ID)
	m.block = block
	m.ours = values{fieldTitle: title, fieldBlock: digest(block), fieldState: string(th.Status), fieldLabel: string(th.Status), fieldTarget: m.s.aimed(th.Target)}
	if m.aside {
		m.ours[fieldTitle], m.ours[fieldBlock] = m.was[fieldTitle].Ours, m.was[fieldBlock].Ours
		m.ours[fieldTarget] = m.was[fieldTarget].Ours
	}
	word, err := lastWord(tx, th.ID, models.ThemeStatus, models.ActivityUndone, models.ReleaseShipped)
	m.byPerson = word.ActorKind != models.ActorGitHub
	if err == nil && m.theirs[fieldState] == isDuplicate {
		m.follows, err = m.s.isFollowing(tx, m.l, th.ID)
	}
	if m.follows && m.l.Force == "" && len(m.was) > 0 { // as a text that is aside: the merge may be undone
		m.ours[fieldState], m.ours[fieldLabel] = m.was[fieldState].Ours, m.was[fieldLabel].Ours
	}
	return err
}

// lastWord is the latest activity of a theme with one of the verbs; empty for none.
func lastWord(tx *gorm.DB, theme string, verbs ...models.Verb) (act models.Activity, err error) {
	err = tx.Select("actor_kind", "created_at").Where("theme_id = ? AND verb IN ?", theme, verbs).Order("seq DESC").Limit(1).Find(&act).Error
	return act, err
}

// compare decides where each field goes.
func (m *meeting) compare(tx *gorm.DB) (err error) {
	m.ways, m.conflicts, m.since = map[string]way{}, map[string]bool{}, shadow{}
	if m.th == nil {
		return nil
	}
	if m.l.Force != "" {
		m.force()
		return nil
	}
	for _, f := range fields {
		was, ours, theirs := m.was[f], m.ours[f], m.theirs[f]
		if op, ok := m.open[f]; ok && op.State == models.OpSent {
			was = sentPair(op, was, theirs)
		}
		m.since[f] = was
		switch {
		case !m.s.inStep(f):
		case f == fieldBlock && theirs == "": // somebody took it out, or never had it
		case f == fieldState && !m.byPerson && ours != was.Ours && theirs != was.Theirs: // GitHub moved the theme, and this issue since
			m.ways[f] = take
		case ours != was.Ours && m.agrees(f):
		default:
			m.ways[f], m.conflicts[f] = merge(was, ours, theirs, m.saidHere(tx, f, &err), m.saidThere(f))
			if f == fieldBlock && m.ways[f] == take { // it is ours, whoever wrote into it
				m.ways[f], m.conflicts[f] = push, true
			}
			if m.ways[f] == push && m.agrees(f) {
				m.ways[f] = stay
			}
		}
	}
	return err
}

// sentPair is the pair of a field since a write of it left whose end nobody knows: where it is
// to be seen, it was carried out.
func sentPair(op models.IssueOp, was pair, theirs string) pair {
	switch op.Field {
	case fieldLabel:
		if theirs != op.Was && ownLabels(op, theirs) {
			return pair{"", theirs} // all or a part of it: what is still to be done is seen there
		}
		return was
	case fieldState:
		if theirs == wantedState(models.Status(op.Becomes)) {
			return pair{op.Becomes, theirs}
		}
	case fieldTarget: // a milestone may have its title in other letters
		if strings.EqualFold(theirs, op.Becomes) {
			return pair{op.Becomes, theirs}
		}
		was.Theirs = op.Was
		return was
	default:
		if theirs == op.Becomes {
			return pair{op.Becomes, theirs}
		}
	}
	if op.Field != fieldBlock {
		was.Theirs = op.Was
	}
	return was
}

// ownLabels reports whether labels are what a write of ours makes of those that were there,
// all of it or a part.
func ownLabels(op models.IssueOp, theirs string) bool {
	for _, st := range strings.Fields(theirs) {
		if st != op.Becomes && !slices.Contains(strings.Fields(op.Was), st) {
			return false
		}
	}
	return true
}

// agrees reports whether nothing is to be written for a field. An issue's state follows a
// person's decision only: where GitHub itself moved the theme, its other issues are left as
// they are.
func (m *meeting) agrees(f string) bool {
	var c change
	switch f {
	case fieldState:
		c.toState(m.th.Status, &m.is)
		return !m.byPerson && m.l.Force == "" || c.State == nil
	case fieldLabel:
		c.toLabel(m.th.Status, &m.is)
		return len(c.add)+len(c.remove) == 0
	case fieldTitle:
		return m.ours[f] == "" || m.ours[f] == m.theirs[f]
	case fieldTarget:
		return m.s.sameAim(m.ours[f], m.theirs[f])
	}
	return m.ours[f] == m.theirs[f]
}

// saidHere is when a field was last changed by a person here, by GitHub's clock.
func (m *meeting) saidHere(tx *gorm.DB, f string, err *error) func() time.Time {
	return func() time.Time {
		if f == fieldState || f == fieldLabel {
			return m.s.api.via.onGitHub(m.th.StatusAt)
		}
		word, e := lastWord(tx, m.th.ID, models.ThemeEdited, models.ThemeConfirmed, models.ThemeCreated, models.ActivityUndone, models.ThemeMerged)
		if e != nil {
			*err = e
		}
		return m.s.api.via.onGitHub(word.CreatedAt)
	}
}

// saidThere is when a field was changed on GitHub, or later: of most it tells only when
// anything was.
func (m *meeting) saidThere(f string) func() time.Time {
	return func() time.Time {
		switch {
		case f == fieldState && !m.is.closed.IsZero():
			return m.is.closed
		case f == fieldTitle && !m.is.retitled.IsZero():
			return m.is.retitled
		case f == fieldTarget:
			return m.saidOfTarget()
		}
		return m.is.updated
	}
}

// quiet reports whether there is nothing to write on either side.
func (m *meeting) quiet() bool {
	for _, w := range m.ways {
		if w != stay {
			return false
		}
	}
	return m.l.Force == "" && len(m.open) == m.failed() && m.sameLink() && m.sameShadow()
}

// failed counts what waits for a person.
func (m *meeting) failed() (n int) {
	for _, op := range m.open {
		if op.State == models.OpFailed {
			n++
		}
	}
	return n
}

func (m *meeting) sameLink() bool {
	l, is := m.l, m.is
	if m.s.inStep(fieldTarget) && l.Milestone != is.milestone.Number {
		return false
	}
	return l.State == models.LinkLinked && l.IssueState == is.state && l.StateReason == is.reason && l.URL == is.url &&
		(l.LastError == "" || m.failed() > 0 || m.asksOfWhat()) && !m.heardSince() && (is.repository == "" || strings.EqualFold(l.Repository, is.repository))
}

func (m *meeting) sameShadow() bool {
	if m.th == nil {
		return true
	}
	for _, f := range fields {
		if m.s.inStep(f) && m.was[f] != (pair{m.ours[f], m.theirs[f]}) || m.unmet {
			return false
		}
	}
	return true
}

// carry brings what GitHub says to the theme, in the caller's Write, and plans what is to be
// written there. An older view than the one already taken over is passed by: pages of a
// list may be overtaken by a pull.
func (m *meeting) carry(ctx context.Context, tx *gorm.DB, mayShip bool) error {
	if m.l.GithubAt != nil && m.is.updated.Before(*m.l.GithubAt) {
		m.ways = nil
		return nil
	}
	if m.quiet() {
		return nil
	}
	moved, back := m.l.IssueState != m.is.state || m.l.StateReason != m.is.reason, m.l.State == models.LinkGone
	asks := m.looksOfWhat(moved || back)
	if err := m.saveLink(tx); err != nil {
		return err
	}
	if err := m.ofWhat(ctx, asks); err != nil {
		return err
	}
	if back { // what was said meanwhile waits
		for _, kind := range []string{CommentJob, OverhearJob} {
			if err := m.s.queue.Enqueue(ctx, kind, m.l.ID, "", m.s.db.Now()); err != nil {
				return err
			}
		}
	}
	if moved {
		if err := m.s.record(ctx, tx, auth.GitHub(), models.IssueChanged, m.l, strings.TrimSpace(m.is.state+" "+m.is.reason)); err != nil {
			return err
		}
	}
	if m.th == nil {
		return nil
	}
	took, err := m.takeAll(ctx, tx, mayShip)
	if err != nil {
		return err
	}
	return m.settle(ctx, tx, took)
}

// saveLink takes over what is known of the issue itself.
func (m *meeting) saveLink(tx *gorm.DB) error {
	l, is := m.l, m.is
	if err := m.s.rename(tx, l, is.repository); err != nil {
		return err
	}
	if m.failed() == 0 && !m.asksOfWhat() {
		l.LastError = ""
	}
	l.State, l.URL, l.Number = models.LinkLinked, is.url, is.number
	l.IssueState, l.StateReason, l.GithubAt = is.state, is.reason, &m.is.updated
	if m.s.inStep(fieldTarget) {
		l.Milestone = is.milestone.Number
	}
	return tx.Select("*").Updates(l).Error
}

// settle writes down where both sides are now, and what is left to be written to GitHub.
func (m *meeting) settle(ctx context.Context, tx *gorm.DB, took []string) error {
	if err := m.look(ctx, tx); err != nil || m.th == nil {
		return err
	}
	for _, f := range took {
		m.was[f] = pair{m.ours[f], m.theirs[f]}
	}
	if m.l.Force == string(MendTheirs) {
		m.l.Force = ""
	}
	if err := m.compare(tx); err != nil { // what GitHub moved here may leave a label to be written there
		return err
	}
	for _, f := range fields {
		op, open := m.open[f]
		switch {
		case m.ways[f] == push:
			if err := m.note(tx, f, models.WayOut); err != nil {
				return err
			}
			if was, known := m.since[f]; known { // the next meeting finds another write in the place of that one
				m.was[f] = was
			}
			continue
		case open && (op.State != models.OpFailed || m.agrees(f)):
			if err := closeOp(tx, op, m.s.db.Now()); err != nil {
				return err
			}
		}
		if m.s.inStep(f) {
			m.was[f] = pair{m.ours[f], m.theirs[f]}
		}
	}
	if m.l.Shadow = m.was.encode(); !m.pushes() {
		m.l.Force = ""
	}
	return tx.Model(&models.IssueLink{}).Where("id = ?", m.l.ID).Updates(map[string]any{"shadow": m.l.Shadow, "force": m.l.Force}).Error
}

// first is what both sides are taken to have been when an issue that was there before is
// tied to a theme: as they are, and in the state that its link knows.
func (m *meeting) first() shadow {
	sh := shadow{}
	for _, f := range fields {
		if m.s.inStep(f) {
			sh[f] = pair{m.ours[f], m.theirs[f]}
		}
	}
	sh[fieldState] = pair{m.ours[fieldState], stateOf(m.l.IssueState, m.l.StateReason)}
	return sh
}
