package webhooks

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// The ticket behind each suggestion hears of a change once, also when the fan-out is
// cut off between its chunks; what came from nowhere is told to nobody.
func TestEverySourceHearsOnceOfAChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		h.endpoint(r.URL, nil, SuggestionOutcome)
		th := h.theme(models.Text{EN: "Faster exports"})
		const n = 2*outcomeChunk + 7
		h.filed(n, th, nil)
		h.filed(5, th, func(_ int, s *models.Suggestion) { s.ExternalID, s.SourceURL = "", "" })
		h.give(th, models.StatusPlanned, "Next quarter")
		for h.count("webhook_fanouts", "1 = 1") == 0 {
			if _, _, err := h.readActivities(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if busy, pause, err := h.tellSources(ctx); busy || pause <= 0 || err != nil {
			t.Fatalf("told before it settled: %v %v %v", busy, pause, err)
		}
		h.clock.Add(settleTime)
		if busy, _, err := h.tellSources(ctx); !busy || err != nil {
			t.Fatal(busy, err)
		}
		if c := h.count("webhook_messages", "1 = 1"); c != outcomeChunk {
			t.Errorf("one chunk made %d", c)
		}
		for h.count("webhook_fanouts", "done_at IS NULL") > 0 { // another process goes on
			if _, _, err := newHooks(t, h.db).tellSources(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if c := h.count("webhook_messages", "1 = 1"); c != n {
			t.Errorf("%d messages, want %d", c, n)
		}
		h.start()
		h.until("some were sent", func() bool { return len(r.got()) > 10 })
		p := r.got()[0].payload(t)
		if p.Type != SuggestionOutcome || p.Data.Source != "helpdesk" || !strings.HasPrefix(p.Data.ExternalID, "8") || !strings.HasPrefix(p.Data.SourceURL, "https://desk.example/") ||
			p.Data.Status != "planned" || p.Data.Reason.EN != "Next quarter" || strings.Contains(string(r.got()[0].body), "SECRET WORDS") {
			t.Errorf("%s", r.got()[0].body)
		}
	})
}

// What goes back to where it was before it settled is no outcome, and of several
// changes the last is told.
func TestSourcesHearWhatStands(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		h.endpoint(r.URL, nil, SuggestionOutcome)
		back, on := h.theme(models.Text{EN: "Back"}), h.theme(models.Text{EN: "On"})
		h.filed(1, back, nil)
		h.filed(1, on, nil)
		h.start()
		h.give(back, models.StatusPlanned, "")
		h.give(back, models.StatusReceived, "")
		h.give(on, models.StatusPlanned, "")
		h.give(on, models.StatusShipped, "")
		h.until("owed", func() bool { return h.count("webhook_fanouts", "1 = 1") == 4 })
		h.clock.Add(settleTime)
		h.until("done", func() bool { return h.count("webhook_fanouts", "done_at IS NULL") == 0 })
		h.until("told", func() bool { return len(r.got()) == 1 })
		if p := r.got()[0].payload(t); p.Data.Status != "shipped" {
			t.Errorf("told %s", p.Data.Status)
		}
		h.give(on, models.StatusInProgress, "")
		h.until("owed again", func() bool { return h.count("webhook_fanouts", "done_at IS NULL") == 1 })
		h.clock.Add(settleTime)
		h.until("told again", func() bool { return len(r.got()) == 2 })
	})
}

// A suggestion that was moved away while the change settled is told all the same, and
// an undone one is not.
func TestWhoWasMovedMeanwhileHearsToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.endpoint("http://127.0.0.1:9/", nil, SuggestionOutcome)
		from, to := h.theme(models.Text{EN: "From"}), h.theme(models.Text{EN: "To"})
		id := h.filed(1, from, nil)[0]
		h.give(from, models.StatusPlanned, "")
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned, SuggestionID: id}
		h.record(act)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Create(&models.Move{ActivityID: act.ID, What: models.MoveSuggestion, RowID: id, FromTheme: from, ToTheme: to}).Error; err != nil {
				return err
			}
			if err := tx.Exec("UPDATE suggestion_themes SET theme_id = ? WHERE suggestion_id = ?", to, id).Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE themes SET suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id)").Error
		})
		undone := h.give(to, models.StatusPlanned, "")
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE activities SET undone_by = 'act_x' WHERE id = ?", undone.ID).Error
		})
		for range 3 {
			if _, _, err := h.readActivities(ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Add(settleTime + time.Second)
		for h.count("webhook_fanouts", "done_at IS NULL") > 0 {
			if _, _, err := h.tellSources(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.count("webhook_messages", "theme_id = ? AND suggestion_id = ?", from, id); n != 1 {
			t.Errorf("%d messages of where it was", n)
		}
		if n := h.count("webhook_messages", "theme_id = ?", to); n != 0 {
			t.Errorf("%d messages of what was taken back", n)
		}
	})
}
