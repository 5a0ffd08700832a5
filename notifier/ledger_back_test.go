package notifier

import (
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// An undo of what nobody heard of is told to nobody: not what they know already, nor what
// staff kept them from. Who heard of what is undone hears of the undo, and what was never
// told by mishap is still told.
func TestAnUndoTellsWhoHeardOfWhatItTakesBack(t *testing.T) {
	for _, c := range []struct{ name, deeds, mails, why string }{
		{"of what was told", "planned . in_progress . undo .", "Planned, In progress, Planned", ",,"},
		{"of what waits", "planned . in_progress undo .", "Planned", ",superseded,unchanged"},
		{"of what was held back", "planned . declined recall undo .", "Planned", ",recalled,unchanged"},
		{"of the first there was, held back", "planned recall undo .", "", "recalled,unchanged"},
		{"of what waits, after one that was held back", "planned . declined recall in_progress undo .", "Planned", ",recalled,superseded,unchanged"},
		{"of what waits, after one told to nobody", "planned . declined! in_progress undo .", "Planned", ",quiet,superseded,unchanged"},
		{"of what was told, after one that was held back", "planned . declined recall in_progress . undo .", "Planned, In progress, Declined", ",recalled,,"},
		{"of the second of two that wait", "planned . in_progress declined undo .", "Planned, In progress", ",superseded,superseded,"},
		{"of what waits, after a mail that failed", "planned . declined lost in_progress undo .", "Planned, Declined, Declined", ",,superseded,"},
		{"of another reason that waits", "declined=first . declined=second undo .", "first", ",superseded,unchanged"},
		{"of another reason that was told", "declined=first . declined=second . undo .", "first, second, first", ",,"},
		{"of what waits, after another reason that never came", "declined=first . declined=second in_progress undo .", "first, second", ",superseded,superseded,"},
		{"of what waits, after another reason told to nobody", "declined=first! declined=second in_progress undo .", "second", "quiet,superseded,superseded,"},
		{"of what was held back, after a mail of another reason that failed", "declined=first joins declined=second lost in_progress recall undo .", "second, second", ",recalled,"},
		{"of what failed, after a mail of another reason that failed", "declined=first joins declined=second lost in_progress lost undo .", "second, In progress, second", ",,"},
		{"of what waits, after one that was held back when another waited", "planned . declined in_progress recall undo .", "Planned, Declined", ",superseded,recalled,"},
		{"of what waits, after the first there was failed", "declined lost in_progress undo .", "Declined, Declined", ",superseded,"},
		{"of what waits, after the date was moved", "planned . date in_progress undo .", "Planned", ",superseded,unchanged"},
		{"of what waits, after staff cancelled a mail", "planned . declined cancelled in_progress undo .", "Planned, Declined", ",,superseded,unchanged"},
		{"of what was there before an upgrade", "in_progress upgrade undo .", "", "superseded,unchanged"},
		{"of what nobody told by hand", "planned hand in_progress undo .", "", "no_channel,superseded,unchanged"},
		{"of what a channel told", "planned channel undo .", "Received", "channel,"},
		{"of what staff told by hand", "planned hand undo .", "Received", "no_channel,"},
		{"decided anew, not undone", "planned . declined recall in_progress declined .", "Planned, Declined", ",recalled,superseded,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				rooms, th := h.rooms(), h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)
				n := h.start(nil)
				before, after, late := strings.Cut(c.deeds, "joins")
				if !late {
					before, after = "", c.deeds
				}
				for _, deed := range strings.Fields(before) {
					h.deed(n.Notifier, rooms, th, deed)
				}
				who := h.people(1, th)
				for _, deed := range strings.Fields(after) {
					h.deed(n.Notifier, rooms, th, deed)
				}
				h.wantReasons(who[0], strings.Split(c.why, ",")...)
				want := strings.Split(c.mails, ", ")
				if c.mails == "" {
					want = nil
				}
				got := h.bodies(h.email(0))
				if len(got) != len(want) {
					t.Fatalf("%d mails: %q", len(got), got)
				}
				for i, text := range got {
					if !strings.Contains(text, want[i]) {
						t.Errorf("mail %d does not say %s: %s", i, want[i], text)
					}
				}
			})
		})
	}
}

// deed does what one word says: "." lets the window pass, "recall", "undo" and "lost"
// (its mail, sent all the same, has failed) are of the latest change, as are "channel" and "hand"
// (it was told that way) and "cancelled" (its mail, by staff), "date" moves the promise date,
// after "upgrade" all events are of an earlier version, and every other is a status,
// "!" told to nobody, "=" with a reason.
func (h *house) deed(n *Notifier, rooms *themes.Themes, th, deed string) {
	h.t.Helper()
	var latest models.FollowUpEvent
	h.db.Read(h.t.Context()).Order("rev DESC").Limit(1).Find(&latest, "theme_id = ?", th)
	var err error
	switch deed {
	case ".":
		h.clock.Add(settleTime)
	case "recall":
		_, err = n.Recall(h.t.Context(), staff, latest.ID)
	case "undo":
		h.undo(rooms, latest.ActivityID)
	case "lost":
		h.clock.Add(settleTime)
		h.quietNow()
		h.exec("UPDATE deliveries SET state = 'failed', sent_at = NULL WHERE id = (SELECT delivery_id FROM follow_up_items WHERE event_id = ?)", latest.ID)
	case "cancelled":
		h.clock.Add(settleTime)
		h.quietNow()
		h.exec("UPDATE deliveries SET state = 'cancelled', sent_at = NULL WHERE id = (SELECT delivery_id FROM follow_up_items WHERE event_id = ?)", latest.ID)
	case "date":
		_, _, err = rooms.SetPromises(h.t.Context(), staff, themes.PromiseSet{Themes: []string{th}, Days: 40})
	case "upgrade":
		h.exec(`UPDATE follow_up_events SET snapshot = REPLACE(snapshot, '"was":', '"unknown":')`)
	case "channel":
		h.exec("UPDATE follow_up_items SET skip_reason = 'channel' WHERE event_id = ?", latest.ID)
	case "hand":
		h.exec("UPDATE follow_up_items SET skip_reason = 'no_channel', told_at = created_at, told_by = 'act_of_staff' WHERE event_id = ?", latest.ID)
	default:
		word, quiet := strings.CutSuffix(deed, "!")
		word, reason, _ := strings.Cut(word, "=")
		c := themes.StatusChange{Status: models.Status(word), Notify: !quiet}
		if c.Status.WantsReason() {
			c.Reason = models.Text{EN: "Not yet, " + reason + "."}
		}
		_, _, err = rooms.SetStatus(h.t.Context(), staff, th, c)
	}
	if err != nil {
		h.t.Fatal(deed, err)
	}
	h.until("read", h.cursorAtEnd)
	h.until("fanned out", func() bool { return h.count("fanouts", "done_at IS NULL") == 0 })
	h.quietNow()
	h.clock.Add(time.Second)
}
