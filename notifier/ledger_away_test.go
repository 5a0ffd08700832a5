package notifier

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// onTheirWay has n mails that a node has leased and that are past their final dot, and the
// register of that node, which nobody runs.
func (h *house) onTheirWay(n int) (*Notifier, []models.Delivery, *register) {
	h.t.Helper()
	h.mailing(n)
	keeper := h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
	h.until("waiting", func() bool { return h.count("deliveries", "state = 'ready'") == n })
	keeper.halt()
	x, _ := h.ledger(h.db, nil)
	var err error
	if x.answers, err = openAnswers(filepath.Join(h.t.TempDir(), "answers")); err != nil {
		h.t.Fatal(err)
	}
	ds, _, _, err := x.normal.claim(h.t.Context(), n)
	if err != nil || len(ds) != n {
		h.t.Fatal(ds, err)
	}
	x.hold(ds)
	h.write(func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE deliveries SET state = 'sending' WHERE lease_owner = ?", x.owner).Error
	})
	return x, ds, x.normal.register
}

// refuse has the database refuse changes of deliveries for which when holds, until it is
// taken back.
func (h *house) refuse(when string) (back func()) {
	h.t.Helper()
	make := []string{"CREATE TRIGGER refuse BEFORE UPDATE ON deliveries WHEN " + when + " BEGIN SELECT RAISE(ABORT, 'refused'); END"}
	if h.db.Dialect() == "postgres" {
		make = []string{"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
			"CREATE TRIGGER refuse BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (" + when + ") EXECUTE FUNCTION refuse()"}
	}
	run := func(statements ...string) {
		h.write(func(_ context.Context, tx *gorm.DB) error {
			for _, s := range statements {
				if err := tx.Exec(s).Error; err != nil {
					return err
				}
			}
			return nil
		})
	}
	run(make...)
	var once sync.Once
	back = func() {
		once.Do(func() {
			drop := "DROP TRIGGER refuse"
			if h.db.Dialect() == "postgres" {
				drop += " ON deliveries"
			}
			run(drop)
		})
	}
	h.t.Cleanup(back)
	return back
}

// ends has each delivery end as sent.
func ends(r *register, n *Notifier, ds []models.Delivery) {
	for place, d := range ds {
		r.end(n.sent(d, "250 2.0.0 ok"), place, nil)
	}
}

// Senders do not wait until it is written that a mail was sent; what they said before Heed
// stops is written all the same.
func TestEndsAreWrittenBeforeHeedStops(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(3)
		ends(r, n, ds)
		if h.count("deliveries", "state = 'sent'") != 0 {
			t.Fatal("somebody wrote without a turn")
		}
		stopped := make(chan struct{})
		close(stopped)
		r.run(t.Context(), stopped)
		if h.count("deliveries", "state = 'sent'") != 3 || len(n.inHand()) != 0 {
			t.Error("not all of it is written")
		}
	})
}

// One end that cannot be written down does not keep the others, nor the connection that
// said it: it alone is decided on as in doubt.
func TestOneEndThatCannotBeWrittenFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(5)
		h.refuse("NEW.id = '" + ds[2].ID + "' AND NEW.state = 'sent'")
		ends(r, n, ds)
		if err := r.turn(t.Context()); err == nil {
			t.Error("it is given up at the first refusal, which a broken connection may be")
		}
		if err := r.turn(t.Context()); err != nil {
			t.Errorf("something stays: %v", err)
		}
		if got := h.count("deliveries", "state = 'sent'"); got != 4 {
			t.Errorf("%d are written down as sent, want 4", got)
		}
		if h.count("deliveries", "id = ? AND state = 'sending'", ds[2].ID) != 1 {
			t.Error("the one that cannot be written is not in sending")
		}
		if left := n.inHand(); len(left) != 0 {
			t.Errorf("still in hand, so that nobody decides on it: %v", left)
		}
		h.clock.Add(16 * time.Second)
		if _, _, err := n.sweep(t.Context()); err != nil || h.count("deliveries", "id = ? AND doubts = 1", ds[2].ID) != 1 {
			t.Errorf("it is not decided on: %v", err)
		}
	})
}

