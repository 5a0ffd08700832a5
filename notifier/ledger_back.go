package notifier

import "github.com/heedhq/heed/models"

// settleWith compares the chunk with the theme's other events: who is back at
// the status they know hears nothing, and of several changes that wait the
// last is told.
func (c *chunk) settleWith(events []models.FollowUpEvent) error {
	mine, err := readSnapshot(c.e)
	if err != nil {
		return err
	}
	older, newer, other, same, began := []string{}, []string{}, []string{}, []string{}, []string{}
	for _, e := range events {
		s, err := readSnapshot(e)
		if err != nil {
			return err
		}
		if e.Rev > c.e.Rev {
			newer = append(newer, e.ID)
			continue
		}
		older = append(older, e.ID)
		if s.facts().Says(mine.facts()) {
			same = append(same, e.ID)
		} else {
			other = append(other, e.ID)
		}
		if s.leaves(mine) {
			began = append(began, e.ID)
		}
	}
	args := c.args()
	args["older"], args["newer"], args["other"], args["same"], args["began"] = older, newer, other, same, began
	for _, back := range []struct {
		asked bool
		rule  string
	}{{len(other) > 0, backAtTheKnown}, {mine.Undo, backUnheard}} {
		if back.asked && len(same)+len(began) > 0 {
			if err := c.tx.Exec(back.rule, args).Error; err != nil {
				return err
			}
		}
	}
	if len(older) > 0 {
		err = c.tx.Exec(`UPDATE follow_up_items SET skip_reason = 'superseded' WHERE event_id IN @older AND person_id IN
			(SELECT x.person_id FROM follow_up_items x WHERE x.event_id = @event AND x.person_id > @from AND x.person_id <= @to)
			AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = ''`, args).Error
	}
	if err == nil && len(newer) > 0 { // a later event was faster
		err = c.tx.Exec(`UPDATE follow_up_items SET skip_reason = 'superseded' WHERE event_id = @event AND person_id > @from AND person_id <= @to
			AND delivery_id = '' AND skip_reason = '' AND EXISTS (SELECT 1 FROM follow_up_items x
				WHERE x.person_id = follow_up_items.person_id AND x.event_id IN @newer)`, args).Error
	}
	return err
}

// isBack marks the rows of the chunk whose people have nothing to hear: the theme is again
// what they know.
const isBack = `UPDATE follow_up_items SET skip_reason = 'unchanged'
	WHERE event_id = @event AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = '' `

// backAtTheKnown: a change to something else still waits for the person
// (@other), and what they were told last – or, never told, where the first
// waiting change began – is where the theme now is again.
const backAtTheKnown = isBack + `AND EXISTS (SELECT 1 FROM follow_up_items x WHERE x.event_id IN @other AND x.person_id = follow_up_items.person_id
		AND x.delivery_id = '' AND x.skip_reason = '')
	AND CASE WHEN EXISTS (` + before + `AND ` + wasTold + `) THEN ` + toldLast + ` IN @same
		ELSE COALESCE((` + before + `AND x.delivery_id = '' AND x.skip_reason IN ('', 'superseded')
			AND y.rev > COALESCE((SELECT MAX(y2.rev) FROM follow_up_items x2 JOIN follow_up_events y2 ON y2.id = x2.event_id
				WHERE x2.person_id = follow_up_items.person_id AND x2.theme_id = @theme AND y2.kind = @kind AND y2.rev < @rev
				AND (x2.delivery_id <> '' OR x2.skip_reason NOT IN ('', 'superseded'))), 0)
			ORDER BY y.rev LIMIT 1), '') IN @began END`

// backUnheard: an undo brings back what the person was told last, or what they were last
// kept from by choice, or, told nothing ever, where the theme was before the first change
// they were there for. What it takes back they never heard of, so there is nothing to say.
// While older changes are still written down nobody knows what that was.
const backUnheard = isBack + `AND NOT EXISTS (SELECT 1 FROM fanouts f JOIN follow_up_events o ON o.id = f.event_id
		WHERE o.theme_id = @theme AND o.kind = @kind AND o.rev < @rev AND f.done_at IS NULL)
	AND (` + toldLast + ` IN @same
		OR COALESCE((` + before + `AND (` + wasTold + ` OR x.delivery_id = '' AND (y.recalled_at IS NOT NULL OR x.skip_reason = 'quiet'))
			ORDER BY y.rev DESC LIMIT 1), '') IN @same
		OR NOT EXISTS (` + before + `AND ` + wasTold + `) AND COALESCE((` + before + `ORDER BY y.rev LIMIT 1), '') IN @began)`

const (
	// before are the theme's earlier changes (x, y) that the person was there for.
	before = `SELECT x.event_id FROM follow_up_items x JOIN follow_up_events y ON y.id = x.event_id LEFT JOIN deliveries d ON d.id = x.delivery_id
		WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND y.kind = @kind AND y.rev < @rev `
	wasTold = `(x.skip_reason = 'channel' OR x.told_at IS NOT NULL
		OR x.delivery_id <> '' AND d.state NOT IN ('failed', 'expired', 'skipped', 'cancelled'))`
	toldLast = `COALESCE((` + before + `AND ` + wasTold + ` ORDER BY y.rev DESC LIMIT 1), '')`
)
