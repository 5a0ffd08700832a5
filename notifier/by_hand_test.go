package notifier

import (
	"context"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func TestWhoHasNoMailIsToldByHand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		n := h.start(nil)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
		mailed, silent := h.people(1, th), h.people(2, th)
		err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { // one on a channel only, one nowhere
			if err := tx.Exec("UPDATE addresses SET channel = 'telegram', value = '@wei' WHERE person_id = ?", silent[0]).Error; err != nil {
				return err
			}
			if err := tx.Exec("DELETE FROM addresses WHERE person_id = ?", silent[1]).Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE people SET locale = 'zh' WHERE id IN ?", silent).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		h.give(th, models.StatusPlanned, nil)
		h.until("two wait to be told", func() bool { c, _ := n.ToTellCount(ctx, staff); return c == 2 })
		rows, next, err := n.ByHand(ctx, staff, ByHandFilter{})
		if err != nil || len(rows) != 2 || next != "" {
			t.Fatalf("%+v, %q, %v", rows, next, err)
		}
		for _, r := range rows {
			if r.Locale != "zh" || !strings.Contains(r.Text, "导出更快") || !strings.Contains(r.Text, "已排期") || !strings.Contains(r.Text, "不会索要") || r.Mail != "" {
				t.Errorf("to say: %+v", r)
			}
			if r.PersonID == mailed[0] {
				t.Error("who gets mail is to be told by hand")
			}
		}

		// The later news only.
		h.give(th, models.StatusDeclined, nil)
		h.until("the later news stand alone", func() bool {
			rows, _, err = n.ByHand(ctx, staff, ByHandFilter{Limit: 1})
			return err == nil && len(rows) == 1 && rows[0].Status == models.StatusDeclined
		})
		if !strings.Contains(rows[0].Text, "因为做不到") {
			t.Errorf("the reason: %s", rows[0].Text)
		}
		act, err := n.ToldByHand(ctx, staff, rows[0].EventID, rows[0].PersonID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.ToldByHand(ctx, staff, rows[0].EventID, rows[0].PersonID); models.KindOf(err) != models.Conflict {
			t.Errorf("told twice: %v", err)
		}
		if c, _ := n.ToTellCount(ctx, staff); c != 1 {
			t.Errorf("%d are left", c)
		}
		h.sound()
		h.takeBack(n, act)
		if c, _ := n.ToTellCount(ctx, staff); c != 2 {
			t.Errorf("taken back, %d are left", c)
		}
		if _, err := n.ToldByHand(ctx, staff, rows[0].EventID, mailed[0]); models.KindOf(err) != models.NotFound {
			t.Errorf("who gets mail was told by hand: %v", err)
		}
		for _, a := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorPerson, ID: silent[0], PersonID: silent[0]}, {Kind: models.ActorAgent, TokenID: "t", Scopes: auth.Scopes()}} {
			if rows, _, err := n.ByHand(ctx, a, ByHandFilter{}); err == nil || rows != nil {
				t.Errorf("%s reads the list", a.Kind)
			}
			if _, err := n.ToldByHand(ctx, a, rows[0].EventID, rows[0].PersonID); err == nil {
				t.Errorf("%s tells", a.Kind)
			}
		}
	})
}

// takeBack undoes as themes' Undo does.
func (h *house) takeBack(n *node, id string) {
	h.t.Helper()
	err := h.db.Write(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		var act models.Activity
		if err := tx.First(&act, "id = ?", id).Error; err != nil {
			return err
		}
		_, err := n.TakeBackTold(ctx, tx, staff, &act)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// A reply that no mail brings is passed on word by word, each of them, and in what is
// about no theme no status is spoken of. That something came in is told by nobody.
func TestARepliedToPersonWithoutMailIsToldTheReply(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		n := h.start(nil)
		who := h.people(1)[0]
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE addresses SET channel = 'telegram', value = '@wei' WHERE person_id = ?", who).Error
		})
		s := h.suggestion(who, sourceCapture, "Round icons please", staff.By())
		h.reply(s, "They come in spring.")
		h.reply(s, "In May, to be exact.")
		h.until("two replies wait to be told", func() bool { c, _ := n.ToTellCount(ctx, staff); return c == 2 })
		rows, _, err := n.ByHand(ctx, staff, ByHandFilter{})
		if err != nil || len(rows) != 2 || !strings.HasPrefix(rows[0].Text, "In May, to be exact.\n") || !strings.HasPrefix(rows[1].Text, "They come in spring.\n") {
			t.Fatalf("%+v, %v", rows, err)
		}
		for _, r := range rows {
			if r.Kind != KindReply || r.Suggestion != s || r.Said != "Round icons please" || r.ThemeID != "" || strings.Contains(r.Text, "mail.") || strings.Contains(r.Text, "Something you asked for") {
				t.Errorf("to say: %+v", r)
			}
		}
		if _, err := n.ToldByHand(ctx, staff, rows[0].EventID, who); err != nil {
			t.Fatal(err)
		}
		if rows, _, err = n.ByHand(ctx, staff, ByHandFilter{}); err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Text, "They come") {
			t.Errorf("told of one reply, the other is left: %+v, %v", rows, err)
		}
	})
}
