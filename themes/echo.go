package themes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Of the suggestions with one text that stand in the same place one leads and the
// others are its echoes, so that ten thousand people who say the same in a minute
// are one line, one text of the index and one decision. Who decides on the lead
// decides on its echoes; an echo that is decided on by itself leaves them, and when
// the lead goes without them another one leads.

// Meet is Match for a suggestion that is about to be filed. Where its text was said
// before there is nothing to look for: Place lets it stand with who said it first,
// unless it names nothing.
func (t *Themes) Meet(ctx context.Context, s *models.Suggestion) Matched {
	if s.ExactHash != "" && t.index.view.Load().index.Says(s.Title, s.Text) {
		var n int64
		err := t.db.Read(ctx).Model(&models.ExactText{}).
			Where("product = ? AND visibility = ? AND hash = ?", s.Product, models.VisibilityTeam, s.ExactHash).Count(&n).Error
		if err == nil && n > 0 {
			return Matched{}
		}
	}
	return t.Match(ctx, s.Title, s.Text)
}

// echo makes a suggestion that is being filed the echo of who says the same where it
// stands, and counts it there. Nobody moves them meanwhile: its text is held.
func echo(tx *gorm.DB, s *models.Suggestion, ths []*models.Theme) error {
	var places []struct{ ID, Theme string }
	err := tx.Raw(`SELECT l.id, COALESCE(x.theme_id, '') AS theme FROM suggestions l LEFT JOIN suggestion_themes x ON x.suggestion_id = l.id
		WHERE l.exact_hash = ? AND l.product = ? AND l.exact_hash <> '' AND l.echo_of = '' AND l.state <> 'closed' AND l.themes_count = ? ORDER BY l.id`,
		s.ExactHash, s.Product, len(ths)).Scan(&places).Error
	if err != nil {
		return fmt.Errorf("find who says the same: %w", err)
	}
	shared := map[string]int{}
	for _, p := range places {
		if len(ths) > 0 && !slices.ContainsFunc(ths, func(th *models.Theme) bool { return th.ID == p.Theme }) {
			continue
		}
		if shared[p.ID]++; shared[p.ID] < len(ths) {
			continue
		}
		s.EchoOf = p.ID
		return tx.Exec(`UPDATE suggestions SET echoes = echoes + 1, echo_people = CASE WHEN echoes > 0 THEN echo_people WHEN person_id <> '' THEN 1 ELSE 0 END
			+ CASE WHEN @person = '' OR person_id = @person OR EXISTS (SELECT 1 FROM suggestions e WHERE e.echo_of <> '' AND e.echo_of = @lead AND e.person_id = @person) THEN 0 ELSE 1 END
			WHERE id = @lead`, map[string]any{"lead": s.EchoOf, "person": s.PersonID}).Error
	}
	return nil
}

// movedRows are the suggestions that an activity moved, closed or opened again.
const movedRows = "SELECT row_id AS id FROM moves WHERE activity_id = @act AND what IN ('suggestion', 'state')"

// regroup says anew who leads and who echoes among those with the text of the
// suggestions that which selects, of their leads or of their echoes. Who leads
// goes on doing so, before one that came to it.
func regroup(tx *gorm.DB, which string, args map[string]any) error {
	err := tx.Exec(`WITH moved AS (`+which+`), texts AS (
			SELECT s.product, s.exact_hash FROM moved m JOIN suggestions s ON s.id = m.id
			UNION SELECT l.product, l.exact_hash FROM moved m JOIN suggestions s ON s.id = m.id JOIN suggestions l ON l.id = s.echo_of
			UNION SELECT e.product, e.exact_hash FROM moved m JOIN suggestions e ON e.echo_of = m.id AND e.echo_of <> ''
		), placed AS (
			SELECT s.id, s.product, s.exact_hash, s.person_id, s.echo_of, s.state = 'closed' AS closed,
				COALESCE((SELECT string_agg(x.theme_id, ' ' ORDER BY x.theme_id) FROM suggestion_themes x WHERE x.suggestion_id = s.id), '') AS place
			FROM texts t JOIN suggestions s ON s.exact_hash = t.exact_hash AND s.product = t.product AND s.exact_hash <> ''
		), leads AS (
			SELECT product, exact_hash, closed, place, COUNT(*) - 1 AS echoes, COUNT(DISTINCT NULLIF(person_id, '')) AS people,
				COALESCE(MIN(id) FILTER (WHERE echo_of = '' AND id NOT IN (SELECT id FROM moved)), MIN(id) FILTER (WHERE echo_of = ''), MIN(id)) AS id
			FROM placed GROUP BY product, exact_hash, closed, place
		), now AS (
			SELECT p.id, CASE WHEN l.id = p.id THEN '' ELSE l.id END AS echo_of, CASE WHEN l.id = p.id THEN l.echoes ELSE 0 END AS echoes,
				CASE WHEN l.id = p.id AND l.echoes > 0 THEN l.people ELSE 0 END AS people
			FROM leads l JOIN placed p ON p.product = l.product AND p.exact_hash = l.exact_hash AND p.closed = l.closed AND p.place = l.place
		)
		UPDATE suggestions SET echo_of = n.echo_of, echoes = n.echoes, echo_people = n.people FROM now n
		WHERE suggestions.id = n.id AND (suggestions.echo_of <> n.echo_of OR suggestions.echoes <> n.echoes OR suggestions.echo_people <> n.people)`, args).Error
	if err != nil {
		return fmt.Errorf("say who leads: %w", err)
	}
	return nil
}

