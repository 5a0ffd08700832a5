package themes_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"github.com/heedhq/heed/auth"
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
				return h.th.NewsGiven(ctx, tx, &th)
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

func TestDatesInBulkAndTheirUndo(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		a, b, c, gone := h.made("a"), h.made("b"), h.made("c"), h.made("gone")
		h.status(a, models.StatusPlanned, models.Text{})
		h.status(b, models.StatusInProgress, models.Text{})
		h.status(c, models.StatusPostponed, why)
		h.status(gone, models.StatusDeclined, why)
		before := h.rows()
		soon, _ := themes.ParseDate(h.db.Now().Add(12 * day).Format(time.DateOnly))
		act, ths, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{c, a, b}, Date: soon})
		if err != nil || len(ths) != 3 {
			t.Fatal(len(ths), err)
		}
		for _, id := range []string{a, b, c} {
			if got := h.inDays(id); got != 12 {
				t.Errorf("in %d days", got)
			}
		}
		after := h.rows()
		undo, err := h.th.Undo(ctx, pm, act)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.rows(); got != before {
			t.Errorf("after the undo:\n%s\nwant\n%s", got, before)
		}
		if _, err := h.th.Undo(ctx, pm, undo); err != nil {
			t.Fatal(err)
		}
		if got := h.rows(); got != after {
			t.Errorf("done again:\n%s\nwant\n%s", got, after)
		}
		if _, _, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{a}, Days: 30}); err != nil || h.inDays(a) != 42 {
			t.Errorf("30 days more: in %d days, %v", h.inDays(a), err)
		}
		for _, bad := range []struct {
			set         themes.PromiseSet
			code, field string
		}{
			{themes.PromiseSet{Date: soon}, "themes_required", "themes"},
			{themes.PromiseSet{Themes: []string{a}}, "promise_date_required", "date"},
			{themes.PromiseSet{Themes: []string{a}, Days: 731}, "promise_days_range", "days"},
			{themes.PromiseSet{Themes: []string{a}, Date: themes.Date{Time: h.db.Now().Add(-2 * day)}}, "date_past", "date"},
			{themes.PromiseSet{Themes: []string{a, gone}, Date: soon}, "promise_closed", "themes/1"},
			{themes.PromiseSet{Themes: []string{"thm_1"}, Date: soon}, "theme_unknown", "themes/0"},
		} {
			_, _, err := h.th.SetPromises(ctx, pm, bad.set)
			wantCode(t, err, bad.code, bad.field)
		}
		if got := h.inDays(a); got != 42 {
			t.Errorf("a refused step moved a date: in %d days", got)
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

// A day that nobody will see is refused, however it is set: it once stopped whole batches.
func TestAPromiseIsNotForTheNextMillennium(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		far, err := themes.ParseDate("9999-12-31")
		if err != nil {
			t.Fatal(err)
		}
		th := h.filled("theme", "dark mode at night")
		if _, _, err := h.th.SetStatus(ctx, pm, th, themes.StatusChange{Status: models.StatusPlanned, PromiseDate: &far}); models.KindOf(err) != models.Invalid {
			t.Errorf("with a status: %v", err)
		}
		if _, _, err := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{th}, Date: far}); models.KindOf(err) != models.Invalid {
			t.Errorf("in bulk: %v", err)
		}
	})
}
