package themes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// A judgement compares what was said of a suggestion when it came in with what a
// person decided on it. It is written with the decision and goes with it when it
// is undone, so that precision and recall are those of the decisions that stand.

// ruling is what a decision says of a suggestion: that it belongs where it stands
// now, that it does not belong to some themes, or both.
type ruling struct {
	suggestion string
	given      bool
	denied     []string
}

// rulings are what the moves of an activity say.
func rulings(moves []models.Move) []ruling {
	var out []ruling
	at := map[string]int{}
	for _, m := range moves {
		if m.What != models.MoveSuggestion {
			continue
		}
		i, ok := at[m.RowID]
		if !ok {
			i = len(out)
			at[m.RowID] = i
			out = append(out, ruling{suggestion: m.RowID})
		}
		if m.ToTheme == "" {
			out[i].denied = append(out[i].denied, m.FromTheme)
		} else {
			out[i].given = true
		}
	}
	return out
}

// judge writes down what a person's decision says of what was said. Call it when
// the decision is carried out and before its activity is recorded.
func (t *Themes) judge(ctx context.Context, tx *gorm.DB, a auth.Actor, activity string, rs []ruling) error {
	if a.Kind != models.ActorMember {
		return nil
	}
	for some := range slices.Chunk(rs, 500) {
		js, err := t.judgements(tx, activity, some)
		if err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		if len(js) == 0 {
			continue
		}
		ids := make([]string, len(js))
		for i := range js {
			ids[i] = js[i].SuggestionID
		}
		if err := tx.Exec("UPDATE judgements SET stands = FALSE WHERE suggestion_id IN ? AND stands = TRUE", ids).Error; err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		if err := tx.Create(&js).Error; err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		t.db.AfterCommit(ctx, t.taught.nudge)
	}
	return nil
}

// judgements makes the rows, in four reads whatever their number. Suggestions of
// which nothing was said have none.
func (t *Themes) judgements(tx *gorm.DB, activity string, rs []ruling) ([]models.Judgement, error) {
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = r.suggestion
	}
	var rows []models.Suggestion
	if err := tx.Select("id", "action", "candidates", "asks", "matched_by").Find(&rows, "id IN ? AND matched_by <> ''", ids).Error; err != nil {
		return nil, err
	}
	var places []models.SuggestionTheme
	if err := tx.Select("suggestion_id", "theme_id").Order("suggestion_id, created_at, theme_id").Find(&places, "suggestion_id IN ?", ids).Error; err != nil {
		return nil, err
	}
	said, now := map[string]models.Judgement{}, map[string][]string{}
	for _, p := range places {
		now[p.SuggestionID] = append(now[p.SuggestionID], p.ThemeID)
	}
	var ths []string
	for i := range rows {
		j := saidOf(&rows[i])
		said[j.SuggestionID] = j
		ths = append(ths, j.SaidTheme)
	}
	for _, r := range rs {
		ths = append(ths, r.denied...)
	}
	live, err := roots(tx, ths)
	if err != nil {
		return nil, err
	}
	var out []models.Judgement
	for _, r := range rs {
		j, ok := said[r.suggestion]
		if ok && rule(&j, r, now[r.suggestion], live) {
			j.ActivityID, j.Stands, j.DecidedAt = activity, true, t.db.Now()
			out = append(out, j)
		}
	}
	return out, nil
}

// saidOf is what was said of a suggestion that a model was asked about.
func saidOf(s *models.Suggestion) models.Judgement {
	j := models.Judgement{SuggestionID: s.ID, Model: s.MatchedBy, Band: models.BandNew}
	switch s.Action {
	case models.ActionAttached:
		j.Band = models.BandAttach
	case models.ActionSuggested:
		j.Band = models.BandSuggest
	}
	if len(s.Candidates.V) > 0 {
		c := &s.Candidates.V[0]
		j.SaidTheme, j.Score, j.Sure = c.Theme, c.Score, isSure(c) && len(s.Asks.V) < 2
	}
	return j
}

// isSure reports that nothing but its score keeps a suggestion from joining: the
// rule of dedup's Attachable, for a candidate as it is stored.
func isSure(c *models.Candidate) bool { return c.Voted >= dedup.LeastVoted && !c.Differs() }

// rule fills in what a decision says, now being the live themes in which the
// suggestion stands; false when it says nothing of what was said.
func rule(j *models.Judgement, r ruling, now []string, live map[string]string) bool {
	first := live[j.SaidTheme]
	denied := slices.ContainsFunc(r.denied, func(id string) bool { return first != "" && live[id] == first })
	switch {
	case first != "" && slices.Contains(now, first):
		j.Named, j.ChosenTheme = true, first
	case r.given && len(now) > 0:
		j.ChosenTheme = now[len(now)-1]
	case !denied:
		return false
	}
	// Ids are sorted by creation, whatever the clock of a test or an import says.
	j.Existed = j.ChosenTheme != "" && body(j.ChosenTheme) < body(j.SuggestionID)
	j.Correct = j.Named
	if j.Band == models.BandNew {
		j.Correct = !j.Existed
	}
	return true
}

// body is an id without its prefix.
func body(id string) string {
	_, b, _ := strings.Cut(id, "_")
	return b
}

// unjudge takes back what an activity's decision said; what was decided before
// stands again.
func (t *Themes) unjudge(ctx context.Context, tx *gorm.DB, activity string) error {
	var ids []string
	if err := tx.Model(&models.Judgement{}).Where("activity_id = ?", activity).Pluck("suggestion_id", &ids).Error; err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := tx.Exec("DELETE FROM judgements WHERE activity_id = ?", activity).Error; err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	for some := range slices.Chunk(ids, 500) {
		err := tx.Exec(`UPDATE judgements SET stands = TRUE WHERE suggestion_id IN ?
			AND NOT EXISTS (SELECT 1 FROM judgements o WHERE o.suggestion_id = judgements.suggestion_id AND (o.stands = TRUE
				OR o.decided_at > judgements.decided_at OR o.decided_at = judgements.decided_at AND o.activity_id > judgements.activity_id))`, some).Error
		if err != nil {
			return fmt.Errorf("judge: %w", err)
		}
	}
	t.db.AfterCommit(ctx, t.taught.nudge)
	return nil
}

// judgeConfirmed: who makes a theme of a candidate says that what stands in it
// belongs there.
func (t *Themes) judgeConfirmed(ctx context.Context, tx *gorm.DB, a auth.Actor, activity, theme string) error {
	if a.Kind != models.ActorMember {
		return nil
	}
	var ids []string
	if err := tx.Model(&models.SuggestionTheme{}).Where("theme_id = ?", theme).Pluck("suggestion_id", &ids).Error; err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	rs := make([]ruling, len(ids))
	for i, id := range ids {
		rs[i] = ruling{suggestion: id, given: true}
	}
	return t.judge(ctx, tx, a, activity, rs)
}