// holdTexts keeps others from filing what the suggestions that which selects say,
// until the transaction ends: they would join where these no longer stand.
func (t *Themes) holdTexts(tx *gorm.DB, which string, args map[string]any) error {
	if t.db.Dialect() == "sqlite" {
		return nil // there is one writer
	}
	if err := t.db.LockShared(tx, models.LockPeople); err != nil { // votes follow from who said what
		return fmt.Errorf("hold texts: %w", err)
	}
	var held []string
	err := t.db.Hold(tx).Model(&models.ExactText{}).
		Where("(product, hash) IN (SELECT s.product, s.exact_hash FROM suggestions s WHERE s.exact_hash <> '' AND s.id IN ("+which+"))", args).
		Order("product, hash").Pluck("hash", &held).Error
	if err != nil {
		return fmt.Errorf("hold texts: %w", err)
	}
	return nil
}

// holdSaid is holdTexts of suggestions. Who files holds a text and then the theme
// that it stands in: who decides does so in the same order, or they would wait for
// each other.
func (t *Themes) holdSaid(tx *gorm.DB, suggestions ...string) error {
	return t.holdTexts(tx, "SELECT id FROM suggestions WHERE id IN @ids", map[string]any{"ids": suggestions})
}

// echoRow is an echo, with the same bytes as its lead or not.
type echoRow struct {
	ID, EchoOf string
	Same       bool
}

// echoesOf lists the echoes of suggestions.
func echoesOf(tx *gorm.DB, leads []string) ([]echoRow, error) {
	var out []echoRow
	for some := range slices.Chunk(leads, 500) {
		var rows []echoRow
		err := tx.Raw(`SELECT e.id, e.echo_of, e.text = l.text AS same FROM suggestions e JOIN suggestions l ON l.id = e.echo_of
			WHERE e.echo_of <> '' AND e.echo_of IN ? ORDER BY e.id`, some).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find echoes: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// echo lets the echoes of what is planned go the same way, but those that the plan
// has already and those that stays names. It returns how many go.
func (p *plan) echo(tx *gorm.DB, stays func(echoes []echoRow) (map[string]bool, error)) (int, error) {
	of, there := map[string][]models.Move{}, map[string]bool{}
	var leads []string
	for _, m := range p.moves {
		if m.What != models.MoveSuggestion {
			continue
		}
		if !there[m.RowID] {
			there[m.RowID] = true
			leads = append(leads, m.RowID)
		}
		of[m.RowID] = append(of[m.RowID], m)
	}
	echoes, err := echoesOf(tx, leads)
	if err != nil || len(echoes) == 0 {
		return 0, err
	}
	if stays != nil {
		not, err := stays(echoes)
		if err != nil {
			return 0, err
		}
		echoes = slices.DeleteFunc(echoes, func(e echoRow) bool { return not[e.ID] })
	}
	echoes = slices.DeleteFunc(echoes, func(e echoRow) bool { return there[e.ID] })
	return len(echoes), p.likewise(tx, leads, of, echoes)
}

// likewise plans for echoes what is planned of their leads.
func (p *plan) likewise(tx *gorm.DB, leads []string, of map[string][]models.Move, echoes []echoRow) error {
	type place struct{ suggestion, theme string }
	rows := map[place]models.SuggestionTheme{}
	for some := range slices.Chunk(leads, 500) {
		var xs []models.SuggestionTheme
		err := tx.Raw("SELECT x.* FROM suggestions e JOIN suggestion_themes x ON x.suggestion_id = e.id WHERE e.echo_of <> '' AND e.echo_of IN ?", some).Scan(&xs).Error
		if err != nil {
			return fmt.Errorf("find echoes: %w", err)
		}
		for _, x := range xs {
			rows[place{x.SuggestionID, x.ThemeID}] = x
		}
	}
	for _, e := range echoes {
		for _, m := range of[e.EchoOf] {
			row, ok := rows[place{e.ID, m.FromTheme}]
			if !ok && m.FromTheme != "" {
				continue // it does not stand there
			}
			if !ok {
				if err := json.Unmarshal([]byte(m.Detail), &row); err != nil {
					return fmt.Errorf("find echoes: %w", err)
				}
				row.SuggestionID, row.ThemeID = e.ID, ""
				if !e.Same {
					row.SpanStart, row.SpanEnd = 0, 0 // of other bytes
				}
			}
			p.suggestion(row, m.ToTheme)
		}
	}
	return nil
}
