package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	lease     = 15 * time.Second // a dead node's work is taken over after it
	heartbeat = 5 * time.Second
	poll      = time.Second // how often other nodes' jobs are looked for
	maxWait   = 15 * time.Minute
)

// Handler does one job. An error brings it back later, with growing pauses;
// Later brings it back at a time of the handler's choice.
type Handler func(ctx context.Context, j models.Job) error

// Later is returned by a handler to run again at a time, without counting as a
// failure. Payload replaces the job's own unless empty.
type Later struct {
	At      time.Time
	Payload string
}

// Error makes Later an error value.
func (l Later) Error() string { return "again at " + l.At.Format(time.RFC3339) }

// Queue hands out jobs to this node's workers.
type Queue struct {
	db       *models.DB
	owner    string
	workers  int
	handlers map[string]Handler
	wake     chan struct{}
}

// New returns a queue. owner names this node and must differ between nodes;
// workers is how many jobs run at a time.
func New(db *models.DB, owner string, workers int) *Queue {
	return &Queue{db: db, owner: owner, workers: workers, handlers: map[string]Handler{}, wake: make(chan struct{}, 1)}
}

// Handle names who does the jobs of a kind; call it before Run.
func (q *Queue) Handle(kind string, h Handler) { q.handlers[kind] = h }

// Enqueue makes sure that the job runs at or before runAt. A job of the same
// kind and key that waits is brought forward; one that runs right now runs once
// more. It joins the caller's transaction.
func (q *Queue) Enqueue(ctx context.Context, kind, key, payload string, runAt time.Time) error {
	now := q.db.Now()
	err := q.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		q.db.AfterCommit(ctx, q.Nudge)
		return tx.Exec(`INSERT INTO jobs (id, kind, key, payload, run_at, created_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (kind, key) DO UPDATE SET
				payload = excluded.payload,
				again = jobs.again OR (jobs.lease_until IS NOT NULL AND jobs.lease_until > ?),
				run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END`,
			models.NewID(models.PrefixJob), kind, key, payload, models.Milli(runAt), now, now).Error
	})
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	return nil
}

// Nudge makes the workers look for due jobs at once.
func (q *Queue) Nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// ReleaseStale lets go of every lease; for a node that knows it is the only
// one (models.DB.ServeAlone), at its start.
func (q *Queue) ReleaseStale(ctx context.Context) error {
	return q.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE jobs SET lease_owner = '', lease_until = NULL WHERE lease_until IS NOT NULL").Error
	})
}

// Run does jobs until ctx ends, then waits for those in flight: they see a
// cancelled context and come back at the next start.
func (q *Queue) Run(ctx context.Context) {
	var running sync.WaitGroup
	free := make(chan struct{}, q.workers)
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		js, err := q.claim(ctx, q.workers-len(free))
		if err != nil && ctx.Err() == nil {
			slog.Error("jobs: claim", "error", err)
		}
		for _, j := range js {
			free <- struct{}{}
			running.Go(func() {
				defer func() { <-free; q.Nudge() }()
				q.do(ctx, j)
			})
		}
		if len(js) > 0 && len(free) < q.workers {
			continue
		}
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-tick.C:
		}
	}
	running.Wait()
}

