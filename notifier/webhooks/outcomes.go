package webhooks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// outcomeChunk suggestions are told of in one transaction, so that nobody waits long
// for it.
const outcomeChunk = 200

// owe notes, in the cursor's transaction, that the tickets behind a theme are to hear
// of its status, where anybody wants that. It costs the same whatever stands behind
// the theme. What staff announce to nobody is told to no ticket either.
func (h *Hooks) owe(ctx context.Context, tx *gorm.DB, es []models.WebhookEndpoint, act *models.Activity, c models.Change) error {
	wanted := slices.ContainsFunc(es, func(e models.WebhookEndpoint) bool { return act.Seq > e.SinceSeq && wants(&e, SuggestionOutcome) })
	if !wanted || c.After == nil || !c.Notify || c.Before != nil && c.Before.Says(*c.After) {
		return nil
	}
	if s := c.After.Status; s != models.StatusReceived && !s.IsSettable() {
		return nil
	}
	h.db.AfterCommit(ctx, func() { wake(h.told) })
	return tx.Exec("INSERT INTO webhook_fanouts (activity_id, theme_id, seq, run_at, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		act.ID, act.ThemeID, act.Seq, models.Milli(act.CreatedAt.Add(h.o.Settle)), h.db.Now()).Error
}

// tellSources does one chunk of what is due.
func (h *Hooks) tellSources(ctx context.Context) (busy bool, pause time.Duration, err error) {
	var next []models.WebhookFanout
	err = h.db.Read(ctx).Where("done_at IS NULL").Order("run_at, activity_id").Limit(1).Find(&next).Error
	if err != nil || len(next) == 0 {
		return false, 0, err
	}
	if pause = next[0].RunAt.Sub(h.db.Now()); pause > 0 {
		return false, pause, nil
	}
	if err := h.tellChunk(ctx, next[0]); err != nil {
		return false, 0, fmt.Errorf("tell sources of %s: %w", next[0].ActivityID, err)
	}
	return true, 0, nil
}

// tellChunk goes on where the last chunk stopped. It looks before it takes the lock of
// the writers, and gives way to who was faster.
func (h *Hooks) tellChunk(ctx context.Context, seen models.WebhookFanout) error {
	var act models.Activity
	if err := h.db.Read(ctx).First(&act, "id = ?", seen.ActivityID).Error; err != nil {
		return err
	}
	c, err := act.Change()
	if err != nil {
		return err
	}
	rows, err := ticketsOf(h.db.Read(ctx), &seen, &act)
	if err != nil {
		return err
	}
	return h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		rows := rows
		if err := h.db.Lock(tx, "webhook_outcomes:"+seen.ThemeID); err != nil {
			return err
		}
		var f models.WebhookFanout
		if err := tx.First(&f, "activity_id = ?", seen.ActivityID).Error; err != nil || f.DoneAt != nil || f.Cursor != seen.Cursor {
			return err
		}
		if over, err := h.overtaken(tx, &f, c); err != nil {
			return err
		} else if over {
			rows = nil
		}
		if err := h.tellRows(ctx, tx, &act, c, rows); err != nil {
			return err
		}
		f.Told += len(rows)
		if len(rows) < outcomeChunk {
			f.DoneAt = new(h.db.Now())
		} else {
			f.Cursor = rows[len(rows)-1].ID
		}
		return tx.Save(&f).Error
	})
}

