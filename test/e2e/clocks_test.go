//go:build unix

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/test/process"
	"github.com/heedhq/heed/test/smtpsink"
)

// A first reply that is late on purpose: the team hears before, and hears when, each
// once and in their language, though the process is killed with -9 in between. Who was
// answered and who closed is not spoken of.
func TestAClockBreachedOnPurposeAlertsBeforeAndAfter(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a clock of one minute")
	}
	eachDatabase(t, func(t *testing.T, database string) {
		h := &house{t: t, sink: smtpsink.Start(t)}
		h.Process = process.New(t, process.Options{SMTP: h.sink.URL(), Env: map[string]string{"HEED_DATABASE__URL": database, "HEED_CRON__SLA": "@every 1s", "HEED_CRON__DELIVER": "@every 1s"}}).Start()
		h.CLI("member", "add", "--email", "pia@example.test", "--role", "pm", "--name", "Pia")
		h.CLI("member", "add", "--email", "sam@example.test", "--role", "support", "--name", "Sam")
		policies := map[string]any{}
		for _, u := range []string{"critical", "high", "normal", "low"} {
			policies[u] = map[string]any{"amount": 0, "unit": "minutes", "business": false}
		}
		policies["critical"] = map[string]any{"amount": 1, "unit": "minutes", "business": false}
		week := [7][]any{}
		for d := range week {
			week[d] = []any{}
		}
		h.Call(http.MethodPut, api+"/clocks", map[string]any{"policies": policies, "zone": "Asia/Shanghai", "week": week, "holidays": []string{}, "workdays": []string{}, "warn": 10, "warn_before": 0}).Want(t, 200)
		file := func(text string) string {
			var s struct{ ID string }
			if err := h.once("", "/suggestions", map[string]any{"text": text, "person": map[string]any{"email": "mei@example.test"}}, &s); err != nil {
				t.Fatal(err)
			}
			return s.ID
		}
		late := file("Somebody has stolen my coins, https://evil.example/help")
		closed := file("My wallet was hacked, but it was my brother")
		h.Call(http.MethodPatch, api+"/suggestions/"+closed, map[string]any{"state": "closed"}).Want(t, 200)
		file("The buttons are too small") // no clock
		h.sink.Wait(t, 2, 50*time.Second)
		h.Kill()
		h.Start()
		h.sink.Wait(t, 4, 90*time.Second)
		time.Sleep(3 * time.Second) // some more sweeps
		for _, who := range []string{"pia@example.test", "sam@example.test"} {
			mails := h.sink.For(who)
			if len(mails) != 2 {
				t.Fatalf("%s got %d mails, want a warning and then the breach", who, len(mails))
			}
			warning, breach := mails[0].Read(t), mails[1].Read(t)
			if warning.Subject != "1 first reply is due soon" || breach.Subject != "1 first reply is late" {
				t.Errorf("%s: %q, then %q", who, warning.Subject, breach.Subject)
			}
			for _, m := range []string{warning.Text, breach.Text} {
				if !strings.Contains(m, "/inbox/"+late) || strings.Contains(m, closed) || strings.Contains(m, "brother") || strings.Contains(m, "buttons") {
					t.Errorf("%s: %s", who, m)
				}
				if strings.Contains(m, "https://evil") || !strings.Contains(m, "Asia/Shanghai") || !strings.Contains(m, "Critical") {
					t.Errorf("%s: %s", who, m)
				}
			}
		}
		if n := len(h.sink.Mails()); n != 4 {
			t.Errorf("%d mails, want 4", n)
		}
		var figures struct {
			All struct{ Filed, Waiting, Late int }
		}
		h.get("/first-replies", &figures)
		if figures.All.Filed != 2 || figures.All.Late != 1 || figures.All.Waiting != 1 {
			t.Errorf("figures: %+v", figures)
		}
	})
}
