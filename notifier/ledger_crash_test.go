package notifier

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/smtpsink"
)

const (
	crashDatabase = "HEED_CRASH_DATABASE"
	crashRelay    = "HEED_CRASH_RELAY"
	crashProbe    = "HEED_CRASH_PROBE" // "" for a relay that nobody can ask
	connections   = 2
)

// TestNodeThatIsKilled is no test: it is the node that the tests below kill.
func TestNodeThatIsKilled(t *testing.T) {
	url, relay := os.Getenv(crashDatabase), os.Getenv(crashRelay)
	if url == "" {
		t.Skip("run by the kill tests only")
	}
	db := modelstest.Open(t, url, nil)
	h := &house{t: t, db: db, auth: newAuth(db)}
	n, q := h.ledgerAt(db, relay)
	if probe := os.Getenv(crashProbe); probe != "" {
		p, err := NewHTTPProber(probe)
		if err != nil {
			t.Fatal(err)
		}
		n.o.Prober = p
	}
	if db.Dialect() == "sqlite" {
		if err := db.ServeAlone(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := n.ReleaseStale(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := q.ReleaseStale(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	go q.Run(t.Context())
	os.Stdout.WriteString("serving\n")
	n.Run(t.Context()) // until killed
}

// killable starts such a node and returns once it serves.
func killable(t *testing.T, url string, sink *smtpsink.Sink) (kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestNodeThatIsKilled$", "-test.v")
	c.Env = append(os.Environ(), crashDatabase+"="+url, crashRelay+"="+sink.URL())
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "serving") {
		t.Log(lines.Text())
	}
	go io.Copy(io.Discard, out)
	return func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}

// A node is killed at any moment, again and again. Nobody is lost, and each
// kill doubles at most one mail for each open connection, under the same
// Message-ID.
func TestNobodyIsLostWhenNodesAreKilled(t *testing.T) {
	const people, kills = 1500, 8
	for name, nodes := range map[string]int{"sqlite": 1, "postgres": 2} {
		t.Run(name, func(t *testing.T) {
			url := modelstest.SQLiteURL(t)
			if name == "postgres" {
				url = modelstest.PostgresURL(t)
			}
			db := modelstest.Open(t, url, nil)
			h := newHouse(t, db, nil)
			h.sinkServes()
			th := h.theme(exports, models.StatusReceived)
			h.people(people, th)
			h.give(th, models.StatusPlanned, nil)
			var running []func()
			for range nodes {
				running = append(running, killable(t, url, h.sink))
			}
			for range kills {
				time.Sleep(time.Duration(20+rand.IntN(300)) * time.Millisecond)
				running[0]()
				running = append(running[1:], killable(t, url, h.sink))
			}
			t.Logf("after the last kill: states %v", h.tally("deliveries", "state"))
			h.sent(people)
			for _, kill := range running {
				kill()
			}
			ids, doubled := map[string]string{}, 0
			for _, m := range h.sink.Mails() {
				id := m.Read(t).Header.Get("Message-ID")
				if first, again := ids[m.To]; again {
					doubled++
					if first != id {
						t.Errorf("%s got another mail, not the same one again", m.To)
					}
				}
				ids[m.To] = id
			}
			for _, a := range h.emails(0, people) {
				if ids[a] == "" {
					t.Errorf("%s was lost", a)
				}
			}
			t.Logf("%d kills: %d doubled, states %v", kills, doubled, h.tally("deliveries", "state"))
			if doubled > kills*connections {
				t.Errorf("%d doubled", doubled)
			}
			h.sound()
		})
	}
}

// A planned stop gives everything back and doubles nothing.
func TestAPlannedStopLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(300)
		for i := range 5 {
			x := h.start(nil)
			h.until("some were sent", func() bool { return len(h.sink.Mails()) > 20*(i+1) })
			x.halt()
			if n := h.count("deliveries", "state IN ('leased', 'sending')"); n != 0 {
				t.Errorf("%d deliveries are still held after the stop", n)
			}
		}
		h.start(nil)
		h.sent(300)
		h.exactly(1, h.emails(0, 300)...)
	})
}

func TestTwoNodesShareTheWork(t *testing.T) {
	url := modelstest.PostgresURL(t)
	clock := modelstest.NewClock(time.Time{})
	h := newHouse(t, modelstest.Open(t, url, clock), clock)
	other := &house{t: t, db: modelstest.Open(t, url, clock), clock: clock, sink: h.sink, auth: h.auth}
	themes := []string{h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)}
	h.people(600, themes...)
	h.start(nil)
	other.start(nil)
	for _, th := range themes {
		h.give(th, models.StatusPlanned, nil)
	}
	h.fannedOut(2)
	h.clock.Add(settleTime)
	h.sent(600)
	h.exactly(1, h.emails(0, 600)...)
	by := map[int]int{}
	for _, m := range h.sink.Mails() {
		by[m.Connection]++
	}
	if len(by) < 3 {
		t.Errorf("one node did it all: mails by connection %v", by)
	}
	h.sound()
}

// An abandoned lease passes to another node; a mail that may have been sent is
// not taken for one that was not.
func TestWhatADeadNodeHeldIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.mailing(4)
		h.start(func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil })
		h.until("waiting", func() bool { return h.count("deliveries", "state = 'ready'") == 4 })
		var ids []string
		if err := h.db.Read(context.Background()).Table("deliveries").Order("address").Pluck("id", &ids).Error; err != nil {
			t.Fatal(err)
		}
		n, _ := h.ledger(h.db, nil)
		if ds, _, _, err := n.normal.claim(t.Context(), 4); err != nil || len(ds) != 4 {
			t.Fatal(ds, err)
		}
		stopped := make(chan struct{})
		t.Cleanup(func() { close(stopped) })
		r := n.normal.register
		go r.run(t.Context(), stopped)
		var d models.Delivery
		if err := h.db.Read(context.Background()).First(&d, "id = ?", ids[1]).Error; err != nil {
			t.Fatal(err)
		}
		if stopped, err := r.commit(letter{d: d}, "hash"); stopped != nil || err != nil {
			t.Fatal(stopped, err)
		}
		h.start(nil)
		time.Sleep(50 * time.Millisecond)
		if len(h.sink.Mails()) != 0 {
			t.Error("a living lease was ignored")
		}
		h.clock.Add(16 * time.Second)
		h.sent(4)
		if got := h.count("deliveries", "id = ? AND doubts = 1 AND attempts = 2", ids[1]); got != 1 {
			t.Error("the doubt is not on record")
		}
		if _, err := r.commit(letter{d: d}, "hash"); err != errLost {
			t.Errorf("the dead node's sender went on: %v", err)
		}
		h.exactly(1, h.emails(0, 4)...)
	})
}

// A node that waits long for the relay's answer keeps its lease meanwhile.
func TestALongWaitForTheAnswerIsNoDoubt(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	h.sink.Stall(time.Second)
	th := h.theme(exports, models.StatusReceived)
	h.people(4, th)
	h.give(th, models.StatusPlanned, nil)
	for range 2 {
		h.start(func(o *LedgerOptions) { o.Settle, o.Lease = 0, 300*time.Millisecond })
	}
	h.sent(4)
	h.exactly(1, h.emails(0, 4)...)
	if n := h.count("deliveries", "doubts > 0"); n != 0 {
		t.Errorf("%d in doubt", n)
	}
}
