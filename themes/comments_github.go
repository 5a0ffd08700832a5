package themes

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// heldGitHub: it was written for another audience, on the theme's issue.
const heldGitHub = "github"

// Overhear takes what somebody wrote on a theme's issue as a comment that nobody sees until
// staff shows it. Secrets are masked, and what is too long is cut. Needs auth.LinkIssue.
func (t *Themes) Overhear(ctx context.Context, a auth.Actor, theme, name, text string) (*models.Comment, error) {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return nil, err
	}
	var c *models.Comment
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, err := t.held(tx, theme)
		if err != nil {
			return err
		}
		now := t.db.Now()
		c = &models.Comment{ID: models.NewID(models.PrefixComment), ThemeID: th.ID, Name: name, Text: t.overheard(text), State: models.CommentWaiting, HeldFor: heldGitHub,
			ActivityID: models.NewID(models.PrefixActivity), CreatedAt: now, UpdatedAt: now}
		c.Lang = dedup.Language(c.Text)
		if err := tx.Create(c).Error; err != nil {
			return fmt.Errorf("overhear: %w", err)
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{ID: c.ActivityID, Verb: models.CommentAdded, ThemeID: th.ID,
			Snapshot: models.Change{Comment: &models.CommentStep{ID: c.ID, To: c.State}}.Encode()})
	})
	return c, err
}

// Reword replaces the text of a comment that was overheard, because it was edited there; one
// that staff had shown waits for them again. A text of "" removes it.
func (t *Themes) Reword(ctx context.Context, a auth.Actor, id, text string) error {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return err
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var c models.Comment
		if err := t.db.Hold(tx).Limit(1).Find(&c, "id = ? AND held_for = ?", id, heldGitHub).Error; err != nil {
			return fmt.Errorf("reword: %w", err)
		}
		var to models.CommentState
		switch {
		case c.ID == "" || c.State == models.CommentRemoved:
			return nil
		case text == "":
			to = models.CommentRemoved
		default:
			if text = t.overheard(text); text == c.Text {
				return nil
			}
			to = models.CommentWaiting
			if err := tx.Model(&c).Updates(map[string]any{"text": text, "lang": dedup.Language(text)}).Error; err != nil {
				return fmt.Errorf("reword: %w", err)
			}
		}
		if to == c.State {
			return nil // it waits already
		}
		return t.stepComment(ctx, tx, a, &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.CommentSettled}, &c, to, models.Change{})
	})
}

// overheard is a text as it may be kept here.
func (t *Themes) overheard(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r", ""))
	if t.opts.Mask != nil {
		text = t.opts.Mask(text)
	}
	if r := []rune(text); len(r) > MaxComment {
		text = string(r[:MaxComment-1]) + "…"
	}
	return text
}
