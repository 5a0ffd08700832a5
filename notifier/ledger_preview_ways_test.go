package notifier

import (
	"context"
	"maps"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// The count before a change says for each way how many are told by it: by mail, through
// the webhook of which channel, by hand, by receipt.
func TestThePreviewNamesEachWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _, _ := h.bridged(false)
		th := h.theme(exports, models.StatusReceived)
		h.people(2, th)
		h.onTelegram(th, "@wei", "@lin", "@mei")
		elsewhere := h.onTelegram(th, "@old", "@both")
		h.write(func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Exec("UPDATE addresses SET channel = 'discord' WHERE person_id IN ?", elsewhere).Error; err != nil {
				return err
			}
			// One of them is on Telegram as well.
			return tx.Create(&models.Address{PersonID: elsewhere[1], Channel: "telegram", Value: "@both2", CreatedAt: h.db.Now()}).Error
		})
		for range 2 {
			s := h.suggestion("", "portal", "Exports are slow", visitor)
			h.write(func(_ context.Context, tx *gorm.DB) error {
				if err := tx.Exec("UPDATE suggestions SET waiting = FALSE, themes_count = 1 WHERE id = ?", s).Error; err != nil {
					return err
				}
				if err := tx.Exec("UPDATE themes SET suggestions_count = suggestions_count + 1 WHERE id = ?", th).Error; err != nil {
					return err
				}
				return tx.Create(&models.SuggestionTheme{SuggestionID: s, ThemeID: th}).Error
			})
		}
		var theme models.Theme
		if err := h.db.Read(context.Background()).First(&theme, "id = ?", th).Error; err != nil {
			t.Fatal(err)
		}
		for name, ask := range map[string]func(notify bool) (Preview, error){
			"a status": func(notify bool) (Preview, error) {
				return n.Preview(context.Background(), staff, th, models.Text{}, notify)
			},
			"an update": func(notify bool) (Preview, error) {
				return n.PreviewOf(context.Background(), staff, KindUpdate, []models.Theme{theme}, models.Text{}, notify)
			},
		} {
			p, err := ask(true)
			if err != nil {
				t.Fatal(err)
			}
			skips := map[string]int{}
			for _, s := range p.Skipped {
				skips[s.Reason] = s.Count
			}
			if p.People != 7 || p.Mails != 2 || !maps.Equal(p.Channels, map[string]int{"telegram": 4}) || p.ByHand != 1 || p.Receipts != 2 || !maps.Equal(skips, map[string]int{SkipChannel: 4, SkipNoChannel: 1}) {
				t.Errorf("%s: %+v", name, p)
			}
			p, err = ask(false)
			if err != nil || p.People != 7 || p.Mails != 0 || len(p.Channels) != 0 || p.ByHand != 0 || len(p.Skipped) != 1 || p.Skipped[0] != (Skip{SkipQuiet, 7}) {
				t.Errorf("%s that is quiet: %+v, %v", name, p, err)
			}
		}
		// What the count says is what comes.
		h.give(th, models.StatusPlanned, nil)
		h.until("written down", func() bool { return h.count("fanouts", "done_at IS NOT NULL") == 1 })
		h.clock.Add(settleTime)
		h.until("told", func() bool {
			return h.count("follow_up_items", "skip_reason = 'channel'") == 4 && h.count("follow_up_items", "skip_reason = 'no_channel'") == 1
		})
	})
}
