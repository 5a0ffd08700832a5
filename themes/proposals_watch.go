package themes

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	watchCursor = "proposals"
	watchEvery  = time.Second
	watchMost   = 5000 // activities at a time
)

// watch reads the activities and withdraws the proposals that what happened takes
// the ground from. Whoever lists or accepts looks again, so a moment's delay
// shows in a number at most.
func (t *Themes) watch(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := t.db.Consume(ctx, watchCursor, watchMost, t.reconsider)
		if err != nil && ctx.Err() == nil {
			slog.Error("proposals: read activities", "error", err)
		}
		if n < watchMost {
			pause(ctx, watchEvery)
		}
	}
}

// reconsider looks again at the open proposals about themes that something
// happened to.
func (t *Themes) reconsider(_ context.Context, tx *gorm.DB, acts []models.Activity) error {
	var open int
	if err := tx.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM proposals WHERE state = 'open' LIMIT 1) x").Scan(&open).Error; err != nil || open == 0 {
		return err
	}
	touched, moved := map[string]bool{}, []string{}
	for i := range acts {
		a := &acts[i]
		c, err := a.Change()
		if err != nil {
			return err
		}
		touched[a.ThemeID], touched[c.Into] = true, true
		switch a.Verb {
		case models.SuggestionAssigned, models.ThemeMerged, models.ThemeSplit, models.ActivityUndone:
			moved = append(moved, a.ID)
		}
	}
	for from := 0; from < len(moved); from += 500 {
		var ids []string
		if err := tx.Raw("SELECT from_theme FROM moves WHERE activity_id IN @a UNION SELECT to_theme FROM moves WHERE activity_id IN @a",
			map[string]any{"a": moved[from:min(from+500, len(moved))]}).Scan(&ids).Error; err != nil {
			return err
		}
		for _, id := range ids {
			touched[id] = true
		}
	}
	delete(touched, "")
	var gone []string
	for some := range slices.Chunk(slices.Sorted(maps.Keys(touched)), 500) {
		var open []models.Proposal
		if err := tx.Find(&open, "state = ? AND (theme_id IN ? OR other_id <> '' AND other_id IN ?)", models.ProposalOpen, some, some).Error; err != nil {
			return err
		}
		still, err := t.weigh(tx, open...)
		if err != nil {
			return err
		}
		for i, p := range still {
			if p == nil {
				gone = append(gone, open[i].ID)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return t.takeAway(tx, gone)
}
