package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// OpenFor gives a suggestion that stands in no theme a candidate of its own, which undo takes
// back: an issue that is brought in needs a theme now, whatever a person decides later. One
// that stands somewhere stays there. What it is like waits in the inbox as before. Needs
// auth.LinkIssue.
func (t *Themes) OpenFor(ctx context.Context, a auth.Actor, suggestion string) (th *models.Theme, err error) {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return nil, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		s, err := t.HoldSuggestion(tx, suggestion)
		if err != nil {
			return err
		}
		ths, err := themesOf(tx, s.ID)
		if err != nil {
			return err
		}
		if len(ths) > 0 {
			th = &ths[0]
			return nil
		}
		th = t.fresh(headline(s))
		th.Product = s.Product
		if err := t.open(ctx, tx, a, th); err != nil {
			return err
		}
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned, ThemeID: th.ID, SuggestionID: s.ID,
			Snapshot: models.Change{Title: th.Title, Suggestions: 1}.Encode()}
		p := plan{activity: act.ID}
		p.suggestion(models.SuggestionTheme{SuggestionID: s.ID, Action: models.ActionNew, CreatedAt: t.db.Now()}, th.ID)
		if err := t.carryOut(ctx, tx, a, &p, act); err != nil {
			return err
		}
		return tx.First(th, "id = ?", th.ID).Error
	})
	if err != nil {
		return nil, fmt.Errorf("open a theme for a suggestion: %w", err)
	}
	return th, nil
}
