package notifier

import (
	"context"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// What a batch asks goes through an index, whatever else waits or was ever sent; and nothing
// sorts all that waits to find what waits longest.
func TestNoSettlingGoesThroughEverybody(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	people := []string{"per_1", "per_2"}
	for name, q := range map[string]string{
		"what is due":       "SELECT person_id FROM follow_up_items WHERE " + waiting + " AND due_at <= '2026-11-24' ORDER BY due_at LIMIT 100",
		"their items":       "SELECT * FROM follow_up_items WHERE person_id IN @people AND " + waiting + " AND due_at <= '2026-11-24' ORDER BY event_id",
		"their wishes":      "SELECT * FROM preferences WHERE person_id IN @people",
		"their rhythms":     "SELECT * FROM rhythms WHERE person_id IN @people",
		"their mails":       "SELECT id FROM deliveries WHERE person_id IN @people AND lane = 'normal' AND created_at > '2026-11-14' AND state IN ('ready', 'sent') ORDER BY id",
		"a muted theme":     "SELECT 1 FROM theme_mutes q WHERE q.person_id IN @people AND q.theme_id = 'thm_1'",
		"their quiet":       "SELECT p.id FROM people p LEFT JOIN rhythms r ON r.person_id = p.id WHERE p.id IN @people",
		"an empty mail":     "SELECT 1 FROM follow_up_items i WHERE i.delivery_id <> '' AND i.delivery_id = 'dlv_1'",
		"what is due next":  "SELECT due_at FROM follow_up_items WHERE " + waiting + " ORDER BY due_at LIMIT 1",
		"what goes next":    "SELECT id FROM deliveries WHERE lane = 'normal' AND state = 'ready' AND run_at <= '2026-11-24' ORDER BY run_at LIMIT 100",
		"what members hear": "SELECT member_id FROM outcome_news WHERE " + waiting + " AND due_at <= '2026-11-24' ORDER BY due_at LIMIT 250",
		"who is recalled":   "SELECT person_id FROM follow_up_items WHERE event_id = 'evt_1' AND person_id > '' ORDER BY person_id LIMIT 1000",
		"what is recalled":  "SELECT 1 FROM take_outs o WHERE o.done_at IS NULL AND o.reason <> ''",
	} {
		var plan []struct{ Detail string }
		var args []any
		if strings.Contains(q, "@people") {
			args = append(args, map[string]any{"people": people})
		}
		if err := db.Read(context.Background()).Raw("EXPLAIN QUERY PLAN "+q, args...).Scan(&plan).Error; err != nil {
			t.Fatal(name, err)
		}
		for _, p := range plan {
			if strings.HasPrefix(p.Detail, "SCAN") && !strings.Contains(p.Detail, "USING") {
				t.Errorf("%s: %s", name, p.Detail)
			}
			if strings.HasPrefix(name, "what ") && strings.Contains(p.Detail, "TEMP B-TREE") {
				t.Errorf("%s: %s", name, p.Detail)
			}
		}
	}
}

// Who waits until the morning is looked at once, and not with each batch again.
func TestWhoWaitsIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		for _, p := range h.people(700, th) {
			h.zone(p, "Asia/Tokyo")
		}
		n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.QuietHours, o.Pool, o.NowPool = night, nil, nil })
		h.clock.Add(4 * 3600e9) // 22:00 in Tokyo
		h.give(th, models.StatusPlanned, nil)
		if _, _, err := n.readEvents(t.Context()); err != nil {
			t.Fatal(err)
		}
		var event string
		h.db.Read(t.Context()).Raw("SELECT id FROM follow_up_events").Scan(&event)
		if err := n.fanOut(t.Context(), models.Job{Key: event}); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(settleTime)
		batches := 0
		for busy := true; busy; batches++ {
			var err error
			if busy, _, err = n.settleDue(t.Context()); err != nil || batches > 10 {
				t.Fatal(batches, err)
			}
		}
		if batches != 700/settleBatch+1 || h.count("follow_up_items", "hold = 'quiet' AND delivery_id = ''") != 700 || h.count("deliveries", "1 = 1") != 0 {
			t.Errorf("%d batches, %v", batches, h.tally("follow_up_items", "hold"))
		}
	})
}
