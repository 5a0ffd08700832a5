package notifier

import (
	"context"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// recallWait is how long RecallActivity waits for the events of something that was done
// a moment ago: they are made by the cursor, not by whoever did it.
const recallWait = 2 * time.Second

// RecallActivity is Recall of what an activity has people told: of a release, of each
// of its themes. Needs auth.Announce. Conflict recall_nothing where nobody is told of it.
func (n *Notifier) RecallActivity(ctx context.Context, a auth.Actor, activity string) (Recalled, error) {
	all := Recalled{Done: true}
	if err := auth.Can(a, auth.Announce); err != nil {
		return all, err
	}
	events, err := n.eventsOf(ctx, activity)
	for until := time.Now().Add(recallWait); err == nil && len(events) == 0 && activity != "" && time.Now().Before(until); {
		select {
		case <-ctx.Done():
			return all, ctx.Err()
		case <-time.After(recallWait / 20):
		}
		events, err = n.eventsOf(ctx, activity)
	}
	if err != nil {
		return all, wrapLedger("recall", err)
	}
	if len(events) == 0 {
		return all, models.Fail(models.Conflict, "recall_nothing")
	}
	for _, event := range events {
		one, err := n.Recall(ctx, a, event)
		if err != nil {
			return all, err
		}
		all.Held, all.Sent, all.Done = all.Held+one.Held, all.Sent+one.Sent, all.Done && one.Done
	}
	return all, nil
}

func (n *Notifier) eventsOf(ctx context.Context, activity string) (ids []string, err error) {
	return ids, n.db.Read(ctx).Raw("SELECT id FROM follow_up_events WHERE theme_id <> '' AND (activity_id = @act OR bulk_id <> '' AND bulk_id = @act) ORDER BY id", map[string]any{"act": activity}).Scan(&ids).Error
}
