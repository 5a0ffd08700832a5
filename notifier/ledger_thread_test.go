package notifier

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// suggestion stores what a person said and records it, as package intake does.
func (h *house) suggestion(person, source, text string, by models.By) string {
	h.t.Helper()
	id := models.NewID(models.PrefixSuggestion)
	lang := "en"
	if hasHan(text) {
		lang = "zh"
	}
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		s := models.Suggestion{ID: id, Text: text, Kind: models.KindProblem, Lang: lang, Source: source, PersonID: person, State: models.StateNew, Waiting: true,
			Receipt: "AAAAA-" + id[len(id)-5:], Action: models.ActionNew, Rev: 1, CreatedAt: h.db.Now(), UpdatedAt: h.db.Now()}
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, by, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: id, PersonID: person})
	})
	return id
}

// reply writes to the suggestion's person.
func (h *house) reply(suggestion, text string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		var s models.Suggestion
		if err := tx.First(&s, "id = ?", suggestion).Error; err != nil {
			return err
		}
		lang := "en"
		if hasHan(text) {
			lang = "zh"
		}
		m := models.Message{ID: models.NewID(models.PrefixMessage), SuggestionID: suggestion, ActivityID: models.NewID(models.PrefixActivity), Author: models.AuthorStaff,
			Kind: models.MessageReply, ActorKind: staff.Kind, ActorID: staff.ID, ActorName: staff.Name, Text: text, Lang: lang, CreatedAt: h.db.Now()}
		if err := tx.Create(&m).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE suggestions SET state = 'answered', first_replied_at = COALESCE(first_replied_at, ?) WHERE id = ?", h.db.Now(), suggestion).Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, staff.By(), &models.Activity{ID: m.ActivityID, Verb: models.SuggestionReplied, SuggestionID: suggestion, PersonID: s.PersonID,
			Snapshot: models.Change{Message: m.ID}.Encode()})
	})
}

// handOver hands a suggestion over and returns the activity.
func (h *house) handOver(suggestion string) string {
	h.t.Helper()
	id := models.NewID(models.PrefixActivity)
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		var s models.Suggestion
		if err := tx.First(&s, "id = ?", suggestion).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE suggestions SET state = 'handed_over' WHERE id = ?", suggestion).Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, staff.By(), &models.Activity{ID: id, Verb: models.SuggestionStepped, SuggestionID: suggestion, PersonID: s.PersonID,
			Snapshot: models.Change{State: &models.StateStep{From: s.State, To: models.StateHandedOver}}.Encode()})
	})
	return id
}

var visitor = models.By{Kind: models.ActorAnonymous}

func TestAReplyReachesItsPersonAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		people := h.people(2)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Exec("UPDATE people SET phrase = '7 blue otters' WHERE id = ?", people[1]).Error; err != nil {
				return err
			}
			// No follow-ups, please; an answer is none.
			return tx.Create(&models.Preference{PersonID: people[1], Kind: models.AllKinds, Mode: models.ModeOff, UpdatedAt: h.db.Now()}).Error
		})
		h.start(nil)
		s := h.suggestion(people[1], "api", "转账一直没有到账，请帮忙看看", staff.By())
		h.reply(s, "Please update to 4.2. It is at https://evil.example/x or on our page. We see 0x52908400098527886E0F7030069857D2E4169EE7 and TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC.")
		h.sent(1) // the clock stands still: it settles for nothing
		h.exactly(1, h.email(1))
		p := h.sink.Mails()[0].Read(t)
		for _, want := range []string{"您的防钓鱼码", "7 blue otters", "Ada 回复了您", "Please update to 4.2.", "evil[.]example", "原文为英文", "转账一直没有到账", "https://heed.acme.example/s/" + s, "我们都不会索要您的助记词"} {
			if !strings.Contains(p.Text, want) {
				t.Errorf("the mail lacks %q:\n%s", want, p.Text)
			}
		}
		for _, never := range []string{"0x529084", "TJRyWw", "https://evil", "replied to you", "AAAAA-", "unsubscribe"} {
			if strings.Contains(p.Text+p.HTML, never) {
				t.Errorf("the mail says %q", never)
			}
		}
		if p.Subject != "您的反馈：“转账一直没有到账，请帮忙看看”" || p.Header.Get("List-Unsubscribe") != "" || p.Header.Get("In-Reply-To") != "<"+s+"@acme.example>" {
			t.Errorf("%q, %q, %q", p.Subject, p.Header.Get("List-Unsubscribe"), p.Header.Get("In-Reply-To"))
		}
		h.wantReasons(people[1], "")
	})
}

