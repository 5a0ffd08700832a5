package themes

import (
	"context"
	"fmt"
	"slices"
	"unicode"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Place decides, inside the door's transaction, where a suggestion that was
// just stored stands, and records what was made for it: exact duplicates join
// the theme of the first with that text, a confident match joins its theme, a
// likely one waits in the inbox, and what is like nothing opens a candidate. What
// names nothing ("great app", "!!!") does neither, wherever somebody put the first
// that said so: it waits without a candidate, in one line with those who sent the
// same and wait. It fills Action, Candidates, LikelyTheme, ThemesCount and Waiting of
// s, and
// returns the theme, nil while a person must decide. What was said to be shipped
// may be proposed to be opened again.
func (t *Themes) Place(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, m Matched) (*models.Theme, error) {
	th, err := t.stand(ctx, tx, a, s, m)
	if err != nil {
		return nil, err
	}
	return th, t.reported(tx, s)
}

func (t *Themes) stand(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, m Matched) (*models.Theme, error) {
	s.Candidates, s.Asks = models.AsJSON(m.Candidates), models.AsJSON(m.Asks)
	if len(m.Candidates) > 0 {
		s.LikelyTheme = m.Candidates[0].Theme
	}
	s.Waiting = true
	twin, err := t.twin(tx, s)
	if err != nil {
		return nil, err
	}
	if m.silent {
		s.Action = models.ActionSuggested
		if twin == nil {
			return nil, nil
		}
		return nil, echo(tx, s, nil) // of one that waits as well, wherever else these words were put
	}
	if twin != nil {
		return t.joinTwin(ctx, tx, s, twin)
	}
	if err := keep(tx, s, m.vector); err != nil {
		return nil, err
	}
	s.MatchedBy = m.model
	switch {
	case m.Attach:
		th, err := t.held(tx, m.Candidates[0].Theme)
		if models.KindOf(err) == models.NotFound {
			break // it went away meanwhile
		}
		if err != nil {
			return nil, err
		}
		if th.Status == models.StatusShipped { // praise, or something is wrong with it: for a person to say
			s.Action = models.ActionSuggested
			return nil, nil
		}
		return th, t.attach(ctx, tx, s, []*models.Theme{th}, m.Candidates[0].Reasons)
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

// keep stores the vector that was made to match s.
func keep(tx *gorm.DB, s *models.Suggestion, v *models.Vector) error {
	if v == nil || v.Digest != models.Digest(s.Title, s.Text) {
		return nil
	}
	mine := *v
	mine.ItemID = s.ID
	if err := tx.Create(&mine).Error; err != nil {
		return fmt.Errorf("store vector: %w", err)
	}
	return nil
}

// twin returns the first suggestion with the same normalised text, nil when s
// is the first. The unique row decides between concurrent writers, and is held.
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
	if err := t.db.Hold(tx).Limit(1).Find(&first, "product = ? AND visibility = ? AND hash = ?", first.Product, first.Visibility, first.Hash).Error; err != nil {
		return nil, fmt.Errorf("find twin: %w", err)
	}
	var twin models.Suggestion // read once nobody moves it any more
	if err := tx.First(&twin, "id = ?", first.SuggestionID).Error; err != nil {
		return nil, fmt.Errorf("find twin: %w", err)
	}
	return &twin, nil
}

// joinTwin lets s stand where the first suggestion with its text stands, but not
// where somebody said that this text does not belong. When that leaves nothing,
// the two wait and are decided on together.
func (t *Themes) joinTwin(ctx context.Context, tx *gorm.DB, s, twin *models.Suggestion) (*models.Theme, error) {
	no, err := forbiddenText(tx, s.Product, s.ExactHash)
	if err != nil {
		return nil, err
	}
	ths, err := themesOf(tx, twin.ID)
	if err != nil {
		return nil, err
	}
	var to []*models.Theme
	for i := range ths {
		th, err := t.held(tx, ths[i].ID) // a merge may be taking it away right now
		if err != nil {
			return nil, err
		}
		if !no[th.ID] && !slices.ContainsFunc(to, func(o *models.Theme) bool { return o.ID == th.ID }) {
			to = append(to, th)
		}
	}
	if err := echo(tx, s, to); err != nil {
		return nil, err
	}
	s.Candidates, s.LikelyTheme = twin.Candidates, twin.LikelyTheme
	if s.Text == twin.Text { // else the spans are of other bytes
		s.Asks = twin.Asks
	}
	if len(to) > 0 {
		return to[0], t.attach(ctx, tx, s, to, []models.Reason{{Kind: models.ReasonExact}})
	}
	s.Action, s.LikelyTheme = models.ActionSuggested, ""
	for _, c := range s.Candidates.V {
		th, err := t.live(tx, c.Theme)
		if err == nil && !no[th.ID] {
			s.LikelyTheme = c.Theme
			break
		}
		if err != nil && models.KindOf(err) != models.NotFound {
			return nil, err
		}
	}
	return nil, nil
}

// attach lets a fresh suggestion join themes by itself, in an activity that says
// why and can be undone.
func (t *Themes) attach(ctx context.Context, tx *gorm.DB, s *models.Suggestion, ths []*models.Theme, reasons []models.Reason) error {
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAttached, ThemeID: ths[0].ID, SuggestionID: s.ID,
		Snapshot: models.Change{Title: ths[0].Title, Suggestions: 1, Reasons: reasons}.Encode()}
	p := plan{activity: act.ID}
	for _, th := range ths {
		if err := t.join(tx, s, th, models.ActionAttached); err != nil {
			return err
		}
		p.suggestion(models.SuggestionTheme{SuggestionID: s.ID, Action: models.ActionAttached, CreatedAt: t.db.Now()}, th.ID)
	}
	if err := p.write(tx); err != nil {
		return err
	}
	return t.db.Record(ctx, tx, auth.System().By(), act)
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
		if unicode.Is(unicode.Cf, r) { // a title must not be turned around by what nobody sees
			continue
		}
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
