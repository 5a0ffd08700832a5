package themes

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// UndoWindow is how long an activity can be taken back.
const UndoWindow = 30 * 24 * time.Hour

// Merge moves everything of a theme into another; the old id leads there from
// then on. Nobody is told. It returns the activity's id and the theme that
// stays.
func (t *Themes) Merge(ctx context.Context, a auth.Actor, id, into string) (string, *models.Theme, error) {
	return t.MergeTold(ctx, a, id, into, false)
}

// MergeTold is Merge; with notify, who stood behind the theme that goes hears where it
// went, which needs auth.Announce.
func (t *Themes) MergeTold(ctx context.Context, a auth.Actor, id, into string, notify bool) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	if notify {
		if err := auth.Can(a, auth.Announce); err != nil {
			return "", nil, err
		}
	}
	act := &models.Activity{}
	var target *models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := t.holdTexts(tx, "SELECT suggestion_id FROM suggestion_themes WHERE theme_id = @theme", map[string]any{"theme": id}); err != nil {
			return err
		}
		from, err := t.held(tx, id)
		if err != nil {
			return err
		}
		if target, err = t.named(tx, "into", into); err != nil {
			return err
		}
		if from.ID == target.ID {
			return models.BadField("into", "merge_itself")
		}
		if target.Status == models.StatusCandidate && from.Status != models.StatusCandidate {
			return models.BadField("into", "merge_into_candidate") // its status and its promise would be lost
		}
		*act = models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ThemeMerged, ThemeID: from.ID,
			Snapshot: models.Change{Into: target.ID, Title: target.Title, Suggestions: from.SuggestionsCount, Notify: notify}.Encode()}
		if err := planTheme(tx, act.ID, from.ID, target.ID); err != nil {
			return err
		}
		if err := tx.Model(from).Updates(map[string]any{"merged_into": target.ID, "updated_at": t.db.Now()}).Error; err != nil {
			return err
		}
		if err := t.place(tx, act.ID, ""); err != nil {
			return err
		}
		if err := relikeFamilies(tx, target.ID); err != nil {
			return err
		}
		if err := t.db.Record(ctx, tx, a.By(), act); err != nil {
			return err
		}
		return tx.First(target, "id = ?", target.ID).Error
	})
	return act.ID, target, err
}

// Split moves some suggestions of a theme with their echoes, and the people behind
// them, into a new candidate. It returns the activity's id and the new theme.
func (t *Themes) Split(ctx context.Context, a auth.Actor, id string, suggestions []string, title string) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	title = strings.TrimSpace(title)
	if title == "" {
		return "", nil, models.BadField("title", "title_required")
	}
	if err := short("title", title, MaxTitle); err != nil {
		return "", nil, err
	}
	if len(suggestions) == 0 {
		return "", nil, models.BadField("suggestions", "suggestions_required")
	}
	act, th := &models.Activity{}, (*models.Theme)(nil)
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := t.holdSaid(tx, suggestions...); err != nil {
			return err
		}
		from, err := t.held(tx, id)
		if err != nil {
			return err
		}
		var rows []models.SuggestionTheme
		if err := tx.Find(&rows, "theme_id = ? AND suggestion_id IN ?", from.ID, suggestions).Error; err != nil {
			return err
		}
		for _, s := range suggestions {
			if !slices.ContainsFunc(rows, func(r models.SuggestionTheme) bool { return r.SuggestionID == s }) {
				return models.BadField("suggestions", "suggestion_not_in_theme", s)
			}
		}
		if err := t.titled("title", title); err != nil {
			return err
		}
		th = t.fresh(title)
		th.Product = from.Product
		if err := t.open(ctx, tx, a, th); err != nil {
			return err
		}
		*act = models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ThemeSplit, ThemeID: from.ID}
		p := plan{activity: act.ID}
		for _, r := range rows {
			p.suggestion(r, th.ID)
		}
		echoes, err := p.echo(tx, nil)
		if err != nil {
			return err
		}
		act.Snapshot = models.Change{Into: th.ID, Title: th.Title, Suggestions: len(rows) + echoes}.Encode()
		if err := t.separate(tx, act.ID, from.ID, th.ID); err != nil {
			return err
		}
		if err := t.carryOut(ctx, tx, a, &p, act); err != nil {
			return err
		}
		return tx.First(th, "id = ?", th.ID).Error
	})
	return act.ID, th, err
}
