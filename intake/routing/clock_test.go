package routing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

func clocks(zone string, edit func(*models.Clocks)) *routing.Plan {
	c := routing.DefaultClocks()
	c.Zone = zone
	if edit != nil {
		edit(&c)
	}
	return routing.NewPlan(c)
}

func TestFirstRepliesAreDueInBusinessTime(t *testing.T) {
	const layout = "2006-01-02 15:04"
	golden := func(c *models.Clocks) { // National Day, with its make-up working day
		c.Holidays = []string{"2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"}
		c.Workdays = []string{"2026-10-10"}
	}
	lunch := func(c *models.Clocks) {
		for d := time.Monday; d <= time.Friday; d++ {
			c.Week[d] = []models.Span{{From: 540, To: 720}, {From: 780, To: 1080}}
		}
	}
	for _, c := range []struct {
		name, zone      string
		edit            func(*models.Clocks)
		urgency         models.Urgency
		filed, due, wrn string
	}{
		{"critical runs round the clock", "Asia/Shanghai", nil, models.UrgencyCritical, "2026-11-28 23:50", "2026-11-29 00:05", "2026-11-29 00:02"},
		{"high too", "Asia/Shanghai", nil, models.UrgencyHigh, "2026-11-28 23:50", "2026-11-29 00:50", "2026-11-29 00:38"},
		{"four hours of a working day", "Asia/Shanghai", nil, models.UrgencyNormal, "2026-11-26 10:00", "2026-11-26 14:00", "2026-11-26 13:12"},
		{"over night", "Asia/Shanghai", nil, models.UrgencyNormal, "2026-11-26 16:00", "2026-11-27 11:00", "2026-11-27 10:12"},
		{"over a weekend", "Asia/Shanghai", nil, models.UrgencyNormal, "2026-11-27 16:00", "2026-11-30 11:00", "2026-11-30 10:12"},
		{"filed on a Sunday", "Asia/Shanghai", nil, models.UrgencyNormal, "2026-11-29 03:00", "2026-11-30 13:00", "2026-11-30 12:12"},
		{"nobody told its urgency", "Asia/Shanghai", nil, "", "2026-11-26 10:00", "2026-11-26 14:00", "2026-11-26 13:12"},
		{"two business days", "Asia/Shanghai", nil, models.UrgencyLow, "2026-11-23 15:00", "2026-11-25 15:00", "2026-11-25 11:24"},
		{"over the holidays to the make-up day", "Asia/Shanghai", golden, models.UrgencyLow, "2026-10-08 17:00", "2026-10-10 17:00", "2026-10-10 13:24"},
		{"a week off", "Asia/Shanghai", golden, models.UrgencyNormal, "2026-09-30 17:00", "2026-10-08 12:00", "2026-10-08 11:12"},
		{"lunch is no business time", "Europe/Berlin", lunch, models.UrgencyNormal, "2026-11-26 10:00", "2026-11-26 15:00", "2026-11-26 14:12"},
		{"the end of a span is still in it", "Europe/Berlin", lunch, models.UrgencyNormal, "2026-11-26 14:00", "2026-11-26 18:00", "2026-11-26 17:12"},
		{"clocks go back", "America/New_York", nil, models.UrgencyNormal, "2026-10-30 16:00", "2026-11-02 11:00", "2026-11-02 10:12"},
		{"clocks go forward", "America/New_York", nil, models.UrgencyNormal, "2026-03-06 16:00", "2026-03-09 11:00", "2026-03-09 10:12"},
		{"minutes before", "Asia/Shanghai", func(c *models.Clocks) { c.WarnBefore = 30 }, models.UrgencyNormal, "2026-11-26 10:00", "2026-11-26 14:00", "2026-11-26 13:30"},
		{"too many minutes before", "Asia/Shanghai", func(c *models.Clocks) { c.WarnBefore = 30 }, models.UrgencyCritical, "2026-11-26 10:00", "2026-11-26 10:15", "2026-11-26 10:07"},
	} {
		p := clocks(c.zone, c.edit)
		at, err := time.ParseInLocation(layout, c.filed, p.Location())
		if err != nil {
			t.Fatal(err)
		}
		got := p.Start(c.urgency, at)
		if got == nil || got.Due.In(p.Location()).Format(layout) != c.due || got.Warn.In(p.Location()).Format(layout) != c.wrn {
			t.Errorf("%s: %+v, want %s and %s", c.name, got, c.due, c.wrn)
		}
	}
}

