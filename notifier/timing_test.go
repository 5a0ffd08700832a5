package notifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

var night = Hours{21 * time.Hour, 8 * time.Hour}

// timed runs a ledger with the limits of the defaults. The clock starts on Tuesday,
// 24 November 2026, 09:00 UTC.
func (h *house) timed(change func(*LedgerOptions)) *node {
	return h.start(func(o *LedgerOptions) {
		o.Window, o.DailyLimit, o.QuietHours, o.Zone = time.Hour, 4, night, time.UTC
		if change != nil {
			change(o)
		}
	})
}

// at lets time pass until a moment, minute by minute where something is due, and waits
// until all that is due is done.
func (h *house) at(to time.Time, down ...bool) {
	h.t.Helper()
	for {
		h.workedOff(len(down) == 1 && down[0])
		now := h.db.Now()
		if !now.Before(to) {
			return
		}
		next := to
		for _, q := range []string{"SELECT due_at AS at FROM follow_up_items WHERE " + waiting + " ORDER BY due_at LIMIT 1",
			"SELECT run_at AS at FROM deliveries WHERE state = 'ready' ORDER BY run_at LIMIT 1"} {
			var due []time.Time
			if err := h.db.Read(context.Background()).Raw(q).Scan(&due).Error; err != nil {
				h.t.Fatal(err)
			}
			if len(due) == 1 && due[0].After(now) && due[0].Before(next) {
				next = due[0]
			}
		}
		h.clock.Add(next.Sub(now))
	}
}

func (h *house) workedOff(down bool) {
	h.t.Helper()
	h.until("read", func() bool { return h.count("activities", "1 = 1") == 0 || h.cursorAtEnd() })
	h.until("worked off", func() bool {
		return h.count("fanouts", "done_at IS NULL") == 0 && h.count("follow_up_items", waiting+" AND due_at <= ?", h.db.Now()) == 0 &&
			(down || h.count("deliveries", "state IN ('leased', 'sending') OR state = 'ready' AND run_at <= ?", h.db.Now()) == 0)
	})
}

func (h *house) wish(person, kind, mode string) {
	h.t.Helper()
	h.write(func(_ context.Context, tx *gorm.DB) error {
		return tx.Create(&models.Preference{PersonID: person, Kind: kind, Mode: mode, UpdatedAt: h.db.Now()}).Error
	})
}

func (h *house) zone(person, zone string) {
	h.t.Helper()
	h.write(func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE people SET time_zone = ? WHERE id = ?", zone, person).Error
	})
}

// mails is when the one person got which kind of mail, in their zone: "Tue 09:05 status".
func (h *house) mails(person string, zone *time.Location) []string {
	h.t.Helper()
	var ds []models.Delivery
	if err := h.db.Read(context.Background()).Order("sent_at").Find(&ds, "person_id = ? AND state = 'sent'", person).Error; err != nil {
		h.t.Fatal(err)
	}
	out := []string{}
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%s %s %d", d.SentAt.In(zone).Format("Mon 15:04"), d.Kind, h.count("follow_up_items", "delivery_id = ?", d.ID)))
	}
	return out
}

// deed is what happens at a time of the person's clock: "Tue 22:10" of the week.
type deed struct {
	at string
	do string // a status of the next theme, or "again <status>" of the first; "down", "up"
}

