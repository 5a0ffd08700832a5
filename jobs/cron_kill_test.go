//go:build unix

package jobs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/peer"
)

const (
	nodeDatabase = "HEED_CRON_DATABASE"
	nodeName     = "HEED_CRON_NODE"
	nodeTicks    = "HEED_CRON_TICKS" // of the whole run, for the children
	// ticksVariable is how many ticks the test below waits for. The proof is 1000: two hundred
	// jobs each minute, so that whoever takes a dead node's job over is done before the next.
	ticksVariable = "HEED_TICKS"
)

// cronJobs is how many jobs tick, and when.
func cronJobs(ticks int) (n int, expression string, spacing time.Duration) {
	if ticks < 1000 {
		return 5, "@every 1s", time.Second
	}
	return ticks / 5, "* * * * *", time.Minute
}

// run is one run of a job, as the handler itself wrote it down; ended is 0 for one that was
// killed.
type run struct {
	Job, ID, Node string
	Fence         int64
	Began, Ended  int64 // ms
}

// TestCronNodeThatIsKilled is no test: it is the node that the test below kills.
func TestCronNodeThatIsKilled(t *testing.T) {
	url := os.Getenv(nodeDatabase)
	if url == "" {
		t.Skip("run by the kill test only")
	}
	term, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	db := modelstest.Open(t, url, nil)
	node := os.Getenv(nodeName)
	q := jobs.New(db, node, 4)
	c := jobs.NewCron(q)
	n, expression, _ := cronJobs(peer.Size(t, nodeTicks, 0))
	for i := range n {
		if err := c.Add(fmt.Sprintf("job%03d", i), expression, func(ctx context.Context, j models.Job) error { return work(ctx, db, node, j) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	peer.Serving()
	<-term.Done()
	c.Stop() // no further ticks; what there is is finished
	for count(t, db) > 0 {
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	<-done
}

// work takes a while, and writes down that it began and that it ended.
func work(ctx context.Context, db *models.DB, node string, j models.Job) error {
	write := func(sql string, args ...any) error {
		return db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
	}
	if err := write("INSERT INTO ran (job, id, fence, node, began, ended) VALUES (?, ?, ?, ?, ?, 0)", j.Key, j.ID, j.Fence, node, time.Now().UnixMilli()); err != nil {
		return err
	}
	time.Sleep(time.Duration(50+rand.IntN(400)) * time.Millisecond)
	return write("UPDATE ran SET ended = ? WHERE id = ? AND fence = ?", time.Now().UnixMilli(), j.ID, j.Fence)
}

// Three nodes share the clock, and one after the other is killed. What is promised, and shown:
// no tick is left out and each is taken by one node; each is followed by a run to its end; no
// job runs twice at a time; and a run is repeated only where its node died before the end was
// on record. Ticks closer together than a takeover takes (15 s) may join into one run.
func TestEachCronTickRunsOnceWhenNodesAreKilled(t *testing.T) {
	ticks := peer.Size(t, ticksVariable, 30)
	url := modelstest.PostgresURL(t)
	db := modelstest.Open(t, url, nil)
	if err := db.Write(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE ran (job text, id text, fence bigint, node text, began bigint, ended bigint)").Error
	}); err != nil {
		t.Fatal(err)
	}
	began, kills := time.Now(), []int64{}
	lives := 0
	node := func() *peer.Child {
		lives++
		return peer.Again(t, "TestCronNodeThatIsKilled", nodeDatabase+"="+url, fmt.Sprintf("%s=node%d", nodeName, lives), fmt.Sprintf("%s=%d", nodeTicks, ticks))
	}
	nodes := []*peer.Child{node(), node(), node()}
	for taken := 0; taken < ticks; taken = len(ticked(t, db)) {
		time.Sleep(time.Duration(300+rand.IntN(2000)) * time.Millisecond)
		i := rand.IntN(len(nodes))
		nodes[i].Kill()
		kills = append(kills, time.Now().UnixMilli())
		nodes[i] = node()
	}
	for _, n := range nodes { // all at once: each waits until nothing is left
		go n.Terminate(syscall.SIGTERM, 2*time.Minute)
	}
	for _, n := range nodes {
		if code := n.ExitCode(); code != 0 {
			t.Errorf("a node ended with %d", code)
		}
	}
	t.Logf("%s, %d kills", time.Since(began).Round(time.Second), len(kills))
	judgeTicks(t, db, ticks, kills)
}

func ticked(t *testing.T, db *models.DB) (out []models.CronTick) {
	t.Helper()
	if err := db.Read(t.Context()).Order("job, tick_at").Find(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

// judgeTicks compares the ticks with the runs.
func judgeTicks(t *testing.T, db *models.DB, want int, kills []int64) {
	t.Helper()
	var runs []run
	if err := db.Read(t.Context()).Raw("SELECT * FROM ran ORDER BY job, began").Scan(&runs).Error; err != nil {
		t.Fatal(err)
	}
	jobs, _, spacing := cronJobs(want)
	ticks := ticked(t, db)
	byNode, last := map[string]int{}, map[string]time.Time{}
	for _, tick := range ticks {
		if before, ok := last[tick.Job]; ok && !tick.TickAt.Equal(before.Add(spacing)) {
			t.Errorf("%s ticked at %s and then at %s", tick.Job, before, tick.TickAt)
		}
		last[tick.Job] = tick.TickAt
		byNode[tick.TakenBy]++
	}
	var ended []run
	done := map[string]int{} // runs to the end, by the job's id: one for each tick, or for several that joined
	for _, r := range runs {
		if r.Ended > 0 {
			ended = append(ended, r)
			done[r.ID]++
		}
	}
	repeated := 0
	for i, r := range ended {
		if i == 0 || ended[i-1].Job != r.Job {
			continue
		}
		before := ended[i-1]
		if r.Began < before.Ended {
			t.Errorf("%s ran twice at a time: %+v, %+v", r.Job, before, r)
		}
		killed := slices.ContainsFunc(kills, func(at int64) bool { return at >= before.Ended && at <= r.Began })
		if r.ID == before.ID && killed {
			repeated++
		}
	}
	for _, tick := range ticks {
		after := func(r run) bool { return r.Job == tick.Job && r.Began >= tick.TickAt.UnixMilli() }
		if !slices.ContainsFunc(ended, after) {
			t.Errorf("%s of %s has no run", tick.Job, tick.TickAt)
		}
	}
	t.Logf("%d jobs, %d ticks, each taken by one of %d lives of three nodes; %d runs to the end, %d cut off by a kill and taken over, %d repeated because the end was not on record",
		jobs, len(ticks), len(byNode), len(ended), len(runs)-len(ended), repeated)
	if len(ended)-repeated > len(ticks) {
		t.Errorf("%d runs for %d ticks", len(ended)-repeated, len(ticks))
	}
	if spacing >= time.Minute && (len(done) != len(ticks) || len(ended)-repeated != len(ticks)) {
		t.Errorf("%d jobs were done in %d runs, for %d ticks", len(done), len(ended)-repeated, len(ticks))
	}
	if repeated > len(kills) {
		t.Errorf("%d runs were repeated, after %d kills", repeated, len(kills))
	}
}
