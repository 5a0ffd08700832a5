package themes

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// A change of membership is written down first, as moves of one activity, and
// then carried out from them by place. Assign, merge, split and undo differ
// only in the moves they plan, so undo is the same moves the other way round.

// plan collects the moves of one activity.
type plan struct {
	activity string
	moves    []models.Move
}

// suggestion plans that the membership row of a suggestion moves; from "" makes
// a row, to "" removes it.
func (p *plan) suggestion(row models.SuggestionTheme, to string) {
	p.moves = append(p.moves, models.Move{ActivityID: p.activity, What: models.MoveSuggestion, RowID: row.SuggestionID,
		FromTheme: row.ThemeID, ToTheme: to, Detail: encode(row)})
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain rows: cannot fail
	}
	return string(b)
}

// write stores the planned moves.
func (p *plan) write(tx *gorm.DB) error {
	if len(p.moves) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(p.moves, 500).Error; err != nil {
		return fmt.Errorf("plan moves: %w", err)
	}
	return nil
}

// planTheme plans that everything of theme from goes to theme into, in a few
// statements whatever the size. What into has already is removed instead.
func planTheme(tx *gorm.DB, activity, from, into string) error {
	var rows []models.SuggestionTheme
	if err := tx.Find(&rows, "theme_id = ?", from).Error; err != nil {
		return err
	}
	var there []string
	if err := tx.Raw(`SELECT a.suggestion_id FROM suggestion_themes a JOIN suggestion_themes b ON b.suggestion_id = a.suggestion_id AND b.theme_id = ?
		WHERE a.theme_id = ?`, into, from).Scan(&there).Error; err != nil {
		return err
	}
	has := set(there)
	p := plan{activity: activity}
	for _, r := range rows {
		to := into
		if has[r.SuggestionID] {
			to = ""
		}
		p.suggestion(r, to)
	}
	if err := planVotes(tx, &p, from, into); err != nil {
		return err
	}
	if err := planLinks(tx, &p, from, into); err != nil {
		return err
	}
	return p.write(tx)
}

// planVotes plans the votes given by hand; those that follow from suggestions
// are derived anew.
func planVotes(tx *gorm.DB, p *plan, from, into string) error {
	var votes []models.Vote
	if err := tx.Find(&votes, "theme_id = ? AND origin = ?", from, models.VoteByHand).Error; err != nil {
		return err
	}
	var there []string
	if err := tx.Model(&models.Vote{}).Where("theme_id = ?", into).Where("person_id IN (SELECT person_id FROM votes WHERE theme_id = ?)", from).
		Pluck("person_id", &there).Error; err != nil {
		return err
	}
	has := set(there)
	for _, v := range votes {
		to := into
		if has[v.PersonID] {
			to = ""
		}
		p.moves = append(p.moves, models.Move{ActivityID: p.activity, What: models.MoveVote, RowID: v.PersonID, FromTheme: from, ToTheme: to, Detail: encode(v)})
	}
	return nil
}

// planLinks plans the issue links; one for a repository that into is linked to
// already stays behind.
func planLinks(tx *gorm.DB, p *plan, from, into string) error {
	var ids []string
	err := tx.Raw(`SELECT id FROM issue_links WHERE theme_id = ? AND repository NOT IN (SELECT repository FROM issue_links WHERE theme_id = ?)`, from, into).Scan(&ids).Error
	for _, id := range ids {
		p.moves = append(p.moves, models.Move{ActivityID: p.activity, What: models.MoveLink, RowID: id, FromTheme: from, ToTheme: into})
	}
	return err
}

