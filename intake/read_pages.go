package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/width"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Reads that pages need and no program asks for.

// Sought narrows the inbox. EchoOf names one of which the echoes are given instead,
// wherever they stand.
type Sought struct {
	EchoOf string
	Kind   string
	Source string
	// Team is a team's key, Mine the actor's own and what is everybody's, "" any.
	Team    string
	Urgency string
	// Due gives instead, whatever became of them, those that are owed a first reply,
	// the soonest due first.
	Due    bool
	Query  string
	Cursor string // the id of the last one given
	Limit  int
	mine   []string
}

// Mine names, as a team, the actor's own teams and what is everybody's.
const Mine = "mine"

// SourceCount is how many suggestions of a source wait.
type SourceCount struct {
	Source string
	Count  int
}

// Desk is a page of the inbox. Total counts what is sought, beyond the page
// too; Handled what was decided in the last seven days.
type Desk struct {
	Rows    []models.Suggestion
	Next    string
	Total   int64
	Sources []SourceCount
	Handled int64
}

// atDesk: it stands in no confirmed theme, nobody closed it, and it is no echo.
func (in *Intake) atDesk(ctx context.Context, a auth.Actor) *gorm.DB {
	return guarded(a, in.db.Read(ctx).Model(&models.Suggestion{}).Where("waiting = TRUE AND echo_of = ''"))
}

// Inbox counts what waits for a decision.
func (in *Intake) Inbox(ctx context.Context, a auth.Actor) (int64, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return 0, err
	}
	var n int64
	err := in.atDesk(ctx, a).Count(&n).Error
	return n, err
}

// cursorStands fails with the code where the suggestion at which a list went on is erased:
// without it the rest would be left out in silence.
func (in *Intake) cursorStands(ctx context.Context, cursor, code string) error {
	err := in.db.Read(ctx).Select("id").First(&models.Suggestion{}, "id = ?", cursor).Error
	if models.IsNotFound(err) {
		return models.BadField("cursor", code)
	}
	if err != nil {
		return fmt.Errorf("read cursor: %w", err)
	}
	return nil
}

// Desk gives a page of what waits: emergencies before all of it, then newest first.
func (in *Intake) Desk(ctx context.Context, a auth.Actor, f Sought) (Desk, error) {
	var d Desk
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return d, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.Team == Mine {
		var err error
		if f.mine, err = in.MyTeams(ctx, a); err != nil {
			return d, err
		}
	}
	narrowed := func() (*gorm.DB, error) { return in.sought(ctx, a, f) }
	q, err := narrowed()
	if err != nil {
		return d, err
	}
	if err := q.Count(&d.Total).Error; err != nil {
		return d, fmt.Errorf("count inbox: %w", err)
	}
	if f.Cursor != "" && !models.IsID(models.PrefixSuggestion, f.Cursor) {
		return d, models.BadField("cursor", "cursor_unreadable")
	}
	if f.Cursor != "" && f.Due { // where the list stood is a row, which may have been erased
		if err := in.cursorStands(ctx, f.Cursor, "cursor_unreadable"); err != nil {
			return d, err
		}
	}
	if q, err = narrowed(); err != nil {
		return d, err
	}
	if err := f.after(q).Where("confidential = FALSE").Limit(f.Limit + 1).Find(&d.Rows).Error; err != nil {
		return d, fmt.Errorf("read inbox: %w", err)
	}
	if len(d.Rows) > f.Limit {
		d.Rows = d.Rows[:f.Limit]
		d.Next = d.Rows[f.Limit-1].ID
	}
	if f.Cursor == "" { // emergencies stand on top, whatever came since
		var first []models.Suggestion
		if q, err = narrowed(); err != nil {
			return d, err
		}
		if err := q.Where("confidential = TRUE").Order("id DESC").Limit(f.Limit).Find(&first).Error; err != nil {
			return d, fmt.Errorf("read inbox: %w", err)
		}
		d.Rows = append(first, d.Rows...)
	}
	if err := in.atDesk(ctx, a).Select("source, COUNT(*) AS count").Group("source").Order("count DESC, source").Scan(&d.Sources).Error; err != nil {
		return d, fmt.Errorf("count sources: %w", err)
	}
	if len(d.Rows) == 0 {
		err = guarded(a, in.db.Read(ctx).Model(&models.Suggestion{})).
			Where("waiting = FALSE AND updated_at > ?", in.db.Now().Add(-7*24*time.Hour)).Count(&d.Handled).Error
	}
	return d, err
}

// after orders what is found, from the cursor on.
func (f Sought) after(q *gorm.DB) *gorm.DB {
	switch {
	case f.Due && f.Cursor != "":
		return q.Order("reply_due_at, id").Where("(reply_due_at, id) > (SELECT reply_due_at, id FROM suggestions WHERE id = ?)", f.Cursor)
	case f.Due:
		return q.Order("reply_due_at, id")
	case f.Cursor != "":
		return q.Order("id DESC").Where("id < ?", f.Cursor)
	}
	return q.Order("id DESC")
}

