package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const keepTicks = 7 * 24 * time.Hour

// CronKind is the job kind that a cron job's ticks enqueue.
func CronKind(name string) string { return "cron." + name }

// Cron fires by expressions on every node; exactly one node takes each tick and
// enqueues the job CronKind(name).
type Cron struct {
	q         *Queue
	c         *cron.Cron
	schedules map[string]cron.Schedule
}

// NewCron returns a clock of ticks for q.
func NewCron(q *Queue) *Cron {
	return &Cron{q: q, c: cron.New(cron.WithLocation(time.UTC)), schedules: map[string]cron.Schedule{}}
}

// Add lets h run by a robfig/cron expression such as "*/5 * * * *" or
// "@every 60s"; "" leaves the job without ticks.
func (c *Cron) Add(name, expression string, h Handler) error {
	c.q.Handle(CronKind(name), h)
	if expression == "" {
		return nil
	}
	s, err := cron.ParseStandard(expression)
	if err != nil {
		return fmt.Errorf("cron.%s: %w", name, err)
	}
	c.schedules[name] = s
	c.c.Schedule(s, cron.FuncJob(func() { c.fire(name, s) }))
	return nil
}

// Start catches up the last missed tick of each job, then fires until Stop.
func (c *Cron) Start(ctx context.Context) error {
	for name, s := range c.schedules {
		var last models.CronTick
		res := c.q.db.Read(ctx).Where("job = ?", name).Order("tick_at DESC").Limit(1).Find(&last)
		if res.Error != nil {
			return fmt.Errorf("cron: %w", res.Error)
		}
		if res.RowsAffected == 1 && s.Next(last.TickAt).Before(c.q.db.Now()) {
			c.fire(name, s)
		}
	}
	c.c.Start()
	return nil
}

// Stop fires no more and waits for a tick that is being written.
func (c *Cron) Stop() { <-c.c.Stop().Done() }

func (c *Cron) fire(name string, s cron.Schedule) {
	if err := c.take(context.Background(), name, tickAt(s, c.q.db.Now())); err != nil {
		slog.Error("cron tick", "job", name, "error", err)
	}
}

// take writes the tick down; who wrote it first enqueues the job.
func (c *Cron) take(ctx context.Context, name string, at time.Time) error {
	return c.q.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		res := tx.Exec("INSERT INTO cron_ticks (job, tick_at, taken_by) VALUES (?, ?, ?) ON CONFLICT (job, tick_at) DO NOTHING", name, at, c.q.owner)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		if err := tx.Exec("DELETE FROM cron_ticks WHERE job = ? AND tick_at < ?", name, at.Add(-keepTicks)).Error; err != nil {
			return err
		}
		return c.q.Enqueue(ctx, CronKind(name), name, "", c.q.db.Now())
	})
}

// tickAt names the tick that fires now, the same on every node: "@every" fires
// relative to each node's start, so its ticks are cut to the delay; the others
// fire on the minute.
func tickAt(s cron.Schedule, now time.Time) time.Time {
	if every, ok := s.(cron.ConstantDelaySchedule); ok {
		return now.Truncate(every.Delay)
	}
	return now.Truncate(time.Minute)
}
