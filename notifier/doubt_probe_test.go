package notifier

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/smtpsink"
)

// relayThatKnows answers a prober from what a sink accepted.
func relayThatKnows(t *testing.T, sink *smtpsink.Sink) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := AcceptedNot
		for _, m := range sink.Mails() {
			if bytes.Contains(m.Raw, []byte("Message-ID: <"+r.URL.Query().Get("id")+">")) {
				result = AcceptedSent
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"result": result, "answer": "250 2.0.0 ok"})
	}))
	t.Cleanup(s.Close)
	return s
}

// What the relay says decides; what it does not know is asked again, then the kind decides.
func TestDoubtsAreSettledByTheRelayFirst(t *testing.T) {
	cases := map[string]struct {
		kind   Kind
		lane   string
		says   string // the probe's answer
		status int
		then   models.DeliveryState // at once
		later  models.DeliveryState // once patience is over
	}{
		"it has it":                    {KindStatus, models.LaneNormal, `{"result":"sent","answer":"250 2.0.0 queued as 4Xq"}`, 200, models.DeliverySent, models.DeliverySent},
		"it does not have it":          {KindStatus, models.LaneNormal, `{"result":"not_sent"}`, 200, models.DeliveryReady, models.DeliveryReady},
		"it cannot say":                {KindStatus, models.LaneNormal, `{"result":"unknown"}`, 200, models.DeliveryInDoubt, models.DeliveryReady},
		"it does not know the id":      {KindStatus, models.LaneNormal, ``, 404, models.DeliveryInDoubt, models.DeliveryReady},
		"it is broken":                 {KindStatus, models.LaneNormal, `<html>`, 200, models.DeliveryInDoubt, models.DeliveryReady},
		"it fails":                     {KindReply, models.LaneNow, `{"result":"sent"}`, 500, models.DeliveryInDoubt, models.DeliveryReady},
		"a digest it cannot speak of":  {"digest", models.LaneNormal, `{"result":"unknown"}`, 200, models.DeliveryInDoubt, models.DeliveryInDoubt},
		"a digest it does not have":    {"digest", models.LaneNormal, `{"result":"not_sent"}`, 200, models.DeliveryReady, models.DeliveryReady},
		"an answer that is none of it": {KindStatus, models.LaneNormal, `{"result":"maybe"}`, 200, models.DeliveryInDoubt, models.DeliveryReady},
	}
	each(t, func(t *testing.T, h *house) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				asked := ""
				probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked = r.URL.Path
					w.WriteHeader(c.status)
					fmt.Fprint(w, c.says)
				}))
				defer probe.Close()
				n, _ := h.ledger(h.db, func(o *LedgerOptions) {
					p, err := NewHTTPProber(probe.URL + "/mails/" + messageIDPlace)
					if err != nil {
						t.Fatal(err)
					}
					o.Prober = p
				})
				d := h.inDoubt(c.kind, c.lane)
				look := func(want models.DeliveryState) {
					t.Helper()
					if _, _, err := n.sweep(t.Context()); err != nil {
						t.Fatal(err)
					}
					if h.count("deliveries", "id = ? AND state = ?", d.ID, want) != 1 {
						t.Errorf("states %v, want %s", h.tally("deliveries", "state"), want)
					}
				}
				look(c.then)
				if want := "/mails/" + d.MessageID; asked != want {
					t.Errorf("asked %q, want %q", asked, want)
				}
				h.clock.Add(probeWaits)
				look(c.later)
				h.write(func(_ context.Context, tx *gorm.DB) error {
					if err := tx.Exec("DELETE FROM attempts").Error; err != nil {
						return err
					}
					return tx.Exec("DELETE FROM deliveries").Error
				})
			})
		}
	})
}

// Without anybody to ask, the kind decides at the first doubt.
func TestWithoutAProberTheKindDecides(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, nil)
		again := []models.Delivery{h.inDoubt(KindStatus, models.LaneNormal), h.inDoubt(KindReply, models.LaneNow), h.inDoubt(KindSafety, models.LaneNow)}
		held := []models.Delivery{h.inDoubt(KindDigest, models.LaneNormal), h.inDoubt(KindStaffDigest, models.LaneNormal)}
		if _, _, err := n.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, d := range again {
			if h.count("deliveries", "id = ? AND state = 'ready'", d.ID) != 1 {
				t.Errorf("%s is not sent again", d.Kind)
			}
		}
		for _, d := range held {
			if h.count("deliveries", "id = ? AND state = 'in_doubt'", d.ID) != 1 {
				t.Errorf("%s is sent again without a person", d.Kind)
			}
			if err := n.Retry(t.Context(), staff, d.ID); err != nil {
				t.Errorf("a person cannot send %s again: %v", d.Kind, err)
			}
		}
	})
}

// inDoubt is a mail whose answer was lost once.
func (h *house) inDoubt(kind Kind, lane string) models.Delivery {
	h.t.Helper()
	n, _ := h.ledger(h.db, nil)
	d := n.newDelivery(kind, lane, h.email(0), "en", h.db.Now(), mailLife)
	d.Content = `{}` // kept as long as it may go
	d.DedupKey, d.State, d.Attempts, d.Doubts = d.ID, models.DeliveryInDoubt, 1, 1
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Create(&d).Error })
	return d
}

// A relay that cannot be asked is asked once in a round, not once for each mail.
func TestADeadProbeIsNotAskedForEachMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var asked atomic.Int32
		probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.WriteHeader(http.StatusBadGateway)
		}))
		defer probe.Close()
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.Prober, _ = NewHTTPProber(probe.URL + "/?id=" + messageIDPlace) })
		for range 5 {
			h.inDoubt(KindStatus, models.LaneNormal)
		}
		if _, _, err := n.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load(); got != 1 {
			t.Errorf("asked %d times", got)
		}
	})
}

func TestProbeURLs(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://relay.example/accepted?id={message_id}": true, "http://127.0.0.1:9/{message_id}": true,
		"https://relay.example/accepted": false, "ftp://relay.example/{message_id}": false, "https://{message_id}.relay.example/": false, "": false,
	} {
		if _, err := NewHTTPProber(raw); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
}
