package themes_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// In whatever order updates are taken back, the theme promises what the last that stands
// promised, and with none of them what it did before.
func TestUpdatesAreTakenBackInAnyOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
				id := h.made("export")
				h.status(id, models.StatusUnderReview, models.Text{})
				for range 2 {
					clock.Add(31 * day)
					h.keep()
				}
				stands := func() string {
					th := h.themeOf(id)
					return fmt.Sprint(th.PromiseDate.Format(time.DateOnly), th.PromisesSent, th.DecideAt != nil)
				}
				promised, acts := []string{stands()}, []string{}
				for range 3 {
					clock.Add(3 * day)
					up, err := h.th.WriteUpdate(ctx, pm, id, themes.Update{Text: why})
					if err != nil {
						t.Fatal(err)
					}
					promised, acts = append(promised, stands()), append(acts, up.ActivityID)
				}
				left := []int{-1, 0, 1, 2}
				for _, i := range order {
					if _, err := h.th.Undo(ctx, pm, acts[i]); err != nil {
						t.Fatal(err)
					}
					left = slices.DeleteFunc(left, func(n int) bool { return n == i })
					if want := promised[left[len(left)-1]+1]; stands() != want {
						t.Errorf("with %v left it promises %s, want %s", left[1:], stands(), want)
					}
				}
				clock.Add(time.Hour)
			})
		})
	}
}

// The clock did not run while a day passed: once it does again, what waits for a member is
// recorded as overdue, late and once, by its own day; what is told by itself is told, late
// and once, and is never overdue.
func TestAPromiseThatPassedWhileTheClockStoodIsOverdueAfterwards(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		waits, told, again := h.made("export"), h.made("sync"), h.made("login")
		for _, id := range []string{waits, again} {
			h.status(id, models.StatusUnderReview, models.Text{})
		}
		for range 2 {
			clock.Add(31 * day)
			h.keep()
		}
		h.status(told, models.StatusUnderReview, models.Text{})
		if _, _, err := h.th.SendPromise(ctx, pm, again, themes.Date{Time: h.db.Now().Add(5 * day)}); err != nil {
			t.Fatal(err)
		}
		due := h.themeOf(waits).PromiseDate
		clock.Add(45 * day) // and nobody looked
		for range 3 {
			h.keep()
		}
		for id, want := range map[string]int64{waits: 1, told: 0, again: 1} {
			if n := h.missed(id); n != want {
				t.Errorf("%s: overdue %d times, want %d", h.themeOf(id).Title, n, want)
			}
		}
		if n := h.came(told); n != 1 {
			t.Errorf("what is told by itself was told %d times", n)
		}
		var act models.Activity
		if err := h.db.Read(ctx).First(&act, "theme_id = ? AND verb = ?", waits, models.ThemePromiseMissed).Error; err != nil {
			t.Fatal(err)
		}
		if c, err := act.Change(); err != nil || c.After == nil || !c.After.PromiseDate.Equal(*due) {
			t.Errorf("it names %+v, want its day %s: %v", c.After, due, err)
		}
		clock.Add(time.Hour)
	})
}