// ticketsOf are the next suggestions that came from a ticket: of those that stand in
// the theme, and of those that stood there when its status changed.
func ticketsOf(tx *gorm.DB, f *models.WebhookFanout, act *models.Activity) ([]models.Suggestion, error) {
	const fields = "SELECT s.id, s.source, s.external_id, s.source_url, s.product FROM "
	const where = ` AND s.created_at <= @at AND s.confidential = FALSE AND (s.external_id <> '' OR s.source_url <> '') ORDER BY `
	args := map[string]any{"theme": f.ThemeID, "after": f.Cursor, "at": act.CreatedAt, "limit": outcomeChunk, "seq": act.Seq}
	var here, gone []models.Suggestion
	err := tx.Raw(fields+`suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id
		WHERE x.theme_id = @theme AND x.suggestion_id > @after`+where+`x.suggestion_id LIMIT @limit`, args).Scan(&here).Error
	if err != nil {
		return nil, err
	}
	err = tx.Raw(fields+`activities a JOIN moves m ON m.activity_id = a.id AND m.what = 'suggestion' JOIN suggestions s ON s.id = m.row_id
		WHERE a.seq > @seq AND a.verb IN ('theme.merged', 'theme.split', 'suggestion.assigned', 'activity.undone') AND m.from_theme = @theme
			AND m.row_id > @after`+where+`m.row_id LIMIT @limit`, args).Scan(&gone).Error
	rows := append(here, gone...)
	slices.SortFunc(rows, func(a, b models.Suggestion) int { return strings.Compare(a.ID, b.ID) })
	rows = slices.CompactFunc(rows, func(a, b models.Suggestion) bool { return a.ID == b.ID })
	return rows[:min(len(rows), outcomeChunk)], err
}

// overtaken: before anybody was told it was taken back, or something else was said.
// What one has begun to tell is told to all; the next change follows it.
func (h *Hooks) overtaken(tx *gorm.DB, f *models.WebhookFanout, c models.Change) (bool, error) {
	if f.Cursor != "" {
		return false, nil
	}
	var undone, later int64
	if err := tx.Model(&models.Activity{}).Where("id = ? AND undone_by <> ''", f.ActivityID).Count(&undone).Error; err != nil || undone > 0 {
		return undone > 0, err
	}
	err := tx.Model(&models.WebhookFanout{}).Where("theme_id = ? AND seq > ?", f.ThemeID, f.Seq).Count(&later).Error
	if err != nil || later > 0 {
		return later > 0, err
	}
	return h.backAgain(tx, f, c)
}

// backAgain: the theme stands where its tickets were told last that it stands, and
// what was said between was told to none.
func (h *Hooks) backAgain(tx *gorm.DB, f *models.WebhookFanout, c models.Change) (bool, error) {
	var before []models.WebhookFanout
	if err := tx.Where("theme_id = ? AND seq < ?", f.ThemeID, f.Seq).Order("seq DESC").Limit(20).Find(&before).Error; err != nil {
		return false, err
	}
	began := c.Before
	for _, b := range before {
		if b.Told > 0 {
			break
		}
		var act models.Activity
		if err := tx.Limit(1).Find(&act, "id = ?", b.ActivityID).Error; err != nil {
			return false, err
		}
		if earlier, err := act.Change(); err == nil && earlier.Before != nil {
			began = earlier.Before
		}
	}
	return began != nil && c.After != nil && began.Says(*c.After), nil
}

// tellRows makes the messages of one chunk.
func (h *Hooks) tellRows(ctx context.Context, tx *gorm.DB, act *models.Activity, c models.Change, rows []models.Suggestion) error {
	if len(rows) == 0 {
		return nil
	}
	es, err := endpoints(tx)
	if err != nil {
		return err
	}
	d, err := h.describe(tx, act, c)
	if err != nil {
		return err
	}
	var made []models.WebhookMessage
	for i := range es {
		e := &es[i]
		if act.Seq <= e.SinceSeq || !wants(e, SuggestionOutcome) {
			continue
		}
		for _, s := range rows {
			if e.Product != "" && e.Product != s.Product && !slices.Contains(d.products, e.Product) {
				continue
			}
			data := d.data
			data.Suggestion, data.URL = &Suggestion{ID: s.ID}, h.o.PublicURL+"/suggestions/"+s.ID
			data.Source, data.ExternalID, data.SourceURL, data.Status = s.Source, s.ExternalID, s.SourceURL, data.To
			data.From, data.To, data.Told = "", "", nil
			m, err := h.message(e, Payload{Type: SuggestionOutcome, Timestamp: act.CreatedAt.UTC(), Data: data}, act.ID+"/"+s.ID)
			if err != nil {
				return err
			}
			m.ThemeID, m.SuggestionID = act.ThemeID, s.ID
			made = append(made, m)
		}
	}
	return h.store(ctx, tx, made)
}
