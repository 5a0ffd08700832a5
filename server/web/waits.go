package web

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
)

// Who reads until when somebody waits.
const (
	WaitsForStaff = "waits"
	WaitsForThem  = "preferences.waits"
)

// Waits says until when, in the person's own time, and why somebody is not told yet; ""
// of what is told, is not to be told, or goes any moment.
//
// whom is the keys' beginning: WaitsForStaff, or WaitsForThem on the person's own page.
func Waits(p *i18n.Printer, whom string, t notifier.Told, zone *time.Location) string {
	switch {
	case t.SkipReason != "" || t.ToldAt != nil:
		return ""
	case t.State == string(models.DeliveryReady) && t.Answer == notifier.NightAnswer && t.RunAt != nil:
		return p.T(whom+".quiet", Local(p, *t.RunAt, zone))
	case t.State != "collecting":
		return ""
	}
	at := Local(p, t.DueAt, zone)
	switch t.Hold {
	case models.HoldWindow:
		return p.T(whom+".window", at)
	case models.HoldCeiling:
		return p.T(whom+".ceiling", at)
	case models.HoldQuiet:
		return p.T(whom+".quiet", at)
	case models.HoldDaily, models.HoldWeekly:
		return p.T(whom+".digest", at)
	}
	return p.T(whom+".settle", at)
}

// Local is a moment on a person's own calendar, with its day of the week.
func Local(p *i18n.Printer, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return p.T("waits.at", p.T(Weekday(t.Weekday())), p.Date(t), t.Format("15:04"))
}

// ZoneName names a zone for people. The machine's own is called "Local" by the library,
// which tells nobody anything: it is named by how far it is from UTC at now.
func ZoneName(zone *time.Location, now time.Time) string {
	if zone != time.Local {
		return zone.String()
	}
	return now.In(zone).Format("UTC-07:00")
}

// Weekday is the key of a day's name.
func Weekday(d time.Weekday) string {
	return "weekday." + [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[d]
}
