package notifier

import (
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// fans writes audiences down step by step, as jobs of several changes do that take turns.
type fans struct {
	*house
	n     *Notifier
	rooms *themes.Themes
	th    string
}

// set gives the theme a status and returns its event.
func (f *fans) set(s models.Status) models.FollowUpEvent {
	f.t.Helper()
	if _, _, err := f.rooms.SetStatus(f.t.Context(), staff, f.th, themes.StatusChange{Status: s, Notify: true}); err != nil {
		f.t.Fatal(err)
	}
	f.clock.Add(time.Second)
	return f.latest()
}

func (f *fans) latest() (e models.FollowUpEvent) {
	f.t.Helper()
	for busy := true; busy; {
		var err error
		if busy, _, err = f.n.readEvents(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
	}
	f.db.Read(f.t.Context()).Order("rev DESC").Limit(1).Find(&e, "theme_id = ?", f.th)
	return e
}

// step lets an event's job do so many chunks.
func (f *fans) step(e models.FollowUpEvent, chunks int) {
	f.t.Helper()
	for range chunks {
		first, err := f.n.firstOpen(f.t.Context(), e.ID)
		if err == nil {
			_, err = f.n.fanOutOne(f.t.Context(), first)
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

// What a change says to somebody depends on what they hear of those before: however their jobs
// take turns, an undo is told to who heard of what it takes back, and to nobody else.
func TestAudiencesAreWrittenDownInOrder(t *testing.T) {
	const people, enough = 900, 8
	for name, c := range map[string]struct {
		planned bool // and told
		run     func(f *fans)
		want    string // the reason why the undo is not told, "" where it is
	}{
		"an undo overtakes what it undoes": {true, func(f *fans) {
			b := f.set(models.StatusInProgress)
			f.step(b, 1)
			f.undo(f.rooms, b.ActivityID)
			f.step(f.latest(), enough)
			f.step(b, enough)
		}, SkipUnchanged},
		"recalled and undone meanwhile": {false, func(f *fans) {
			b := f.set(models.StatusPlanned)
			f.step(b, 1)
			if _, err := f.n.Recall(f.t.Context(), staff, b.ID); err != nil {
				f.t.Fatal(err)
			}
			f.undo(f.rooms, b.ActivityID)
			back := f.latest()
			for range enough {
				f.step(b, 1)
				f.step(back, 1)
			}
		}, SkipUnchanged},
		"the second overtakes the first and is undone": {false, func(f *fans) {
			a := f.set(models.StatusPlanned)
			f.step(a, 1)
			b := f.set(models.StatusInProgress)
			f.step(b, enough)
			f.undo(f.rooms, b.ActivityID)
			f.step(f.latest(), enough)
			f.step(a, enough)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				n, _ := h.ledger(h.db, nil)
				f := &fans{h, n, h.rooms(), h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)}
				h.people(people, f.th)
				if c.planned {
					f.step(f.set(models.StatusPlanned), enough)
					h.clock.Add(settleTime)
					for busy := true; busy; {
						var err error
						if busy, _, err = n.settleDue(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					h.exec("UPDATE deliveries SET state = 'sent', sent_at = created_at")
				}
				c.run(f)
				if got := h.count("follow_up_items", "event_id = ? AND skip_reason = ?", f.latest().ID, c.want); got != people {
					t.Errorf("%d of %d rows say %q", got, people, c.want)
				}
			})
		})
	}
}
