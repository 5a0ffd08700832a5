package notifier

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Whoever changes their wishes in the very moment in which their mail is made: nothing
// is lost, and nothing is made that they do not want any more.
func TestWishesThatMeetSettlingComeBeforeItOrAfterIt(t *testing.T) {
	for name, c := range map[string]struct {
		waits bool // a mail that waits, which the change joins
		wish  func(a, b string) Wishes
		want  []string // of the first theme's change, and of the second's
	}{
		"a change that joins a mail whose own is muted": {true, func(a, _ string) Wishes { return Wishes{Mute: []string{a}} }, []string{SkipMuted, ""}},
		"a change that is muted as it joins":            {true, func(_, b string) Wishes { return Wishes{Mute: []string{b}} }, []string{"", SkipMuted}},
		"a change that is switched off as its mail is made": {false, func(_, _ string) Wishes {
			return Wishes{Modes: map[string]string{"status": models.ModeOff}}
		}, []string{SkipPreference}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				n := h.timed(func(o *LedgerOptions) { o.Pool = nil })
				a, b := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
				p := h.people(1, a, b)[0]
				if c.waits {
					h.give(a, models.StatusPlanned, nil)
					h.at(h.db.Now().Add(settleTime+time.Minute), true)
				}
				h.give(b, models.StatusPlanned, nil)
				h.at(h.db.Now().Add(time.Second), true)
				n.halt()
				h.clock.Add(settleTime + time.Minute)
				saved := make(chan error, 1)
				h.write(func(_ context.Context, tx *gorm.DB) error {
					if err := h.db.Lock(tx, settleLock); err != nil {
						return err
					}
					if err := h.db.LockShared(tx, models.LockPeople); err != nil {
						return err
					}
					if err := n.settlePeople(tx, []string{p}); err != nil {
						return err
					}
					go func() { saved <- n.SavePreferences(context.Background(), n.unsubscribeToken(p), c.wish(a, b)) }()
					if h.db.Dialect() != "sqlite" { // there the one writer makes it wait
						h.until("the wish waits", func() bool {
							return h.count("pg_stat_activity", "datname = current_database() AND wait_event_type = 'Lock'") > 0
						})
					}
					return nil
				})
				if err := <-saved; err != nil {
					t.Fatal(err)
				}
				h.wantReasons(p, c.want...)
				var lost int64
				h.db.Read(t.Context()).Raw(`SELECT COUNT(*) FROM follow_up_items i LEFT JOIN deliveries d ON d.id = i.delivery_id
					WHERE i.skip_reason = '' AND i.delivery_id <> '' AND COALESCE(d.state, '') <> 'ready'`).Scan(&lost)
				if lost != 0 {
					t.Errorf("%d are in a mail that does not go", lost)
				}
			})
		})
	}
}