// claim leases up to n due jobs of the kinds this node handles.
func (q *Queue) claim(ctx context.Context, n int) ([]models.Job, error) {
	kinds := make([]string, 0, len(q.handlers))
	for k := range q.handlers {
		kinds = append(kinds, k)
	}
	if n <= 0 || len(kinds) == 0 {
		return nil, nil
	}
	due := func(tx *gorm.DB) *gorm.DB {
		now := q.db.Now()
		return tx.Where("run_at <= ? AND (lease_until IS NULL OR lease_until < ?) AND kind IN ?", now, now, kinds).Order("run_at").Limit(n)
	}
	var any []string // a look without a write lock first: mostly there is nothing
	if err := due(q.db.Read(ctx)).Model(&models.Job{}).Pluck("id", &any).Error; err != nil || len(any) == 0 {
		return nil, err
	}
	var js []models.Job
	err := q.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		js = nil
		if err := due(q.db.Claim(tx)).Find(&js).Error; err != nil {
			return err
		}
		until := q.db.Now().Add(lease)
		for i := range js {
			j := &js[i]
			j.LeaseOwner, j.LeaseUntil, j.Fence, j.Attempts = q.owner, &until, j.Fence+1, j.Attempts+1
			if err := tx.Model(j).Select("LeaseOwner", "LeaseUntil", "Fence", "Attempts").Updates(j).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return js, err
}

// do runs one leased job and writes down how it ended.
func (q *Queue) do(ctx context.Context, j models.Job) {
	hctx, cancel := context.WithCancel(ctx)
	beat := make(chan struct{})
	go func() {
		defer close(beat)
		q.keepLease(hctx, cancel, j)
	}()
	err := q.call(hctx, j)
	cancel()
	<-beat
	var later Later
	if err != nil && !errors.As(err, &later) && ctx.Err() == nil {
		slog.Warn("job failed", "kind", j.Kind, "key", j.Key, "attempt", j.Attempts, "error", err)
	}
	// The end is written even while shutting down: it frees the lease.
	if werr := q.finish(context.WithoutCancel(ctx), j, err); werr != nil {
		slog.Error("jobs: finish", "kind", j.Kind, "key", j.Key, "error", werr)
	}
}

func (q *Queue) call(ctx context.Context, j models.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return q.handlers[j.Kind](ctx, j)
}

// keepLease prolongs the lease until ctx ends; when the lease is lost it
// cancels the handler.
func (q *Queue) keepLease(ctx context.Context, lost context.CancelFunc, j models.Job) {
	t := time.NewTicker(heartbeat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		var held bool
		err := q.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			res := q.mine(tx, j).Update("lease_until", q.db.Now().Add(lease))
			held = res.RowsAffected == 1
			return res.Error
		})
		if err == nil && !held {
			lost()
			return
		}
	}
}

func (q *Queue) mine(tx *gorm.DB, j models.Job) *gorm.DB {
	return tx.Model(&models.Job{}).Where("id = ? AND lease_owner = ? AND fence = ?", j.ID, q.owner, j.Fence)
}

// finish removes a done job, or brings it back.
func (q *Queue) finish(ctx context.Context, j models.Job, err error) error {
	now := q.db.Now()
	back := map[string]any{"lease_owner": "", "lease_until": nil, "again": false}
	var later Later
	switch {
	case err == nil:
	case errors.As(err, &later):
		back["run_at"], back["attempts"], back["last_error"] = models.Milli(later.At), 0, ""
		if later.Payload != "" {
			back["payload"] = later.Payload
		}
	default:
		back["run_at"], back["last_error"] = now.Add(backoff(j.Attempts)), clip(err.Error())
	}
	return q.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err == nil {
			res := q.mine(tx, j).Where("again = ?", false).Delete(&models.Job{})
			if res.Error != nil || res.RowsAffected == 1 {
				return res.Error
			}
			back["run_at"], back["attempts"], back["last_error"] = now, 0, ""
		}
		again := q.mine(tx, j).Where("again = ?", true).Updates(map[string]any{"run_at": now})
		if again.Error != nil {
			return again.Error
		}
		if again.RowsAffected == 1 {
			delete(back, "run_at")
			delete(back, "payload") // who asked again brought the payload
		}
		return q.mine(tx, j).Updates(back).Error
	})
}

// backoff after the n-th failure: 1 s, 2 s, 4 s … 15 minutes, with jitter so
// that nodes do not come back together.
func backoff(n int) time.Duration {
	d := min(time.Second<<min(n-1, 20), maxWait)
	return d + rand.N(d/4+1)
}

func clip(s string) string {
	const most = 500
	if len(s) > most {
		return s[:most]
	}
	return s
}
