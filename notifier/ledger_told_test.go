package notifier

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// rooms are the services whose activities the ledger reads, over one house.
func (h *house) rooms() *themes.Themes {
	masks := redact.New(redact.Options{Key: bytes.Repeat([]byte{7}, 32)})
	t := themes.New(h.db, themes.Options{Mask: masks.Clean, Unfit: masks.Unfit, Product: "Acme"})
	t.UndoWith(models.PersonMerged, people.New(h.db, masks).TakeBack)
	return t
}

func (h *house) ship(t *themes.Themes, r themes.Release) *models.Release {
	h.t.Helper()
	rel, err := t.ShipRelease(context.Background(), staff, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return rel
}

// bodies are the mails to an address, decoded.
func (h *house) bodies(to string) []string {
	h.t.Helper()
	var out []string
	for _, m := range h.sink.Mails() {
		if m.To == to {
			p, err := m.Parse()
			if err != nil {
				h.t.Fatal(err)
			}
			out = append(out, p.Subject+"\n"+p.Text)
		}
	}
	return out
}

var notes = models.Text{EN: "Exports stream now.", ZH: "导出改为流式处理。"}

// Whoever is behind several themes of a release gets one mail, with the notes in their
// language and theirs of its themes, and nobody else gets any.
func TestARelease(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.rooms()
		h.start(nil)
		a := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusInProgress)
		b := h.theme(models.Text{EN: "Dark mode", ZH: "深色模式"}, models.StatusPlanned)
		c := h.theme(models.Text{EN: "Not in it", ZH: "不在其中"}, models.StatusPlanned)
		h.people(2, a, b)        // p0000 en, p0001 zh
		h.people(2, b)           // p0002, p0003
		h.people(2, c)           // nobody's business
		off := h.people(1, a)[0] // wants nothing
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.Preference{PersonID: off, Kind: models.AllKinds, Mode: models.ModeOff, UpdatedAt: h.db.Now()}).Error
		})
		h.ship(th, themes.Release{Version: "4.2", Themes: []string{a, b}, Notes: notes, Notify: true})
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.sent(4)
		h.exactly(1, h.emails(0, 4)...)
		h.wantReasons(off, SkipPreference)
		for i, want := range [][]string{
			{"Acme 4.2 is out", "Exports stream now.", "Faster exports", "Dark mode", "In it are 2 things", "Does this solve it for you?", "/solved/evt_"},
			{"Acme 4.2 已发布", "导出改为流式处理。", "导出更快", "深色模式", "其中有 2 条", "这解决您的问题了吗？"},
			{"Dark mode", "In it is 1 thing"},
			{"深色模式", "其中有 1 条"},
		} {
			text := strings.Join(h.bodies(h.email(i)), "\n")
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("mail %d lacks %q:\n%s", i, w, text)
				}
			}
			for _, no := range []string{"Not in it", "不在其中"} {
				if strings.Contains(text, no) {
					t.Errorf("mail %d says %q", i, no)
				}
			}
		}
	})
}

// Two thousand people behind five themes get one mail each, at whatever chunk of the
// fan-out they come.
func TestAReleaseOfThousands(t *testing.T) {
	if testing.Short() {
		t.Skip("two thousand mails take minutes under the race detector")
	}
	each(t, func(t *testing.T, h *house) {
		th := h.rooms()
		h.start(nil)
		var ids []string
		for range 5 {
			ids = append(ids, h.theme(models.Text{EN: "One of five", ZH: "五条之一"}, models.StatusInProgress))
		}
		for i := range 5 {
			h.people(400, ids[i:]...)
		}
		h.ship(th, themes.Release{Version: "5", Product: "Board", Themes: ids, Notes: notes, Notify: true})
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.sent(2000)
		h.exactly(1, h.emails(0, 2000)...)
	})
}