func (in *Intake) sought(ctx context.Context, a auth.Actor, f Sought) (*gorm.DB, error) {
	q := in.atDesk(ctx, a)
	if f.EchoOf != "" {
		q = guarded(a, in.db.Read(ctx).Model(&models.Suggestion{}).Where("echo_of = ? AND echo_of <> ''", f.EchoOf))
	}
	if f.Due {
		q = guarded(a, in.db.Read(ctx).Model(&models.Suggestion{}).Where("first_replied_at IS NULL AND reply_due_at IS NOT NULL AND "+owedStates))
	}
	switch f.Team {
	case "":
	case Mine:
		q = q.Where("team IN ?", append([]string{""}, f.mine...))
	default:
		q = q.Where("team = ?", f.Team)
	}
	if f.Urgency != "" {
		u, err := ParseUrgency(f.Urgency)
		if err != nil {
			return nil, err
		}
		q = q.Where("urgency = ?", u)
	}
	if f.Kind != "" {
		kind, err := ParseKind(f.Kind)
		if err != nil {
			return nil, err
		}
		q = q.Where("kind = ?", kind)
	}
	if f.Source != "" {
		q = q.Where("source = ?", f.Source)
	}
	if f.Query != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(f.Query)) + "%"
		q = q.Where(`(LOWER(text) LIKE ? ESCAPE '\' OR LOWER(title) LIKE ? ESCAPE '\')`, like, like)
	}
	return q, nil
}

// Stack gives what waits with a suggestion because it is likely the same: what
// stands in, or is likely to belong to, the candidate or theme named; newest
// first, at most limit. What asks for several things is no part of a stack.
func (in *Intake) Stack(ctx context.Context, a auth.Actor, theme string, limit int) ([]models.Suggestion, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	rows := []models.Suggestion{}
	err := in.atDesk(ctx, a).Where(`((themes_count = 0 AND likely_theme = ? AND asks IN ('', 'null', '[]')) OR id IN (SELECT suggestion_id FROM suggestion_themes WHERE theme_id = ?))`, theme, theme).
		Order("id DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read stack: %w", err)
	}
	return rows, nil
}

// Neighbours names what stands before and after a suggestion in the inbox, ""
// at its ends.
func (in *Intake) Neighbours(ctx context.Context, a auth.Actor, id string) (newer, older string, err error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return "", "", err
	}
	if err := in.atDesk(ctx, a).Where("id > ?", id).Order("id").Limit(1).Pluck("id", &newer).Error; err != nil {
		return "", "", fmt.Errorf("read neighbours: %w", err)
	}
	if err := in.atDesk(ctx, a).Where("id < ?", id).Order("id DESC").Limit(1).Pluck("id", &older).Error; err != nil {
		return "", "", fmt.Errorf("read neighbours: %w", err)
	}
	return newer, older, nil
}

// ByReceipt gives the suggestion that a receipt code names: who has the code
// may ask. It is read as people type it: small letters, spaces, without the dash.
func (in *Intake) ByReceipt(ctx context.Context, code string) (Filed, error) {
	var row models.Suggestion
	res := in.db.Read(ctx).Where("receipt = ?", receiptForm(code)).Limit(1).Find(&row)
	if res.Error != nil {
		return Filed{}, fmt.Errorf("read suggestion: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return Filed{}, models.Fail(models.NotFound, "suggestion_not_found")
	}
	return in.filed(ctx, row)
}

// receiptForm is a code as it is stored.
func receiptForm(code string) string {
	code = strings.Map(func(r rune) rune {
		if strings.ContainsRune(receiptAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(width.Narrow.String(code)))
	if len(code) != 10 {
		return "none" // looked up all the same: the answer takes as long
	}
	return code[:5] + "-" + code[5:]
}

// Opened gives the suggestion that the actor opened by its receipt, or has just
// filed. NotFound suggestion_not_found.
func (in *Intake) Opened(ctx context.Context, a auth.Actor) (Filed, error) {
	if a.Opened == "" {
		return Filed{}, models.Fail(models.NotFound, "suggestion_not_found")
	}
	s, err := in.seen(ctx, a, a.Opened)
	if err != nil {
		return Filed{}, err
	}
	return in.filed(ctx, *s)
}

// Found is what was masked in a suggestion, its thread and its files, for who may
// see it.
func (in *Intake) Found(ctx context.Context, a auth.Actor, id string) ([]models.Finding, error) {
	if _, err := in.seen(ctx, a, id); err != nil {
		return nil, err
	}
	out := []models.Finding{}
	if err := in.db.Read(ctx).Order("n").Find(&out, "suggestion_id = ?", id).Error; err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return out, nil
}
