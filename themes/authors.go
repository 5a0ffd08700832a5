package themes

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Whoever said something stands behind the theme that it stands in: their vote
// follows their suggestion. One that they took back does not come back because the
// team moves what they said. What an activity did to such votes is among its moves,
// so that undo puts back the same rows: one that went (to ""), one that came (from
// ""), and one that was not there before (from and to the same theme).

// followAuthors brings the authors' votes in step with an activity's moves of
// suggestions, which are carried out. undoes is the activity that it takes back, ""
// for none.
func followAuthors(tx *gorm.DB, activity, undoes string) error {
	args := map[string]any{"act": activity, "undoes": undoes}
	var goes, comes []models.Vote
	if err := tx.Exec(authorsWithout, args).Error; err != nil {
		return fmt.Errorf("votes of authors: %w", err)
	}
	if err := tx.Raw(authorsLeave, args).Scan(&goes).Error; err != nil {
		return fmt.Errorf("votes of authors: %w", err)
	}
	p := plan{activity: activity}
	for _, v := range goes {
		p.author(v, v.ThemeID, "")
	}
	if err := p.write(tx); err != nil {
		return err
	}
	err := tx.Exec(`DELETE FROM votes WHERE (theme_id, person_id) IN (SELECT from_theme, row_id FROM moves WHERE activity_id = @act AND what = 'author' AND to_theme = '')`, args).Error
	if err != nil {
		return fmt.Errorf("votes of authors: %w", err)
	}
	if comes, err = authorsCome(tx, undoes, args); err != nil || len(comes) == 0 {
		return err
	}
	p.moves = nil
	for _, v := range comes {
		p.author(v, "", v.ThemeID)
	}
	if err := p.write(tx); err != nil {
		return err
	}
	if err := tx.CreateInBatches(comes, 100).Error; err != nil {
		return fmt.Errorf("votes of authors: %w", err)
	}
	return nil
}

// author notes what became of an author's vote.
func (p *plan) author(v models.Vote, from, to string) {
	p.moves = append(p.moves, models.Move{ActivityID: p.activity, What: models.MoveAuthor, RowID: v.PersonID, FromTheme: from, ToTheme: to, Detail: encode(v)})
}

// authorsCome are the votes that an activity brings: those that the undone one took
// away, or else those of the suggestions that came. An activity without a word on
// votes is of an earlier version.
func authorsCome(tx *gorm.DB, undoes string, args map[string]any) (out []models.Vote, err error) {
	var known int64
	if undoes != "" {
		if err := tx.Model(&models.Move{}).Where("activity_id = ? AND what = ?", undoes, models.MoveAuthor).Count(&known).Error; err != nil {
			return nil, fmt.Errorf("votes of authors: %w", err)
		}
	}
	var rows []models.Vote
	if known == 0 {
		if err := tx.Raw(authorsArrive, args).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("votes of authors: %w", err)
		}
	} else {
		var moves []models.Move
		if err := tx.Raw(authorsReturn, args).Scan(&moves).Error; err != nil {
			return nil, fmt.Errorf("votes of authors: %w", err)
		}
		for _, m := range moves {
			var v models.Vote
			if err := json.Unmarshal([]byte(m.Detail), &v); err != nil {
				return nil, fmt.Errorf("votes of authors: %w", err)
			}
			v.PersonID = m.RowID // who they are by now
			rows = append(rows, v)
		}
	}
	seen := map[[2]string]bool{}
	for _, v := range rows {
		if k := [2]string{v.ThemeID, v.PersonID}; !seen[k] {
			seen[k], out = true, append(out, v)
		}
	}
	return out, nil
}

const (
	// who has no vote where their suggestion comes from: it was taken back
	authorsWithout = `INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme, detail)
		SELECT DISTINCT @act, 'author', s.person_id, m.from_theme, m.from_theme, '' FROM moves m JOIN suggestions s ON s.id = m.row_id
		WHERE m.activity_id = @act AND m.what = 'suggestion' AND m.from_theme <> '' AND s.person_id <> ''
		AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = m.from_theme AND v.person_id = s.person_id)
		AND NOT EXISTS (SELECT 1 FROM moves h WHERE h.activity_id = @act AND h.what = 'vote' AND h.row_id = s.person_id AND h.from_theme = m.from_theme)`

	// whose vote has no suggestion left
	authorsLeave = `SELECT v.theme_id, v.person_id, v.origin, v.created_at FROM votes v WHERE v.origin = 'suggestion'
		AND (v.theme_id, v.person_id) IN (SELECT m.from_theme, s.person_id FROM moves m JOIN suggestions s ON s.id = m.row_id
			WHERE m.activity_id = @act AND m.what = 'suggestion' AND m.from_theme <> '')
		AND NOT EXISTS (SELECT 1 FROM suggestions s CROSS JOIN suggestion_themes x
			WHERE s.person_id = v.person_id AND x.suggestion_id = s.id AND x.theme_id = v.theme_id)`

	// whose suggestion came, with a vote, to where they had none; once a person, who
	// may have said thousands
	authorsArrive = `SELECT m.to_theme AS theme_id, s.person_id, 'suggestion' AS origin, s.created_at
		FROM moves m JOIN suggestions s ON s.id = m.row_id
		WHERE m.activity_id = @act AND m.what = 'suggestion' AND (m.to_theme, s.person_id) IN (
			SELECT c.to_theme, c.person_id FROM (SELECT DISTINCT k.to_theme, r.person_id FROM moves k JOIN suggestions r ON r.id = k.row_id
				WHERE k.activity_id = @act AND k.what = 'suggestion' AND k.to_theme <> '' AND r.person_id <> ''
				AND NOT EXISTS (SELECT 1 FROM moves g WHERE g.activity_id = @act AND g.what = 'author' AND g.row_id = r.person_id AND g.from_theme = k.from_theme AND g.to_theme = g.from_theme)) c
			WHERE NOT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = c.to_theme AND v.person_id = c.person_id)
			AND NOT EXISTS (SELECT 1 FROM suggestions o CROSS JOIN suggestion_themes y
				WHERE o.person_id = c.person_id AND y.suggestion_id = o.id AND y.theme_id = c.to_theme
				AND NOT EXISTS (SELECT 1 FROM moves n WHERE n.activity_id = @act AND n.what = 'suggestion' AND n.row_id = o.id AND n.to_theme = c.to_theme)))
		ORDER BY s.created_at, s.id`

	// whose vote the undone activity took, unless they took back the one that it gave
	authorsReturn = `SELECT g.* FROM moves g WHERE g.activity_id = @undoes AND g.what = 'author' AND g.to_theme = ''
		AND EXISTS (SELECT 1 FROM suggestions s CROSS JOIN suggestion_themes x WHERE s.person_id = g.row_id AND x.suggestion_id = s.id AND x.theme_id = g.from_theme)
		AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = g.from_theme AND v.person_id = g.row_id)
		AND NOT EXISTS (SELECT 1 FROM moves c WHERE c.activity_id = @undoes AND c.what = 'author' AND c.from_theme = '' AND c.row_id = g.row_id
			AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = c.to_theme AND v.person_id = c.row_id)
			AND NOT EXISTS (SELECT 1 FROM moves k WHERE k.activity_id = @act AND k.what = 'author' AND k.to_theme = '' AND k.from_theme = c.to_theme AND k.row_id = c.row_id))
		ORDER BY g.from_theme, g.row_id`
)
