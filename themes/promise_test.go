package themes_test

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

var days = themes.Promises{models.StatusUnderReview: 30, models.StatusPlanned: 60, models.StatusInProgress: 30, models.StatusPostponed: 90}

var why = models.Text{EN: "Because.", ZH: "有原因。"}

// promising runs a promise on every database, with defaults, and checks the store.
func promising(t *testing.T, run func(t *testing.T, h *house, clock *modelstest.Clock)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouseOf(t, db, themes.Options{Promises: days})
		h.keep()
		run(t, h, clock)
		h.keep()
		h.invariants()
	})
}

func (h *house) keep() {
	h.t.Helper()
	if err := h.th.KeepPromises(ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) invariants() {
	h.t.Helper()
	invs, err := h.db.Check(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, i := range invs {
		if i.Broken != 0 {
			h.t.Errorf("broken: %s (%d rows)", i.Name, i.Broken)
		}
	}
}

func (h *house) made(title string) string {
	h.t.Helper()
	th, err := h.th.Create(ctx, pm, themes.Draft{Title: &title})
	if err != nil {
		h.t.Fatal(err)
	}
	return th.ID
}

func (h *house) status(id string, s models.Status, reason models.Text) string {
	h.t.Helper()
	act, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: s, Reason: reason, Notify: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return act
}

func (h *house) themeOf(id string) models.Theme {
	h.t.Helper()
	var th models.Theme
	if err := h.db.Read(ctx).First(&th, "id = ?", id).Error; err != nil {
		h.t.Fatal(err)
	}
	return th
}

// came counts how often the people behind a theme were told that nothing changed.
func (h *house) came(id string) (n int64) {
	h.t.Helper()
	if err := h.db.Read(ctx).Model(&models.Activity{}).Where("theme_id = ? AND verb = ?", id, models.ThemePromiseCame).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}

// inDays is in how many days the theme's people hear next; -1 for no date.
func (h *house) inDays(id string) int {
	d := h.themeOf(id).PromiseDate
	if d == nil {
		return -1
	}
	return int(d.Sub(h.db.Now().Truncate(24*time.Hour)) / (24 * time.Hour))
}

// zone sets where the team's days begin.
func (h *house) zone(name string) {
	h.t.Helper()
	row := models.ClockSetting{ID: 1, Rev: 1, UpdatedAt: h.db.Now()}
	row.Clocks.V.Zone = name
	err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM clock_settings").Error; err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

const day = 24 * time.Hour

func TestEachStatusPromisesADay(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		for _, c := range []struct {
			status models.Status
			want   int
		}{{models.StatusUnderReview, 30}, {models.StatusPlanned, 60}, {models.StatusInProgress, 30}, {models.StatusPostponed, 90}, {models.StatusShipped, -1}, {models.StatusDeclined, -1}} {
			id := h.made("about " + string(c.status))
			if got := h.inDays(id); got != -1 {
				t.Errorf("a candidate promises something in %d days", got)
			}
			h.status(id, c.status, why)
			if got := h.inDays(id); got != c.want {
				t.Errorf("%s promises something in %d days, want %d", c.status, got, c.want)
			}
			// A day of their own is kept, and the same word again moves nothing.
			soon, _ := themes.ParseDate(h.db.Now().Add(5 * day).Format(time.DateOnly))
			_, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: c.status, Reason: why, PromiseDate: &soon})
			if err != nil {
				t.Fatal(err)
			}
			clock.Add(2 * day)
			h.status(id, c.status, why)
			if got := h.inDays(id); c.status.IsOpen() && got != 3 || !c.status.IsOpen() && got != -1 {
				t.Errorf("%s with a day of its own, said again: in %d days, want 3", c.status, got)
			}
		}
	})
}