func set(ids []string) map[string]bool {
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// place carries out the moves of an activity and brings everything that is
// derived from membership back in step: votes of authors, counts, what waits
// in the inbox, which candidates are gone, and who echoes whom. undoes is the
// activity that it takes back, "" for none.
func (t *Themes) place(tx *gorm.DB, activity, undoes string) error {
	args := map[string]any{"act": activity, "undoes": undoes, "now": t.db.Now()}
	if err := t.holdTexts(tx, movedRows, args); err != nil {
		return err
	}
	// What an undo moves back may have become confidential since.
	if err := sharable(tx, "SELECT row_id FROM moves WHERE activity_id = @act AND what = 'suggestion' AND to_theme <> ''", args); err != nil {
		return err
	}
	// Counts are taken anew below, so whoever else moves rows of these themes must
	// have ended first (PostgreSQL; SQLite has one writer and no such clause).
	var themes []string
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Model(&models.Theme{}).
		Where("id IN ("+movedFrom+") OR id IN ("+movedTo+")", args).Order("id").Pluck("id", &themes).Error
	if err != nil {
		return fmt.Errorf("place: lock: %w", err)
	}
	if err := tx.Exec(opensThemes, map[string]any{"act": activity}).Error; err != nil {
		return fmt.Errorf("place: %w", err)
	}
	if err := remake(tx, activity); err != nil {
		return fmt.Errorf("place: %w", err)
	}
	run := func(statements []string) error {
		for _, s := range statements {
			if err := tx.Exec(s, args).Error; err != nil {
				return fmt.Errorf("place: %w", err)
			}
		}
		return nil
	}
	if err := run(moveStatements); err != nil {
		return err
	}
	if err := followAuthors(tx, activity, undoes); err != nil {
		return err
	}
	if err := run(countStatements); err != nil {
		return err
	}
	if err := regroup(tx, movedRows, args); err != nil {
		return err
	}
	return relikeLeft(tx, activity)
}

// remake makes the rows that an undo or an added theme brings back.
func remake(tx *gorm.DB, activity string) error {
	var moves []models.Move
	if err := tx.Find(&moves, "activity_id = ? AND what IN ('suggestion', 'vote') AND from_theme = '' AND to_theme <> ''", activity).Error; err != nil {
		return err
	}
	var places []models.SuggestionTheme
	var votes []models.Vote
	for _, m := range moves {
		switch m.What {
		case models.MoveSuggestion:
			var r models.SuggestionTheme
			if err := json.Unmarshal([]byte(m.Detail), &r); err != nil {
				return err
			}
			r.ThemeID = m.ToTheme
			places = append(places, r)
		case models.MoveVote:
			var v models.Vote
			if err := json.Unmarshal([]byte(m.Detail), &v); err != nil {
				return err
			}
			v.ThemeID, v.PersonID = m.ToTheme, m.RowID // who they are by now
			votes = append(votes, v)
		default:
			return fmt.Errorf("a move of %s cannot make a row", m.What)
		}
	}
	if len(places) > 0 {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(places, 500).Error; err != nil {
			return err
		}
	}
	if len(votes) == 0 {
		return nil
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(votes, 500).Error
}

const movedFrom = `SELECT from_theme FROM moves WHERE activity_id = @act`
const movedTo = `SELECT to_theme FROM moves WHERE activity_id = @act`

// opensThemes notes which themes an activity brings to life: its undo ends them.
const opensThemes = `INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme, detail)
	SELECT @act, 'theme', id, '', id, '' FROM themes WHERE gone_at IS NOT NULL AND id IN (` + movedTo + `)`

// moveStatements and, after the authors' votes, countStatements run in this order,
// each driven from the moves, so their cost is that of what moves and of the themes
// concerned.
var moveStatements = []string{
	`UPDATE suggestion_themes SET theme_id = (SELECT m.to_theme FROM moves m WHERE m.activity_id = @act AND m.what = 'suggestion'
			AND m.row_id = suggestion_themes.suggestion_id AND m.from_theme = suggestion_themes.theme_id AND m.to_theme <> '')
		WHERE (suggestion_id, theme_id) IN (SELECT row_id, from_theme FROM moves WHERE activity_id = @act AND what = 'suggestion' AND from_theme <> '' AND to_theme <> '')`,
	`DELETE FROM suggestion_themes
		WHERE (suggestion_id, theme_id) IN (SELECT row_id, from_theme FROM moves WHERE activity_id = @act AND what = 'suggestion' AND to_theme = '')`,
	`UPDATE issue_links SET theme_id = (SELECT m.to_theme FROM moves m WHERE m.activity_id = @act AND m.what = 'issue_link' AND m.row_id = issue_links.id), updated_at = @now
		WHERE id IN (SELECT row_id FROM moves WHERE activity_id = @act AND what = 'issue_link')`,
	// Who was merged into another since may stand behind the target already.
	`DELETE FROM votes WHERE (person_id, theme_id) IN (SELECT m.row_id, m.from_theme FROM moves m JOIN votes w ON w.theme_id = m.to_theme AND w.person_id = m.row_id
		WHERE m.activity_id = @act AND m.what = 'vote' AND m.from_theme <> '' AND m.from_theme <> m.to_theme)`,
	`UPDATE votes SET theme_id = (SELECT m.to_theme FROM moves m WHERE m.activity_id = @act AND m.what = 'vote'
			AND m.row_id = votes.person_id AND m.from_theme = votes.theme_id AND m.to_theme <> '')
		WHERE (person_id, theme_id) IN (SELECT row_id, from_theme FROM moves WHERE activity_id = @act AND what = 'vote' AND from_theme <> '' AND to_theme <> '')`,
	`DELETE FROM votes
		WHERE (person_id, theme_id) IN (SELECT row_id, from_theme FROM moves WHERE activity_id = @act AND what = 'vote' AND to_theme = '')`,
}

var countStatements = []string{
	`UPDATE themes SET
			suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id),
			people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id), updated_at = @now
		WHERE id IN (` + movedFrom + ` UNION ` + movedTo + `)`,
	`UPDATE suggestions SET
			themes_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.suggestion_id = suggestions.id), ` + setWaiting + `, rev = rev + 1, updated_at = @now
		WHERE id IN (SELECT row_id FROM moves WHERE activity_id = @act AND what = 'suggestion')`,
	// A candidate with nobody behind it any more is gone, but for one that was so
	// before what is taken back; one that is filled again is back.
	`UPDATE themes SET gone_at = @now WHERE gone_at IS NULL AND merged_into = '' AND status = 'candidate' AND suggestions_count = 0 AND people_count = 0 AND id IN (` + movedFrom + `)
		AND (@undoes = '' OR id IN (SELECT row_id FROM moves WHERE activity_id = @undoes AND what = 'theme'))`,
	`UPDATE themes SET gone_at = NULL WHERE gone_at IS NOT NULL AND suggestions_count > 0 AND id IN (` + movedTo + `)`,
}

// setWaiting: a suggestion waits in the inbox until it stands in a confirmed
// theme or is closed.
const setWaiting = `waiting = state <> 'closed' AND NOT EXISTS (SELECT 1 FROM suggestion_themes x JOIN themes h ON h.id = x.theme_id
	WHERE x.suggestion_id = suggestions.id AND h.status <> 'candidate')`

// refreshWaiting follows a theme's step from or to candidate.
func refreshWaiting(tx *gorm.DB, theme string) error {
	err := tx.Exec(`UPDATE suggestions SET `+setWaiting+` WHERE id IN (SELECT suggestion_id FROM suggestion_themes WHERE theme_id = ?)`, theme).Error
	if err != nil {
		return fmt.Errorf("refresh inbox: %w", err)
	}
	return nil
}
