package notifier

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

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
		{"decided anew, not undone", "planned . declined recall in_progress declined .", "Planned, Declined", ",recalled,superseded,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				rooms, th := h.rooms(), h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)
				n := h.start(nil)
				who := h.people(1, th)
				for _, deed := range strings.Fields(c.deeds) {
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
// (its mail, sent all the same, has failed) are of the latest change, and every other is a status,
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
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE deliveries SET state = 'failed', sent_at = NULL WHERE id = (SELECT delivery_id FROM follow_up_items WHERE event_id = ?)", latest.ID).Error
		})
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
