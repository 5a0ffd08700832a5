package notifier

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// answered makes a comment of who's and an answer to it by another, and returns the
// answer's id.
func (h *house) answered(rooms *themes.Themes, theme, who, by string) string {
	h.t.Helper()
	said := ""
	for i, person := range []string{who, by} {
		a := auth.Actor{Kind: models.ActorPerson, ID: person, PersonID: person}
		c, err := rooms.Comment(context.Background(), a, theme, themes.NewComment{Text: []string{"I need it too", "So do we all"}[i], ReplyTo: said})
		if err != nil {
			h.t.Fatal(err)
		}
		said = c.ID
	}
	return said
}

func (h *house) undo(rooms *themes.Themes, act string) string {
	h.t.Helper()
	back, err := rooms.Undo(context.Background(), staff, act)
	if err != nil {
		h.t.Fatal(err)
	}
	return back
}

// A comment that is removed before who is answered has heard of it is told to nobody; one
// that is shown again is told after all, once.
func TestARemovedCommentIsToldToNobody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusPlanned)
		who := h.people(2, th)
		said := h.answered(rooms, th, who[1], who[0])
		h.fannedOut(1)
		removed, err := rooms.SettleComment(t.Context(), staff, said, false)
		if err != nil {
			t.Fatal(err)
		}
		h.until("it is taken back", func() bool { return h.count("follow_up_items", "skip_reason = 'taken_back'") == 1 })
		h.clock.Add(2 * settleTime)
		h.exactly(0)
		h.undo(rooms, removed)
		h.until("it waits again", func() bool { return h.count("follow_up_items", waiting) == 1 })
		h.clock.Add(settleTime)
		h.sent(1)
		h.exactly(1, h.email(1))
		// Removed and shown once more, nobody hears of it twice.
		for _, show := range []bool{false, true} {
			if _, err := rooms.SettleComment(t.Context(), staff, said, show); err != nil {
				t.Fatal(err)
			}
		}
		h.until("read", h.cursorAtEnd)
		h.until("looked at", func() bool { return h.count("take_outs", "done_at IS NULL") == 0 })
		h.clock.Add(2 * settleTime)
		h.workedOff(false)
		h.exactly(1, h.email(1))
	})
}

// What settles is asked once more whether it stands, whoever was slow to say so.
func TestWhatSettlesIsAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		x := h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusPlanned)
		who := h.people(2, th)
		said := h.answered(rooms, th, who[1], who[0])
		h.fannedOut(1)
		x.halt()
		if _, err := rooms.SettleComment(t.Context(), staff, said, false); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(settleTime)
		n, _ := h.ledger(h.db, nil)
		if _, _, err := n.settleDue(t.Context()); err != nil { // before the removal is read
			t.Fatal(err)
		}
		h.wantReasons(who[1], SkipTakenBack)
	})
}

// takeBacks are the ways in which what was told is taken back; each begins with people
// behind a theme and returns how to take it back and, nil for never, to tell it after all.
var takeBacks = map[string]func(h *house, n *Notifier, rooms *themes.Themes, th string, who []string) (back func(), again func()){
	"an update": func(h *house, n *Notifier, rooms *themes.Themes, th string, _ []string) (func(), func()) {
		u, err := rooms.WriteUpdate(context.Background(), staff, th, themes.Update{Text: notes, Notify: true})
		if err != nil {
			h.t.Fatal(err)
		}
		act := u.ActivityID
		undo := func() { act = h.undo(rooms, act) }
		return undo, undo
	},
	"a merge": func(h *house, n *Notifier, rooms *themes.Themes, th string, _ []string) (func(), func()) {
		act, _, err := rooms.MergeTold(context.Background(), staff, th, h.theme(models.Text{EN: "Wider"}, models.StatusPlanned), true)
		if err != nil {
			h.t.Fatal(err)
		}
		undo := func() { act = h.undo(rooms, act) }
		return undo, undo
	},
	"a comment": func(h *house, n *Notifier, rooms *themes.Themes, th string, who []string) (func(), func()) {
		said := h.answered(rooms, th, who[0], who[1])
		act := ""
		return func() { act, _ = rooms.SettleComment(context.Background(), staff, said, false) }, func() { h.undo(rooms, act) }
	},
	"a recall": func(h *house, n *Notifier, rooms *themes.Themes, th string, _ []string) (func(), func()) {
		h.give(th, models.StatusInProgress, nil)
		return func() {
			var event string
			h.db.Read(context.Background()).Raw("SELECT id FROM follow_up_events WHERE theme_id = ?", th).Scan(&event)
			if _, err := n.Recall(context.Background(), staff, event); err != nil {
				h.t.Fatal(err)
			}
		}, nil
	},
}