var timelines = []struct {
	name  string
	zone  string
	begin time.Time // of its week's Tuesday; zero is 24 November 2026
	wish  string    // kind=mode, "hour 15", "quiet off"
	deeds []deed
	want  []string // mails: when, kind, how many changes
}{
	{name: "the first goes at once after it settled", deeds: []deed{{"Tue 10:00", "planned"}}, want: []string{"Tue 10:05 status 1"}},
	{name: "what settles within the window waits until it is over, and goes together", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 10:10", "planned"}, {"Tue 10:30", "shipped"}, {"Tue 11:06", "planned"}},
		want: []string{"Tue 10:05 status 1", "Tue 11:05 status 2", "Tue 12:05 status 1"}},
	{name: "what settles after the window goes at once", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 11:30", "planned"}}, want: []string{"Tue 10:05 status 1", "Tue 11:35 status 1"}},
	{name: "a night is slept through", deeds: []deed{{"Tue 20:57", "planned"}, {"Wed 03:00", "planned"}, {"Wed 07:59", "planned"}}, want: []string{"Wed 08:00 status 2", "Wed 09:00 status 1"}},
	{name: "the last minute before the night", deeds: []deed{{"Tue 20:54", "planned"}}, want: []string{"Tue 20:59 status 1"}},
	{name: "the window ends at night", deeds: []deed{{"Tue 20:20", "planned"}, {"Tue 20:30", "planned"}}, want: []string{"Tue 20:25 status 1", "Wed 08:00 status 1"}},
	{name: "nights are the person's own", zone: "Asia/Shanghai", deeds: []deed{{"Tue 22:00", "planned"}}, want: []string{"Wed 08:00 status 1"}},
	{name: "nights that the person set", wish: "quiet 12:00-14:00", deeds: []deed{{"Tue 12:30", "planned"}, {"Tue 22:30", "planned"}}, want: []string{"Tue 14:00 status 1", "Tue 22:35 status 1"}},
	{name: "no nights", wish: "quiet off", deeds: []deed{{"Tue 23:30", "planned"}}, want: []string{"Tue 23:35 status 1"}},
	{name: "four a day, the rest next morning in one", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 12:00", "planned"}, {"Tue 14:00", "planned"}, {"Tue 16:00", "planned"}, {"Tue 17:30", "planned"}, {"Tue 19:00", "planned"}},
		want: []string{"Tue 10:05 status 1", "Tue 12:05 status 1", "Tue 14:05 status 1", "Tue 16:05 status 1", "Wed 08:00 status 2"}},
	{name: "shipped passes the four", deeds: []deed{{"Tue 09:30", "planned"}, {"Tue 11:00", "planned"}, {"Tue 13:00", "planned"}, {"Tue 15:00", "planned"}, {"Tue 17:00", "planned"}, {"Tue 19:00", "shipped"}},
		want: []string{"Tue 09:35 status 1", "Tue 11:05 status 1", "Tue 13:05 status 1", "Tue 15:05 status 1", "Tue 19:05 status 1", "Wed 08:00 status 1"}},
	{name: "shipped does not pass the night", deeds: []deed{{"Tue 22:00", "shipped"}}, want: []string{"Wed 08:00 status 1"}},
	{name: "four a day, without nights", wish: "quiet off", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 12:00", "planned"}, {"Tue 14:00", "planned"}, {"Tue 16:00", "planned"}, {"Tue 18:00", "planned"}},
		want: []string{"Tue 10:05 status 1", "Tue 12:05 status 1", "Tue 14:05 status 1", "Tue 16:05 status 1", "Wed 08:00 status 1"}},
	{name: "a digest a day", wish: "all=daily", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 15:00", "shipped"}, {"Wed 08:50", "planned"}, {"Wed 09:01", "planned"}},
		want: []string{"Wed 09:00 digest 3", "Thu 09:00 digest 1"}},
	{name: "a digest at the person's hour and zone", zone: "Asia/Shanghai", wish: "all=daily, hour 15", deeds: []deed{{"Tue 18:00", "planned"}}, want: []string{"Wed 15:00 digest 1"}},
	{name: "a digest whose hour is at night comes in the morning", wish: "all=daily, hour 6", deeds: []deed{{"Tue 10:00", "planned"}}, want: []string{"Wed 08:00 digest 1"}},
	{name: "a digest whose hour is at night comes every morning", wish: "all=daily, hour 22", deeds: []deed{{"Tue 10:00", "planned"}, {"Wed 10:00", "planned"}, {"Thu 10:00", "planned"}, {"Fri 07:00", "planned"}, {"Fri 20:00", "planned"}},
		want: []string{"Wed 08:00 digest 1", "Thu 08:00 digest 1", "Fri 08:00 digest 2", "Sat 08:00 digest 1"}},
	{name: "a digest that comes late does not make the next late", wish: "all=daily, hour 20", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 19:00", "down"}, {"Tue 23:00", "up"}, {"Wed 10:00", "planned"}},
		want: []string{"Wed 08:00 digest 1", "Wed 20:00 digest 1"}},
	{name: "a wish that is saved as a digest is due makes it slip nothing", wish: "status=daily", deeds: []deed{{"Tue 08:30", "planned"}, {"Tue 08:59", "planned"}, {"Tue 09:00", "wish"}, {"Tue 12:00", "wish"}},
		want: []string{"Tue 09:00 digest 1", "Wed 09:00 digest 1"}},
	{name: "a digest for which a day has no room comes with the next", wish: "update=daily, hour 20", deeds: []deed{{"Tue 10:00", "planned"}, {"Tue 12:00", "planned"}, {"Tue 14:00", "planned"}, {"Tue 16:00", "planned"},
		{"Tue 17:00", "update"}, {"Wed 17:00", "update"}},
		want: []string{"Tue 10:05 status 1", "Tue 12:05 status 1", "Tue 14:05 status 1", "Tue 16:05 status 1", "Wed 20:00 digest 2"}},
	{name: "a digest a week", wish: "all=weekly", deeds: []deed{{"Tue 10:00", "planned"}, {"Wed 10:00", "planned"}, {"Sun 23:00", "planned"}, {"Mon 12:00", "planned"}}, want: []string{"Mon 09:00 digest 3"}},
	{name: "off is off", wish: "status=off", deeds: []deed{{"Tue 10:00", "planned"}}, want: []string{}},
	{name: "there and back over night", deeds: []deed{{"Tue 22:00", "planned"}, {"Wed 06:00", "again received"}}, want: []string{}},
	{name: "the last state of a night is told", deeds: []deed{{"Tue 22:00", "planned"}, {"Wed 06:00", "again in_progress"}}, want: []string{"Wed 08:00 status 1"}},
	{name: "a relay that is down for a day brings one mail", deeds: []deed{{"Tue 10:00", "down"}, {"Tue 10:01", "planned"}, {"Tue 12:00", "planned"}, {"Tue 14:00", "planned"}, {"Tue 15:00", "again in_progress"}, {"Wed 10:00", "up"}},
		want: []string{"Wed 10:00 status 3"}},
	{name: "a relay that comes back at night brings nothing until the morning", deeds: []deed{{"Tue 18:00", "down"}, {"Tue 18:01", "planned"}, {"Tue 23:00", "up"}}, want: []string{"Wed 08:00 status 1"}},
	{name: "the hour that does not exist", zone: "America/New_York", begin: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC), wish: "all=weekly, hour 2, weekday 0, quiet off", deeds: []deed{{"Tue 10:00", "planned"}},
		want: []string{"Sun 03:00 digest 1"}},
	{name: "the hour that comes twice", zone: "America/New_York", begin: time.Date(2026, 10, 27, 0, 0, 0, 0, time.UTC), wish: "all=daily, hour 1, quiet off", deeds: []deed{{"Sat 10:00", "planned"}, {"Sun 01:30", "planned"}},
		want: []string{"Sun 01:00 digest 1", "Mon 01:00 digest 1"}},
}

