package notifier

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What the relay has taken is known to the next process although the one before was killed
// before it wrote it down; and nothing is believed of a mail that is another's by now.
func TestWhatTheRelayTookIsKnownAfterAKill(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(5)
		path := n.answers.file.Name()
		ds[3].Fence-- // an answer from before it was claimed anew
		answers := []string{"250 2.0.0 Ok: queued as 4F2A", "250 " + strings.Repeat("\u0001", 600), "250 收到", "250 old", ""}
		for i, d := range ds[:4] {
			r.end(n.sent(d, answers[i]), i+1, nil) // the first sender has had none
		}
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		for place, half := range map[int64]string{5: `{"id":"` + ds[4].ID + `","fence":1,"ans`, 6: "\x00\x00", 7: `{"id":"dlv_of_another_database","fence":1}`} {
			if _, err := file.WriteAt([]byte(half), place*answerSize); err != nil {
				t.Fatal(err)
			}
		}
		if h.count("deliveries", "state = 'sending'") != 5 {
			t.Fatal("they were written down already")
		}

		next, _ := h.ledger(h.db, nil)
		for range 2 { // and nothing is left to be known twice
			if err := next.takeAnswers(t.Context(), path); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []string{answers[0], "250 " + strings.Repeat("\u0001", 145) + "…", answers[2]} {
			if h.count("deliveries", "id = ? AND state = 'sent' AND answer = ? AND attempts = 1 AND sent_at IS NOT NULL AND lease_until IS NULL", ds[i].ID, want) != 1 {
				t.Errorf("%d is not sent with its answer", i)
			}
		}
		if h.count("deliveries", "state = 'sending' AND id IN ?", []string{ds[3].ID, ds[4].ID}) != 2 {
			t.Error("an answer was believed that is another's, or half of one")
		}
		h.clock.Add(16 * time.Second)
		if _, _, err := next.sweep(t.Context()); err != nil || h.count("deliveries", "doubts = 1") != 2 {
			t.Errorf("%d are in doubt, %v", h.count("deliveries", "doubts = 1"), err)
		}
	})
}

// Where an answer cannot be kept its sender waits for the database.
func TestWithoutAPlaceASenderWaits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(2)
		n.answers.close()
		written := make(chan struct{})
		go func() { r.end(n.sent(ds[0], "250 ok"), 0, nil); close(written) }()
		h.until("it is said", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.entries) == 1 })
		select {
		case <-written:
			t.Error("it did not wait")
		case <-time.After(50 * time.Millisecond):
		}
		if err := r.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-written
		if _, err := openAnswers(filepath.Join(t.TempDir(), "no", "where")); err == nil {
			t.Error("a file in no folder was opened")
		}
	})
}

// A place is not written to while the answer in it stands nowhere else.
func TestAnAnswerStandsBeforeTheNextOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(2)
		back := h.refuse("NEW.id = '" + ds[0].ID + "' AND NEW.state = 'sent'")
		before := r.end(n.sent(ds[0], "250 A"), 0, nil)
		if r.turn(t.Context()) == nil {
			t.Fatal("it was written down")
		}
		second := make(chan struct{})
		go func() { r.end(n.sent(ds[1], "250 B"), 0, before); close(second) }()
		select {
		case <-second:
			t.Error("it did not wait")
		case <-time.After(50 * time.Millisecond):
		}
		if left, err := n.answers.left(); err != nil || len(left) != 1 || left[0].ID != ds[0].ID {
			t.Errorf("the file says %+v, %v", left, err)
		}
		back()
		if err := r.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-second
		if left, err := n.answers.left(); err != nil || len(left) != 1 || left[0].ID != ds[1].ID {
			t.Errorf("the file says %+v, %v", left, err)
		}
	})
}

// An answer that the database will not have stays where it is, for the next start; its sender
// waits for the database from then on.
func TestAnAnswerThatIsWrittenNowhereElseStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds, r := h.onTheirWay(2)
		h.refuse("NEW.id = '" + ds[0].ID + "' AND NEW.state = 'sent'")
		before := r.end(n.sent(ds[0], "250 A"), 0, nil)
		h.until("it gives up", func() bool {
			_ = r.turn(t.Context())
			select {
			case <-before.done:
				return true
			default:
				return false
			}
		})
		second := make(chan struct{})
		go func() { r.end(n.sent(ds[1], "250 B"), 0, before); close(second) }()
		h.until("it is said", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.entries) == 1 })
		if err := r.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-second
		if left, err := n.answers.left(); err != nil || len(left) != 1 || left[0].ID != ds[0].ID {
			t.Errorf("the file says %+v, %v", left, err)
		}
		if h.count("deliveries", "id = ? AND state = 'sent'", ds[1].ID) != 1 {
			t.Error("the second is not written down")
		}
	})
}

// A mail that staff send again after a bounce is sent again, also by a node that starts in
// between: the answer to the time before is no answer to this one.
func TestAnOldAnswerDoesNotEndARetry(t *testing.T) {
	for _, halfway := range []bool{false, true} { // the node before was killed as it emptied the file
		each(t, func(t *testing.T, h *house) {
			n, ds, r := h.onTheirWay(1)
			path := n.answers.file.Name()
			r.end(n.sent(ds[0], "250 A"), 0, nil)
			if err := r.turn(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !halfway {
				next, _ := h.ledger(h.db, nil)
				if err := next.takeAnswers(t.Context(), path); err != nil {
					t.Fatal(err)
				}
			}
			h.exec("UPDATE deliveries SET state = 'failed', answer = '5.1.1', sent_at = NULL WHERE id = ?", ds[0].ID)
			if err := n.Retry(t.Context(), staff, ds[0].ID); err != nil {
				t.Fatal(err)
			}
			next, _ := h.ledger(h.db, nil)
			if err := next.takeAnswers(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			if h.count("deliveries", "state = 'ready'") != 1 {
				t.Errorf("it will not be sent again: %v", h.tally("deliveries", "state"))
			}
		})
	}
}