// A database that takes nothing for a moment is waited for, also while Heed stops.
func TestEndsAreTriedAgainWhileHeedStops(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(3)
		back := h.refuse("OLD.id <> ''")
		ends(r, n, ds)
		stopping, stop := context.WithCancel(t.Context())
		stop()
		if err := r.turn(stopping); err == nil {
			t.Fatal("they were given up at the first try")
		}
		if h.count("deliveries", "state = 'sending'") != 3 {
			t.Fatal("something was written")
		}
		back()
		if err := r.turn(stopping); err != nil {
			t.Fatal(err)
		}
		if h.count("deliveries", "state = 'sent'") != 3 {
			t.Errorf("%v", h.tally("deliveries", "state"))
		}
	})
}

// When the grace is over Heed stops all the same: what could not be written stays in
// sending, for the policy of what is in doubt.
func TestWhatCannotBeWrittenWhenHeedStopsIsInDoubt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(2)
		back := h.refuse("OLD.id <> ''")
		ends(r, n, ds)
		stopping, stop := context.WithCancel(t.Context())
		stop()
		r.until = time.Now()
		if err := r.turn(stopping); err != nil {
			t.Error("something still waits")
		}
		back()
		if h.count("deliveries", "state = 'sending'") != 2 {
			t.Errorf("%v", h.tally("deliveries", "state"))
		}
		other, _ := h.ledger(h.db, nil)
		h.clock.Add(16 * time.Second)
		if _, _, err := other.sweep(t.Context()); err != nil || h.count("deliveries", "doubts = 1") != 2 {
			t.Errorf("nobody decides on them: %v", err)
		}
	})
}

// A node whose database was away for longer than a lease knows how its mails ended: when
// the database is back neither its own sweep nor another node's takes them for lost, so
// that none goes out twice.
func TestADatabaseThatWasAwayDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(4)
		other, _ := h.ledger(h.db, nil)
		if _, _, err := other.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(20 * time.Second) // nobody could prolong a lease
		other.looked = time.Now().Add(-20 * time.Second)
		for _, first := range []*Notifier{other, n} { // whichever looks first
			if _, _, err := first.sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := h.tally("deliveries", "state"); got["sending"] != 4 {
				t.Fatalf("%v after %v looked", got, first.owner)
			}
		}
		ends(r, n, ds)
		if err := r.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := h.tally("deliveries", "state"); got["sent"] != 4 {
			t.Errorf("%v", got)
		}
		if h.count("deliveries", "doubts > 0") != 0 || h.count("attempts", "outcome = 'in_doubt'") != 0 {
			t.Error("a doubt is on record")
		}
	})
}

// Sparing ends: a node that died while the database was away is taken over a lease later,
// and one that never lost the database waits for nobody.
func TestSparingEnds(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	n, _ := h.ledger(h.db, nil)
	now := time.Now()
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {time.Second, false}, {4 * time.Second, false}, {16 * time.Second, true}, {4 * time.Second, true}, {4 * time.Second, true}, {4 * time.Second, true}, {4 * time.Second, false}} {
		now = now.Add(step.after)
		if got := n.sparing(now); got != step.want {
			t.Errorf("after %s: %v, want %v", step.after, got, step.want)
		}
	}
}

// Whatever a relay or a library says in an error can be stored, in every database, and
// shown on one line.
func TestAnErrorIsStorable(t *testing.T) {
	for _, said := range []string{"broken pipe", "550 a\x00b\x1b[31m", "x\r\nQUIT", "\xff\xfe", "\u202eevil", strings.Repeat("长", 100_000)} {
		got := storable(&ErrInDoubt{Err: errors.New(said)})
		if strings.ContainsAny(got, "\x00\r\n\x1b\u202e") || strings.ToValidUTF8(got, "") != got || len([]rune(got)) > maxAnswerText || !strings.Contains(got, "in doubt") {
			t.Errorf("%q is stored as %q", said, got)
		}
	}
}
