package notifier

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// allZones are the names of the zones this machine knows, or the odd ones where it
// knows none.
func allZones(t *testing.T) []*time.Location {
	t.Helper()
	names := []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
		"Africa/Cairo", "America/Santiago", "Asia/Beirut", "Pacific/Chatham", "Antarctica/Troll", "Africa/Casablanca", "America/Nuuk", "Pacific/Apia"}
	root := "/usr/share/zoneinfo"
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if name, _ := filepath.Rel(root, path); err == nil && !d.IsDir() && name[0] >= 'A' && name[0] <= 'Z' {
			if b, err := os.ReadFile(path); err == nil && strings.HasPrefix(string(b), "TZif") {
				names = append(names, name)
			}
		}
		return nil
	})
	slices.Sort(names)
	var zones []*time.Location
	for _, name := range slices.Compact(names) {
		if z, err := time.LoadLocation(name); err == nil {
			zones = append(zones, z)
		}
	}
	return zones
}

// Over a whole year, in every zone, by looking at each quarter of an hour: mail that
// may not go waits for the first quarter at which it may, no longer and no shorter.
func TestQuietHoursEndAsTheClockOnTheWallSays(t *testing.T) {
	const step = 15 * time.Minute
	spans := []Hours{{21 * time.Hour, 8 * time.Hour}, {2 * time.Hour, 3 * time.Hour}, {0, 6 * time.Hour}, {23*time.Hour + 30*time.Minute, 2*time.Hour + 15*time.Minute}}
	zones := allZones(t)
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	steps := int(366 * day / step)
	checked, changes := 0, 0
	for n, zone := range zones {
		h := spans[n%len(spans)]
		ends := first.Add(time.Duration(steps) * step) // by brute force, from behind
		ends = h.over(ends, zone)
		for i := steps - 1; i >= 0; i-- {
			at := first.Add(time.Duration(i) * step)
			local := at.In(zone)
			if !h.holds(local) {
				ends = at
			}
			if _, end := local.ZoneBounds(); !end.IsZero() && end.Sub(at) <= step {
				changes++
			}
			if !h.holds(local) || i%7 != 0 && h.To-onTheClock(local) > 2*time.Hour {
				continue
			}
			if checked++; !h.over(at, zone).Equal(ends) {
				t.Fatalf("%s, %s: from %s on it ends %s, by counting %s", zone, h, local, h.over(at, zone).In(zone), ends.In(zone))
			}
		}
	}
	t.Logf("%d zones, %d changes of clocks, %d moments", len(zones), changes, checked)
}

// Where a day begins, and when its clock passes an hour, by looking at each quarter.
func TestDaysBeginAndHoursComeAsTheClockOnTheWallSays(t *testing.T) {
	const step = 15 * time.Minute
	for n, zone := range allZones(t) {
		if n%4 != 0 {
			continue
		}
		at := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
		began := dayBegan(at, zone)
		passed := at // the first day is half over
		hour := 2*time.Hour + 30*time.Minute
		for end := at.Add(366 * day); at.Before(end); at = at.Add(step) {
			local := at.In(zone)
			if dateOf(local) > dateOf(began.In(zone)) {
				if next := nextDay(at.Add(-step), zone); !next.Equal(at) {
					t.Fatalf("%s: the day after %s begins %s, by counting %s", zone, at.Add(-step).In(zone), next, local)
				}
				began, passed = at, time.Time{}
				if !dayBegan(at.Add(step), zone).Equal(began) {
					t.Fatalf("%s: %s began %s", zone, local, dayBegan(at.Add(step), zone).In(zone))
				}
			}
			if passed.IsZero() && began.Equal(dayBegan(at, zone)) && onTheClock(local) >= hour {
				passed = at
				if got := atHour(began, hour, zone); at.Sub(began) < 20*time.Hour && !got.Equal(passed) {
					t.Fatalf("%s: on the day of %s it is 2:30 at %s, by counting %s", zone, began.In(zone), got, passed.In(zone))
				}
			}
		}
	}
}
