package notifier

import (
	"fmt"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Hours is a span of the day by the clock on the wall, as times since midnight; To
// before From passes midnight. The zero value is none.
type Hours struct{ From, To time.Duration }

// ParseHours reads a span such as 21:00-08:00.
func ParseHours(s string) (Hours, error) {
	from, to, _ := strings.Cut(s, "-")
	f, ferr := time.Parse("15:04", strings.TrimSpace(from))
	t, terr := time.Parse("15:04", strings.TrimSpace(to))
	if ferr != nil || terr != nil || f.Equal(t) {
		return Hours{}, fmt.Errorf("%q is no span of the day", s)
	}
	return Hours{onTheClock(f), onTheClock(t)}, nil
}

// String is the form that ParseHours reads, "" for none.
func (h Hours) String() string {
	if h == (Hours{}) {
		return ""
	}
	return clockText(h.From) + "-" + clockText(h.To)
}

func clockText(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") }

// onTheClock is what a clock on the wall shows, as the time since midnight.
func onTheClock(local time.Time) time.Duration {
	h, m, s := local.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(local.Nanosecond())
}

// holds reports whether the clock stands within the span.
func (h Hours) holds(local time.Time) bool {
	at := onTheClock(local)
	if h.From <= h.To {
		return h.From <= at && at < h.To
	}
	return at >= h.From || at < h.To
}

// over is the first moment from t on that is outside the span in zone. Where the
// clocks change meanwhile it is asked again: an hour may come twice, or never.
func (h Hours) over(t time.Time, zone *time.Location) time.Time {
	for local := t.In(zone); h.holds(local); local = t.In(zone) {
		t = until(local, (h.To-onTheClock(local)+day)%day)
	}
	return t
}

// until is wait later, or when the clocks change if that is sooner: within one offset
// the wall clock runs like any other.
func until(local time.Time, wait time.Duration) time.Time {
	next := local.Add(wait)
	if _, end := local.ZoneBounds(); !end.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// dateOf is a day as a number that grows, of the year, month and day on the calendar.
func dateOf(local time.Time) int {
	y, m, d := local.Date()
	return y*10000 + int(m)*100 + d
}

// nextDay is the first moment after t of a later date.
func nextDay(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	for today := dateOf(local); dateOf(local) <= today; {
		local = until(local, day-onTheClock(local)).In(zone)
	}
	return local
}

// dayBegan is the first moment of the date that t has.
func dayBegan(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	y, m, d := local.Date()
	before := time.Date(y, m, d-1, 12, 0, 0, 0, zone)
	for dateOf(before) < dateOf(local) {
		next := nextDay(before, zone)
		if dateOf(next) >= dateOf(local) {
			return next
		}
		before = next
	}
	return before
}

// atHour is the first moment of t's date, from t on, at which the clock has passed
// hour; the next day's beginning where it never does.
func atHour(t time.Time, hour time.Duration, zone *time.Location) time.Time {
	local := t.In(zone)
	for today := dateOf(local); dateOf(local) == today && onTheClock(local) < hour; {
		local = until(local, hour-onTheClock(local)).In(zone)
	}
	return local
}
