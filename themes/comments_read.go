package themes

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// below narrows what has a theme_id to a theme and all that went into it. Of those that
// went, whoever may not read all sees what was published: nothing becomes public by a
// merge.
func below(tx *gorm.DB, a auth.Actor, theme string) *gorm.DB {
	seen := ""
	if auth.Can(a, auth.ReadAll) != nil {
		seen = " WHERE f.id = @theme OR h.public = TRUE"
	}
	return tx.Where(`theme_id IN (`+families+`SELECT f.id FROM family f JOIN themes h ON h.id = f.id`+seen+`)`, map[string]any{"ids": []string{theme}, "theme": theme})
}

// Talk is a page of what is said below a theme, newest first. Names has whom answers
// answer, by the id of the comment, as far as that can be seen. Next is the cursor of
// older ones, "" at the end.
type Talk struct {
	Comments []models.Comment
	Names    map[string]string
	Next     string
}

// Comments lists what is to be seen below a theme, and below those that went into it,
// newest first. cursor is Next of the page before; limit is 50, at most 100. Of a theme
// that is not published it needs auth.ReadAll. Invalid cursor_unreadable.
func (t *Themes) Comments(ctx context.Context, a auth.Actor, theme, cursor string, limit int) (Talk, error) {
	out := Talk{Comments: []models.Comment{}, Names: map[string]string{}}
	th, err := t.Get(ctx, a, theme)
	if err != nil {
		return out, err
	}
	limit = page(limit)
	visible := func() *gorm.DB {
		return below(t.db.Read(ctx), a, th.ID).Where("state = ?", models.CommentVisible)
	}
	q := visible()
	if cursor != "" {
		if !models.IsID(models.PrefixComment, cursor) {
			return out, models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", cursor)
	}
	if err := q.Order("id DESC").Limit(limit + 1).Find(&out.Comments).Error; err != nil {
		return out, fmt.Errorf("read comments: %w", err)
	}
	if len(out.Comments) > limit {
		out.Comments = out.Comments[:limit]
		out.Next = out.Comments[limit-1].ID
	}
	var answered []string
	for _, c := range out.Comments {
		if c.ReplyTo != "" && !slices.Contains(answered, c.ReplyTo) {
			answered = append(answered, c.ReplyTo)
		}
	}
	if len(answered) == 0 {
		return out, nil
	}
	var to []models.Comment
	if err := visible().Select("id", "name").Find(&to, "id IN ?", answered).Error; err != nil {
		return out, fmt.Errorf("read comments: %w", err)
	}
	for _, c := range to {
		out.Names[c.ID] = c.Name
	}
	return out, nil
}

// WaitingComments lists what waits for moderation, the oldest first, with the names
// of the themes. Needs auth.Reply.
func (t *Themes) WaitingComments(ctx context.Context, a auth.Actor) ([]models.Comment, map[string]models.Theme, error) {
	if err := auth.Can(a, auth.Reply); err != nil {
		return nil, nil, err
	}
	cs := []models.Comment{}
	if err := t.db.Read(ctx).Where("state = ?", models.CommentWaiting).Order("id").Limit(MaxPage).Find(&cs).Error; err != nil {
		return nil, nil, fmt.Errorf("read comments: %w", err)
	}
	ids := []string{}
	for _, c := range cs {
		if !slices.Contains(ids, c.ThemeID) {
			ids = append(ids, c.ThemeID)
		}
	}
	named, err := t.Live(ctx, a, ids)
	return cs, named, err
}
