package notifier

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// held is a ledger that nobody runs, over a change whose mail waits.
func (h *house) held(people int) (n *Notifier, event, act string) {
	h.t.Helper()
	x := h.start(func(o *LedgerOptions) { o.Pool = nil })
	th := h.theme(exports, models.StatusReceived)
	h.people(people, th)
	h.give(th, models.StatusPlanned, nil)
	h.fannedOut(1)
	h.clock.Add(settleTime)
	h.until("mail waits", func() bool { return h.count("deliveries", "state = 'ready'") == people })
	x.halt()
	h.db.Read(context.Background()).Raw("SELECT id, activity_id FROM follow_up_events").Row().Scan(&event, &act)
	n, _ = h.ledger(h.db, nil)
	return n, event, act
}

// A recall is answered before very many are taken out; nothing of it is sent from then on,
// whoever is not reached yet, and it goes on where it stopped.
func TestARecallGoesOnAfterItsAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, event, act := h.held(takeOutChunk + 200)
		got, err := n.Recall(t.Context(), staff, event)
		if err != nil || got.Done || got.Held != takeOutChunk {
			t.Fatal(got, err)
		}
		if again, err := n.Recall(t.Context(), staff, event); err != nil || again != got {
			t.Error(again, err)
		}
		if held, err := n.Recallable(t.Context(), staff, []string{act}); err != nil || len(held) != 0 {
			t.Error("what is recalled can be recalled", held, err)
		}
		// The lane takes what is left, and sends none of it.
		ds, _, _, err := n.normal.claim(t.Context(), normalBatch)
		if err != nil || len(ds) != normalBatch {
			t.Fatal(len(ds), err)
		}
		letters, err := n.compose(t.Context(), ds)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if l.end == nil || l.end.state != models.DeliveryReady {
				t.Fatalf("%+v", l.end)
			}
		}
		// The node dies; the row is found.
		h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Exec("DELETE FROM jobs").Error })
		if err := n.TickFanOut(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		h.start(nil)
		h.until("all are taken out", func() bool { return h.count("deliveries", "state = 'cancelled'") == takeOutChunk+200 })
		h.until("it is done", func() bool { got, err = n.Recall(t.Context(), staff, event); return got.Done })
		if err != nil || got != (Recalled{takeOutChunk + 200, 0, true}) {
			t.Error(got, err)
		}
		h.exactly(0)
	})
}

// What was done a moment ago is recalled as a whole, and is done when all of it is.
func TestARecallOfWhatWasDoneSaysWhetherItIsDone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, event, act := h.held(takeOutChunk + 1)
		if got, err := n.RecallActivity(t.Context(), staff, act); err != nil || got != (Recalled{takeOutChunk, 0, false}) {
			t.Error(got, err)
		}
		if err := n.takeOutAll(t.Context(), models.Job{Key: event}); err != nil {
			t.Fatal(err)
		}
		if got, err := n.RecallActivity(t.Context(), staff, act); err != nil || got != (Recalled{takeOutChunk + 1, 0, true}) {
			t.Error(got, err)
		}
	})
}

// A mail that was made ready to be sent before a recall is not sent after it.
func TestWhatIsRecalledIsStoppedAtItsFinalDot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, event, _ := h.held(takeOutChunk + 1)
		var last string
		h.db.Read(t.Context()).Raw("SELECT delivery_id FROM follow_up_items ORDER BY person_id DESC LIMIT 1").Scan(&last)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE deliveries SET state = 'leased', lease_owner = ?, lease_until = ?, fence = 3 WHERE id = ?", n.owner, h.db.Now().Add(oneDay), last).Error
		})
		if _, err := n.Recall(t.Context(), staff, event); err != nil {
			t.Fatal(err)
		}
		stopped, err := h.register(n).commit(letter{d: models.Delivery{ID: last, Fence: 3, LeaseOwner: n.owner}}, "hash")
		if err == nil || stopped == nil || stopped.state != models.DeliveryReady {
			t.Fatal(stopped, err)
		}
		if h.count("deliveries", "id = ? AND state = 'leased' AND body_hash = ''", last) != 1 {
			t.Error("it is on its way")
		}
	})
}

