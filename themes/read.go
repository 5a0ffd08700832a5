package themes

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

func contains(text, word string) bool { return word != "" && strings.Contains(text, word) }

// MaxPage is how many rows a list gives at most.
const MaxPage = 100

// Filter narrows a list of themes. Sort is "people" (default), "new" or
// "updated".
type Filter struct {
	Status models.Status
	Query  string
	Sort   string
	Public bool // only what is published, whoever asks
	Cursor string
	Limit  int
}

// List gives the live themes that the actor may see, and the cursor of the
// next page, "" at the end.
func (t *Themes) List(ctx context.Context, a auth.Actor, f Filter) ([]models.Theme, string, error) {
	q := t.db.Read(ctx).Where("merged_into = '' AND gone_at IS NULL")
	if f.Public || auth.Can(a, auth.ReadAll) != nil {
		q = q.Where("public = TRUE")
	}
	if f.Status != "" {
		if !f.Status.IsSettable() && f.Status != models.StatusCandidate && f.Status != models.StatusReceived {
			return nil, "", models.BadField("status", "status_unknown", string(f.Status))
		}
		q = q.Where("status = ?", f.Status)
	}
	if f.Query != "" {
		ids := t.search(ctx, a, f)
		if len(ids) == 0 {
			return []models.Theme{}, "", nil
		}
		q = q.Where("id IN ?", ids)
	}
	limit := page(f.Limit)
	col := map[string]string{"": "people_count", "people": "people_count", "new": "created_at", "updated": "updated_at"}[f.Sort]
	if col == "" {
		return nil, "", models.BadField("sort", "sort_unknown", f.Sort)
	}
	q, err := after(q, col, f.Cursor)
	if err != nil {
		return nil, "", err
	}
	ths := []models.Theme{}
	if err := q.Order(col + " DESC, id DESC").Limit(limit + 1).Find(&ths).Error; err != nil {
		return nil, "", fmt.Errorf("list themes: %w", err)
	}
	if len(ths) <= limit {
		return ths, "", nil
	}
	ths = ths[:limit]
	last := &ths[limit-1]
	key := strconv.Itoa(last.PeopleCount)
	switch col {
	case "created_at":
		key = strconv.FormatInt(last.CreatedAt.UnixMilli(), 10)
	case "updated_at":
		key = strconv.FormatInt(last.UpdatedAt.UnixMilli(), 10)
	}
	return ths, cursor(key, last.ID), nil
}

// search names the themes whose texts hold the words or mean the same, by the
// index.
func (t *Themes) search(ctx context.Context, a auth.Actor, f Filter) []string {
	v, vec := t.index.ask(ctx, "", f.Query)
	found := v.index.Match(dedup.Query{Text: f.Query, Vector: vec, Limit: 2 * MaxPage, PublicOnly: f.Public || auth.Can(a, auth.ReadAll) != nil})
	ids := make([]string, 0, len(found))
	for _, c := range found {
		ids = append(ids, c.Theme)
	}
	return ids
}

func page(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, MaxPage)
}

func cursor(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + " " + id))
}

// after continues a list ordered by col and id, both falling.
func after(q *gorm.DB, col, c string) (*gorm.DB, error) {
	if c == "" {
		return q, nil
	}
	key, id, err := uncursor(c)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return nil, models.BadField("cursor", "cursor_unreadable")
	}
	var v any = n
	if col != "people_count" {
		v = fromMillis(n)
	}
	return q.Where("("+col+", id) < (?, ?)", v, id), nil
}

func uncursor(c string) (key, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return "", "", models.BadField("cursor", "cursor_unreadable")
	}
	key, id, ok := strings.Cut(string(b), " ")
	if !ok {
		return "", "", models.BadField("cursor", "cursor_unreadable")
	}
	return key, id, nil
}

// Activities gives the change feed after a sequence number, oldest first: all
// of it, or one theme's or suggestion's.
func (t *Themes) Activities(ctx context.Context, a auth.Actor, after int64, theme string, limit int) ([]models.Activity, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	q := t.db.Read(ctx).Where("seq > ?", after)
	if theme != "" {
		q = q.Where("theme_id = ?", theme)
	}
	acts := []models.Activity{}
	if err := q.Order("seq").Limit(page(limit)).Find(&acts).Error; err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	return acts, nil
}

// Timeline gives what happened to a theme, newest first.
func (t *Themes) Timeline(ctx context.Context, a auth.Actor, theme string, limit int) ([]models.Activity, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	acts := []models.Activity{}
	err := t.db.Read(ctx).Where("theme_id = ?", theme).Order("seq DESC").Limit(page(limit)).Find(&acts).Error
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	return acts, nil
}

// Suggestions gives what stands in a theme but for echoes, newest first.
func (t *Themes) Suggestions(ctx context.Context, a auth.Actor, theme string, limit int) ([]models.Suggestion, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	rows := []models.Suggestion{}
	err := t.db.Read(ctx).Joins("JOIN suggestion_themes x ON x.suggestion_id = suggestions.id").Where("x.theme_id = ? AND suggestions.echo_of = ''", theme).
		Order("x.suggestion_id DESC").Limit(page(limit)).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("suggestions of a theme: %w", err)
	}
	return rows, nil
}

// Of lists the live themes a suggestion stands in.
func (t *Themes) Of(ctx context.Context, suggestion string) ([]models.Theme, error) {
	return themesOf(t.db.Read(ctx), suggestion)
}
