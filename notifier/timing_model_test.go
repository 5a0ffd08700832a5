package notifier

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
)

// Whatever happens in whatever order – changes, wishes, other zones, recalls, relays
// that fail, restarts –: nobody hears of a change twice; everybody who was to hear was
// told or has a reason, and no digest waits for more than its week; nothing comes at night; and nobody gets
// more mail on a day of theirs than the limit, but for what was shipped.
func TestWhateverHappensEverybodyHearsOnceInTheirHours(t *testing.T) {
	runs, seed := 3, uint64(20261126)
	if testing.Short() {
		runs = 1
	}
	each(t, func(t *testing.T, h *house) {
		for run := range runs {
			w := &world{house: h, t: t, rnd: rand.New(rand.NewPCG(seed, uint64(run)))}
			w.play(60)
		}
	})
}

type world struct {
	*house
	t      *testing.T
	rnd    *rand.Rand
	n      *node
	down   bool
	themes []string
	people []string
	began  time.Time
	seen   map[string]bool // mails that were looked at
}

var worldZones = []string{"UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu", ""}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (w *world) play(steps int) {
	w.began = w.db.Now()
	w.themes, w.seen = nil, map[string]bool{}
	for range 6 {
		w.themes = append(w.themes, w.theme(exports, models.StatusReceived))
	}
	w.people = w.house.people(5, w.themes...)
	for _, p := range w.people {
		w.zone(p, pick(w.rnd, worldZones))
	}
	w.restart(false)
	for range steps {
		w.step()
		w.let(time.Duration(w.rnd.IntN(150)) * time.Minute)
	}
	w.restart(false)
	w.let(16 * day)
	w.n.halt()
	w.judge()
}

func (w *world) restart(down bool) {
	if w.n != nil {
		w.n.halt()
	}
	w.down = down
	w.n = w.timed(func(o *LedgerOptions) {
		if down {
			o.Pool = nil
		}
	})
}

// let lets time pass, from one thing that is due to the next.
func (w *world) let(d time.Duration) {
	w.at(w.db.Now().Add(d), w.down)
	w.noneAtNight()
}

// noneAtNight looks at what went since it looked last: wishes change between, and not
// while, time passes.
func (w *world) noneAtNight() {
	w.t.Helper()
	db := w.db.Read(context.Background())
	rhythms, err := w.n.rhythms(db, w.people)
	if err != nil {
		w.t.Fatal(err)
	}
	var ds []models.Delivery
	if err := db.Find(&ds, "person_id IN ? AND state = 'sent'", w.people).Error; err != nil {
		w.t.Fatal(err)
	}
	for _, d := range ds {
		r := rhythms[d.PersonID]
		if local := d.SentAt.In(r.zone); !w.seen[d.ID] && r.quiet != (Hours{}) && r.quiet.holds(local) {
			w.t.Errorf("%s went at %s, in quiet hours %s", d.ID, local, r.quiet)
		}
		w.seen[d.ID] = true
	}
}

func (w *world) step() {
	ctx := context.Background()
	token := w.n.unsubscribeToken(pick(w.rnd, w.people))
	wish := Wishes{Modes: map[string]string{}}
	switch w.rnd.IntN(12) {
	case 0:
		wish.Modes[pick(w.rnd, []string{"all", "status"})] = pick(w.rnd, Modes())
	case 1:
		hour := w.rnd.IntN(24)
		wish.DigestHour = &hour
	case 2:
		quiet := pick(w.rnd, []string{"", models.QuietOff, "12:00-14:30", "23:15-06:45"})
		wish.QuietHours = &quiet
	case 3:
		if w.rnd.IntN(2) == 0 {
			wish.Mute = []string{pick(w.rnd, w.themes)}
		} else {
			wish.Unmute = w.themes
		}
	case 4:
		w.restart(w.rnd.IntN(3) == 0)
		return
	case 5:
		var events []string
		w.db.Read(ctx).Raw("SELECT id FROM follow_up_events WHERE created_at >= ? ORDER BY id DESC LIMIT 3", w.began).Scan(&events)
		if len(events) > 0 {
			if _, err := w.n.Recall(ctx, staff, pick(w.rnd, events)); err != nil {
				w.t.Fatal(err)
			}
		}
		return
	default:
		for range 1 + w.rnd.IntN(3) {
			w.give(pick(w.rnd, w.themes), pick(w.rnd, []models.Status{models.StatusReceived, models.StatusPlanned, models.StatusInProgress, models.StatusShipped}), nil)
		}
		w.until("read", w.cursorAtEnd)
		return
	}
	if err := w.n.SavePreferences(ctx, token, wish); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) judge() {
	w.t.Helper()
	ctx := context.Background()
	var items []struct {
		EventID, PersonID, SkipReason, DeliveryID, State, Hold, Snapshot string
		SentAt                                                           *time.Time
		DueAt                                                            time.Time
	}
	err := w.db.Read(ctx).Raw(`SELECT i.event_id, i.person_id, i.skip_reason, i.delivery_id, COALESCE(d.state, '') AS state, i.hold, e.snapshot, d.sent_at, i.due_at
		FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id LEFT JOIN deliveries d ON d.id = i.delivery_id WHERE i.person_id IN ?`, w.people).Scan(&items).Error
	if err != nil {
		w.t.Fatal(err)
	}
	shipped, mailed := map[string]bool{}, map[string]time.Time{}
	whose := map[string]string{}
	for _, i := range items {
		switch {
		case i.SkipReason != "":
		case i.State == "sent":
			mailed[i.DeliveryID], whose[i.DeliveryID] = *i.SentAt, i.PersonID
			if s, _ := readSnapshot(models.FollowUpEvent{Snapshot: i.Snapshot}); s.To == models.StatusShipped {
				shipped[i.DeliveryID] = true
			}
		default: // after 16 days even a weekly digest has come
			w.t.Errorf("lost: event %s of %s: %+v", i.EventID, i.PersonID, i)
		}
	}
	if len(mailed) == 0 {
		w.t.Error("nobody was told anything")
	}
	perDay := map[string]int{}
	rhythms, err := w.n.rhythms(w.db.Read(ctx), w.people)
	if err != nil {
		w.t.Fatal(err)
	}
	for id, at := range mailed {
		zone := rhythms[whose[id]].zone
		if shipped[id] {
			continue
		}
		key := whose[id] + " " + strconv.Itoa(dateOf(at.In(zone)))
		if perDay[key]++; perDay[key] > w.n.o.DailyLimit {
			w.t.Errorf("%s got %d mails", key, perDay[key])
		}
	}
	got := map[string]int{}
	for _, m := range w.sink.Mails() {
		got[m.Read(w.t).Header.Get("Message-ID")]++
	}
	for id, n := range got {
		if n > 1 {
			w.t.Errorf("%s came %d times", id, n)
		}
	}
}
