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
	older, newer, other, told, began, same := []string{}, []string{}, []string{}, []string{}, []string{}, []string{}
	for _, e := range events {
		s, err := readSnapshot(e)
		switch {
		case err != nil:
			return err
		case e.Rev > c.e.Rev:
			newer = append(newer, e.ID)
			continue
		case s.To == mine.To:
			told = append(told, e.ID)
		default:
			other = append(other, e.ID)
		}
		older = append(older, e.ID)
		if s.From == mine.To {
			began = append(began, e.ID)
		}
		if s.facts().Says(mine.facts()) {
			same = append(same, e.ID)
		}
	}
	args := c.args()
	args["older"], args["newer"], args["other"], args["told"], args["began"], args["same"] = older, newer, other, told, began, same
	if len(other) > 0 && len(told)+len(began) > 0 {
		if err := c.tx.Exec(backAtTheKnown, args).Error; err != nil {
			return err
		}
	}
	if mine.Undo && len(same)+len(began) > 0 {
		if err := c.tx.Exec(backUnheard, args).Error; err != nil {
			return err
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

// backAtTheKnown: a change to something else still waits for the person
// (@other), and what they were told last – or, never told, where the first
// waiting change began – is where the theme now is again.
const backAtTheKnown = `UPDATE follow_up_items SET skip_reason = 'unchanged'
	WHERE event_id = @event AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = ''
	AND EXISTS (SELECT 1 FROM follow_up_items x WHERE x.event_id IN @other AND x.person_id = follow_up_items.person_id
		AND x.delivery_id = '' AND x.skip_reason = '')
	AND COALESCE(
		(SELECT CASE WHEN x.event_id IN @told THEN 1 ELSE 0 END FROM follow_up_items x
			JOIN follow_up_events y ON y.id = x.event_id JOIN deliveries d ON d.id = x.delivery_id
			WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND y.kind = @kind AND y.rev < @rev
			AND d.state NOT IN ('failed', 'expired', 'skipped', 'cancelled')
			ORDER BY y.rev DESC LIMIT 1),
		(SELECT CASE WHEN x.event_id IN @began THEN 1 ELSE 0 END FROM follow_up_items x JOIN follow_up_events y ON y.id = x.event_id
			WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND y.kind = @kind AND y.rev < @rev
			AND x.delivery_id = '' AND x.skip_reason IN ('', 'superseded')
			AND y.rev > COALESCE((SELECT MAX(y2.rev) FROM follow_up_items x2 JOIN follow_up_events y2 ON y2.id = x2.event_id
				WHERE x2.person_id = follow_up_items.person_id AND x2.theme_id = @theme AND y2.kind = @kind AND y2.rev < @rev
				AND (x2.delivery_id <> '' OR x2.skip_reason NOT IN ('', 'superseded'))), 0)
			ORDER BY y.rev LIMIT 1), 0) = 1`

// backUnheard: an undo brings back what the person was told last, or what they were last
// kept from by choice, or, told nothing ever, where the theme was before the first change
// they were there for. What it takes back they never heard of, so there is nothing to say.
const backUnheard = `UPDATE follow_up_items SET skip_reason = 'unchanged'
	WHERE event_id = @event AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = ''
	AND (COALESCE((` + lastOf + `AND ` + wasTold + ` ORDER BY y.rev DESC LIMIT 1), '') IN @same
		OR COALESCE((` + lastOf + `AND (` + wasTold + ` OR x.skip_reason IN ('recalled', 'quiet')) ORDER BY y.rev DESC LIMIT 1), '') IN @same
		OR NOT EXISTS (` + lastOf + `AND ` + wasTold + `)
			AND COALESCE((` + lastOf + `ORDER BY y.rev LIMIT 1), '') IN @began)`

const (
	lastOf = `SELECT x.event_id FROM follow_up_items x JOIN follow_up_events y ON y.id = x.event_id LEFT JOIN deliveries d ON d.id = x.delivery_id
		WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND y.kind = @kind AND y.rev < @rev `
	wasTold = `x.delivery_id <> '' AND d.state NOT IN ('failed', 'expired', 'skipped', 'cancelled')`
)
