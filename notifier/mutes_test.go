package notifier

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

func (h *house) mute(person, theme string) {
	h.t.Helper()
	h.write(func(_ context.Context, tx *gorm.DB) error {
		return tx.Create(&models.ThemeMute{PersonID: person, ThemeID: theme, CreatedAt: h.db.Now().Add(-oneDay)}).Error
	})
}

// A promise that is taken up later is not told of a theme that its person muted meanwhile.
func TestAMutedThemeDoesNotComeBackWithAPromise(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.start(nil)
		a, b, c := h.theme(exports, models.StatusPlanned), h.theme(exports, models.StatusPlanned), h.theme(exports, models.StatusPlanned)
		p := h.people(1, a, b, c)[0]
		h.came(a, 30)
		h.passes(1, 1)
		h.clock.Add(oneDay)
		h.came(b, 30) // within the month: it waits for the next promise
		h.fannedOut(2)
		h.wantReasons(p, "", SkipPromiseRecent)
		h.mute(p, b)
		h.clock.Add(31 * oneDay)
		h.came(c, 30)
		h.fannedOut(3)
		h.clock.Add(settleTime)
		h.sent(2)
		h.wantReasons(p, "", SkipMuted, "")
	})
}

// Who muted a theme hears nothing of its going into another, nor of that one – unless they
// stood behind it by themselves –, and more of it again when the merge is taken back.
func TestAMuteGoesAlongWithItsTheme(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		h.start(nil)
		from, into := h.theme(models.Text{EN: "CSV export"}, models.StatusReceived), h.theme(models.Text{EN: "Better exports"}, models.StatusReceived)
		hears, muted := h.people(1, from)[0], h.people(1, from)[0] // p0000, p0001
		both := h.people(1, from, into)[0]                         // p0002
		h.mute(muted, from)
		h.mute(both, from)
		act, _, err := rooms.MergeTold(t.Context(), staff, from, into, true)
		if err != nil {
			t.Fatal(err)
		}
		h.fannedOut(1)
		h.give(into, models.StatusPlanned, nil)
		h.fannedOut(2)
		h.clock.Add(settleTime)
		h.until("all are told", func() bool { return h.count("deliveries", "state = 'sent'") == 2 })
		h.wantReasons(hears, "", "")
		h.wantReasons(muted, SkipMuted, SkipMuted)
		h.wantReasons(both, SkipMuted, "")
		h.give(into, models.StatusReceived, nil)
		h.undo(rooms, act)
		h.until("read", h.cursorAtEnd)
		if n := h.count("theme_mutes", "theme_id = ?", into); n != 0 {
			t.Errorf("%d mutes of a theme that nobody muted", n)
		}
		if n := h.count("theme_mutes", "theme_id = ?", from); n != 2 {
			t.Errorf("%d mutes are left", n)
		}
	})
}

// Undone, done again and undone once more is undone.
func TestUndoingThreeTimes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusInProgress)
		h.people(1, th)
		back, _ := takeBacks["an update"](h, nil, rooms, th, nil)
		h.fannedOut(1)
		for _, want := range []string{SkipTakenBack, "", SkipTakenBack} {
			back()
			h.until("it is "+want, func() bool { return h.count("follow_up_items", "skip_reason = ?", want) == 1 })
		}
		h.clock.Add(2 * settleTime)
		h.workedOff(false)
		h.exactly(0)
	})
}
