package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// start runs a node until the test ends or stop is called.
func start(t *testing.T, q *jobs.Queue) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func count(t *testing.T, db *models.DB) int64 {
	var n int64
	if err := db.Read(context.Background()).Model(&models.Job{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEveryJobIsDoneOnceBySeveralNodes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		ctx := context.Background()
		var mu sync.Mutex
		ran := map[string]int{}
		for node := range 3 {
			q := jobs.New(db, fmt.Sprint("node", node), 4)
			q.Handle("work", func(_ context.Context, j models.Job) error {
				mu.Lock()
				defer mu.Unlock()
				ran[j.Key+j.Payload]++
				return nil
			})
			start(t, q)
		}
		asker := jobs.New(db, "asker", 1)
		for i := range 100 {
			if err := asker.Enqueue(ctx, "work", fmt.Sprint(i), "p", db.Now()); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "all done", func() bool { return count(t, db) == 0 })
		mu.Lock()
		defer mu.Unlock()
		if len(ran) != 100 {
			t.Errorf("%d jobs ran, want 100", len(ran))
		}
		for k, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", k, n)
			}
		}
	})
}

func TestAFailedJobComesBackAndALaterOneWaits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		ctx := context.Background()
		q := jobs.New(db, "n", 2)
		var tries, chunks atomic.Int32
		q.Handle("flaky", func(context.Context, models.Job) error {
			if tries.Add(1) < 3 {
				return errors.New("not yet")
			}
			return nil
		})
		q.Handle("chunks", func(_ context.Context, j models.Job) error {
			if chunks.Add(1) == 1 {
				return jobs.Later{At: db.Now().Add(time.Hour), Payload: "second"}
			}
			if j.Payload != "second" || j.Attempts != 1 {
				t.Errorf("second run: %q, attempt %d", j.Payload, j.Attempts)
			}
			return nil
		})
		q.Handle("panics", func(context.Context, models.Job) error { panic("boom") })
		for _, k := range []string{"flaky", "chunks", "panics"} {
			if err := q.Enqueue(ctx, k, "k", "first", db.Now()); err != nil {
				t.Fatal(err)
			}
		}
		start(t, q)
		eventually(t, "first tries", func() bool { return tries.Load() == 1 && chunks.Load() == 1 })
		// The pause counts from when the failure is written, so time goes on meanwhile.
		eventually(t, "second try", func() bool { clock.Add(200 * time.Millisecond); return tries.Load() == 2 })
		if chunks.Load() != 1 {
			t.Error("ran before its time")
		}
		clock.Add(2 * time.Hour)
		eventually(t, "both done, the panicking one kept", func() bool { clock.Add(time.Second); return count(t, db) == 1 })
		var j models.Job
		db.Read(ctx).First(&j)
		if j.Kind != "panics" || j.LastError != "panic: boom" {
			t.Errorf("left: %+v", j)
		}
	})
}

func TestAskedAgainWhileRunningRunsOnceMore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		ctx := context.Background()
		q := jobs.New(db, "n", 2)
		var runs atomic.Int32
		inside, goOn := make(chan string, 9), make(chan struct{}, 9)
		q.Handle("pull", func(_ context.Context, j models.Job) error {
			runs.Add(1)
			inside <- j.Payload
			<-goOn
			return nil
		})
		start(t, q)
		q.Enqueue(ctx, "pull", "k", "a", db.Now())
		<-inside
		for range 5 {
			q.Enqueue(ctx, "pull", "k", "b", db.Now())
		}
		goOn <- struct{}{}
		if got := <-inside; got != "b" {
			t.Errorf("second run has payload %q", got)
		}
		goOn <- struct{}{}
		eventually(t, "done", func() bool { return count(t, db) == 0 })
		if runs.Load() != 2 {
			t.Errorf("ran %d times, want 2", runs.Load())
		}
	})
}

// A node that lost its lease (it slept, the clock went on) changes nothing, and
// its job is done by another.
func TestALostLeaseChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		ctx := context.Background()
		slow := jobs.New(db, "slow", 1)
		entered, release := make(chan struct{}), make(chan struct{})
		slow.Handle("k", func(context.Context, models.Job) error {
			close(entered)
			<-release
			return errors.New("too late to say so")
		})
		slow.Enqueue(ctx, "k", "k", "", db.Now())
		stopSlow := start(t, slow)
		<-entered
		clock.Add(time.Minute)
		fast := jobs.New(db, "fast", 1)
		started, goOn := make(chan struct{}), make(chan struct{})
		fast.Handle("k", func(context.Context, models.Job) error { close(started); <-goOn; return nil })
		start(t, fast)
		<-started
		close(release)
		stopSlow()
		var j models.Job
		db.Read(ctx).First(&j)
		if j.LeaseOwner != "fast" || j.LastError != "" {
			t.Errorf("the slow node touched the row: %+v", j)
		}
		close(goOn)
		eventually(t, "done", func() bool { return count(t, db) == 0 })
	})
}

func TestEnqueueJoinsTheTransaction(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		q := jobs.New(db, "n", 1)
		err := db.Write(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
			if err := q.Enqueue(ctx, "k", "k", "", db.Now()); err != nil {
				return err
			}
			return errors.New("taken back")
		})
		if err == nil || count(t, db) != 0 {
			t.Errorf("a job of a failed write is there (%v)", err)
		}
	})
}

func TestEachCronTickIsTakenByOneNode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		ctx := context.Background()
		var runs atomic.Int32
		for node := range 3 {
			q := jobs.New(db, fmt.Sprint("n", node), 1)
			c := jobs.NewCron(q)
			if err := c.Add("tick", "@every 1s", func(context.Context, models.Job) error { runs.Add(1); return nil }); err != nil {
				t.Fatal(err)
			}
			if err := c.Start(ctx); err != nil {
				t.Fatal(err)
			}
			defer c.Stop()
			start(t, q)
		}
		// The stores' clock stands still, so all firings are one tick.
		eventually(t, "one run", func() bool { return runs.Load() == 1 })
		time.Sleep(1500 * time.Millisecond)
		if runs.Load() != 1 {
			t.Errorf("one tick ran %d times", runs.Load())
		}
		clock.Add(time.Second)
		eventually(t, "the next tick", func() bool { return runs.Load() == 2 })
	})
}

func TestTheLastMissedTickIsCaughtUp(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		ctx := context.Background()
		if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.CronTick{Job: "daily", TickAt: db.Now().Add(-50 * time.Hour), TakenBy: "old"}).Error
		}); err != nil {
			t.Fatal(err)
		}
		q := jobs.New(db, "n", 1)
		c := jobs.NewCron(q)
		var runs atomic.Int32
		if err := c.Add("daily", "0 3 * * *", func(context.Context, models.Job) error { runs.Add(1); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := c.Add("fresh", "0 3 * * *", func(context.Context, models.Job) error { t.Error("a job that never ticked was caught up"); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		defer c.Stop()
		start(t, q)
		eventually(t, "one run", func() bool { return runs.Load() == 1 })
		eventually(t, "no job left", func() bool { return count(t, db) == 0 })
		if runs.Load() != 1 {
			t.Errorf("ran %d times", runs.Load())
		}
	})
}