// What is taken back leaves mail that is made and waits, also mail that a sender has
// claimed and not begun to send, the list of whom to tell by hand too; where it is told
// after all it is told once.
func TestWhatIsTakenBackLeavesWhatWaits(t *testing.T) {
	for name, do := range takeBacks {
		for _, claimed := range []string{"ready", "leased"} {
			t.Run(name+" in mail that is "+claimed, func(t *testing.T) {
				each(t, func(t *testing.T, h *house) {
					rooms := h.rooms()
					x := h.start(func(o *LedgerOptions) { o.Pool = nil })
					th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusPlanned)
					who := h.people(3, th)
					h.write(func(_ context.Context, tx *gorm.DB) error {
						return tx.Exec("UPDATE addresses SET channel = 'forum' WHERE person_id = ?", who[2]).Error
					})
					back, again := do(h, x.Notifier, rooms, th, who)
					h.fannedOut(1)
					h.clock.Add(settleTime)
					h.until("mail waits", func() bool {
						return h.count("deliveries", "state = 'ready'") > 0 && h.count("follow_up_items", waiting) == 0
					})
					before, byHand := h.count("deliveries", "1 = 1"), h.count("follow_up_items", "skip_reason = 'no_channel'")
					h.write(func(_ context.Context, tx *gorm.DB) error {
						return tx.Exec("UPDATE deliveries SET state = ?, lease_owner = 'other', lease_until = ?, fence = 7", claimed, h.db.Now().Add(time.Hour)).Error
					})
					back()
					h.until("read", h.cursorAtEnd)
					h.until("taken out", func() bool { return h.count("deliveries", "state = 'cancelled' AND fence = 8") == before })
					h.until("done", func() bool { return h.count("take_outs", "done_at IS NULL") == 0 })
					if n := h.count("follow_up_items", "skip_reason IN ('taken_back', 'recalled') AND delivery_id = ''"); n != before+byHand {
						t.Errorf("%d rows say why not: %v", n, h.tally("follow_up_items", "skip_reason"))
					}
					if c, _ := x.ToTellCount(t.Context(), staff); c != 0 {
						t.Errorf("%d are still to be told by hand", c)
					}
					x.halt()
					h.start(nil)
					h.clock.Add(2 * settleTime)
					h.workedOff(false)
					h.exactly(0)
					if again == nil {
						return
					}
					again()
					h.until("read", h.cursorAtEnd)
					h.until("done", func() bool { return h.count("take_outs", "done_at IS NULL") == 0 })
					h.clock.Add(settleTime)
					h.sent(before)
					h.until("by hand", func() bool { return h.count("follow_up_items", "skip_reason = 'no_channel'") == byHand })
					h.exactly(1, h.emails(0, before)...)
				})
			})
		}
	}
}

// A mail that says other things too goes without what was taken back, and what is being
// sent or was sent is left as it is.
func TestWhatIsTakenBackLeavesTheRestOfAMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rooms := h.rooms()
		x := h.timed(func(o *LedgerOptions) { o.Pool = nil })
		a, b := h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived), h.theme(models.Text{EN: "Dark mode"}, models.StatusReceived)
		who := h.people(4, a, b)
		h.give(a, models.StatusPlanned, nil)
		u, err := rooms.WriteUpdate(t.Context(), staff, b, themes.Update{Text: models.Text{EN: "Half of it is done."}, Notify: true})
		if err != nil {
			t.Fatal(err)
		}
		h.at(h.db.Now().Add(settleTime), true)
		if n := h.count("deliveries", "state = 'ready'"); n != 4 {
			t.Fatal(n, h.tally("deliveries", "state"))
		}
		for person, state := range map[string]models.DeliveryState{who[1]: models.DeliverySending, who[2]: models.DeliveryInDoubt} {
			h.write(func(_ context.Context, tx *gorm.DB) error {
				var until any
				if isHeldNow(state) {
					until = h.db.Now().Add(oneDay)
				}
				return tx.Exec("UPDATE deliveries SET state = ?, run_at = ?, lease_owner = 'other', lease_until = ? WHERE person_id = ?", state, h.db.Now().Add(oneDay), until, person).Error
			})
		}
		h.write(func(_ context.Context, tx *gorm.DB) error { // it was tried: it may have arrived
			return tx.Exec("UPDATE deliveries SET body_hash = 'x', run_at = ? WHERE person_id = ?", h.db.Now().Add(oneDay), who[3]).Error
		})
		var event string
		h.db.Read(t.Context()).Raw("SELECT id FROM follow_up_events WHERE activity_id = ?", u.ActivityID).Scan(&event)
		h.undo(rooms, u.ActivityID)
		h.until("taken out", func() bool { return h.count("follow_up_items", "skip_reason = 'taken_back'") == 1 })
		h.until("done", func() bool { return h.count("take_outs", "done_at IS NOT NULL AND taken = 1 AND gone = 3") == 1 })
		x.halt()
		h.timed(nil)
		h.sent(1)
		h.exactly(1, h.email(0))
		if text := strings.Join(h.bodies(h.email(0)), ""); strings.Contains(text, "Half of it") || !strings.Contains(text, "Faster exports") {
			t.Error(text)
		}
		for _, p := range who[1:] {
			if n := h.count("follow_up_items", "person_id = ? AND delivery_id <> ''", p); n != 2 {
				t.Errorf("%d rows of %s stand in a mail that is in somebody's hands", n, p)
			}
		}
	})
}

