package notifier

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
)

// With news every day a daily digest comes every day and a weekly one every week, for
// each hour, in whatever quiet hours, in every zone, also where clocks change: never two
// for a day, never at night, and none is left out but where that day has no such moment.
func TestWithNewsEveryDayADigestComesEveryDay(t *testing.T) {
	quiets := []Hours{{}, {21 * time.Hour, 8 * time.Hour}, {22 * time.Hour, 6*time.Hour + 30*time.Minute}, {0, 12 * time.Hour}, {9 * time.Hour, 8 * time.Hour}, {2 * time.Hour, 3 * time.Hour}}
	odd := map[string]bool{"UTC": true, "America/New_York": true, "Australia/Lord_Howe": true, "Africa/Cairo": true, "Asia/Beirut": true}
	rnd := rand.New(rand.NewPCG(20261126, 9))
	digests, runs := 0, 0
	for _, zone := range allZones(t) {
		for hour := range 24 {
			for q, quiet := range quiets {
				if all := odd[zone.String()]; !all && (hour+q)%24 != rnd.IntN(144) {
					continue
				}
				r := &rhythm{Rhythm: models.Rhythm{DigestHour: hour, DigestWeekday: time.Weekday(rnd.IntN(7))}, o: &LedgerOptions{}, zone: zone, quiet: quiet}
				digests += aYearOfNews(t, r, rnd)
				runs++
			}
		}
	}
	t.Logf("%d people, %d digests", runs, digests)
}

// aYearOfNews plays a year in which there is something to tell soon after each digest,
// some of which go late, and counts the digests.
func aYearOfNews(t *testing.T, r *rhythm, rnd *rand.Rand) (digests int) {
	t.Helper()
	for mode, every := range map[string]int{models.ModeDaily: 1, models.ModeWeekly: 7} {
		r.LastDailyAt, r.LastWeeklyAt = nil, nil
		now := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
		var last time.Time
		for end := now.Add(370 * day); now.Before(end); digests++ {
			news := now.Add(time.Duration(rnd.IntN(180)) * time.Minute)
			due := r.digestOf(mode, models.FollowUpItem{}, models.FollowUpEvent{CreatedAt: news})
			if now = due; rnd.IntN(5) == 0 {
				now = due.Add(time.Duration(rnd.IntN(300)) * time.Minute)
			}
			slot := r.lastSlot(mode, now)
			if !due.After(news) || slot.Before(due) {
				t.Fatalf("%s %s, hour %d, quiet %s: news of %s are due %s and go for %s", r.zone, mode, r.DigestHour, r.quiet, news, due, slot)
			}
			r.judge(t, mode, every, last, slot)
			r.LastDailyAt, r.LastWeeklyAt, last = &slot, &slot, slot
		}
	}
	return digests
}

// judge looks at two digests that follow each other, where there was news between.
func (r *rhythm) judge(t *testing.T, mode string, every int, last, slot time.Time) {
	t.Helper()
	local := slot.In(r.zone)
	if r.quiet != (Hours{}) && r.quiet.holds(local) {
		t.Fatalf("%s %s, hour %d, quiet %s: at %s", r.zone, mode, r.DigestHour, r.quiet, local)
	}
	if last.IsZero() {
		return
	}
	before := last.In(r.zone)
	noon := func(l time.Time) time.Time { return time.Date(l.Year(), l.Month(), l.Day(), 12, 0, 0, 0, time.UTC) }
	days := int(noon(local).Sub(noon(before)) / day)
	_, start := before.Zone()
	_, end := local.Zone()
	steady := start == end
	if from, _ := before.ZoneBounds(); before.Sub(from) < 2*day && !from.IsZero() {
		steady = false
	}
	if days != every && steady || days < 1 || days > every+1 {
		t.Fatalf("%s %s, hour %d, quiet %s: %s, then %s", r.zone, mode, r.DigestHour, r.quiet, before, local)
	}
}

// A night is for what may wait: a mail of another kind to the same person, in the same
// batch, goes.
func TestANightHoldsFollowUpsAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.QuietHours, o.Zone = night, time.UTC })
		p := h.people(1)[0]
		ds := []models.Delivery{{ID: "dlv_1", Kind: string(KindStatus), PersonID: p}, {ID: "dlv_2", Kind: string(KindReply), PersonID: p}}
		hours, err := n.normal.awake(h.db.Read(t.Context()), ds)
		at := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)
		if from := hours["dlv_1"].from(at); err != nil || !from.Equal(at.Add(9*time.Hour)) {
			t.Error(from, err)
		}
		if from := hours["dlv_2"].from(at); !from.Equal(at) {
			t.Error("a reply waits until", from)
		}
	})
}
