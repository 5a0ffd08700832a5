package notifier

import (
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// NightAnswer is the answer of a delivery that waits for its person's morning.
const NightAnswer = "quiet_hours"

// awake is when a person takes mail; the zero value is at any hour.
type awake struct {
	quiet Hours
	zone  *time.Location
}

// from is the first moment from t on at which mail may come.
func (a awake) from(t time.Time) time.Time {
	if a.quiet == (Hours{}) {
		return t
	}
	return a.quiet.over(t, a.zone)
}

// awake looks up when the people of deliveries take mail, by delivery. It is asked when mail is
// claimed, since much can pass between then and its making: a relay may be down. What
// waits for nothing is not asked for.
func (l *lane) awake(tx *gorm.DB, ds []models.Delivery) (map[string]awake, error) {
	if l.name != models.LaneNormal {
		return nil, nil
	}
	var people []string
	for _, d := range ds {
		if isFollowUp(Kind(d.Kind)) {
			people = append(people, d.PersonID)
		}
	}
	if people = distinct(people); len(people) == 0 {
		return nil, nil
	}
	type row struct{ ID, TimeZone, QuietHours string }
	var rows []row
	all := l.n.quietOf("") != (Hours{}) // else only those with hours of their own
	err := tx.Raw(`SELECT p.id, p.time_zone, COALESCE(r.quiet_hours, '') AS quiet_hours FROM people p
		LEFT JOIN rhythms r ON r.person_id = p.id WHERE p.id IN ? AND (? OR r.quiet_hours <> '')`, people, all).Scan(&rows).Error
	out := make(map[string]awake, len(ds))
	hours := byID(rows, func(r row) string { return r.ID })
	for _, d := range ds {
		if r, ok := hours[d.PersonID]; ok && isFollowUp(Kind(d.Kind)) {
			out[d.ID] = awake{l.n.quietOf(r.QuietHours), l.n.zoneOf(r.TimeZone)}
		}
	}
	return out, err
}

// putOff lets a delivery wait, and live that much longer.
func putOff(tx *gorm.DB, d models.Delivery, at, now time.Time) error {
	return tx.Exec("UPDATE deliveries SET run_at = ?, not_after = ?, answer = ?, updated_at = ? WHERE id = ?",
		at, d.NotAfter.Add(at.Sub(now)), NightAnswer, now, d.ID).Error
}
