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
			r.end(n.sent(d, answers[i]), i+1) // the first sender has had none
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
		for range 2 { // it may be killed as well
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
		go func() { r.end(n.sent(ds[0], "250 ok"), 0); close(written) }()
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
