//go:build unix

package e2e

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/heedhq/heed/models/modelstest"
)

// Where no webhook arrives, what happens on GitHub is found by the look each minute. With
// HEED_TEST_GITHUB_LOST=N that is measured N times by the clock of the configuration; by itself the test
// plays a faster one, once.
func TestWhatNoWebhookTellsIsFound(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("HEED_TEST_GITHUB_LOST"))
	cron := "@every 60s"
	if err != nil {
		n, cron = 1, "@every 2s"
	}
	h := open(t, modelstest.SQLiteURL(t), map[string]string{"HEED_CRON__GITHUB_RECENT": cron, "HEED_GITHUB__ON_COMPLETED": "hold"})
	h.stand.SetHookTarget("")
	tp := h.themeOf(t, 0, "Dark mode")
	if err := tp.link(h.once); err != nil {
		t.Fatal(err)
	}
	number := h.linked(tp, false).Number
	ready := func() bool {
		var th struct {
			ReadyAt *string `json:"ready_at"`
		}
		h.get("/themes/"+tp.theme, &th)
		return th.ReadyAt != nil
	}
	var took []time.Duration
	for i := range n {
		if _, err := h.stand.CloseIssue(t.Context(), repository, number, "completed"); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		waitFor(t, "it is found", 2*time.Minute, ready)
		took = append(took, time.Since(begin).Round(100*time.Millisecond))
		if i == n-1 {
			break
		}
		if _, err := h.stand.ReopenIssue(t.Context(), repository, number); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the reopening is found", 2*time.Minute, func() bool { return !ready() })
		time.Sleep(time.Duration(i*13%60) * time.Second)
	}
	t.Logf("found after %v, looked for %s", took, cron)
	h.sound()
	h.Stop()
}