func TestWhenAFollowUpGoes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		defer func() { h.t = t }()
		for _, c := range timelines {
			t.Run(c.name, func(t *testing.T) {
				h.t = t
				h.timeline(c.zone, c.begin, c.wish, c.deeds, c.want)
			})
		}
	})
}

func (h *house) timeline(zoneName string, begin time.Time, wish string, deeds []deed, want []string) {
	h.t.Helper()
	zone := time.UTC
	if zoneName != "" {
		zone, _ = time.LoadLocation(zoneName)
	}
	if begin.IsZero() {
		begin = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	}
	moment := func(s string) time.Time {
		name, clock, _ := strings.Cut(s, " ")
		days := slices.Index([]string{"Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"}, name)
		at, err := time.Parse("15:04", clock)
		if err != nil || days < 0 {
			h.t.Fatal(s, err)
		}
		y, m, d := begin.Date()
		return time.Date(y, m, d+days, at.Hour(), at.Minute(), 0, 0, zone)
	}
	h.clock.Add(begin.Add(-day).Sub(h.clock.Now()))
	themes := make([]string, len(deeds))
	for i := range themes {
		themes[i] = h.theme(exports, models.StatusReceived)
	}
	p := h.people(1, themes...)[0]
	h.zone(p, zoneName)
	h.setRhythm(p, wish)
	down, first := false, themes[0]
	n := h.timed(nil)
	for _, d := range deeds {
		h.at(moment(d.at), down)
		again, isAgain := strings.CutPrefix(d.do, "again ")
		switch {
		case d.do == "down" || d.do == "up":
			down = d.do == "down"
			n.halt()
			n = h.timed(func(o *LedgerOptions) {
				if down {
					o.Pool = nil
				}
			})
			continue
		case d.do == "wish":
			if err := n.SavePreferences(context.Background(), n.unsubscribeToken(p), Wishes{QuietHours: new(string)}); err != nil {
				h.t.Fatal(err)
			}
			continue
		case d.do == "update":
			h.write(func(ctx context.Context, tx *gorm.DB) error {
				c := models.Change{Text: &models.Text{EN: "We are at it."}, Notify: true}
				return h.db.Record(ctx, tx, staff.By(), &models.Activity{Verb: models.ThemeUpdated, ThemeID: first, Snapshot: c.Encode()})
			})
			themes = themes[1:]
		case isAgain:
			h.give(first, models.Status(again), nil)
		default:
			h.give(themes[0], models.Status(d.do), nil)
			themes = themes[1:]
		}
		h.until("read", h.cursorAtEnd)
		h.until("written down", func() bool { return h.count("fanouts", "done_at IS NULL") == 0 })
	}
	h.at(moment("Mon 23:00"))
	n.halt()
	if got := h.mails(p, zone); !slices.Equal(got, want) {
		h.t.Errorf("got %q\nwant %q; reasons %q", got, want, h.reasons(p))
	}
	h.write(func(_ context.Context, tx *gorm.DB) error { // the next timeline begins with nothing due
		return tx.Exec("UPDATE follow_up_items SET skip_reason = 'superseded' WHERE " + waiting).Error
	})
}

// setRhythm reads "all=daily, hour 15, weekday 0, quiet off".
func (h *house) setRhythm(person, wish string) {
	h.t.Helper()
	r := models.Rhythm{PersonID: person, DigestHour: defaultDigestHour, DigestWeekday: time.Monday, UpdatedAt: h.db.Now()}
	for _, w := range strings.Split(wish, ", ") {
		if kind, mode, ok := strings.Cut(w, "="); ok {
			h.wish(person, kind, mode)
		}
		name, value, _ := strings.Cut(w, " ")
		switch name {
		case "hour":
			fmt.Sscan(value, &r.DigestHour)
		case "weekday":
			fmt.Sscan(value, &r.DigestWeekday)
		case "quiet":
			r.QuietHours = value
		}
	}
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Create(&r).Error })
}
