//go:build unix

package notifier

import (
	"context"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/peer"
)

const (
	crashDatabase = "HEED_CRASH_DATABASE"
	crashRelay    = "HEED_CRASH_RELAY"
	crashProbe    = "HEED_CRASH_PROBE" // "" for a relay that nobody can ask
	crashLease    = "HEED_CRASH_LEASE" // "" for a short one
	connections   = 2

	// How large the tests below are: so many kills or planned stops, eight in a mailing to so
	// many people. The proof is HEED_KILLS=200 HEED_PEOPLE=5000.
	killsVariable  = "HEED_KILLS"
	peopleVariable = "HEED_PEOPLE"
	killsAMailing  = 8
	proof          = 50 // so many kills say something about their mean
)

// TestNodeThatIsKilled is no test: it is the node that the tests below kill, or stop.
func TestNodeThatIsKilled(t *testing.T) {
	url, relay := os.Getenv(crashDatabase), os.Getenv(crashRelay)
	if url == "" {
		t.Skip("run by the kill tests only")
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
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
	if lease, err := time.ParseDuration(os.Getenv(crashLease)); err == nil {
		n.o.Lease = lease
	}
	if db.Dialect() == "sqlite" {
		for _, step := range []func(context.Context) error{db.ServeAlone, n.ReleaseStale, q.ReleaseStale} {
			if err := step(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	var queue sync.WaitGroup
	queue.Go(func() { q.Run(ctx) })
	peer.Serving()
	n.Run(ctx)
	queue.Wait()
}

// node starts such a node on the house's store and sink.
func (h *house) node(url string, env ...string) *peer.Child {
	h.t.Helper()
	return peer.Again(h.t, "TestNodeThatIsKilled", append(env, crashDatabase+"="+url, crashRelay+"="+h.sink.URL())...)
}

// ordeal is what came of mailings whose nodes were ended again and again.
type ordeal struct {
	asked, planned bool // the relay can be asked; the nodes are stopped, not killed
	nodes          int

	ends, mailings, people int
	lost, doubled, most    int // most: doubled by one kill
	differ, held           int // held for a person at a second doubt
	when                   map[string]int
}

// A node is killed at any moment, again and again. Nobody is lost, and each kill doubles at
// most one mail for each open connection, the same mail under the same Message-ID.
func TestNobodyIsLostWhenNodesAreKilled(t *testing.T) {
	everywhere(t, ordeal{}, func(t *testing.T, o *ordeal) {
		if o.most > connections || o.differ > 0 || o.doubled > o.ends*connections {
			t.Errorf("%d doubled, at most %d by a kill, %d of them not the same mail", o.doubled, o.most, o.differ)
		}
		if mean := float64(o.doubled) / float64(o.ends); o.ends >= proof && mean > 1 {
			t.Errorf("%.2f doubled a kill", mean)
		}
	})
}

// With a relay that can be asked, nobody hears twice either.
func TestWithAProberKillsLoseAndDoubleNothing(t *testing.T) {
	everywhere(t, ordeal{asked: true}, neverTwice)
}

// Nodes that are stopped as their operator would, in the middle of a mailing.
func TestPlannedRestartsUnderLoadLoseAndDoubleNothing(t *testing.T) {
	everywhere(t, ordeal{planned: true}, neverTwice)
}

func neverTwice(t *testing.T, o *ordeal) {
	if o.doubled > 0 {
		t.Errorf("%d doubled", o.doubled)
	}
}

// everywhere runs the mailings on each database.
func everywhere(t *testing.T, like ordeal, judge func(*testing.T, *ordeal)) {
	if testing.Short() {
		t.Skip("nodes are whole processes")
	}
	people := peer.Size(t, peopleVariable, 1000)
	kills := peer.Size(t, killsVariable, killsAMailing)
	for name, nodes := range map[string]int{"sqlite": 1, "postgres": 2} {
		t.Run(name, func(t *testing.T) {
			o := like
			o.nodes, o.when = nodes, map[string]int{}
			began := time.Now()
			for left := kills; left > 0; left -= killsAMailing {
				t.Run("mailing", func(t *testing.T) { o.mailing(t, name, people, min(left, killsAMailing)) })
			}
			what := "kills"
			if o.planned {
				what = "planned stops"
			}
			t.Logf("%s: %d %s in %d mailings of %d people, %s: lost %d, doubled %d (%.2f each, at most %d), not the same mail %d, held for a person %d; they fell in %v",
				name, o.ends, what, o.mailings, people, time.Since(began).Round(time.Second), o.lost, o.doubled, float64(o.doubled)/float64(max(1, o.ends)), o.most, o.differ, o.held, o.when)
			judge(t, &o)
		})
	}
}

// mailing tells so many people of one change, while nodes are ended.
func (o *ordeal) mailing(t *testing.T, dialect string, people, ends int) {
	url := map[string]func(testing.TB) string{"sqlite": modelstest.SQLiteURL, "postgres": modelstest.PostgresURL}[dialect](t)
	h := newHouse(t, modelstest.Open(t, url, nil), nil)
	h.patience = 10 * time.Minute
	h.sinkServes()
	var env []string
	if o.asked {
		env = append(env, crashProbe+"="+relayThatKnows(t, h.sink).URL+"/accepted?id="+messageIDPlace)
	}
	if peer.Size(t, killsVariable, killsAMailing) >= proof { // a node that a loaded machine holds up is not dead yet
		env = append(env, crashLease+"=15s")
	}
	th := h.theme(exports, models.StatusReceived)
	h.people(people, th)
	var running []*peer.Child
	for range o.nodes {
		running = append(running, h.node(url, env...))
	}
	h.give(th, models.StatusPlanned, nil)
	var when []time.Time
	for _, ready := range o.moments(h, people, ends) {
		ready()
		if o.planned {
			if err := running[0].Terminate(syscall.SIGTERM, 30*time.Second); err != nil || running[0].ExitCode() != 0 {
				t.Errorf("a planned stop: %v, exit code %d", err, running[0].ExitCode())
			}
			if n := h.count("deliveries", "state IN ('leased', 'sending')"); n > 0 && o.nodes == 1 {
				t.Errorf("%d deliveries are still held after the stop", n)
			}
		} else {
			running[0].Kill()
		}
		when = append(when, time.Now())
		o.when[h.phase()]++
		running = append(running[1:], h.node(url, env...))
	}
	h.until("all was sent", func() bool {
		o.retry(h)
		return h.count("deliveries", "state = 'sent'") == people
	})
	for _, n := range running {
		n.Kill()
	}
	o.ends, o.mailings, o.people = o.ends+ends, o.mailings+1, o.people+people
	o.judge(h, when, people)
	h.sound()
}

// moments spreads the ends over a mailing: a quarter over its first half second, in which the
// audience is written down and settles, the others over its mails.
func (o *ordeal) moments(h *house, people, ends int) []func() {
	var delays, counts []int
	for i := range ends {
		if i%4 == 0 {
			delays = append(delays, rand.IntN(400))
		} else {
			counts = append(counts, rand.IntN(people))
		}
	}
	slices.Sort(counts)
	var out []func()
	for _, ms := range delays {
		out = append(out, func() { time.Sleep(time.Duration(ms) * time.Millisecond) })
	}
	for _, n := range counts {
		out = append(out, func() {
			h.until("the mailing goes on", func() bool { o.retry(h); return h.sink.Count() >= n })
			time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond)
		})
	}
	return out
}

// phase is how far the mailing was.
func (h *house) phase() string {
	if h.count("follow_up_events", "1 = 1") == 0 || h.count("fanouts", "done_at IS NULL") > 0 {
		return "fan-out"
	}
	settling := h.count("follow_up_items", "delivery_id = '' AND skip_reason = ''") > 0
	var state string
	switch states := h.tally("deliveries", "state"); {
	case states["sending"] > 0:
		state = "at a final dot"
	case states["leased"] > 0:
		state = "composing"
	case states["ready"]+states["in_doubt"] > 0:
		state = "between mails"
	default:
		state = "all sent"
	}
	if settling {
		state = "settling, " + state
	}
	return state
}

// retry does what staff do with mail that two kills have hit: it is held for them, unless the
// relay can say what became of it.
func (o *ordeal) retry(h *house) {
	h.t.Helper()
	if o.asked || h.count("deliveries", "state = 'in_doubt' AND doubts > 1") == 0 {
		return
	}
	var ids []string
	if err := h.db.Read(context.Background()).Table("deliveries").Where("state = 'in_doubt' AND doubts > 1").Pluck("id", &ids).Error; err != nil {
		h.t.Fatal(err)
	}
	n, _ := h.ledgerAt(h.db, h.sink.URL())
	for _, id := range ids {
		if err := n.Retry(context.Background(), staff, id); err != nil && models.KindOf(err) != models.Conflict {
			h.t.Fatal(err)
		}
	}
	o.held += len(ids)
}

// judge compares what the sink took with who was to be told.
func (o *ordeal) judge(h *house, when []time.Time, people int) {
	type copyOf struct {
		id, raw string
		before  int // which end it came before
	}
	got, byEnd := map[string]copyOf{}, map[int]int{}
	for _, m := range h.sink.Mails() {
		head, _, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
		_, id, _ := strings.Cut(head, "Message-ID: ")
		id, _, _ = strings.Cut(id, "\r\n")
		last, again := got[m.To]
		// What a node had handed over when it died may be a moment on its way.
		before := sort.Search(len(when), func(i int) bool { return when[i].Add(100 * time.Millisecond).After(m.At) })
		got[m.To] = copyOf{id, string(m.Raw), before}
		if !again {
			continue
		}
		o.doubled++
		byEnd[last.before]++
		if last.id != id || id == "" || last.raw != string(m.Raw) {
			o.differ++
			h.t.Errorf("%s got another mail, not the same one again", m.To)
		}
	}
	for end, n := range byEnd {
		if end == len(when) {
			h.t.Errorf("%d mails came twice without a kill in between", n)
		}
		// Ends that follow each other closer than a mail's way cannot be told apart: they share it.
		near := 1
		for i := end + 1; i < len(when) && when[i].Sub(when[end]) < 200*time.Millisecond; i++ {
			near++
		}
		o.most = max(o.most, (n+near-1)/near)
	}
	for _, a := range h.emails(0, people) {
		if _, ok := got[a]; !ok {
			o.lost++
			h.t.Errorf("%s was lost", a)
		}
		delete(got, a)
	}
	if len(got) > 0 {
		h.t.Errorf("%d mails to others", len(got))
	}
}
