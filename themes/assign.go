package themes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Assignment says where a suggestion is to stand: in Theme alone, in a new
// candidate titled NewTitle alone, or in what it has with Add and without
// Remove.
type Assignment struct {
	Theme    string
	NewTitle string
	Add      []string
	Remove   []string
}

// Assign puts suggestions where a person says, in one activity; their echoes, and
// exact duplicates of theirs that wait without a theme, come along. It returns the
// activity's id, "" when everything stood there already, and the themes that
// the first of them stands in now.
func (t *Themes) Assign(ctx context.Context, a auth.Actor, suggestions []string, as Assignment) (string, []models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	if len(suggestions) == 0 {
		return "", nil, models.BadField("suggestions", "suggestions_required")
	}
	var act *models.Activity
	var now []models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if err := t.known(tx, a, suggestions); err != nil {
			return err
		}
		if err := t.holdSaid(tx, suggestions...); err != nil {
			return err
		}
		if err := sharable(tx, "?", suggestions); err != nil {
			return err
		}
		target, add, remove, err := t.targets(ctx, tx, a, as)
		if err != nil {
			return err
		}
		if act, err = t.assign(ctx, tx, a, suggestions, target, add, remove, nil); err != nil {
			return err
		}
		if now, err = themesOf(tx, suggestions[0]); err != nil || act == nil {
			return err
		}
		return t.placedAnswered(tx, a, act.ID, now)
	})
	if err != nil || act == nil {
		return "", now, err
	}
	return act.ID, now, nil
}

// targets resolves an assignment: the one theme to stand in, or those to add
// and to remove.
func (t *Themes) targets(ctx context.Context, tx *gorm.DB, a auth.Actor, as Assignment) (target *models.Theme, add, remove []string, err error) {
	given := 0
	for _, is := range []bool{as.Theme != "", as.NewTitle != "", len(as.Add)+len(as.Remove) > 0} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, nil, nil, models.BadField("theme", "assign_one_way")
	}
	switch {
	case as.Theme != "":
		target, err = t.named(tx, "theme", as.Theme)
		return target, nil, nil, err
	case as.NewTitle != "":
		title := strings.TrimSpace(as.NewTitle)
		if title == "" {
			return nil, nil, nil, models.BadField("new/title", "title_required")
		}
		if err := short("new/title", title, MaxTitle); err != nil {
			return nil, nil, nil, err
		}
		if err := t.titled("new/title", title); err != nil {
			return nil, nil, nil, err
		}
		target = t.fresh(title)
		return target, nil, nil, t.open(ctx, tx, a, target)
	}
	resolve := func(field string, ids []string) (out []string, err error) {
		for _, id := range ids {
			th, err := t.named(tx, field, id)
			if err != nil {
				return nil, err
			}
			out = append(out, th.ID)
		}
		return out, nil
	}
	if add, err = resolve("add", as.Add); err != nil {
		return nil, nil, nil, err
	}
	remove, err = resolve("remove", as.Remove)
	return nil, add, remove, err
}

// assign moves the suggestions and their duplicates; said is the word that it
// follows, nil for none.
func (t *Themes) assign(ctx context.Context, tx *gorm.DB, a auth.Actor, suggestions []string, target *models.Theme, add, remove []string, said *models.DecisionStep) (*models.Activity, error) {
	all, err := withDuplicates(tx, suggestions)
	if err != nil {
		return nil, err
	}
	if all, err = willing(tx, all, len(suggestions), target, add); err != nil {
		return nil, err
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned}
	p := plan{activity: act.ID}
	for _, id := range all {
		var rows []models.SuggestionTheme
		if err := tx.Order("created_at, theme_id").Find(&rows, "suggestion_id = ?", id).Error; err != nil {
			return nil, err
		}
		row := models.SuggestionTheme{SuggestionID: id, Action: models.ActionAssigned, CreatedAt: t.db.Now()}
		if target != nil {
			p.only(rows, row, target.ID)
		} else {
			p.addRemove(rows, row, add, remove)
		}
	}
	if len(p.moves) == 0 {
		return nil, nil
	}
	echoes, err := p.echo(tx, func(echoes []echoRow) (map[string]bool, error) { return unwilling(tx, echoes, target, add) })
	if err != nil {
		return nil, err
	}
	c := models.Change{Suggestions: len(all) + echoes, Decided: said}
	switch {
	case target != nil:
		act.ThemeID, c.Title = target.ID, target.Title
	case len(add) > 0:
		act.ThemeID = add[0]
	default:
		act.ThemeID = remove[0]
	}
	act.SuggestionID, act.Snapshot = suggestions[0], c.Encode()
	return act, t.carryOut(ctx, tx, a, &p, act)
}

// carryOut writes a plan, places it and records its activity.
func (t *Themes) carryOut(ctx context.Context, tx *gorm.DB, a auth.Actor, p *plan, act *models.Activity) error {
	if err := p.write(tx); err != nil {
		return err
	}
	if err := t.place(tx, act.ID, ""); err != nil {
		return err
	}
	if err := t.judge(ctx, tx, a, act.ID, rulings(p.moves)); err != nil {
		return err
	}
	return t.db.Record(ctx, tx, a.By(), act)
}

