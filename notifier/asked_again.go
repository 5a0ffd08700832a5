package notifier

import (
	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// What was asked when an audience was written down may be so no longer when it settles, and
// some rows come back then that were never asked (what a promise names after all, what
// an undo was undone of). asked is the one place that asks again.

// itemOff and itemMuted are whether the person of a row (i) wants to hear nothing of its
// kind, or of its theme.
const (
	itemOff   = `EXISTS (SELECT 1 FROM preferences q WHERE q.person_id = i.person_id AND q.kind IN ('all', i.kind) AND q.mode = 'off')`
	itemMuted = `EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = i.person_id AND q.theme_id = i.theme_id)`
)

// asked is what stands in the way of one batch of rows.
type asked struct {
	events map[string]string // why nobody hears of an event any more
	went   map[string]string // of a merge, the theme that went
	mutes  map[[2]string]bool
}

// askAgain asks for the events and the people of a batch.
func (n *Notifier) askAgain(tx *gorm.DB, people []string, events []models.FollowUpEvent) (asked, error) {
	a := asked{events: map[string]string{}, went: map[string]string{}, mutes: map[[2]string]bool{}}
	for _, e := range events {
		if e.RecalledAt != nil {
			a.events[e.ID] = SkipRecalled
			continue
		}
		back, err := isTakenBack(tx, e)
		if err != nil {
			return a, err
		}
		if back {
			a.events[e.ID] = SkipTakenBack
		}
		if s, err := readSnapshot(e); err == nil && s.WentID != "" {
			a.went[e.ID] = s.WentID
		}
	}
	var mutes []models.ThemeMute
	err := tx.Find(&mutes, "person_id IN ?", people).Error
	for _, m := range mutes {
		a.mutes[[2]string{m.PersonID, m.ThemeID}] = true
	}
	return a, err
}

// whyNot is why a person does not hear of what they have due after all; mode is how they
// hear of its kind.
func (a asked) whyNot(i models.FollowUpItem, mode string) string {
	switch {
	case a.events[i.EventID] != "":
		return a.events[i.EventID]
	case mode == models.ModeOff:
		return SkipPreference
	case a.mutes[[2]string{i.PersonID, i.ThemeID}], a.mutes[[2]string{i.PersonID, a.went[i.EventID]}]:
		return SkipMuted
	}
	return ""
}

// isTakenBack reports whether what an event tells of does not hold any more: its activity
// is undone and that undo stands, or its comment cannot be seen. A status is taken back by
// another, which is told in its place.
func isTakenBack(tx *gorm.DB, e models.FollowUpEvent) (back bool, err error) {
	if !traitsOf(Kind(e.Kind)).takenBack {
		return false, nil
	}
	if Kind(e.Kind) == KindComment {
		s, err := readSnapshot(e)
		if err != nil {
			return false, err
		}
		var seen int64
		err = tx.Model(&models.Comment{}).Where("id = ? AND state = ?", s.Comment, models.CommentVisible).Count(&seen).Error
		return seen == 0, err
	}
	// Each undo may be undone in its turn.
	err = tx.Raw(`WITH RECURSIVE undone (id, n) AS (SELECT g.undone_by, 1 FROM activities g WHERE g.id = ? AND g.undone_by <> ''
			UNION ALL SELECT a.undone_by, undone.n + 1 FROM undone JOIN activities a ON a.id = undone.id WHERE a.undone_by <> '')
		SELECT COALESCE(MAX(n), 0) % 2 = 1 FROM undone`, e.ActivityID).Scan(&back).Error
	return back, err
}

// carryMutes lets who muted a theme that goes into another hear nothing of that one
// either, unless they stood behind it by themselves; it is a mute of theirs like any
// other, so they see it among their wishes and can end it. With a merge that is taken
// back it goes again.
func (n *Notifier) carryMutes(tx *gorm.DB, act *models.Activity, c models.Change) error {
	args := map[string]any{"from": act.ThemeID, "into": c.Into, "act": act.ID, "at": act.CreatedAt}
	if c.TakesBack() {
		var merge models.Activity
		if err := tx.Limit(1).Find(&merge, "id = ?", c.Undoes).Error; err != nil || merge.ID == "" {
			return err
		}
		args["at"] = merge.CreatedAt
		return tx.Exec("DELETE FROM theme_mutes WHERE theme_id = @into AND created_at = @at", args).Error
	}
	return tx.Exec(`INSERT INTO theme_mutes (person_id, theme_id, created_at) SELECT q.person_id, @into, @at FROM theme_mutes q WHERE q.theme_id = @from
		AND EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = @into AND v.person_id = q.person_id)
		AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = @into AND v.person_id = q.person_id AND v.origin = 'vote'
			AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.activity_id = @act AND m.what = 'vote' AND m.row_id = v.person_id AND m.to_theme = @into))
		AND NOT EXISTS (SELECT 1 FROM suggestions s JOIN suggestion_themes x ON x.suggestion_id = s.id WHERE x.theme_id = @into AND s.person_id = q.person_id
			AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.activity_id = @act AND m.what = 'suggestion' AND m.row_id = s.id AND m.to_theme = @into))
		ON CONFLICT DO NOTHING`, args).Error
}
