package webhooks

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/peer"
)

const crashDatabase = "HEED_CRASH_WEBHOOKS"

// TestNodeThatIsKilled is no test: it is the node that the test below kills.
func TestNodeThatIsKilled(t *testing.T) {
	url := os.Getenv(crashDatabase)
	if url == "" {
		t.Skip("run by the kill test only")
	}
	db := modelstest.Open(t, url, nil)
	h := newHooks(t, db)
	if db.Dialect() == "sqlite" {
		if err := db.ServeAlone(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.ReleaseStale(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.o.Settle = 0
	peer.Serving()
	h.Run(t.Context()) // until killed
}

// A node is killed at any moment, again and again, while activities go on: each event
// reaches the endpoint at least once, always under one webhook-id, and so does each
// source ticket.
func TestNothingIsLostWhenNodesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("nodes are whole processes")
	}
	const events, tickets, kills = 300, 1200, 10
	for name, nodes := range map[string]int{"sqlite": 1, "postgres": 2} {
		t.Run(name, func(t *testing.T) {
			url := modelstest.SQLiteURL(t)
			if name == "postgres" {
				url = modelstest.PostgresURL(t)
			}
			db := modelstest.Open(t, url, nil)
			h := &house{Hooks: newHooks(t, db), t: t, db: db}
			r := receive(t, func(w http.ResponseWriter, _ got) {
				time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
				w.WriteHeader(http.StatusNoContent)
			})
			h.endpoint(r.URL, nil, SuggestionFiled, SuggestionOutcome)
			th := h.theme(models.Text{EN: "Faster exports"})
			ids := h.filed(tickets, th, nil)
			var running []*peer.Child
			node := func() *peer.Child { return peer.Again(t, "TestNodeThatIsKilled", crashDatabase+"="+url) }
			for range nodes {
				running = append(running, node())
			}
			h.o.Settle = 0
			h.give(th, models.StatusPlanned, "")
			for k := range kills {
				var acts []*models.Activity
				for _, id := range ids[k*events/kills : (k+1)*events/kills] {
					acts = append(acts, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: id})
				}
				h.record(acts...)
				time.Sleep(time.Duration(20+rand.IntN(250)) * time.Millisecond)
				running[0].Kill()
				running = append(running[1:], node())
				if name == "postgres" { // what the dead held comes free with its lease; here at once
					h.write(func(_ context.Context, tx *gorm.DB) error {
						return tx.Exec("UPDATE webhook_messages SET lease_until = ? WHERE state = 'leased'", h.db.Now().Add(time.Second)).Error
					})
				}
			}
			h.patient("everything was sent", func() bool { return h.count("webhook_messages", "state = 'sent'") == events+tickets })
			for _, n := range running {
				n.Kill()
			}
			filed, told, of := map[string]string{}, map[string]string{}, map[string]string{}
			doubled := 0
			for _, g := range r.got() {
				p, id := g.payload(t), g.header.Get("webhook-id")
				to := map[Type]map[string]string{SuggestionFiled: filed, SuggestionOutcome: told}[p.Type]
				if first, again := to[p.Data.Suggestion.ID]; again {
					doubled++
					if first != id {
						t.Errorf("%s of %s came under two ids", p.Type, p.Data.Suggestion.ID)
					}
				}
				to[p.Data.Suggestion.ID] = id
				if before, ok := of[id]; ok && before != string(g.body) {
					t.Errorf("%s says two things", id)
				}
				of[id] = string(g.body)
			}
			if len(filed) != events || len(told) != tickets {
				t.Errorf("%d of %d events, %d of %d tickets", len(filed), events, len(told), tickets)
			}
			t.Logf("%d kills: %d lost, %d doubled", kills, events+tickets-len(filed)-len(told), doubled)
			if doubled > kills*claimed*nodes {
				t.Errorf("%d doubled", doubled)
			}
		})
	}
}

func (h *house) patient(what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("not in time: %s", what)
		}
	}
}
