package themes

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Update is what staff write about a theme that stays where it is. Notify false
// keeps it quiet: it stands on the theme's page.
type Update struct {
	Text   models.Text
	Notify bool
}

// written trims a text for the public and looks for what may not be published;
// secrets in it are masked.
func (t *Themes) written(field string, x models.Text, most int) (models.Text, error) {
	x = x.Map(strings.TrimSpace)
	if err := shortText(field, x, most); err != nil {
		return x, err
	}
	if t.opts.Mask != nil {
		x = x.Map(t.opts.Mask)
	}
	return x, nil
}

// TryUpdate is WriteUpdate without storing anything.
func (t *Themes) TryUpdate(ctx context.Context, a auth.Actor, id string, u Update) (*models.Theme, models.Text, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, u.Text, err
	}
	th, err := t.live(t.db.Read(ctx), id)
	if err != nil {
		return nil, u.Text, err
	}
	text, err := t.updatable(th, id, u)
	return th, text, err
}

func (t *Themes) updatable(th *models.Theme, id string, u Update) (models.Text, error) {
	if th.ID != id {
		return u.Text, models.Fail(models.Conflict, "theme_merged", th.ID) // people behind another theme would hear
	}
	if th.Status == models.StatusCandidate {
		return u.Text, models.Fail(models.Conflict, "update_candidate")
	}
	text, err := t.written("text", u.Text, MaxReason)
	if err == nil && text.IsEmpty() {
		err = models.BadField("text", "update_required")
	}
	return text, err
}

// WriteUpdate writes an update and returns it with the activity that undo takes in
// ActivityID. Secrets in the text are masked. Needs auth.Announce. Errors: NotFound
// theme_not_found; Conflict theme_merged, update_candidate; Invalid update_required,
// too_long.
func (t *Themes) WriteUpdate(ctx context.Context, a auth.Actor, id string, u Update) (*models.ThemeUpdate, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	var up *models.ThemeUpdate
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, err := t.held(tx, id)
		if err != nil {
			return err
		}
		text, err := t.updatable(th, id, u)
		if err != nil {
			return err
		}
		up = &models.ThemeUpdate{ID: models.NewID(models.PrefixUpdate), ThemeID: th.ID, Text: text, Notify: u.Notify, ActorName: a.By().Name,
			ActivityID: models.NewID(models.PrefixActivity), CreatedAt: t.db.Now()}
		if err := tx.Create(up).Error; err != nil {
			return fmt.Errorf("write update: %w", err)
		}
		promised, err := t.NewsGiven(ctx, tx, th)
		if err != nil {
			return err
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{ID: up.ActivityID, Verb: models.ThemeUpdated, ThemeID: th.ID,
			Snapshot: models.Change{Notify: u.Notify, Text: &text, Update: up.ID, Promised: promised}.Encode()})
	})
	return up, err
}

// Updates lists what was written about a theme, and about those that went into it,
// newest first. Of a theme that is not published it needs auth.ReadAll; what was written
// about one that never was stays with the team after its merge.
func (t *Themes) Updates(ctx context.Context, a auth.Actor, id string) ([]models.ThemeUpdate, error) {
	th, err := t.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	ups := []models.ThemeUpdate{}
	err = below(t.db.Read(ctx), a, th.ID).Where("removed_at IS NULL").Order("id DESC").Limit(MaxPage).Find(&ups).Error
	if err != nil {
		return nil, fmt.Errorf("read updates: %w", err)
	}
	return ups, nil
}

// takeUpdate takes an update back, or shows it again.
func (t *Themes) takeUpdate(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	var up models.ThemeUpdate
	if err := t.db.Hold(tx).First(&up, "id = ?", c.Update).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.Conflict, "changed_since")
	} else if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	up.RemovedAt = nil
	if !c.TakesBack() {
		up.RemovedAt = new(t.db.Now())
	}
	if err := tx.Save(&up).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	promised, err := t.newsTakenBack(ctx, tx, act.ThemeID, c.Promised)
	if err != nil {
		return nil, err
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, ThemeID: act.ThemeID,
		Snapshot: models.Change{Undoes: act.ID, UndoneVerb: models.ThemeUpdated, Again: c.TakesBack(), Notify: c.Notify, Text: c.Text, Update: c.Update, Promised: promised}.Encode()}
	return made, t.db.Record(ctx, tx, a.By(), made)
}
