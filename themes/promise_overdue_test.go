package themes_test

import (
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// missed counts how often it was recorded that nobody keeps a theme's promise.
func (h *house) missed(id string) (n int64) {
	h.t.Helper()
	if err := h.db.Read(ctx).Model(&models.Activity{}).Where("theme_id = ? AND verb = ?", id, models.ThemePromiseMissed).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}

// The day of a theme that waits for a member passes: that is recorded once, whichever
// nodes look and how often, and once more for the next day that passes. What is told by
// itself is never overdue.
func TestAnOverduePromiseIsRecordedOnceForItsDay(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id, kept := h.made("export"), h.made("sync")
		h.status(id, models.StatusUnderReview, models.Text{})
		h.status(kept, models.StatusPlanned, models.Text{})
		look := func() {
			var nodes sync.WaitGroup
			for range 3 {
				nodes.Go(func() {
					for h.th.KeepPromises(ctx) != nil { // as the queue does
					}
				})
			}
			nodes.Wait()
		}
		for range 2 {
			clock.Add(31 * day)
			look()
		}
		if n := h.missed(id); n != 0 || h.themeOf(id).DecideAt == nil {
			t.Fatalf("overdue %d times before its day", n)
		}
		clock.Add(31 * day)
		look()
		look()
		if n := h.missed(id); n != 1 {
			t.Errorf("its day passed once, recorded %d times", n)
		}
		if _, _, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{id}, Date: themes.Date{Time: h.db.Now().Add(5 * day)}}); err != nil {
			t.Fatal(err)
		}
		look()
		if n := h.missed(id); n != 1 {
			t.Errorf("a day to come, recorded %d times", n)
		}
		clock.Add(6 * day)
		look()
		look()
		if n := h.missed(id); n != 2 {
			t.Errorf("two days passed, recorded %d times", n)
		}
		h.status(id, models.StatusPlanned, models.Text{})
		look()
		if n := h.missed(id) + h.missed(kept); n != 2 {
			t.Errorf("decided, and one that is told by itself: recorded %d times", n)
		}
		var last models.Activity
		if err := h.db.Read(ctx).Order("seq DESC").First(&last, "theme_id = ? AND verb = ?", id, models.ThemePromiseMissed).Error; err != nil {
			t.Fatal(err)
		}
		if c, err := last.Change(); err != nil || c.After == nil || c.After.PromiseDate == nil || h.db.Now().Sub(*c.After.PromiseDate) > 2*day || c.Before != nil || last.ActorKind != models.ActorSystem {
			t.Errorf("it says %+v, %v", c, err)
		}
		clock.Add(time.Hour)
	})
}