// What is taken back before it settled was never said; undoing it twice says it.
func TestWhatIsTakenBackIsToldToNobody(t *testing.T) {
	ctx := context.Background()
	cases := map[string]func(h *house, t *themes.Themes, th string) string{
		"a release": func(h *house, t *themes.Themes, th string) string {
			return h.ship(t, themes.Release{Version: "1", Themes: []string{th}, Notes: notes, Notify: true}).ActivityID
		},
		"an update": func(h *house, t *themes.Themes, th string) string {
			u, err := t.WriteUpdate(ctx, staff, th, themes.Update{Text: notes, Notify: true})
			if err != nil {
				h.t.Fatal(err)
			}
			return u.ActivityID
		},
		"a merge": func(h *house, t *themes.Themes, th string) string {
			into := h.theme(models.Text{EN: "Wider"}, models.StatusPlanned)
			act, _, err := t.MergeTold(ctx, staff, th, into, true)
			if err != nil {
				h.t.Fatal(err)
			}
			return act
		},
	}
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				rooms := h.rooms()
				h.start(nil)
				th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusInProgress)
				h.people(3, th)
				act := do(h, rooms, th)
				h.fannedOut(1)
				back, err := rooms.Undo(ctx, staff, act)
				if err != nil {
					t.Fatal(err)
				}
				h.until("nothing waits", func() bool { return h.count("follow_up_items", "delivery_id = '' AND skip_reason = ''") == 0 })
				h.clock.Add(2 * settleTime)
				h.exactly(0)
				if n := h.count("follow_up_items", "skip_reason IN ('taken_back', 'superseded', 'unchanged')"); n < 3 {
					t.Errorf("%d rows say why not: %v", n, h.tally("follow_up_items", "skip_reason"))
				}
				if _, err := rooms.Undo(ctx, staff, back); err != nil {
					t.Fatal(err)
				}
				h.until("it is to be told after all", func() bool { return h.count("follow_up_items", "delivery_id = '' AND skip_reason = ''") == 3 })
				h.clock.Add(2 * settleTime)
				h.sent(3)
				h.exactly(1, h.emails(0, 3)...)
			})
		})
	}
}

// An update is told to who stands behind the theme, in their language where it is
// there, else quoted with its language named; a quiet one to nobody.
func TestAnUpdate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		rooms := h.rooms()
		h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusInProgress)
		h.people(2, th)
		if _, err := rooms.WriteUpdate(ctx, staff, th, themes.Update{Text: models.Text{EN: "The first half is done. password=hunter2secret"}, Notify: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := rooms.WriteUpdate(ctx, staff, th, themes.Update{Text: models.Text{EN: "Only on the page"}}); err != nil {
			t.Fatal(err)
		}
		h.fannedOut(2)
		h.people(1, th) // came later
		h.clock.Add(settleTime)
		h.sent(2)
		h.exactly(1, h.emails(0, 2)...)
		en, zh := h.bodies(h.email(0))[0], h.bodies(h.email(1))[0]
		for text, wants := range map[string][]string{
			en: {"Faster exports", "The first half is done.", "Update"},
			zh: {"导出更快", "The first half is done.", "原文为英文", "进展"},
		} {
			for _, w := range wants {
				if !strings.Contains(text, w) {
					t.Errorf("lacks %q:\n%s", w, text)
				}
			}
			for _, no := range []string{"hunter2", "Only on the page", "Reason:", "原因："} {
				if strings.Contains(text, no) {
					t.Errorf("says %q:\n%s", no, text)
				}
			}
		}
	})
}

// Who goes along into another theme hears so where staff chose it, and no one else.
func TestAMergeByChoice(t *testing.T) {
	for name, told := range map[string]bool{"told": true, "as ever": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				rooms := h.rooms()
				h.start(nil)
				from := h.theme(models.Text{EN: "CSV export", ZH: "导出 CSV"}, models.StatusReceived)
				into := h.theme(models.Text{EN: "Better exports", ZH: "更好的导出"}, models.StatusPlanned)
				h.people(2, from)
				h.people(2, into) // they stay where they are
				if _, _, err := rooms.MergeTold(context.Background(), staff, from, into, told); err != nil {
					t.Fatal(err)
				}
				if !told {
					h.clock.Add(settleTime)
					h.give(into, models.StatusInProgress, nil) // the ledger has read on
					h.fannedOut(1)
					if n := h.count("follow_up_events", "kind = 'merged'"); n != 0 {
						t.Errorf("%d events", n)
					}
					return
				}
				h.fannedOut(1)
				h.clock.Add(settleTime)
				h.sent(2)
				h.exactly(1, h.emails(0, 2)...)
				text := h.bodies(h.email(0))[0]
				for _, w := range []string{"Better exports", "“CSV export” is now part of this one", "This is not what I meant", "/meant/evt_"} {
					if !strings.Contains(text, w) {
						t.Errorf("lacks %q:\n%s", w, text)
					}
				}
				if text = h.bodies(h.email(1))[0]; !strings.Contains(text, "“导出 CSV”已并入这一条") {
					t.Error(text)
				}
			})
		})
	}
}

