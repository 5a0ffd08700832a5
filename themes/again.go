package themes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// A text that comes when more is filed than the model reads is placed by its words
// alone, so that nobody waits. Once it has been read it is placed anew, but only
// where that takes nothing from anybody: what opened a candidate that nobody
// touched, and is likely to belong to a theme, waits for a person, as if it had been
// read at once.

// againWithin is how long after it was filed a suggestion is placed anew: what has
// stood for longer, such as what came before there was a model, stays.
const againWithin = 24 * time.Hour

// alone are suggestions that opened a candidate by their words.
const alone = "matched_by = 'words' AND action = 'new' AND waiting = TRUE AND echo_of = '' AND themes_count = 1"

// placeAgain places anew those of the texts that r has just read which need it.
func (t *Themes) placeAgain(ctx context.Context, r *reader, read []textRow, vecs [][]float32) error {
	v := t.index.view.Load()
	if v.reader != r || len(read) == 0 {
		return nil
	}
	ids := make([]string, 0, len(read))
	for _, row := range read {
		ids = append(ids, row.suggestion)
	}
	var rows []models.Suggestion
	if err := t.db.Read(ctx).Find(&rows, "id IN ? AND created_at > ? AND "+alone, ids, t.db.Now().Add(-againWithin)).Error; err != nil {
		return fmt.Errorf("place again: %w", err)
	}
	for i := range rows {
		s := &rows[i]
		vec := vecs[slices.Index(ids, s.ID)]
		found := convert(v.index.Match(dedup.Query{Title: s.Title, Text: s.Text, Vector: vec, Limit: MaxCandidates, Except: s.ID}))
		if vec == nil || len(found) == 0 || found[0].Score < dedup.SuggestAt {
			continue
		}
		err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return t.suggest(ctx, tx, s.ID, asked(v, vec), found) })
		if err != nil {
			return fmt.Errorf("place again: %w", err)
		}
	}
	return nil
}

// suggest takes a suggestion with its echoes out of the candidate that it opened, to
// wait for a person, when nobody touched that meanwhile.
func (t *Themes) suggest(ctx context.Context, tx *gorm.DB, id, model string, found []models.Candidate) error {
	if err := t.holdSaid(tx, id); err != nil { // nobody joins it meanwhile
		return err
	}
	var s models.Suggestion
	res := tx.Limit(1).Find(&s, "id = ? AND "+alone, id)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	ths, err := themesOf(tx, s.ID)
	if err != nil || len(ths) != 1 {
		return err
	}
	th, err := t.held(tx, ths[0].ID)
	if err != nil || th.Status != models.StatusCandidate || th.Rev != 1 || th.SuggestionsCount != 1+s.Echoes {
		return err
	}
	no, err := forbidden(tx, s.ID)
	if err != nil || no[s.ID][found[0].Theme] {
		return err
	}
	if _, err := t.held(tx, found[0].Theme); models.KindOf(err) == models.NotFound {
		return nil // it went away meanwhile
	} else if err != nil {
		return err
	}
	err = tx.Model(&s).Select("Action", "MatchedBy", "Candidates").UpdateColumns(models.Suggestion{Action: models.ActionSuggested, MatchedBy: model, Candidates: models.AsJSON(found)}).Error
	if err == nil {
		err = tx.Model(&models.Suggestion{}).Where("echo_of = ? AND echo_of <> ''", s.ID).UpdateColumn("candidates", models.AsJSON(found)).Error
	}
	if err != nil {
		return err
	}
	var row models.SuggestionTheme
	if err := tx.First(&row, "suggestion_id = ? AND theme_id = ?", s.ID, th.ID).Error; err != nil {
		return err
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned, ThemeID: th.ID, SuggestionID: s.ID}
	p := plan{activity: act.ID}
	p.suggestion(row, "")
	n, err := p.echo(tx, nil)
	if err != nil {
		return err
	}
	act.Snapshot = models.Change{Suggestions: 1 + n, Reasons: found[0].Reasons}.Encode()
	return t.carryOut(ctx, tx, auth.System(), &p, act)
}
