package themes_test

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// Whatever happens, the people behind an open theme hear within its status's days and
// one, or it stands on the list of what staff must decide.
func TestNobodyWaitsLongerThanPromised(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := modelstest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		db := modelstest.Open(t, modelstest.SQLiteURL(t), clock)
		h := newHouseOf(t, db, themes.Options{Promises: days})
		heard := map[string]time.Time{}
		within := map[string]time.Duration{}
		var ids []string
		var acts []string
		see := func(id string) {
			th := h.themeOf(id)
			if !th.IsLive() || !th.Status.IsOpen() || days[th.Status] == 0 {
				delete(heard, id)
				return
			}
			heard[id], within[id] = h.db.Now(), time.Duration(days[th.Status]+1)*day
		}
		for range rapid.IntRange(3, 15).Draw(rt, "steps") {
			switch step := rapid.IntRange(0, 6).Draw(rt, "step"); {
			case step == 0 || len(ids) == 0:
				id := h.made("theme")
				h.status(id, models.StatusUnderReview, models.Text{})
				ids = append(ids, id)
				see(id)
			case step == 1:
				id := rapid.SampledFrom(ids).Draw(rt, "theme")
				act, th, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: rapid.SampledFrom(models.Settable()).Draw(rt, "status"), Reason: why, Notify: true})
				if err == nil {
					acts = append(acts, act)
					see(th.ID)
				}
			case step == 2 && len(acts) > 0:
				act := rapid.SampledFrom(acts).Draw(rt, "undo")
				if _, err := h.th.Undo(ctx, pm, act); err == nil {
					for _, id := range ids {
						var a models.Activity
						if h.db.Read(ctx).First(&a, "id = ? AND theme_id = ?", act, id).Error == nil {
							see(id)
						}
					}
				}
			case step == 3 && len(ids) > 1:
				from, into := rapid.SampledFrom(ids).Draw(rt, "from"), rapid.SampledFrom(ids).Draw(rt, "into")
				if _, _, err := h.th.Merge(ctx, pm, from, into); err == nil {
					delete(heard, from)
				}
			default:
				for range rapid.IntRange(1, 40).Draw(rt, "days") {
					clock.Add(day)
					was := map[string]int64{}
					for _, id := range ids {
						was[id] = h.came(id)
					}
					h.keep()
					for _, id := range ids {
						th := h.themeOf(id)
						at, waits := heard[id]
						if h.came(id) > was[id] {
							see(id)
						} else if waits && th.IsLive() && th.DecideAt == nil && h.db.Now().Sub(at) > within[id] {
							rt.Fatalf("the people behind %s (%s) last heard %v ago", id, th.Status, h.db.Now().Sub(at))
						}
					}
				}
			}
		}
		h.keep()
		h.invariants()
	})
}

// Several nodes look at once, and each day that came is told of once.
func TestNodesKeepAPromiseOnce(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		var ids []string
		for range 12 {
			id := h.made("theme")
			h.status(id, models.StatusUnderReview, models.Text{})
			ids = append(ids, id)
		}
		clock.Add(31 * day)
		var nodes sync.WaitGroup
		for range 3 {
			nodes.Go(func() {
				for h.th.KeepPromises(ctx) != nil { // as the queue does: another was faster, so it looks again
				}
			})
		}
		nodes.Wait()
		for _, id := range ids {
			if n := h.came(id); n != 1 || h.inDays(id) != 30 {
				t.Errorf("told %d times, next in %d days", n, h.inDays(id))
			}
		}
	})
}
