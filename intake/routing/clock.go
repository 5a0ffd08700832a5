package routing

import (
	"slices"
	"time"

	"github.com/heedhq/heed/models"
)

// Plan is clocks ready for use. It is immutable and safe for concurrent use.
type Plan struct {
	models.Clocks
	zone     *time.Location
	holidays map[string]bool
	workdays map[string]bool
	day      time.Duration
}

// farthest is for how many days business time is looked for.
const farthest = 400

// DefaultClocks hold until staff say otherwise: weekdays from nine to six.
func DefaultClocks() models.Clocks {
	c := models.Clocks{Zone: "UTC", Warn: 80, Holidays: []string{}, Workdays: []string{}, Policies: map[models.Urgency]models.ClockPolicy{
		models.UrgencyCritical: {Amount: 15, Unit: models.UnitMinutes},
		models.UrgencyHigh:     {Amount: 1, Unit: models.UnitHours},
		models.UrgencyNormal:   {Amount: 4, Unit: models.UnitHours, Business: true},
		models.UrgencyLow:      {Amount: 2, Unit: models.UnitDays, Business: true},
	}}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = []models.Span{{From: 9 * 60, To: 18 * 60}}
	}
	for d := range c.Week {
		if c.Week[d] == nil {
			c.Week[d] = []models.Span{}
		}
	}
	return c
}

// NewPlan prepares clocks; an unknown zone is UTC. The caller has checked them.
func NewPlan(c models.Clocks) *Plan {
	p := &Plan{Clocks: c, holidays: map[string]bool{}, workdays: map[string]bool{}}
	var err error
	if p.zone, err = time.LoadLocation(c.Zone); err != nil {
		p.zone = time.UTC
	}
	for _, d := range c.Holidays {
		p.holidays[d] = true
	}
	for _, d := range c.Workdays {
		p.workdays[d] = true
	}
	for _, spans := range c.Week {
		total := 0
		for _, s := range spans {
			total += s.To - s.From
		}
		p.day = max(p.day, time.Duration(total)*time.Minute)
	}
	return p
}

// Location is the zone that business hours are kept in.
func (p *Plan) Location() *time.Location { return p.zone }

// Clock is a first-reply clock: when it ends, and when a warning goes out.
type Clock struct{ Warn, Due time.Time }

// Start gives the clock of a suggestion of that urgency filed at a time; nil when its
// policy sets none.
func (p *Plan) Start(u models.Urgency, at time.Time) *Clock {
	policy, total := p.policy(u)
	if total <= 0 {
		return nil
	}
	due, ok := p.after(policy.Business, at, total)
	if !ok {
		return nil
	}
	before := total * time.Duration(p.Warn) / 100
	if p.WarnBefore > 0 {
		if before = total - time.Duration(p.WarnBefore)*time.Minute; before <= 0 {
			before = total / 2
		}
	}
	c := &Clock{Due: due}
	if before > 0 && before < total {
		c.Warn, _ = p.after(policy.Business, at, before.Truncate(time.Millisecond))
	}
	return c
}

// policy is what holds for an urgency; one nobody told is normal.
func (p *Plan) policy(u models.Urgency) (models.ClockPolicy, time.Duration) {
	if u == "" {
		u = models.UrgencyNormal
	}
	c := p.Policies[u]
	unit := time.Minute
	switch c.Unit {
	case models.UnitHours:
		unit = time.Hour
	case models.UnitDays:
		if unit = 24 * time.Hour; c.Business {
			unit = p.day
		}
	}
	return c, time.Duration(c.Amount) * unit
}

// after is when d of time has passed since at; of business time where business. False
// when there is no such time in sight.
func (p *Plan) after(business bool, at time.Time, d time.Duration) (time.Time, bool) {
	if !business {
		return at.Add(d), true
	}
	y, m, day := at.In(p.zone).Date()
	for n := range farthest {
		for _, s := range p.spans(time.Date(y, m, day+n, 12, 0, 0, 0, time.UTC)) {
			from := s[0]
			if from.Before(at) {
				from = at
			}
			left := s[1].Sub(from)
			if left <= 0 {
				continue
			}
			if d <= left {
				return from.Add(d).UTC(), true
			}
			d -= left
		}
	}
	return time.Time{}, false
}

// spans are the business hours of day's date, in their order, without overlap.
func (p *Plan) spans(day time.Time) [][2]time.Time {
	y, m, d := day.Date()
	date := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	week := p.Week[date.Weekday()]
	switch name := date.Format(time.DateOnly); {
	case p.holidays[name]:
		return nil
	case p.workdays[name] && len(week) == 0:
		week = p.Week[p.firstWorkday()]
	}
	out := make([][2]time.Time, 0, len(week))
	for _, s := range week {
		out = append(out, [2]time.Time{time.Date(y, m, d, 0, s.From, 0, 0, p.zone), time.Date(y, m, d, 0, s.To, 0, 0, p.zone)})
	}
	return out
}

// firstWorkday is the weekday whose hours a make-up working day has: Monday, or the
// first after it that has any.
func (p *Plan) firstWorkday() time.Weekday {
	for n := range 7 {
		if d := (time.Monday + time.Weekday(n)) % 7; len(p.Week[d]) > 0 {
			return d
		}
	}
	return time.Monday
}

// IsOpen reports whether a moment is business time.
func (p *Plan) IsOpen(at time.Time) bool {
	return slices.ContainsFunc(p.spans(at.In(p.zone)), func(s [2]time.Time) bool { return !at.Before(s[0]) && at.Before(s[1]) })
}
