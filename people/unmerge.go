package people

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// TakeBack undoes a merge, or carries it out again when an undo is undone: themes'
// Undo calls it, with the activity held. What was moved and is still there goes
// back; what came since stays with who stayed. It is refused while either of them
// was merged on: that is to be taken back first.
func (p *People) TakeBack(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (*models.Activity, error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return nil, err
	}
	c, err := act.Change()
	if err != nil {
		return nil, wrap("unmerge people", err)
	}
	if err := p.hold(tx, act.PersonID, c.Into); err != nil {
		return nil, wrap("unmerge people", err)
	}
	var from, to models.Person
	for id, who := range map[string]*models.Person{act.PersonID: &from, c.Into: &to} {
		if err := tx.First(who, "id = ?", id).Error; err != nil {
			return nil, wrap("unmerge people", err)
		}
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, PersonID: from.ID}
	done := models.Change{Undoes: act.ID, UndoneVerb: models.PersonMerged, Again: c.TakesBack(), Into: to.ID, Suggestions: c.Suggestions}
	if c.TakesBack() {
		if from.MergedInto != "" || to.MergedInto != "" {
			return nil, models.Fail(models.Conflict, "changed_since")
		}
		if _, err := p.join(tx, made.ID, &from, &to); err != nil {
			return nil, wrap("merge people", err)
		}
	} else {
		if from.MergedInto != to.ID || to.MergedInto != "" {
			return nil, models.Fail(models.Conflict, "changed_since")
		}
		if err := p.part(tx, act, &from, &to); err != nil {
			return nil, wrap("unmerge people", err)
		}
	}
	made.Snapshot = done.Encode()
	return made, p.db.Record(ctx, tx, a.By(), made)
}

// part makes one person two again.
func (p *People) part(tx *gorm.DB, act *models.Activity, from, to *models.Person) error {
	m := &merging{p: p, tx: tx, args: map[string]any{"act": act.ID, "from": from.ID, "into": to.ID, "now": p.db.Now(), "at": act.CreatedAt}}
	if err := m.holdMoved(); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return m.forget(from, to) }, m.plainBack, m.votesBack, m.votesFollow, m.votesStand, m.movesBack, m.itemsBack, m.wishesBack,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	touched, _ := m.args["touched"].([]string)
	m.args["touched"] = append(touched, "")
	return m.exec(
		`UPDATE themes SET people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id) WHERE id IN @touched`,
		countEchoes("SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'suggestion'"),
		`UPDATE fanouts SET cursor = '', people = 0 WHERE done_at IS NULL AND cursor <> '' AND event_id IN (
			SELECT e.id FROM follow_up_events e WHERE e.theme_id IN @touched)`,
		// Who signed in since did so as the one person: both do so anew.
		`DELETE FROM sessions WHERE person_id = @into AND created_at > @at`)
}

// holdMoved holds the texts and themes of what goes back.
func (m *merging) holdMoved() error {
	if m.p.db.Dialect() == "sqlite" {
		return nil
	}
	const moved = "SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = "
	var held []string
	err := m.p.db.Hold(m.tx).Model(&models.ExactText{}).
		Where("(product, hash) IN (SELECT s.product, s.exact_hash FROM suggestions s WHERE s.exact_hash <> '' AND s.id IN ("+moved+"'suggestion'))", m.args).
		Order("product, hash").Pluck("hash", &held).Error
	if err != nil {
		return err
	}
	return m.tx.Clauses(clause.Locking{Strength: "UPDATE"}).Model(&models.Theme{}).
		Where("id IN ("+moved+"'vote') OR id IN (SELECT theme_id FROM votes WHERE person_id = @into)", m.args).Order("id").Pluck("id", &held).Error
}