func TestWithoutPolicyOrBusinessTimeThereIsNoClock(t *testing.T) {
	at := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	if c := clocks("UTC", func(c *models.Clocks) { c.Policies = nil }).Start(models.UrgencyHigh, at); c != nil {
		t.Errorf("%+v", c)
	}
	if c := clocks("UTC", func(c *models.Clocks) { c.Week = [7][]models.Span{} }).Start(models.UrgencyNormal, at); c != nil {
		t.Errorf("%+v", c)
	}
	if c := clocks("UTC", func(c *models.Clocks) { c.Warn = 0 }).Start(models.UrgencyHigh, at); c == nil || !c.Warn.IsZero() {
		t.Errorf("warned all the same: %+v", c)
	}
}

// plans are calendars of all kinds, where the clocks change and where not.
func plans() *rapid.Generator[*routing.Plan] {
	return rapid.Custom(func(t *rapid.T) *routing.Plan {
		c := routing.DefaultClocks()
		c.Zone = rapid.SampledFrom([]string{"UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"}).Draw(t, "zone")
		for d := range c.Week {
			c.Week[d] = nil
			at := 0
			for range rapid.IntRange(0, 3).Draw(t, "spans") {
				from := at + rapid.IntRange(0, 300).Draw(t, "gap")
				to := from + rapid.IntRange(1, 400).Draw(t, "length")
				if to > 1440 {
					break
				}
				c.Week[d], at = append(c.Week[d], models.Span{From: from, To: to}), to
			}
		}
		c.Holidays = rapid.SliceOfN(rapid.Custom(date), 0, 3).Draw(t, "holidays")
		c.Workdays = rapid.SliceOfN(rapid.Custom(date), 0, 2).Draw(t, "workdays")
		c.Policies[models.UrgencyNormal] = models.ClockPolicy{Amount: rapid.IntRange(1, 900).Draw(t, "minutes"), Unit: models.UnitMinutes, Business: rapid.Bool().Draw(t, "business")}
		return routing.NewPlan(c)
	})
}

// The year's changes of clocks are what most of them lie around.
func moment(t *rapid.T) time.Time {
	day := rapid.SampledFrom([]string{"2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31", "2026-12-30", "2026-07-01"}).Draw(t, "day")
	at, _ := time.Parse(time.DateOnly, day)
	return at.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(t, "minute")) * time.Minute)
}

func date(t *rapid.T) string { return moment(t).Format(time.DateOnly) }

// What a clock uses up is business time and nothing else: it ends where walking minute
// by minute and counting only those ends.
func TestAClockEqualsAWalkMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, at := plans().Draw(t, "plan"), moment(t)
		policy := p.Policies[models.UrgencyNormal]
		c := p.Start(models.UrgencyNormal, at)
		left, now := policy.Amount, at
		for end := at.AddDate(0, 0, 30); left > 0 && now.Before(end); now = now.Add(time.Minute) {
			if !policy.Business || p.IsOpen(now) {
				left--
			}
		}
		switch {
		case left > 0:
			if c != nil && c.Due.Before(now) {
				t.Fatalf("due %v, though %d minutes are left at %v", c.Due, left, now)
			}
		case c == nil || !c.Due.Equal(now):
			t.Fatalf("%+v, walked to %v", c, now)
		}
	})
}

// Who files later is never due earlier, and the warning never comes after the end.
func TestClocksAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, at := plans().Draw(t, "plan"), moment(t)
		later := at.Add(time.Duration(rapid.Int64Range(0, int64(72*time.Hour)).Draw(t, "later")))
		a, b := p.Start(models.UrgencyNormal, at), p.Start(models.UrgencyNormal, later)
		if a == nil || b == nil {
			return
		}
		if b.Due.Before(a.Due) {
			t.Fatalf("filed %v due %v, filed %v due %v", at, a.Due, later, b.Due)
		}
		for _, c := range []*routing.Clock{a, b} {
			if c.Warn.After(c.Due) || !c.Due.After(at) {
				t.Fatalf("%+v", c)
			}
		}
	})
}
