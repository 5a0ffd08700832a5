package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

// ClockState is the clocks as they hold. Pending says that open suggestions still have
// their time from before the last change.
type ClockState struct {
	models.Clocks
	Rev     int64
	Pending bool
}

// Clocks gives the first-reply clocks, for who may read all.
func (in *Intake) Clocks(ctx context.Context, a auth.Actor) (ClockState, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return ClockState{}, err
	}
	s, err := in.clockSetting(in.db.Read(ctx))
	return ClockState{s.Clocks.V, s.Rev, s.RecomputeAfter != nil}, err
}

// ClockZone is where business hours are kept.
func (in *Intake) ClockZone(ctx context.Context) *time.Location {
	p, err := in.planned(ctx)
	if err != nil {
		return time.UTC
	}
	return p.clocks.Location()
}

// clockSetting reads the one row, or what holds without it.
func (in *Intake) clockSetting(db *gorm.DB) (models.ClockSetting, error) {
	var s models.ClockSetting
	res := db.Limit(1).Find(&s, "id = 1")
	if res.Error != nil {
		return s, fmt.Errorf("read clocks: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		s = models.ClockSetting{ID: 1, Clocks: models.AsJSON(routing.DefaultClocks())}
	}
	return s, nil
}

// SetClocks changes the first-reply clocks. Open suggestions get their new time in the
// sweep, the first of them at once. rev, where not 0, is the revision that was seen.
func (in *Intake) SetClocks(ctx context.Context, a auth.Actor, c models.Clocks, rev int64) (string, error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return "", err
	}
	if err := checkClocks(&c); err != nil {
		return "", err
	}
	act, err := in.putClocks(ctx, a, c, rev, "")
	if err != nil {
		return "", err
	}
	_, err = in.rewind(ctx)
	return act, err
}

func (in *Intake) putClocks(ctx context.Context, a auth.Actor, c models.Clocks, rev int64, undoes string) (act string, err error) {
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := in.db.Lock(tx, "routing"); err != nil {
			return err
		}
		s, err := in.clockSetting(tx)
		if err != nil {
			return err
		}
		if rev != 0 && rev != s.Rev {
			return models.Fail(models.Conflict, "clocks_changed")
		}
		before, start := s.Clocks.V, ""
		s.Clocks, s.RecomputeAfter, s.Rev, s.UpdatedAt = models.AsJSON(c), &start, s.Rev+1, in.db.Now()
		if err := tx.Save(&s).Error; err != nil {
			return err
		}
		act = models.NewID(models.PrefixActivity)
		return in.recordSetting(ctx, tx, a, &models.Activity{ID: act, Verb: models.ClocksChanged, Snapshot: settingStep(&before, &c, undoes)})
	})
	if err != nil {
		return "", fmt.Errorf("change clocks: %w", err)
	}
	return act, nil
}

// Limits of clocks.
const (
	maxSpans    = 6   // of a day
	maxDates    = 400 // holidays, make-up working days
	maxClockDay = 366
)

func checkClocks(c *models.Clocks) error {
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		return models.BadField("zone", "time_zone_unknown", c.Zone)
	}
	for d, spans := range c.Week {
		at := -1
		if len(spans) > maxSpans {
			return models.BadField(fmt.Sprintf("week/%d", d), "too_many", maxSpans, len(spans))
		}
		for _, s := range spans {
			if s.From < at || s.From >= s.To || s.From < 0 || s.To > 24*60 {
				return models.BadField(fmt.Sprintf("week/%d", d), "clock_hours")
			}
			at = s.To
		}
		if spans == nil {
			c.Week[d] = []models.Span{}
		}
	}
	for name, dates := range map[string]*[]string{"holidays": &c.Holidays, "workdays": &c.Workdays} {
		for _, s := range *dates {
			if _, err := time.Parse(time.DateOnly, s); err != nil {
				return models.BadField(name, "clock_date", s)
			}
		}
		slices.Sort(*dates)
		if *dates = append([]string{}, slices.Compact(*dates)...); len(*dates) > maxDates {
			return models.BadField(name, "too_many", maxDates, len(*dates))
		}
	}
	if c.Warn < 0 || c.Warn > 99 {
		return models.BadField("warn", "clock_warn")
	}
	if c.WarnBefore < 0 || c.WarnBefore > 7*24*60 {
		return models.BadField("warn_before", "clock_warn_before")
	}
	return checkPolicies(c)
}

func checkPolicies(c *models.Clocks) error {
	open := slices.ContainsFunc(c.Week[:], func(s []models.Span) bool { return len(s) > 0 })
	for u, p := range c.Policies {
		field := "policies/" + string(u)
		if !slices.Contains(models.Urgencies(), u) {
			return models.BadField(field, "urgency_unknown", string(u))
		}
		most := map[string]int{models.UnitMinutes: maxClockDay * 24 * 60, models.UnitHours: maxClockDay * 24, models.UnitDays: maxClockDay}[p.Unit]
		if p.Amount != 0 && (p.Amount < 0 || most == 0 || p.Amount > most) {
			return models.BadField(field, "clock_policy")
		}
		if p.Amount > 0 && p.Business && !open {
			return models.BadField(field, "clock_no_hours")
		}
	}
	return nil
}

// rewindBatch is how many clocks are set anew in one transaction; rewindBudget for how
// long one call goes on.
const (
	rewindBatch  = 200
	rewindBudget = time.Second
)

// rewind sets the clocks of open suggestions anew after a change of the clocks, from
// where it stopped. It reports whether all are done.
func (in *Intake) rewind(ctx context.Context) (bool, error) {
	for began := time.Now(); ; {
		more, err := in.rewindSome(ctx)
		if err != nil || !more {
			return err == nil, err
		}
		if time.Since(began) > rewindBudget || ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
}

func (in *Intake) rewindSome(ctx context.Context) (more bool, err error) {
	var pending int64 // a look without a write lock first: mostly there is nothing
	if err := in.db.Read(ctx).Model(&models.ClockSetting{}).Where("recompute_after IS NOT NULL").Count(&pending).Error; err != nil || pending == 0 {
		return false, err
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		more = false
		if err := in.db.Lock(tx, "routing"); err != nil {
			return err
		}
		s, err := in.clockSetting(tx)
		if err != nil || s.RecomputeAfter == nil {
			return err
		}
		p := &plan{clocks: routing.NewPlan(s.Clocks.V)}
		var rows []models.Suggestion
		err = in.db.Hold(tx).Where("id > ? AND confidential = FALSE AND first_replied_at IS NULL AND reply_due_at IS NOT NULL AND "+owedStates, *s.RecomputeAfter).Order("id").Limit(rewindBatch).Find(&rows).Error
		if err != nil {
			return err
		}
		for i := range rows {
			if err := in.rewound(tx, p, &rows[i]); err != nil {
				return err
			}
		}
		s.RecomputeAfter = nil
		if more = len(rows) == rewindBatch; more {
			s.RecomputeAfter = &rows[len(rows)-1].ID
		}
		return tx.Model(&models.ClockSetting{}).Where("id = 1").Update("recompute_after", s.RecomputeAfter).Error
	})
	return more, err
}

// rewound gives a suggestion the time that holds now. What was already told of the same
// due time is not told again: its mark is there.
func (in *Intake) rewound(tx *gorm.DB, p *plan, s *models.Suggestion) error {
	p.wind(s)
	return tx.Model(&models.Suggestion{}).Where("id = ?", s.ID).Updates(map[string]any{"reply_due_at": s.ReplyDueAt, "reply_next_at": s.ReplyNextAt}).Error
}
