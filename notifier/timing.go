package notifier

import (
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	// morning is when what was too much for a day comes the day after.
	morning = 8 * time.Hour
	// lookBack is how far back a person's mails are looked at: longer than any is tried.
	lookBack = 10 * day
	// defaultDigestHour is when digests come to who has not said.
	defaultDigestHour = 9
)

// rhythm is what decides when one person's follow-ups come.
type rhythm struct {
	models.Rhythm
	reached
	o     *LedgerOptions
	zone  *time.Location
	quiet Hours
	modes map[string]string // by kind
	last  time.Time         // their latest follow-up; zero for none in the last days
	mails []pastMail
	open  string // a mail that waits and has never been tried: what settles now may join it
}

// pastMail is a follow-up that a person got, or is about to get.
type pastMail struct {
	PersonID, ID, Kind, BodyHash string
	State                        models.DeliveryState
	CreatedAt, UpdatedAt         time.Time
	SentAt                       *time.Time
}

// isOpen says that the mail may still go.
func (m pastMail) isOpen() bool {
	switch m.State {
	case models.DeliveryReady, models.DeliveryLeased, models.DeliverySending, models.DeliveryInDoubt:
		return true
	}
	return false
}

// rhythms reads what decides for these people: three queries, however many wait.
func (n *Notifier) rhythms(tx *gorm.DB, people []string) (map[string]*rhythm, error) {
	out := make(map[string]*rhythm, len(people))
	all, err := reach(tx, people)
	if err != nil {
		return nil, err
	}
	for id, p := range all {
		out[id] = &rhythm{o: &n.o, reached: p, modes: map[string]string{},
			Rhythm: models.Rhythm{PersonID: id, DigestHour: defaultDigestHour, DigestWeekday: time.Monday}}
	}
	var own []models.Rhythm
	if err := tx.Find(&own, "person_id IN ?", people).Error; err != nil {
		return nil, err
	}
	for _, r := range own {
		if x := out[r.PersonID]; x != nil {
			x.Rhythm = r
		}
	}
	var wishes []models.Preference
	if err := tx.Find(&wishes, "person_id IN ?", people).Error; err != nil {
		return nil, err
	}
	for _, w := range wishes {
		if x := out[w.PersonID]; x != nil {
			x.modes[w.Kind] = w.Mode
		}
	}
	for _, x := range out {
		x.zone, x.quiet = n.zoneOf(x.TimeZone), n.quietOf(x.QuietHours)
	}
	if n.o.Window <= 0 && n.o.DailyLimit <= 0 {
		return out, nil
	}
	return out, n.pastMails(tx, people, out)
}

// pastMails reads the follow-ups of the last days. An id tells when it was made.
func (n *Notifier) pastMails(tx *gorm.DB, people []string, out map[string]*rhythm) error {
	var mails []pastMail
	err := tx.Raw(`SELECT person_id, id, kind, state, body_hash, created_at, updated_at, sent_at FROM deliveries
		WHERE person_id IN ? AND lane = ? AND created_at > ? AND state IN ('ready', 'leased', 'sending', 'in_doubt', 'sent') ORDER BY id`,
		people, models.LaneNormal, n.db.Now().Add(-lookBack)).Scan(&mails).Error
	for _, m := range mails {
		x := out[m.PersonID]
		if x == nil || !isFollowUp(Kind(m.Kind)) {
			continue
		}
		at := m.UpdatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		} else if m.State == models.DeliveryReady && m.BodyHash == "" {
			at, x.open = m.CreatedAt, m.ID
		}
		if at.After(x.last) {
			x.last = at
		}
		x.mails = append(x.mails, m)
	}
	return err
}

// zoneOf is where a person's days begin and end.
func (n *Notifier) zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	return n.o.Zone
}

// quietOf is the quiet hours of who has set these.
func (n *Notifier) quietOf(own string) Hours {
	if own == models.QuietOff {
		return Hours{}
	}
	if h, err := ParseHours(own); err == nil {
		return h
	}
	return n.o.QuietHours
}

// mode is how the person hears of a kind.
func (r *rhythm) mode(kind string) string {
	if r.modes[models.AllKinds] == models.ModeOff {
		return models.ModeOff
	}
	return r.chosen(kind)
}

// chosen is how the person wants to hear of a kind, whether or not they stopped all.
func (r *rhythm) chosen(kind string) string {
	if own := r.modes[kind]; own != "" {
		return own
	}
	all := r.modes[models.AllKinds]
	if all == models.ModeOff {
		all = r.before()
	}
	if all != "" {
		return all
	}
	return models.ModeInstant
}

// before is what "all" was before it was off.
func (r *rhythm) before() string {
	if was := r.modes[allBefore]; was != "" && was != models.ModeOff {
		return was
	}
	return models.ModeInstant
}

// verdict is what becomes of what a person has due: go, or look again at a time, for
// a reason.
type verdict struct {
	at   time.Time
	hold string
}

// when decides when mail to the person may go: now, or the first later moment that no
// rule keeps. passes is for what waits for no ceiling.
func (r *rhythm) when(now time.Time, passes bool) verdict {
	v := verdict{at: now}
	if r.open != "" { // it joins a mail that goes when it may
		return v
	}
	later := func(at time.Time, hold string) bool {
		if !at.After(v.at) {
			return false
		}
		v = verdict{at, hold}
		return true
	}
	for moved := true; moved; {
		moved = r.o.Window > 0 && !r.last.IsZero() && later(r.last.Add(r.o.Window), models.HoldWindow)
		if !passes && r.full(v.at, now) {
			moved = later(atHour(nextDay(v.at, r.zone), morning, r.zone), models.HoldCeiling) || moved
		}
		if r.quiet != (Hours{}) {
			before := v.hold
			if later(r.quiet.over(v.at, r.zone), models.HoldQuiet) {
				moved = true
				if before == models.HoldCeiling { // the night is not why
					v.hold = before
				}
			}
		}
	}
	return v
}

// full says that the person has had, or is about to get, all mail of the day that at
// is in; of a later day nobody knows yet what will still be about to go.
func (r *rhythm) full(at, now time.Time) bool {
	if r.o.DailyLimit <= 0 {
		return false
	}
	today, count := dateOf(at.In(r.zone)), 0
	for _, m := range r.mails {
		if m.isOpen() && today == dateOf(now.In(r.zone)) || m.SentAt != nil && dateOf(m.SentAt.In(r.zone)) == today {
			count++
		}
	}
	return count >= r.o.DailyLimit
}
