package issuesync

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// queue is a lane with links that want to write.
type queue struct {
	t     *testing.T
	db    *models.DB
	clock *modelstest.Clock
	lane  *lane
	start time.Time
}

func newQueue(t *testing.T, db *models.DB, clock *modelstest.Clock, links ...string) *queue {
	t.Helper()
	title := "a theme"
	th, err := themes.New(db, themes.Options{}).Create(t.Context(), pm, themes.Draft{Title: &title})
	if err != nil {
		t.Fatal(err)
	}
	q := &queue{t, db, clock, &lane{db: db, token: "digest", gap: time.Second, most: 450, hold: time.Minute}, clock.Now()}
	q.write(func(tx *gorm.DB) error {
		for _, l := range links {
			row := models.IssueLink{ID: l, ThemeID: th.ID, Repository: "acme/" + l, State: models.LinkWanted, CreatedAt: clock.Now(), UpdatedAt: clock.Now()}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return q
}

func (q *queue) write(f func(tx *gorm.DB) error) {
	q.t.Helper()
	if err := q.db.Write(q.t.Context(), func(_ context.Context, tx *gorm.DB) error { return f(tx) }); err != nil {
		q.t.Fatal(err)
	}
}

// enter asks at a time since the start; when says when to come back, since the start.
func (q *queue) enter(link string, at time.Duration, creates bool) (when time.Duration, ok bool) {
	q.t.Helper()
	q.clock.Add(q.start.Add(at).Sub(q.clock.Now()))
	err := q.lane.enter(q.t.Context(), link, "fields", creates)
	if back, is := errors.AsType[jobs.Later](err); is {
		return back.At.Sub(q.start), false
	}
	if err != nil {
		q.t.Fatal(err)
	}
	return at, true
}

func (q *queue) leave(link string, at time.Duration) {
	q.clock.Add(q.start.Add(at).Sub(q.clock.Now()))
	q.lane.leave(q.t.Context(), link, "fields")
}

func TestWritesAreSpacedAndOneAtATime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		q := newQueue(t, db, clock, "a", "b", "c", "d", "e")
		const ms = time.Millisecond
		for _, c := range []struct {
			link  string
			at    time.Duration
			leave time.Duration // 0: refused
			when  time.Duration
		}{
			{"a", 0, 400 * ms, 0},
			{"b", 500 * ms, 0, 1000 * ms},
			{"c", 500 * ms, 0, 2000 * ms},
			{"b", 1000 * ms, 0, 1400 * ms}, // a gap after a's end
			{"b", 1400 * ms, 5000 * ms, 1400 * ms},
			{"c", 5500 * ms, 0, 6000 * ms},
			{"c", 6000 * ms, 7000 * ms, 6000 * ms},
		} {
			when, ok := q.enter(c.link, c.at, false)
			if when != c.when || ok != (c.leave > 0) {
				t.Errorf("%s at %s: %s, %v; want %s", c.link, c.at, when, ok, c.when)
			}
			if ok {
				q.leave(c.link, c.leave)
			}
		}
		q.enter("d", 20*time.Second, false)
		if when, ok := q.enter("e", 30*time.Second, false); ok || when != 31*time.Second {
			t.Errorf("while another writes: %s, %v", when, ok)
		}
		if _, ok := q.enter("e", 90*time.Second, false); !ok { // d's process died
			t.Error("it is held for ever")
		}
		q.lane.leave(t.Context(), "d", "fields") // and is late
		if when, ok := q.enter("a", 91*time.Second, false); ok {
			t.Errorf("two at once, at %s", when)
		}
	})
}

// What GitHub wants is kept by who starts anew, and by other nodes.
func TestSilenceAndTheHoursLimitOutliveAProcess(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		q := newQueue(t, db, clock, "a", "b")
		q.lane.silence(t.Context(), clock.Now().Add(time.Hour))
		q.lane = &lane{db: db, token: "digest", gap: time.Second, most: 450, hold: time.Minute}
		if when, ok := q.enter("a", time.Minute, true); ok || when != time.Hour {
			t.Errorf("it would write at %s, %v", when, ok)
		}
		other := &lane{db: db, token: "another", gap: time.Second, most: 450, hold: time.Minute}
		if err := other.enter(t.Context(), "b", "fields", true); err != nil {
			t.Errorf("another token waits: %v", err)
		}
		clock.Add(2 * time.Hour)
		first := clock.Now()
		q.write(func(tx *gorm.DB) error {
			for i := range 450 {
				at := first.Add(time.Duration(i) * time.Second)
				op := models.IssueOp{ID: models.NewID(models.PrefixIssueOp), LinkID: "gone", ThemeID: "x", Field: opIssue, Way: models.WayOut, State: models.OpDone, CreatedAt: at, SentAt: &at, DoneAt: &at}
				if err := tx.Create(&op).Error; err != nil {
					return err
				}
			}
			return nil
		})
		clock.Add(10 * time.Minute)
		if when, ok := q.enter("a", clock.Now().Sub(q.start), true); ok || !q.start.Add(when).Equal(first.Add(time.Hour)) {
			t.Errorf("the 451st of an hour would go at %s, %v", q.start.Add(when), ok)
		}
		if _, ok := q.enter("b", clock.Now().Sub(q.start), false); !ok {
			t.Error("an edit waits for it")
		}
	})
}

// What has changed here while GitHub wants silence is said to wait, before it was even compared.
func TestWhatChangesInASilenceIsSaidToWait(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "A")
	if h := must[Health](t)(b.Health(t.Context(), pm)); h.Waiting != 0 {
		t.Errorf("%d wait at the beginning", h.Waiting)
	}
	until := b.db.Now().Add(time.Hour)
	b.lane.silence(t.Context(), until)
	stop := b.start()
	b.deed("title:B")
	eventually(t, "it is put off", func() bool {
		var n int64
		b.db.Read(t.Context()).Model(&models.Job{}).Where("kind = ? AND run_at >= ?", PullJob, models.Milli(until)).Count(&n)
		return n == 1
	}, func() any { return b.jobs() })
	stop()
	h := must[Health](t)(b.Health(t.Context(), pm))
	if h.Waiting != 1 || h.Until.Before(until) {
		t.Errorf("%d wait until %s", h.Waiting, h.Until)
	}
	if waits := must[map[string]bool](t)(b.Waiting(t.Context(), pm, []models.IssueLink{b.l})); !waits[b.l.ID] {
		t.Error("the link is said to be in step")
	}
}
