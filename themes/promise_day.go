package themes

import (
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const mostYears = 100 // that a promise may lie ahead

// future reads a day that a person gives for a promise; nil for the zero Date. It must
// come after today where the team is, whose zone today carries: what is said today is
// today's word, and a promise of today would be a second mail that says the same. Fields
// promise_date: date_unreadable, date_past, date_today, date_far.
func (d Date) future(today time.Time) (*time.Time, error) {
	if d.unread != "" {
		return nil, models.BadField("promise_date", "date_unreadable", d.unread)
	}
	if d.IsZero() {
		return nil, nil
	}
	day := d.In(today.Location()).Format(time.DateOnly)
	if d.day {
		day = d.Format(time.DateOnly)
	}
	switch now := today.Format(time.DateOnly); {
	case day < now:
		return nil, models.BadField("promise_date", "date_past")
	case day == now:
		return nil, models.BadField("promise_date", "date_today", today.Location().String())
	case d.After(today.AddDate(mostYears, 0, 0)):
		return nil, models.BadField("promise_date", "date_far", mostYears)
	}
	return new(d.UTC()), nil
}

// today is now, in the zone where the team's days begin: that of its clocks.
func (t *Themes) today(db *gorm.DB) (time.Time, error) {
	var s models.ClockSetting
	if err := db.Limit(1).Find(&s, "id = 1").Error; err != nil {
		return time.Time{}, err
	}
	zone, err := time.LoadLocation(s.Clocks.V.Zone)
	if err != nil || s.Clocks.V.Zone == "" {
		zone = time.UTC
	}
	return t.db.Now().In(zone), nil
}
