package themes_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

func TestTwiceWithoutChangeThenAPersonDecides(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusUnderReview, models.Text{})
		expect := func(when string, came int64, sent, in int, decide bool) {
			t.Helper()
			h.keep()
			h.keep() // looking twice tells once
			th := h.themeOf(id)
			if n := h.came(id); n != came || th.PromisesSent != sent || (th.DecideAt != nil) != decide || h.inDays(id) != in {
				t.Errorf("%s: told %d times, %d without change, next in %d days, to decide %v; want %d, %d, %d, %v", when, n, th.PromisesSent, h.inDays(id), th.DecideAt != nil, came, sent, in, decide)
			}
		}
		clock.Add(29 * day)
		expect("before the day", 0, 0, 1, false)
		clock.Add(2 * day)
		expect("the first day", 1, 1, 30, false)
		clock.Add(31 * day)
		expect("the second day", 2, 2, 30, true)
		clock.Add(31 * day)
		expect("the third day waits", 2, 2, 0, true)
	})
}

func TestWhatEndsTheWaitForADecision(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(h *house, id string) error
		decide bool
		sent   int
		came   int64
	}{
		"a status": {func(h *house, id string) error {
			_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusPlanned})
			return err
		}, false, 0, 2},
		"a reason": {func(h *house, id string) error {
			_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusUnderReview, Reason: why})
			return err
		}, false, 0, 2},
		"sending it again": {func(h *house, id string) error {
			_, _, err := h.th.SendPromise(ctx, pm, id, themes.Date{Time: h.db.Now().Add(9 * day)})
			return err
		}, false, 3, 3},
		"an update": {func(h *house, id string) error {
			return h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
				var th models.Theme
				if err := tx.First(&th, "id = ?", id).Error; err != nil {
					return err
				}
				_, err := h.th.NewsGiven(ctx, tx, &th)
				return err
			})
		}, false, 0, 2},
		"not the same status again": {func(h *house, id string) error {
			_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusUnderReview})
			return err
		}, true, 2, 2},
		"not another day": {func(h *house, id string) error {
			_, _, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{id}, Days: 30})
			return err
		}, true, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
				id := h.made("export")
				h.status(id, models.StatusUnderReview, models.Text{})
				for range 3 {
					clock.Add(31 * day)
					h.keep()
				}
				if err := c.do(h, id); err != nil {
					t.Fatal(err)
				}
				h.keep()
				th := h.themeOf(id)
				if (th.DecideAt != nil) != c.decide || th.PromisesSent != c.sent || h.came(id) != c.came {
					t.Errorf("to decide %v, %d without change, told %d times; want %v, %d, %d", th.DecideAt != nil, th.PromisesSent, h.came(id), c.decide, c.sent, c.came)
				}
				if !c.decide && (th.PromiseDate == nil || !th.PromiseDate.After(h.db.Now())) {
					t.Errorf("people hear next %v", th.PromiseDate)
				}
				if name == "sending it again" { // the day it was sent with waits for a person again
					clock.Add(10 * day)
					h.keep()
					if th := h.themeOf(id); th.DecideAt == nil || h.came(id) != 3 {
						t.Errorf("after that day: to decide %v, told %d times", th.DecideAt != nil, h.came(id))
					}
				}
			})
		})
	}
}

func TestNobodySendsAgainWhatWaitsForNobody(t *testing.T) {
	promising(t, func(t *testing.T, h *house, _ *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusPlanned, models.Text{})
		date := themes.Date{Time: h.db.Now().Add(9 * day)}
		_, _, err := h.th.SendPromise(ctx, pm, id, date)
		wantCode(t, err, "promise_not_waiting", "")
		_, _, err = h.th.SendPromise(ctx, pm, id, themes.Date{})
		wantCode(t, err, "promise_date_required", "date")
		_, _, err = h.th.SendPromise(ctx, pm, id, themes.Date{Time: h.db.Now().Add(-3 * day)})
		wantCode(t, err, "date_past", "date")
		if _, _, err = h.th.SendPromise(ctx, auth.GitHub(), id, date); err == nil {
			t.Log("GitHub may announce, and so may send") // it never does
		}
	})
}
