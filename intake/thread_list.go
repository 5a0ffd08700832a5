package intake

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Talk is a suggestion with the last word of its thread.
type Talk struct {
	Suggestion models.Suggestion
	Last       models.Message
}

// Talks lists the threads in which something was said, the latest first, and the
// cursor of the next page, "" at the end. waiting leaves those out in which staff
// had the last word, and what is closed.
func (in *Intake) Talks(ctx context.Context, a auth.Actor, waiting bool, cursor string, limit int) ([]Talk, string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	q := in.db.Read(ctx).Table("messages").Select("messages.*").Joins("JOIN suggestions s ON s.id = messages.suggestion_id").
		Where("messages.id = (SELECT MAX(x.id) FROM messages x WHERE x.suggestion_id = messages.suggestion_id)")
	if auth.Can(a, auth.ReadGuarded) != nil {
		q = q.Where("s.confidential = FALSE")
	}
	if waiting {
		q = q.Where("messages.author = ? AND s.state <> ?", models.AuthorPerson, models.StateClosed)
	}
	if cursor != "" {
		if !models.IsID(models.PrefixMessage, cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("messages.id < ?", cursor)
	}
	var last []models.Message
	if err := q.Order("messages.id DESC").Limit(limit + 1).Find(&last).Error; err != nil {
		return nil, "", fmt.Errorf("list threads: %w", err)
	}
	next := ""
	if len(last) > limit {
		last = last[:limit]
		next = last[limit-1].ID
	}
	ids := make([]string, len(last))
	for i, m := range last {
		ids[i] = m.SuggestionID
	}
	var rows []models.Suggestion
	if len(ids) > 0 {
		if err := in.db.Read(ctx).Find(&rows, "id IN ?", ids).Error; err != nil {
			return nil, "", fmt.Errorf("list threads: %w", err)
		}
	}
	of := map[string]models.Suggestion{}
	for _, s := range rows {
		of[s.ID] = s
	}
	out := make([]Talk, 0, len(last))
	for _, m := range last {
		out = append(out, Talk{Suggestion: of[m.SuggestionID], Last: m})
	}
	return out, next, nil
}