// forget takes back what the one who stays learned, where it was not changed since.
func (m *merging) forget(from, to *models.Person) error {
	var l learned
	if err := m.detail(rowPerson, to.ID, &l); err != nil {
		return err
	}
	for _, f := range []struct {
		now           *string
		before, after string
	}{
		{&to.Name, l.Before.Name, l.After.Name}, {&to.Locale, l.Before.Locale, l.After.Locale}, {&to.TimeZone, l.Before.TimeZone, l.After.TimeZone},
		{&to.Segment, l.Before.Segment, l.After.Segment}, {&to.Phrase, l.Before.Phrase, l.After.Phrase},
	} {
		if *f.now == f.after {
			*f.now = f.before
		}
	}
	if to.AccountID == l.After.AccountID && to.AccountBy == l.After.AccountBy {
		to.AccountID, to.AccountBy = l.Before.AccountID, l.Before.AccountBy
	}
	if err := m.accountsStand(from, to); err != nil {
		return err
	}
	now := m.args["now"].(time.Time)
	to.Indexed, to.Rev, to.UpdatedAt = false, to.Rev+1, now
	from.MergedInto, from.Indexed, from.Rev, from.UpdatedAt = "", false, from.Rev+1, now
	if err := m.tx.Save(to).Error; err != nil {
		return err
	}
	return m.tx.Save(from).Error
}

// accountsStand takes people out of accounts that were removed meanwhile.
func (m *merging) accountsStand(who ...*models.Person) error {
	for _, p := range who {
		if p.AccountID == "" {
			continue
		}
		var n int64
		if err := m.tx.Model(&models.Account{}).Where("id = ?", p.AccountID).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			p.AccountID, p.AccountBy = "", ""
		}
	}
	return nil
}

func (m *merging) detail(what, row string, into any) error {
	var r models.MergedRow
	if err := m.tx.First(&r, "activity_id = ? AND what = ? AND row_id = ?", m.id("act"), what, row).Error; err != nil {
		return err
	}
	return json.Unmarshal([]byte(r.Detail), into)
}

func (m *merging) rows(what string) (rows []models.MergedRow, err error) {
	err = m.tx.Order("row_id").Find(&rows, "activity_id = ? AND what = ?", m.id("act"), what).Error
	return rows, err
}

func (m *merging) plainBack() error {
	for _, r := range plainRows {
		err := m.exec(`UPDATE ` + r.table + ` SET person_id = @from WHERE person_id = @into
			AND ` + r.key + ` IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = '` + r.what + `')`)
		if err != nil {
			return err
		}
	}
	return nil
}

// votesBack gives either their own vote again. One that was withdrawn since stays
// so; one whose theme was merged stands where that is now.
func (m *merging) votesBack() error {
	rows, err := m.rows(rowVote)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var v pair[models.Vote]
		if err := json.Unmarshal([]byte(r.Detail), &v); err != nil {
			return err
		}
		if err := m.voteBack(r.RowID, v); err != nil {
			return err
		}
	}
	return nil
}

// votesStand takes away the votes that followed from suggestions which stand
// elsewhere by now.
func (m *merging) votesStand() error {
	const unfounded = `person_id IN (@from, @into) AND origin = 'suggestion' AND NOT EXISTS (
		SELECT 1 FROM suggestions s CROSS JOIN suggestion_themes x WHERE s.person_id = votes.person_id AND x.suggestion_id = s.id AND x.theme_id = votes.theme_id)`
	var left []string
	if err := m.tx.Model(&models.Vote{}).Where(unfounded, m.args).Distinct().Pluck("theme_id", &left).Error; err != nil || len(left) == 0 {
		return err
	}
	for _, theme := range left {
		m.touch(theme)
	}
	return m.exec("DELETE FROM votes WHERE " + unfounded)
}

func (m *merging) touch(theme string) {
	touched, _ := m.args["touched"].([]string)
	m.args["touched"] = append(touched, theme)
}

func (m *merging) voteBack(theme string, v pair[models.Vote]) error {
	stands, err := m.themeNow(theme)
	if err != nil {
		return err
	}
	now, err := m.vote(stands, m.id("into"))
	if err != nil || now == nil {
		return err
	}
	m.touch(stands)
	if own, err := m.vote(stands, m.id("from")); err != nil {
		return err
	} else if own == nil {
		mine := *v.Mine
		mine.ThemeID = stands
		if err := m.tx.Create(&mine).Error; err != nil {
			return err
		}
	}
	left := *v.Mine // as the merge left it
	if v.Theirs != nil {
		left = oneVote(*v.Mine, *v.Theirs)
	}
	switch {
	case !now.CreatedAt.Equal(left.CreatedAt) || now.Origin != left.Origin && stands == theme:
		return nil // another vote, given since
	case v.Theirs != nil:
		theirs := *v.Theirs
		theirs.ThemeID = stands
		return m.setVote(theirs)
	}
	return m.leaveVote(*now, stands != theme)
}

