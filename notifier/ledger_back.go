package notifier

import "github.com/heedhq/heed/models"

// settleWith compares the chunk with the theme's earlier changes: who is back at what they
// know hears nothing, and of several changes that wait the last is told.
func (c *chunk) settleWith(events []models.FollowUpEvent) error {
	mine, err := readSnapshot(c.e)
	if err != nil {
		return err
	}
	older, began := []string{}, []string{}
	for _, e := range events {
		s, err := readSnapshot(e)
		if err != nil {
			return err
		}
		if e.Rev > c.e.Rev {
			continue
		}
		older = append(older, e.ID)
		if s.leaves(mine) {
			began = append(began, e.ID)
		}
	}
	args := c.args()
	args["older"], args["began"], args["undo"] = older, began, mine.Undo
	if len(began) > 0 {
		if err := c.tx.Exec(isBack, args).Error; err != nil {
			return err
		}
	}
	return c.tx.Exec(`UPDATE follow_up_items SET skip_reason = 'superseded' WHERE event_id IN @older AND person_id IN
		(SELECT x.person_id FROM follow_up_items x WHERE x.event_id = @event AND x.person_id > @from AND x.person_id <= @to)
		AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = ''`, args).Error
}

// isBack: the first change that the person was not told of – or, where this one is an undo, was
// not kept from by choice either (recalled, cancelled, told quietly) – began where the theme now is again (@began), and is taken
// back or waits. So there is nothing to say.
const (
	isBack = `UPDATE follow_up_items SET skip_reason = 'unchanged'
		WHERE event_id = @event AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason IN ('', 'no_channel')
		AND (@undo OR EXISTS (` + before + `AND x.delivery_id = '' AND (x.skip_reason = '' OR x.skip_reason = 'no_channel' AND x.told_at IS NULL)))
		AND (` + firstAfter + wasTold + `), 0) ORDER BY y.rev LIMIT 1), '') IN @began
			OR @undo AND ` + firstAfter + `(` + wasTold + ` OR x.delivery_id = '' AND (y.recalled_at IS NOT NULL OR x.skip_reason = 'quiet') OR d.state = 'cancelled')), 0) ORDER BY y.rev LIMIT 1), '') IN @began)`
	// before are the theme's earlier changes (x, y) that the person was there for.
	before     = `SELECT x.event_id ` + changes
	firstAfter = `COALESCE((` + before + `AND y.rev > COALESCE((SELECT MAX(y.rev) ` + changes + `AND `
	changes    = `FROM follow_up_items x JOIN follow_up_events y ON y.id = x.event_id LEFT JOIN deliveries d ON d.id = x.delivery_id
		WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND y.kind = @kind AND y.rev < @rev `
	wasTold = `(x.skip_reason = 'channel' OR x.told_at IS NOT NULL
		OR x.delivery_id <> '' AND d.state NOT IN ('failed', 'expired', 'skipped', 'cancelled'))`
)