// What a person wants to hear nothing of leaves the list of whom to tell by hand as well,
// and no channel tells it; a reply stays: they asked.
func TestWishesHoldForWhomNoMailReaches(t *testing.T) {
	for name, wish := range map[string]Wishes{"a mute": {}, "off": {Modes: map[string]string{"status": models.ModeOff}}, "all off": {Modes: map[string]string{"all": models.ModeOff}}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				x, _, b := h.bridged(false)
				th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
				who := h.onTelegram(th, "@wei", "@lin")
				h.give(th, models.StatusPlanned, nil)
				h.until("two have no mail", func() bool { c, _ := x.ToTellCount(t.Context(), staff); return c == 2 })
				w := wish
				if w.Modes == nil {
					w.Mute = []string{th}
				}
				if err := x.SetPreferences(t.Context(), staff, who[0], w); err != nil {
					t.Fatal(err)
				}
				if c, _ := x.ToTellCount(t.Context(), staff); c != 1 {
					t.Errorf("%d are to be told by hand", c)
				}
				h.clock.Add(settleTime)
				h.until("one is told", func() bool { return len(b.told()) == 1 })
				h.until("nobody is left", func() bool { c, _ := x.ToTellCount(t.Context(), staff); return c == 0 })
				if got := b.told(); len(got) != 1 || got[0].Handle != "@lin" {
					t.Error(got)
				}
				reason := SkipPreference
				if w.Mute != nil {
					reason = SkipMuted
				}
				h.wantReasons(who[0], reason)
			})
		})
	}
}

// A message to a channel that nobody has sent yet is taken back with the rest.
func TestAMessageToAChannelIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		x, _, b := h.bridged(true)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
		who := h.onTelegram(th, "@wei")
		h.give(th, models.StatusPlanned, nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.until("the channel fails", func() bool { return h.count("webhook_messages", "state = 'ready' AND tries > 0") == 1 })
		var event string
		h.db.Read(t.Context()).Raw("SELECT id FROM follow_up_events").Scan(&event)
		if got, err := x.Recall(t.Context(), staff, event); err != nil || got != (Recalled{1, 0, true}) {
			t.Error(got, err)
		}
		b.mu.Lock()
		b.fail = false
		b.mu.Unlock()
		h.clock.Add(oneDay)
		h.wantReasons(who[0], SkipRecalled)
		if n := h.count("webhook_messages", "state IN ('ready', 'leased')"); n != 0 || len(b.told()) != 0 {
			t.Error(n, b.told())
		}
	})
}

// A message that was being tried when its change was recalled is not tried again.
func TestWhatIsRecalledDuringATryIsNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		x, _, b := h.bridged(true)
		th := h.theme(exports, models.StatusReceived)
		who := h.onTelegram(th, "@wei")
		b.mu.Lock() // the channel lets Heed wait
		h.give(th, models.StatusPlanned, nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.until("the channel is asked", func() bool { return h.count("webhook_messages", "state = 'leased'") == 1 })
		var event string
		h.db.Read(t.Context()).Raw("SELECT id FROM follow_up_events").Scan(&event)
		if got, err := x.Recall(t.Context(), staff, event); err != nil || got != (Recalled{0, 1, true}) {
			t.Error(got, err)
		}
		b.mu.Unlock()
		h.until("the channel fails", func() bool { return h.count("webhook_messages", "tries = 1") == 1 })
		b.mu.Lock()
		b.fail = false
		b.mu.Unlock()
		h.clock.Add(oneDay)
		h.until("it is over", func() bool { return h.count("webhook_messages", "state = 'failed' OR state = 'sent'") == 1 })
		h.wantReasons(who[0], SkipRecalled)
		if len(b.told()) != 0 {
			t.Error("told after the recall", b.told())
		}
	})
}