// What a page asks about recalls goes through no theme's people, and of very many it says
// what was counted last.
func TestWhatCanBeRecalledOfVeryManyIsCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, event, act := h.held(3)
		want := func(people int) {
			t.Helper()
			held, err := n.Recallable(t.Context(), staff, []string{act})
			if err != nil || held[act] != (Holding{event, people}) && people > 0 || people == 0 && len(held) > 0 {
				t.Errorf("%v, want %d: %v", held, people, err)
			}
		}
		want(3)
		h.write(func(_ context.Context, tx *gorm.DB) error { // as if they were many
			if err := tx.Exec("UPDATE fanouts SET people = 6000").Error; err != nil {
				return err
			}
			var rows []models.FollowUpItem
			for range countedAtOnce {
				rows = append(rows, models.FollowUpItem{EventID: event, PersonID: models.NewID(models.PrefixPerson), Kind: "status", SkipReason: SkipPreference, DueAt: h.db.Now(), CreatedAt: h.db.Now()})
			}
			return tx.CreateInBatches(rows, 500).Error
		})
		want(6000) // who was written down, until they are counted
		if err := n.recountHeld(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(3)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE deliveries SET state = 'sent', sent_at = run_at").Error
		})
		if err := n.recountHeld(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(3) // not counted again so soon
		h.clock.Add(heldAnew + time.Second)
		if err := n.recountHeld(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(0)
	})
}

// Whoever settles, recalls, sends and changes wishes at the same moment: everybody who was
// to hear of something has a mail or a reason, and nothing that was recalled is in a mail
// that was claimed after.
func TestRecallsAndSettlingAtTheSameMoment(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	each(t, func(t *testing.T, h *house) {
		for round := range rounds {
			h.storm(uint64(round))
		}
	})
}

// storm lets several nodes settle, recall and claim beside each other.
func (h *house) storm(seed uint64) {
	ctx := context.Background()
	var ids []string
	for range 8 {
		ids = append(ids, h.theme(exports, models.StatusReceived))
	}
	people := h.people(40, ids...)
	began := h.db.Now()
	for _, th := range ids {
		h.give(th, models.StatusPlanned, nil)
	}
	quiet := func(o *LedgerOptions) {
		o.Pool, o.NowPool, o.Window, o.DailyLimit, o.Zone = nil, nil, time.Hour, 100, time.UTC
	}
	n, _ := h.ledger(h.db, quiet)
	if _, _, err := n.readEvents(ctx); err != nil {
		h.t.Fatal(err)
	}
	var events []string
	h.db.Read(ctx).Raw("SELECT id FROM follow_up_events WHERE created_at >= ? AND theme_id IN ? ORDER BY id", began, ids).Scan(&events)
	for _, e := range events {
		if err := n.fanOut(ctx, models.Job{Key: e}); err != nil {
			h.t.Fatal(err)
		}
	}
	h.clock.Add(settleTime)
	rnd := rand.New(rand.NewPCG(20261126, seed))
	rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	h.blow(quiet, events[:4], events[4:])
	for busy := true; busy; {
		var err error
		if busy, _, err = n.settleDue(ctx); err != nil {
			h.t.Fatal(err)
		}
	}
	h.judgeStorm(people, events, events[:4])
}

// blow settles and recalls at once, on several nodes.
func (h *house) blow(quiet func(*LedgerOptions), recalled, others []string) {
	ctx := context.Background()
	var all sync.WaitGroup
	for range 4 { // nodes that settle, each a part of what is due
		all.Go(func() {
			x, _ := h.ledger(h.db, quiet)
			for range 12 {
				if _, _, err := x.settleDue(ctx); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	for _, e := range recalled {
		for range 2 {
			all.Go(func() {
				x, _ := h.ledger(h.db, quiet)
				if _, err := x.Recall(ctx, staff, e); err != nil {
					h.t.Error(err)
				}
			})
		}
	}
	// What no settling has reached comes due a part at a time, so that mails are joined.
	for _, e := range others {
		all.Go(func() {
			for range 6 {
				h.write(func(_ context.Context, tx *gorm.DB) error {
					return tx.Exec("UPDATE follow_up_items SET due_at = ? WHERE "+waiting+" AND event_id = ?", h.db.Now(), e).Error
				})
			}
		})
	}
	all.Wait()
}

func (h *house) judgeStorm(people, events, recalled []string) {
	h.t.Helper()
	var items []struct{ EventID, PersonID, DeliveryID, SkipReason, State string }
	err := h.db.Read(context.Background()).Raw(`SELECT i.event_id, i.person_id, i.delivery_id, i.skip_reason, COALESCE(d.state, '') AS state
		FROM follow_up_items i LEFT JOIN deliveries d ON d.id = i.delivery_id WHERE i.event_id IN ?`, events).Scan(&items).Error
	if err != nil || len(items) != len(people)*len(events) {
		h.t.Fatal(len(items), err)
	}
	for _, i := range items {
		taken := slices.Contains(recalled, i.EventID)
		switch {
		case taken && (i.SkipReason != SkipRecalled || i.DeliveryID != ""):
			h.t.Fatalf("a recalled change is told: %+v", i)
		case !taken && (i.SkipReason != "" || i.DeliveryID == "" || i.State != string(models.DeliveryReady)):
			h.t.Fatalf("lost: %+v", i)
		}
	}
}
