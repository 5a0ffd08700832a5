//go:build unix

package notifier

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/peer"
)

// crowd makes n people who all asked for each of the themes.
func (h *house) crowd(n int, themes []string) {
	h.t.Helper()
	h.people(n)
	h.write(func(_ context.Context, tx *gorm.DB) error {
		for _, th := range themes {
			if err := tx.Exec("INSERT INTO votes (theme_id, person_id, origin, created_at) SELECT ?, id, ?, ? FROM people", th, models.VoteByHand, h.db.Now()).Error; err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE themes SET people_count = ?", n).Error
	})
}

// A hundred themes are given a status one after the other, milliseconds apart, and everybody
// asked for all of them: one mail each, which tells of all hundred. The proof is
// HEED_PEOPLE=10000.
func TestAHundredThemesChangedAtOnceAreOneDigestEach(t *testing.T) {
	people := peer.Size(t, peopleVariable, 20)
	each(t, func(t *testing.T, h *house) {
		h.patience = 30 * time.Minute
		h.timed(nil)
		themes := make([]string, 100)
		for i := range themes {
			themes[i] = h.theme(exports, models.StatusReceived)
		}
		h.crowd(people, themes)
		began := time.Now()
		for _, th := range themes {
			h.give(th, models.StatusPlanned, nil)
			h.clock.Add(20 * time.Millisecond)
		}
		answered := time.Since(began)
		h.fannedOut(len(themes))
		fannedOut := time.Since(began)
		h.at(h.db.Now().Add(settleTime + 2*time.Hour))
		t.Logf("%d people: changes answered after %s, %d items written down after %s, all %d mails sent after %s", people,
			answered.Round(time.Millisecond), h.count("follow_up_items", "1 = 1"), fannedOut.Round(time.Millisecond), h.sink.Count(), time.Since(began).Round(time.Millisecond))
		h.exactly(1, h.emails(0, people)...)
		if n := h.count("deliveries", "kind = 'digest' AND state = 'sent'"); n != people || n != h.count("deliveries", "1 = 1") {
			t.Errorf("%d digests of %d deliveries for %d people", n, h.count("deliveries", "1 = 1"), people)
		}
		if n := h.count("(SELECT delivery_id FROM follow_up_items WHERE skip_reason = '' GROUP BY delivery_id HAVING COUNT(*) = 100) whole", "1 = 1"); n != people {
			t.Errorf("%d mails tell of all themes, want %d", n, people)
		}
	})
}
