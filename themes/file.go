package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Place decides, inside the door's transaction, where a suggestion that was
// just stored stands, and records what was made for it: exact duplicates join
// the theme of the first with that text, a confident match joins its theme, a
// likely one waits in the inbox, and what is like nothing opens a candidate. It
// fills Action, Candidates, LikelyTheme, ThemesCount and Waiting of s, and
// returns the theme, nil while a person must decide.
func (t *Themes) Place(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, m Matched) (*models.Theme, error) {
	s.Candidates = models.AsJSON(m.Candidates)
	if len(m.Candidates) > 0 {
		s.LikelyTheme = m.Candidates[0].Theme
	}
	s.Waiting = true
	twin, err := t.twin(tx, s)
	if err != nil {
		return nil, err
	}
	if twin != nil {
		if th, err := t.attachTo(tx, s, twin.ID); th != nil || err != nil {
			return th, err
		}
	}
	switch {
	case twin != nil: // its twin waits: they are decided on together
		s.Action, s.LikelyTheme, s.Candidates = models.ActionSuggested, twin.LikelyTheme, twin.Candidates
		return nil, nil
	case m.Attach:
		th, err := t.held(tx, m.Candidates[0].Theme)
		if models.KindOf(err) == models.NotFound {
			break // it went away meanwhile
		}
		if err != nil {
			return nil, err
		}
		return th, t.join(tx, s, th, models.ActionAttached)
	case m.Suggest:
		s.Action = models.ActionSuggested
		return nil, nil
	}
	th := t.fresh(headline(s))
	th.Product = s.Product
	if err := t.insert(ctx, tx, a, th); err != nil {
		return nil, err
	}
	return th, t.join(tx, s, th, models.ActionNew)
}

// twin returns the first suggestion with the same normalised text, nil when s
// is the first. The unique row decides between concurrent writers.
func (t *Themes) twin(tx *gorm.DB, s *models.Suggestion) (*models.Suggestion, error) {
	if s.ExactHash == "" {
		return nil, nil
	}
	first := models.ExactText{Product: s.Product, Visibility: models.VisibilityTeam, Hash: s.ExactHash, SuggestionID: s.ID}
	res := tx.Exec("INSERT INTO exact_texts (product, visibility, hash, suggestion_id) VALUES (?, ?, ?, ?) ON CONFLICT (product, visibility, hash) DO NOTHING",
		first.Product, first.Visibility, first.Hash, first.SuggestionID)
	if res.Error != nil || res.RowsAffected == 1 {
		return nil, res.Error
	}
	var twin models.Suggestion
	err := tx.Joins("JOIN exact_texts e ON e.suggestion_id = suggestions.id").
		First(&twin, "e.product = ? AND e.visibility = ? AND e.hash = ?", first.Product, first.Visibility, first.Hash).Error
	if err != nil {
		return nil, fmt.Errorf("find twin: %w", err)
	}
	return &twin, nil
}

// attachTo lets s join the themes that its twin stands in and returns the
// first of them, nil when it stands in none.
func (t *Themes) attachTo(tx *gorm.DB, s *models.Suggestion, twin string) (first *models.Theme, err error) {
	ths, err := themesOf(tx, twin)
	if err != nil {
		return nil, err
	}
	joined := map[string]bool{}
	for i := range ths {
		th, err := t.held(tx, ths[i].ID) // a merge may be taking it away right now
		if err != nil {
			return nil, err
		}
		if joined[th.ID] {
			continue
		}
		joined[th.ID] = true
		if err := t.join(tx, s, th, models.ActionAttached); err != nil {
			return nil, err
		}
		if first == nil {
			first = th
		}
	}
	return first, nil
}

// join adds a fresh suggestion to a theme by counting up, so that its cost does
// not grow with the theme.
func (t *Themes) join(tx *gorm.DB, s *models.Suggestion, th *models.Theme, action string) error {
	s.Action = action
	s.ThemesCount++
	if th.Status != models.StatusCandidate {
		s.Waiting = false
	}
	if err := tx.Create(&models.SuggestionTheme{SuggestionID: s.ID, ThemeID: th.ID, Action: action, CreatedAt: t.db.Now()}).Error; err != nil {
		return fmt.Errorf("join theme: %w", err)
	}
	people := int64(0)
	if s.PersonID != "" {
		res := tx.Exec("INSERT INTO votes (theme_id, person_id, origin, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (theme_id, person_id) DO NOTHING",
			th.ID, s.PersonID, models.VoteBySuggestion, s.CreatedAt)
		if res.Error != nil {
			return fmt.Errorf("join theme: %w", res.Error)
		}
		people = res.RowsAffected
	}
	err := tx.Exec("UPDATE themes SET suggestions_count = suggestions_count + 1, people_count = people_count + ?, updated_at = ? WHERE id = ?",
		people, t.db.Now(), th.ID).Error
	th.SuggestionsCount, th.PeopleCount = th.SuggestionsCount+1, th.PeopleCount+int(people)
	return err
}

// headline is what the team calls a candidate until a person names it: the
// suggestion's title, else the beginning of its text.
func headline(s *models.Suggestion) string {
	from := s.Title
	if from == "" {
		from = s.Text
	}
	return Headline(from, 80)
}

// Headline is the first line of a text, cut to at most n characters at a word.
func Headline(text string, n int) string {
	line := []rune{}
	cut := 0
	for _, r := range text {
		if r == '\n' || r == '\r' {
			if len(line) > 0 {
				break
			}
			continue
		}
		if len(line) == n {
			if cut < n/2 { // no word ends in the second half: Chinese, or one long word
				cut = n - 1
			}
			return string(line[:cut]) + "…"
		}
		if r == ' ' {
			cut = len(line)
		}
		line = append(line, r)
	}
	return string(line)
}