// only plans that a suggestion stands in target and nowhere else.
func (p *plan) only(rows []models.SuggestionTheme, row models.SuggestionTheme, target string) {
	there := slices.ContainsFunc(rows, func(r models.SuggestionTheme) bool { return r.ThemeID == target })
	for _, r := range rows {
		switch {
		case r.ThemeID == target:
		case there:
			p.suggestion(r, "")
		default:
			p.suggestion(r, target)
			there = true
		}
	}
	if !there {
		p.suggestion(row, target)
	}
}

func (p *plan) addRemove(rows []models.SuggestionTheme, row models.SuggestionTheme, add, remove []string) {
	for _, r := range rows {
		if slices.Contains(remove, r.ThemeID) && !slices.Contains(add, r.ThemeID) {
			p.suggestion(r, "")
		}
	}
	for i, id := range add {
		there := slices.ContainsFunc(rows, func(r models.SuggestionTheme) bool { return r.ThemeID == id })
		if !there && !slices.Contains(add[:i], id) {
			p.suggestion(row, id)
		}
	}
}

// withDuplicates adds the suggestions with the same text that stand in no theme
// yet, but for echoes.
func withDuplicates(tx *gorm.DB, ids []string) ([]string, error) {
	var more []string
	err := tx.Raw(`SELECT DISTINCT d.id FROM suggestions s JOIN suggestions d ON d.exact_hash = s.exact_hash AND d.product = s.product
		WHERE s.id IN ? AND d.exact_hash <> '' AND d.echo_of = '' AND d.themes_count = 0 AND d.waiting = TRUE ORDER BY d.id`, ids).Scan(&more).Error
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	out := slices.Clone(ids)
	for _, id := range more {
		if !slices.Contains(ids, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

// willing leaves out the duplicates, those of all after the first so many, of
// which somebody said that they do not belong there.
func willing(tx *gorm.DB, all []string, asked int, target *models.Theme, add []string) ([]string, error) {
	if len(all) == asked {
		return all, nil
	}
	no, err := forbidden(tx, all[asked:]...)
	if err != nil {
		return nil, err
	}
	if target != nil {
		add = []string{target.ID}
	}
	more := slices.DeleteFunc(slices.Clone(all[asked:]), func(id string) bool {
		return slices.ContainsFunc(add, func(th string) bool { return no[id][th] })
	})
	return append(all[:asked:asked], more...), nil
}

// unwilling names the echoes of which somebody said that they do not belong there,
// of these alone: who decides on the lead decides on its text.
func unwilling(tx *gorm.DB, echoes []echoRow, target *models.Theme, add []string) (map[string]bool, error) {
	if target != nil {
		add = []string{target.ID}
	}
	stays := map[string]bool{}
	for some := range slices.Chunk(echoes, 500) {
		ids := make([]string, len(some))
		for i, e := range some {
			ids[i] = e.ID
		}
		var words []word
		err := tx.Raw("SELECT suggestion_id AS asked, theme_id, same FROM decisions WHERE suggestion_id IN ? AND proposed = FALSE ORDER BY created_at, theme_id", ids).Scan(&words).Error
		if err != nil {
			return nil, fmt.Errorf("read decisions: %w", err)
		}
		no, err := sum(tx, words)
		if err != nil {
			return nil, err
		}
		for id, ths := range no {
			stays[id] = slices.ContainsFunc(add, func(th string) bool { return ths[th] })
		}
	}
	return stays, nil
}

// known refuses ids of suggestions that do not exist, or not to the actor.
func (t *Themes) known(tx *gorm.DB, a auth.Actor, ids []string) error {
	var found []models.Suggestion
	if err := tx.Select("id", "confidential").Find(&found, "id IN ?", ids).Error; err != nil {
		return fmt.Errorf("read suggestions: %w", err)
	}
	there := map[string]bool{}
	for i := range found {
		if err := auth.CanKnow(a, &found[i]); err != nil {
			return err
		}
		there[found[i].ID] = true
	}
	for _, id := range ids {
		if !there[id] {
			return models.Fail(models.NotFound, "suggestion_not_found", id)
		}
	}
	return nil
}

// sharable refuses what is confidential, of the suggestions that the SQL which gives:
// it belongs to no theme, ever.
func sharable(tx *gorm.DB, which string, args ...any) error {
	var found []string
	if err := tx.Model(&models.Suggestion{}).Where("confidential = TRUE AND id IN ("+which+")", args...).Limit(1).Pluck("id", &found).Error; err != nil {
		return fmt.Errorf("read suggestions: %w", err)
	}
	if len(found) > 0 {
		return models.Fail(models.Conflict, "suggestion_confidential", found[0])
	}
	return nil
}

// themesOf lists the themes a suggestion stands in, first come first.
func themesOf(tx *gorm.DB, suggestion string) ([]models.Theme, error) {
	var ths []models.Theme
	err := tx.Joins("JOIN suggestion_themes x ON x.theme_id = themes.id").Where("x.suggestion_id = ?", suggestion).
		Order("x.created_at, x.theme_id").Find(&ths).Error
	if err != nil {
		return nil, fmt.Errorf("read themes of a suggestion: %w", err)
	}
	return ths, nil
}
