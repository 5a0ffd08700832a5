package themes_test

import (
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

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
			{themes.PromiseSet{Themes: []string{a}, Date: soon, Days: 30}, "promise_date_or_days", "date"},
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

// A promise is for a day to come, as the team's clocks count days: of today people hear
// today. A day that was taken after its noon once had them told twice.
func TestAPromiseIsForADayToCome(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusPlanned, models.Text{})
		for _, c := range []struct {
			zone, now, day, code string
		}{
			{"", "2026-03-10T13:00:00Z", "2026-03-10", "date_today"},
			{"", "2026-03-10T08:00:00Z", "2026-03-10", "date_today"},
			{"", "2026-03-10T08:00:00Z", "2026-03-09", "date_past"},
			{"", "2026-03-10T23:59:00Z", "2026-03-11", ""},
			{"", "2026-03-10T08:00:00Z", "2026-03-10T20:00:00Z", "date_today"},
			{"", "2026-03-10T08:00:00Z", "2026-03-10T01:00:00Z", "date_today"},
			{"Asia/Shanghai", "2026-03-10T15:30:00Z", "2026-03-10", "date_today"}, // 23:30
			{"Asia/Shanghai", "2026-03-10T16:30:00Z", "2026-03-10", "date_past"},  // half past midnight
			{"Asia/Shanghai", "2026-03-10T16:30:00Z", "2026-03-11", "date_today"},
			{"Asia/Shanghai", "2026-03-10T15:30:00Z", "2026-03-11", ""},
			{"Asia/Shanghai", "2026-03-10T08:00:00Z", "2026-03-10T17:00:00Z", ""}, // tomorrow there
			{"America/Los_Angeles", "2026-03-11T05:00:00Z", "2026-03-10", "date_today"},
			{"America/Los_Angeles", "2026-03-11T05:00:00Z", "2026-03-11", ""},
		} {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			clock.Add(now.Sub(clock.Now()))
			h.zone(c.zone)
			date, err := themes.ParseDate(c.day)
			if err != nil {
				t.Fatal(err)
			}
			_, one := h.th.TryStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusInProgress, PromiseDate: &date})
			_, _, many := h.th.SetPromises(ctx, pm, themes.PromiseSet{Themes: []string{id}, Date: date})
			if c.code == "" {
				if one != nil || many != nil {
					t.Errorf("%s at %s in %q: %v, %v", c.day, c.now, c.zone, one, many)
				}
				continue
			}
			wantCode(t, one, c.code, "promise_date")
			wantCode(t, many, c.code, "date")
		}
	})
}

// Whoever edits something else of a theme on the promised day sends its day along.
func TestTheDayThatItHasIsNoNewPromise(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusPlanned, models.Text{})
		own := themes.Date{Time: *h.themeOf(id).PromiseDate}
		clock.Add(own.Add(-time.Hour).Sub(clock.Now()))
		if _, _, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{Product: new("app"), PromiseDate: &own}); err != nil {
			t.Error(err)
		}
		if th := h.themeOf(id); !th.PromiseDate.Equal(own.Time) || th.Product != "app" {
			t.Errorf("%v of %q", th.PromiseDate, th.Product)
		}
		clock.Add(day)
	})
}

// An update that is taken back promises nothing: the theme waits for a decision again,
// by the day it had, and an undo of the undo starts anew.
func TestAnUpdateTakenBackGivesThePromiseBack(t *testing.T) {
	promising(t, func(t *testing.T, h *house, clock *modelstest.Clock) {
		id := h.made("export")
		h.status(id, models.StatusUnderReview, models.Text{})
		for range 2 {
			clock.Add(31 * day)
			h.keep()
		}
		type promise struct {
			date string
			sent int
			held bool
			word string
		}
		stands := func() promise {
			th := h.themeOf(id)
			return promise{th.PromiseDate.Format(time.RFC3339), th.PromisesSent, th.DecideAt != nil, th.WordAt.UTC().Format(time.RFC3339)}
		}
		before := stands()
		if !before.held || before.sent != 2 {
			t.Fatalf("%+v waits for nobody", before)
		}
		clock.Add(3 * day)
		one, err := h.th.WriteUpdate(ctx, pm, id, themes.Update{Text: why})
		if err != nil {
			t.Fatal(err)
		}
		after := stands()
		if after.held || after.sent != 0 || after.date == before.date {
			t.Fatalf("an update leaves %+v", after)
		}
		undone, err := h.th.Undo(ctx, pm, one.ActivityID)
		if err != nil || stands() != before {
			t.Errorf("after its undo %+v, want %+v; %v", stands(), before, err)
		}
		again, err := h.th.Undo(ctx, pm, undone)
		if err != nil || stands() != after {
			t.Errorf("told after all %+v, want %+v; %v", stands(), after, err)
		}
		clock.Add(2 * day)
		two, err := h.th.WriteUpdate(ctx, pm, id, themes.Update{Text: why})
		if err != nil {
			t.Fatal(err)
		}
		second := stands()
		if _, err := h.th.Undo(ctx, pm, two.ActivityID); err != nil || stands() != after {
			t.Errorf("the second taken back %+v, want %+v; %v", stands(), after, err)
		}
		three, err := h.th.WriteUpdate(ctx, pm, id, themes.Update{Text: why})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.th.Undo(ctx, pm, again); err != nil || stands() != second {
			t.Errorf("an earlier one taken back while a later one stands moves %+v to %+v; %v", second, stands(), err)
		}
		h.status(id, models.StatusPlanned, models.Text{})
		given := stands()
		if _, err := h.th.Undo(ctx, pm, three.ActivityID); err != nil || stands() != given {
			t.Errorf("a status since, then the undo: %+v, want %+v; %v", stands(), given, err)
		}
	})
}
