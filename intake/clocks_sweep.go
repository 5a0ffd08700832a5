package intake

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// sweepBatch is how many clocks one sweep tells of: one transaction, one mail a member.
const sweepBatch = 250

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
		var acts []*models.Activity
		var next []models.Suggestion
		sweep := models.NewID(models.PrefixSweep)
		for i := range rows {
			told, err := in.stepClock(tx, sweep, &rows[i])
			if err != nil {
				return err
			}
			next = append(next, rows[i])
			if told != nil {
				acts = append(acts, told)
			}
		}
		for i := range next {
			if err := tx.Model(&models.Suggestion{}).Where("id = ?", next[i].ID).Update("reply_next_at", next[i].ReplyNextAt).Error; err != nil {
				return err
			}
		}
		return in.db.Record(ctx, tx, auth.System().By(), acts...)
	})
	return n, err
}

// stepClock takes the next step of one clock; nil where nothing is to be told.
func (in *Intake) stepClock(tx *gorm.DB, sweep string, s *models.Suggestion) (*models.Activity, error) {
	s.ReplyNextAt = nil
	if s.ReplyDueAt == nil || !owed(s.State) {
		return nil, nil
	}
	step, verb := models.ClockBreach, models.ClockBreached
	if now := in.db.Now(); now.Before(*s.ReplyDueAt) {
		step, verb, s.ReplyNextAt = models.ClockWarn, models.ClockWarned, s.ReplyDueAt
	}
	mark := models.ClockMark{SuggestionID: s.ID, DueAt: s.ReplyDueAt.UTC(), Step: step, Sweep: sweep, CreatedAt: in.db.Now()}
	res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&mark)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	b, err := json.Marshal(models.ClockStep{Sweep: sweep, Team: s.Team, Urgency: s.Urgency, DueAt: s.ReplyDueAt.UTC()})
	return &models.Activity{Verb: verb, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: string(b)}, err
}