// leaveVote takes the vote from who stayed, unless they have one of their own there.
func (m *merging) leaveVote(v models.Vote, moved bool) error {
	var said []time.Time // by them, since: their vote was there already
	err := m.tx.Raw(`SELECT s.created_at FROM suggestions s CROSS JOIN suggestion_themes x WHERE s.person_id = ? AND x.suggestion_id = s.id AND x.theme_id = ?
		AND s.created_at >= ? ORDER BY s.created_at LIMIT 1`, v.PersonID, v.ThemeID, m.args["at"]).Scan(&said).Error
	if err != nil {
		return err
	}
	if len(said) > 0 {
		v.Origin, v.CreatedAt = models.VoteBySuggestion, said[0]
		return m.setVote(v)
	}
	if moved {
		var stood int64
		if err := m.tx.Raw(`SELECT COUNT(*) FROM merged_rows r LEFT JOIN themes h ON h.id = r.row_id WHERE r.activity_id = ? AND r.what = 'stood' AND (r.row_id = ? OR h.merged_into = ?)`,
			m.id("act"), v.ThemeID, v.ThemeID).Scan(&stood).Error; err != nil || stood > 0 {
			return err
		}
	}
	return m.tx.Exec("DELETE FROM votes WHERE theme_id = ? AND person_id = ?", v.ThemeID, v.PersonID).Error
}

// themeNow follows merges of a theme.
func (m *merging) themeNow(id string) (string, error) {
	for range 32 {
		var to []string
		if err := m.tx.Model(&models.Theme{}).Where("id = ?", id).Pluck("merged_into", &to).Error; err != nil {
			return "", err
		}
		if len(to) == 0 || to[0] == "" {
			return id, nil
		}
		id = to[0]
	}
	return id, nil
}

func (m *merging) vote(theme, person string) (*models.Vote, error) {
	var v models.Vote
	res := m.tx.Limit(1).Find(&v, "theme_id = ? AND person_id = ?", theme, person)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	return &v, nil
}

// votesFollow: where a suggestion that goes back came to stand since, its author's
// vote goes with it.
func (m *merging) votesFollow() error {
	places, err := m.rows(rowPlace)
	if err != nil {
		return err
	}
	var rows []struct {
		ID, ThemeID string
		CreatedAt   time.Time
	}
	err = m.tx.Raw(`SELECT s.id, x.theme_id, s.created_at FROM merged_rows r JOIN suggestions s ON s.id = r.row_id JOIN suggestion_themes x ON x.suggestion_id = s.id
		WHERE r.activity_id = @act AND r.what = 'suggestion' AND s.person_id = @from ORDER BY s.created_at, s.id, x.theme_id`, m.args).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		stood := slices.ContainsFunc(places, func(p models.MergedRow) bool {
			s, th, _ := strings.Cut(p.RowID, " ")
			return s == r.ID && th == r.ThemeID
		})
		if stood {
			continue
		}
		theirs, err := m.vote(r.ThemeID, m.id("into"))
		if err != nil {
			return err
		}
		mine, err := m.vote(r.ThemeID, m.id("from"))
		if err != nil {
			return err
		}
		if theirs == nil || mine != nil {
			continue
		}
		m.touch(r.ThemeID)
		if err := m.tx.Create(&models.Vote{ThemeID: r.ThemeID, PersonID: m.id("from"), Origin: models.VoteBySuggestion, CreatedAt: r.CreatedAt}).Error; err != nil {
			return err
		}
		err = m.tx.Exec(`DELETE FROM votes WHERE theme_id = ? AND person_id = ? AND origin = 'suggestion' AND NOT EXISTS (
			SELECT 1 FROM suggestions s CROSS JOIN suggestion_themes x WHERE s.person_id = votes.person_id AND x.suggestion_id = s.id AND x.theme_id = votes.theme_id)`,
			r.ThemeID, m.id("into")).Error
		if err != nil {
			return err
		}
	}
	return nil
}
