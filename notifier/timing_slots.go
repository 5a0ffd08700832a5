package notifier

import (
	"time"

	"github.com/heedhq/heed/models"
)

// A digest comes at its slots: at the person's hour of each day, or of one weekday a
// week; where that is in their quiet hours, at the end of these. What went last decides
// whether a slot is open, by the slot it went for, and never that the clock shows some
// hour now: however late a digest comes, the next comes in time.

// weekApart is how far apart weekly digests are at least, when the weekday is changed.
const weekApart = 4 * day

// slotOf is the slot of the date that t has; ok is false where its weekday has none.
func (r *rhythm) slotOf(mode string, t time.Time) (slot time.Time, ok bool) {
	if mode == models.ModeWeekly && t.In(r.zone).Weekday() != r.DigestWeekday {
		return time.Time{}, false
	}
	slot = atHour(t, time.Duration(r.DigestHour)*time.Hour, r.zone)
	if r.quiet != (Hours{}) {
		slot = r.quiet.over(slot, r.zone)
	}
	return slot, true
}

// taken says that the slot's day, or week, has had its digest.
func (r *rhythm) taken(mode string, slot time.Time) bool {
	last := r.LastDailyAt
	if mode == models.ModeWeekly {
		last = r.LastWeeklyAt
	}
	return last != nil && (dateOf(last.In(r.zone)) >= dateOf(slot.In(r.zone)) || mode == models.ModeWeekly && slot.Sub(*last) < weekApart)
}

// nextDigest is the first slot after t that is not taken.
func (r *rhythm) nextDigest(mode string, t time.Time) time.Time {
	for at := dayBegan(t.Add(-2*day), r.zone); ; at = nextDay(at, r.zone) { // yesterday's may come with the end of the night
		if slot, ok := r.slotOf(mode, at); ok && slot.After(t) && !r.taken(mode, slot) {
			return slot
		}
	}
}

// lastSlot is the latest slot that has come by now: what goes now goes for it.
func (r *rhythm) lastSlot(mode string, now time.Time) (latest time.Time) {
	back := 3 * day
	if mode == models.ModeWeekly {
		back = 9 * day
	}
	for at := dayBegan(now.Add(-back), r.zone); ; at = nextDay(at, r.zone) {
		if at.After(now) {
			return latest
		}
		if slot, ok := r.slotOf(mode, at); ok && !slot.After(now) {
			latest = slot
		}
	}
}

// digestOf is when the digest comes, or should have come, that an item is of: the first
// after it was there to be told.
func (r *rhythm) digestOf(mode string, i models.FollowUpItem, e models.FollowUpEvent) time.Time {
	there := e.CreatedAt.Add(r.o.Settle)
	if i.CreatedAt.After(there) {
		there = i.CreatedAt
	}
	return r.nextDigest(mode, there)
}