func TestAReplyIsStillStoppedByWhatStopsMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		people := h.people(3)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Exec("DELETE FROM addresses WHERE person_id = ?", people[0]).Error; err != nil {
				return err
			}
			if err := tx.Create(&models.Address{Channel: "telegram", Value: "@mei", PersonID: people[0], CreatedAt: h.db.Now()}).Error; err != nil {
				return err
			}
			if err := tx.Create(&models.Suppression{Address: h.email(1), Scope: "all", Reason: "bounce", CreatedAt: h.db.Now()}).Error; err != nil {
				return err
			}
			return tx.Create(&models.Preference{PersonID: people[2], Kind: string(KindReply), Mode: models.ModeOff, UpdatedAt: h.db.Now()}).Error
		})
		h.start(nil)
		for _, p := range people {
			h.reply(h.suggestion(p, "api", "The export hangs", staff.By()), "Update, please.")
		}
		h.until("all three decided", func() bool {
			return h.count("follow_up_items", "skip_reason = 'no_channel'") == 1 && h.count("deliveries", "state = 'skipped'") == 2
		})
		h.exactly(0)
		h.wantReasons(people[0], SkipNoChannel)
		h.wantReasons(people[1], SkipSuppressed)
		h.wantReasons(people[2], SkipPreference)
	})
}

func TestWhoFilledAFormInGetsAReceipt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		people := h.people(3)
		h.start(nil)
		h.suggestion(people[0], "portal", "The export hangs", visitor)
		h.suggestion(people[1], "capture", "导出总是卡住", staff.By())
		h.suggestion(people[2], "api", "An integration confirms in its own channel", staff.By())
		h.sent(2)
		h.exactly(1, h.email(0), h.email(1))
		for _, m := range h.sink.Mails() {
			p := m.Read(t)
			want := []string{"Thank you. What you wrote has arrived", "Receipt code: AAAAA-", "The export hangs"}
			if m.To == h.email(1) {
				want = []string{"您的反馈已经收到", "回执码：AAAAA-", "导出总是卡住"}
			}
			for _, w := range want {
				if !strings.Contains(p.Text, w) {
					t.Errorf("%s lacks %q:\n%s", m.To, w, p.Text)
				}
			}
			if !strings.Contains(p.Header.Get("List-Unsubscribe"), "/unsubscribe/") {
				t.Error("no way to stop it")
			}
		}
	})
}

// A node that was down for days confirms nothing, but still replies.
func TestAConfirmationIsNotDaysLate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.people(1)[0]
		s := h.suggestion(p, "portal", "The export hangs", visitor)
		h.reply(s, "Please update.")
		h.clock.Add(mailLife + time.Hour)
		h.start(nil)
		h.sent(1)
		h.exactly(1, h.email(0))
		h.wantReasons(p, SkipTooLate, "")
	})
}

// Anybody can type anybody's address into a form, again and again.
func TestAnAddressIsNotFloodedWithConfirmations(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		victim := h.people(1)[0]
		for range 20 {
			h.suggestion(victim, "portal", "buy cheap at evil.example", visitor)
		}
		h.start(nil)
		h.sent(maxConfirmations)
		h.until("the others have their reason", func() bool { return h.count("follow_up_items", "skip_reason = 'flood'") == 20-maxConfirmations })
		h.exactly(maxConfirmations, h.email(0))
	})
}

