package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// sweepBatch is how many clocks one sweep tells of: one transaction, one mail a member.
const (
	sweepBatch = 2000
	sweepChunk = 400 // rows of one statement
)

// TickClocks is the cron job sla: it tells of first replies that are nearly late, and
// of those that are, each once for its due time. Whatever was missed while Heed was
// down is told in its last state: late, and not first nearly so.
func (in *Intake) TickClocks(ctx context.Context, _ models.Job) error {
	if _, err := in.rewind(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		n, err := in.sweepClocks(ctx)
		if err != nil {
			return fmt.Errorf("sweep clocks: %w", err)
		}
		if n < sweepBatch {
			return nil
		}
	}
	return ctx.Err()
}

// sweepClocks takes one batch, and gives how many it held.
func (in *Intake) sweepClocks(ctx context.Context) (n int, err error) {
	due := func(db *gorm.DB) *gorm.DB {
		return db.Where("first_replied_at IS NULL AND reply_next_at IS NOT NULL AND reply_next_at <= ?", in.db.Now()).Order("reply_next_at").Limit(sweepBatch)
	}
	var some []string // a look without a write lock first: mostly there is nothing
	if err := due(in.db.Read(ctx)).Model(&models.Suggestion{}).Limit(1).Pluck("id", &some).Error; err != nil || len(some) == 0 {
		return 0, err
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var rows []models.Suggestion
		if err := due(in.db.Claim(tx)).Select("id", "person_id", "state", "urgency", "team", "reply_due_at", "reply_next_at").Find(&rows).Error; err != nil {
			return err
		}
		n = len(rows)
		sweep, acts := models.NewID(models.PrefixSweep), []*models.Activity{}
		for some := range slices.Chunk(rows, sweepChunk) {
			told, err := in.stepClocks(tx, sweep, some)
			if err != nil {
				return err
			}
			acts = append(acts, told...)
		}
		for some := range slices.Chunk(acts, sweepChunk) {
			if err := in.db.Record(ctx, tx, auth.System().By(), some...); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// stepClocks takes the next step of clocks whose rows it holds, and gives what is to be
// told of them.
func (in *Intake) stepClocks(tx *gorm.DB, sweep string, rows []models.Suggestion) (acts []*models.Activity, err error) {
	told, err := toldOf(tx, rows)
	if err != nil {
		return nil, err
	}
	now := in.db.Now()
	var marks []models.ClockMark
	var warned, over []string
	for i := range rows {
		s := &rows[i]
		step, verb := models.ClockBreach, models.ClockBreached
		switch {
		case s.ReplyDueAt == nil || !owed(s.State):
			over = append(over, s.ID)
			continue
		case now.Before(*s.ReplyDueAt):
			step, verb, warned = models.ClockWarn, models.ClockWarned, append(warned, s.ID)
		default:
			over = append(over, s.ID)
		}
		mark := models.ClockMark{SuggestionID: s.ID, DueAt: s.ReplyDueAt.UTC(), Step: step, Sweep: sweep, CreatedAt: now}
		if told[keyOf(mark)] {
			continue
		}
		b, err := json.Marshal(models.ClockStep{Sweep: sweep, Team: s.Team, Urgency: s.Urgency, DueAt: mark.DueAt})
		if err != nil {
			return nil, err
		}
		marks = append(marks, mark)
		acts = append(acts, &models.Activity{Verb: verb, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: string(b)})
	}
	if len(marks) > 0 {
		if err := tx.Create(marks).Error; err != nil { // its key is unique: nothing is told twice
			return nil, err
		}
	}
	for ids, next := range map[*[]string]any{&warned: gorm.Expr("reply_due_at"), &over: nil} {
		if len(*ids) > 0 {
			if err := tx.Model(&models.Suggestion{}).Where("id IN ?", *ids).Update("reply_next_at", next).Error; err != nil {
				return nil, err
			}
		}
	}
	return acts, nil
}

func keyOf(m models.ClockMark) string {
	return m.SuggestionID + m.Step + m.DueAt.UTC().Format(time.RFC3339Nano)
}

// toldOf are the steps that were told before: a clock may come back to a due time.
func toldOf(tx *gorm.DB, rows []models.Suggestion) (map[string]bool, error) {
	ids := make([]string, 0, len(rows))
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	var marks []models.ClockMark
	err := tx.Find(&marks, "suggestion_id IN ?", ids).Error
	told := map[string]bool{}
	for _, m := range marks {
		told[keyOf(m)] = true
	}
	return told, err
}
