package notifier

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func TestOnlyStaffSeeAndChangeDeliveries(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(1)
		n := h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
		h.until("waiting", func() bool { return h.count("deliveries", "state = 'ready'") == 1 })
		if n.Status().Configured {
			t.Error("a relay that is not there")
		}
		rows, _, err := n.Deliveries(t.Context(), staff, Filter{})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		id, person, theme := rows[0].ID, rows[0].PersonID, rows[0].ThemeID
		support := auth.Actor{Kind: models.ActorMember, ID: "mem_2", Role: models.RoleSupport}
		outsider := auth.Actor{Kind: models.ActorPerson, ID: person, PersonID: person}
		for name, c := range map[string]struct {
			err  error
			want models.Kind
		}{
			"support reads":       {second(n.Deliveries(t.Context(), support, Filter{})), ""},
			"support retries":     {n.Retry(t.Context(), support, id), models.Forbidden},
			"support cancels":     {n.Cancel(t.Context(), support, id), models.Forbidden},
			"support previews":    {first(n.Preview(t.Context(), support, theme, models.Text{}, true)), models.Forbidden},
			"a person reads":      {second(n.Deliveries(t.Context(), outsider, Filter{})), models.Forbidden},
			"a person asks why":   {first(n.WhyTold(t.Context(), outsider, person)), models.Forbidden},
			"nobody reads":        {second(n.Deliveries(t.Context(), auth.Anonymous(), Filter{})), models.Unauthenticated},
			"an unknown state":    {second(n.Deliveries(t.Context(), staff, Filter{State: "gone"})), models.Invalid},
			"a broken cursor":     {second(n.Deliveries(t.Context(), staff, Filter{Cursor: "x"})), models.Invalid},
			"an unknown delivery": {n.Retry(t.Context(), staff, models.NewID(models.PrefixDelivery)), models.NotFound},
			"an unknown theme":    {first(n.Preview(t.Context(), staff, "thm_x", models.Text{}, true)), models.NotFound},
		} {
			if (c.err == nil) != (c.want == "") || models.KindOf(c.err) != c.want {
				t.Errorf("%s: %v, want %s", name, c.err, c.want)
			}
		}
		if err := n.Retry(t.Context(), staff, id); err != nil {
			t.Errorf("what waits is retried: %v", err)
		}
		if err := n.Cancel(t.Context(), staff, id); err != nil {
			t.Errorf("what waits is held back: %v", err)
		}
		if err := n.Cancel(t.Context(), staff, id); models.KindOf(err) != models.Conflict {
			t.Errorf("held back twice: %v", err)
		}
		h.start(nil)
		time.Sleep(50 * time.Millisecond)
		if len(h.sink.Mails()) != 0 {
			t.Error("a mail that was held back went out")
		}
	})
}

func first[A any](_ A, err error) error          { return err }
func second[A, B any](_ A, _ B, err error) error { return err }

func TestDeliveriesComeInPagesNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(7)
		n := h.start(nil)
		h.sent(7)
		var got []string
		cursor, pages := "", 0
		for {
			rows, next, err := n.Deliveries(t.Context(), staff, Filter{State: "sent", Cursor: cursor, Limit: 3})
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, r := range rows {
				if len(got) > 0 && r.ID >= got[len(got)-1] {
					t.Error("not newest first, or twice")
				}
				got = append(got, r.ID)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(got) != 7 || pages != 3 {
			t.Errorf("%d rows in %d pages", len(got), pages)
		}
	})
}

// A fan-out that is interrupted goes on where it stopped, and one that comes
// after a later event's tells nobody what is no longer true.
func TestFanOutsAreResumedAndMayComeInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const people = 2*fanOutChunk + 10
		th := h.theme(exports, models.StatusReceived)
		ids := h.people(people, th)
		n, _ := h.ledger(h.db, nil)
		for _, s := range []models.Status{models.StatusPlanned, models.StatusInProgress} {
			h.give(th, s, nil)
			h.clock.Add(time.Second)
		}
		if _, _, err := n.readEvents(t.Context()); err != nil {
			t.Fatal(err)
		}
		var events []string
		if err := h.db.Read(t.Context()).Raw("SELECT id FROM follow_up_events ORDER BY rev").Scan(&events).Error; err != nil || len(events) != 2 {
			t.Fatal(events, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := n.fanOut(ctx, models.Job{Key: events[1]}); err == nil {
			t.Fatal("a cancelled fan-out says it is done")
		}
		for _, e := range []string{events[1], events[0], events[1]} {
			if err := n.fanOut(t.Context(), models.Job{Key: e}); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.tally("follow_up_items", "skip_reason"); got[""] != people || got[SkipSuperseded] != people || len(got) != 2 {
			t.Errorf("items %v", got)
		}
		if got := h.count("fanouts", "people = ? AND done_at IS NOT NULL", people); got != 2 {
			t.Errorf("%d fan-outs are done", got)
		}
		h.wantReasons(ids[0], SkipSuperseded, "")
	})
}

// A fan-out whose job was lost, and a settled change, are found by the ticks.
func TestTicksFindWhatWasLeftBehind(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		h.people(3, th)
		h.give(th, models.StatusPlanned, nil)
		n, q := h.ledger(h.db, nil)
		if err := n.TickFanOut(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Exec("DELETE FROM jobs").Error })
		if err := n.TickFanOut(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); q.Run(ctx) }()
		h.fannedOut(1)
		cancel()
		<-done
		h.clock.Add(settleTime)
		if err := n.TickSettle(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		if err := n.TickDeliver(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		if got := h.count("deliveries", "state = 'ready'"); got != 3 {
			t.Errorf("%d deliveries", got)
		}
	})
}