func TestHandingOverIsToldOnceItStands(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		people := h.people(3)
		h.start(nil)
		stays, undone, answered := h.suggestion(people[0], "api", "It hangs", staff.By()), h.suggestion(people[1], "api", "It hangs too", staff.By()), h.suggestion(people[2], "api", "It hangs as well", staff.By())
		h.handOver(stays)
		back := h.handOver(undone)
		h.handOver(answered)
		h.until("three wait", func() bool { return h.count("deliveries", "kind = 'handed_over' AND state = 'ready'") == 3 })
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, SuggestionID: undone, PersonID: people[1],
				Snapshot: models.Change{Undoes: back, UndoneVerb: models.SuggestionStepped, State: &models.StateStep{From: models.StateHandedOver, To: models.StateNew}}.Encode()}
			if err := h.db.Record(ctx, tx, staff.By(), act); err != nil {
				return err
			}
			if err := tx.Exec("UPDATE suggestions SET state = 'new' WHERE id = ?", undone).Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE activities SET undone_by = ? WHERE id = ?", act.ID, back).Error
		})
		h.reply(answered, "Here is your answer.")
		h.sent(1) // the reply alone
		h.clock.Add(settleTime)
		h.sent(2)
		h.until("the others are skipped", func() bool { return h.count("deliveries", "state = 'skipped'") == 2 })
		h.exactly(1, h.email(0), h.email(2))
		h.wantReasons(people[1], SkipUnchanged)
		h.wantReasons(people[2], SkipSuperseded, "")
	})
}

// One activity is told once, however often it is read; a restart between reading
// and sending changes nothing.
func TestAReplyIsToldOnceThroughRestarts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.people(1)[0]
		s := h.suggestion(p, "api", "It hangs", staff.By())
		for _, text := range []string{"one", "two", "three"} {
			h.reply(s, text)
		}
		n, _ := h.ledger(h.db, nil)
		for range 3 { // the cursor is lost each time
			if _, _, err := n.readEvents(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.write(func(_ context.Context, tx *gorm.DB) error {
				return tx.Exec("DELETE FROM cursors WHERE name = ?", cursorName).Error
			})
		}
		for range 3 {
			h.start(nil).halt()
		}
		h.start(nil)
		h.sent(3)
		h.exactly(3, h.email(0))
		var ids []string
		for _, m := range h.sink.Mails() {
			ids = append(ids, m.Read(t).Header.Get("Message-ID"))
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 3 {
			t.Errorf("message ids %v", ids)
		}
	})
}

// A node is killed at any moment while staff reply: no reply is lost, and each
// kill doubles at most one mail a connection, under the same Message-ID.
func TestNoReplyIsLostWhenNodesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("nodes are whole processes")
	}
	const replies, kills = 300, 6
	url := modelstest.SQLiteURL(t)
	db := modelstest.Open(t, url, nil)
	h := newHouse(t, db, nil)
	h.sinkServes()
	var suggestions []string
	for _, p := range h.people(replies) {
		suggestions = append(suggestions, h.suggestion(p, "portal", "It hangs", visitor))
	}
	node := h.node(url)
	for i, s := range suggestions {
		h.reply(s, "Please update.")
		if i%(replies/kills) == 0 {
			time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
			node.Kill()
			node = h.node(url)
		}
	}
	h.until("all replies and confirmations are sent", func() bool { return h.count("deliveries", "state = 'sent'") == 2*replies })
	node.Kill()
	ids, doubled := map[[2]string]string{}, 0
	for _, m := range h.sink.Mails() {
		p := m.Read(t)
		kind := "received"
		if strings.Contains(p.Text, "Please update.") {
			kind = "reply"
		}
		key, id := [2]string{m.To, kind}, p.Header.Get("Message-ID")
		if first, again := ids[key]; again {
			if doubled++; first != id {
				t.Errorf("%v got another mail, not the same one again", key)
			}
		}
		ids[key] = id
	}
	for _, a := range h.emails(0, replies) {
		for _, kind := range []string{"received", "reply"} {
			if ids[[2]string{a, kind}] == "" {
				t.Errorf("%s was lost: %s", a, kind)
			}
		}
	}
	t.Logf("%d kills: %d doubled", kills+1, doubled)
	if doubled > (kills+1)*2*connections {
		t.Errorf("%d doubled", doubled)
	}
	h.sound()
}