func TestWhatIsOverPromisesNothingAndUndoPromisesAgain(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusPlanned, models.Text{})
		date := h.themeOf(id).PromiseDate
		shipped := h.status(id, models.StatusShipped, models.Text{})
		if h.inDays(id) != -1 {
			t.Error("a shipped theme promises something")
		}
		if _, err := h.th.Undo(ctx, pm, shipped); err != nil {
			t.Fatal(err)
		}
		if got := h.themeOf(id).PromiseDate; got == nil || !got.Equal(*date) {
			t.Errorf("after the undo it promises %v, want the day it had, %v", got, date)
		}
		soon := themes.Date{Time: h.db.Now().Add(2 * day)}
		if _, _, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{id}, Date: soon}); err != nil {
			t.Fatal(err)
		}
		declined := h.status(id, models.StatusDeclined, why)
		clock.Add(10 * day)
		if _, err := h.th.Undo(ctx, pm, declined); err != nil {
			t.Fatal(err)
		}
		if got := h.inDays(id); got != 60 {
			t.Errorf("put back after its day had passed, it promises something in %d days, want the 60 of its status", got)
		}
		h.keep()
		if n := h.came(id); n != 0 {
			t.Errorf("people heard %d times that nothing changed", n)
		}
	})
}

func TestAnUndoPassesWhatTheClockDid(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusPlanned, models.Text{})
		soon := themes.Date{Time: h.db.Now().Add(2 * day)}
		act, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusInProgress, PromiseDate: &soon})
		if err != nil {
			t.Fatal(err)
		}
		clock.Add(3 * day)
		h.keep()
		if h.came(id) != 1 {
			t.Fatal("nobody heard")
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Error(err)
		}
		if th := h.themeOf(id); th.Status != models.StatusPlanned || th.PromisesSent != 0 {
			t.Errorf("it stands at %s with %d", th.Status, th.PromisesSent)
		}
	})
}

func TestWhatWasPromisedIsKeptAcrossAMerge(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		from, into := h.made("slow export"), h.made("export")
		h.status(from, models.StatusUnderReview, models.Text{}) // in 30 days
		h.status(into, models.StatusPlanned, models.Text{})     // in 60
		merged, _, err := h.th.Merge(ctx, pm, from, into)
		if err != nil {
			t.Fatal(err)
		}
		clock.Add(31 * day)
		h.keep()
		h.keep()
		if h.came(into) != 1 || h.came(from) != 0 {
			t.Errorf("on the day of those who came: told %d times of the theme they are in, %d of the one they were in", h.came(into), h.came(from))
		}
		if got := h.inDays(into); got != 60 {
			t.Errorf("next in %d days", got)
		}
		if _, err := h.th.Undo(ctx, pm, merged); err == nil { // they are apart again, and both promise
			h.keep()
			if h.inDays(from) < 1 {
				t.Errorf("apart again it promises something in %d days", h.inDays(from))
			}
		}
	})
}

func TestThemesFromBeforeGetDaysThatAreSpread(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		old := newHouse(t, db) // as before the upgrade: nothing is promised
		var acts []string
		for i := range 130 {
			id := old.made("theme " + string(rune('a'+i%26)))
			acts = append(acts, old.status(id, models.StatusPlanned, models.Text{}))
		}
		old.invariants()
		h := newHouseOf(t, db, themes.Options{Promises: days})
		h.keep()
		h.invariants()
		var dates []time.Time
		if err := db.Read(ctx).Model(&models.Theme{}).Pluck("promise_date", &dates).Error; err != nil {
			t.Fatal(err)
		}
		perDay := map[string]int{}
		for _, d := range dates {
			perDay[d.Format(time.DateOnly)]++
			if in := d.Sub(db.Now()); in < 14*day || in > 61*day {
				t.Errorf("in %v", in)
			}
		}
		for d, n := range perDay {
			if n > 6 {
				t.Errorf("%d come on %s", n, d)
			}
		}
		if _, err := h.th.Undo(ctx, pm, acts[0]); err != nil { // what the upgrade gave is in nobody's way
			t.Error(err)
		}
	})
}