// An answer to a comment goes to who is answered, once it can be seen; not to who
// answers themselves.
func TestAnAnswerToAComment(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		rooms := h.rooms()
		h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusPlanned)
		who := h.people(3, th)
		say := func(person, reply, text string) *models.Comment {
			a := staff
			if person != "" {
				a.Kind, a.Role, a.ID, a.PersonID = models.ActorPerson, "", person, person
			}
			c, err := rooms.Comment(ctx, a, th, themes.NewComment{Text: text, ReplyTo: reply})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		first := say(who[1], "", "我也需要这个")
		say(who[1], first.ID, "补充一下") // to themselves
		h.fannedOut(1)
		h.wantReasons(who[1], SkipAuthor)
		held := say(who[0], first.ID, "Write me on telegram @helper_1")
		if held.State != models.CommentWaiting {
			t.Fatal(held.State)
		}
		say("", first.ID, "It comes next month.")
		h.fannedOut(2)
		h.clock.Add(settleTime)
		h.sent(1)
		if _, err := rooms.SettleComment(ctx, staff, held.ID, true); err != nil {
			t.Fatal(err)
		}
		h.fannedOut(3)
		h.clock.Add(settleTime)
		h.sent(2)
		h.exactly(2, h.email(1))
		text := h.bodies(h.email(1))[0]
		for _, w := range []string{"我们团队的 Ada 回复了您的评论", "It comes next month.", "原文为英文"} {
			if !strings.Contains(text, w) {
				t.Errorf("lacks %q:\n%s", w, text)
			}
		}
	})
}

// Two who are found to be one while a release settles get one mail; who has no address
// any more stands on the list to be told by hand.
func TestAReleaseToPeopleWhoChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		rooms := h.rooms()
		p := people.New(h.db, redact.New(redact.Options{Key: bytes.Repeat([]byte{7}, 32)}))
		h.start(nil)
		a := h.theme(models.Text{EN: "A", ZH: "甲"}, models.StatusPlanned)
		b := h.theme(models.Text{EN: "B", ZH: "乙"}, models.StatusPlanned)
		one, two := h.people(1, a)[0], h.people(1, b)[0]
		gone := h.people(1, a, b)[0]
		h.ship(rooms, themes.Release{Version: "2", Themes: []string{a, b}, Notify: true})
		h.fannedOut(1)
		if _, _, err := p.Merge(ctx, staff, two, one); err != nil {
			t.Fatal(err)
		}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Delete(&models.Address{}, "person_id = ?", gone).Error
		})
		h.clock.Add(settleTime)
		h.sent(1)
		h.exactly(1, h.email(0))
		if text := h.bodies(h.email(0))[0]; !strings.Contains(text, "In it are 2 things") {
			t.Error(text)
		}
		h.wantReasons(gone, SkipNoChannel, SkipNoChannel)
	})
}

// Links of mails are the reader's own: who changes a letter of one finds nothing.
func TestLinksOfMails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		n, _ := h.ledger(h.db, nil)
		h.start(nil)
		th := h.theme(models.Text{EN: "A"}, models.StatusPlanned)
		who := h.people(2, th)
		h.give(th, models.StatusShipped, nil)
		h.fannedOut(1)
		var event string
		h.db.Read(ctx).Model(&models.FollowUpEvent{}).Pluck("id", &event)
		token := n.linkToken(solvedPurpose, event, who[0])
		got, err := n.AskedSolved(ctx, token)
		if err != nil || got.Theme != th || got.Person.PersonID != who[0] {
			t.Fatal(got, err)
		}
		for _, bad := range []string{"", "x", strings.Replace(token, who[0], who[1], 1), token + "x", n.linkToken(meantPurpose, event, who[0]), n.linkToken(solvedPurpose, "evt_none", who[0])} {
			if _, err := n.AskedSolved(ctx, bad); models.KindOf(err) != models.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

// On the promised day people hear what staff wrote last and did not take back, in place
// of the reason that the status was given with.
func TestAPromiseTellsTheLastUpdate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		rooms := h.rooms()
		h.start(nil)
		th := h.theme(exports, models.StatusInProgress)
		h.people(1, th)
		h.clock.Add(oneDay)
		if _, err := rooms.WriteUpdate(ctx, staff, th, themes.Update{Text: models.Text{EN: "The first half is done."}}); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(oneDay)
		wrong, err := rooms.WriteUpdate(ctx, staff, th, themes.Update{Text: models.Text{EN: "All of it is done."}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rooms.Undo(ctx, staff, wrong.ActivityID); err != nil {
			t.Fatal(err)
		}
		h.fannedOut(2)
		h.clock.Add(20 * oneDay)
		h.came(th, 30)
		h.passes(3, 1)
		text := h.bodies(h.email(0))[0]
		if !strings.Contains(text, "The first half is done.") || !strings.Contains(text, "Our last update, 25 Nov 2026") {
			t.Errorf("lacks the update:\n%s", text)
		}
		if strings.Contains(text, "All of it") {
			t.Errorf("says what was taken back:\n%s", text)
		}
	})
}
