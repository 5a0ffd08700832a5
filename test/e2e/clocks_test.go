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
		file := func(text, urgency string) string {
			var s struct{ ID string }
			if err := h.once("", "/suggestions", map[string]any{"text": text, "urgency": urgency, "person": map[string]any{"email": "mei@example.test"}}, &s); err != nil {
				t.Fatal(err)
			}
			return s.ID
		}
		late := file("No code ever comes when I sign in, https://evil.example/help", "critical")
		closed := file("The code never came, but it was the wrong number", "critical")
		h.Call(http.MethodPatch, api+"/suggestions/"+closed, map[string]any{"state": "closed"}).Want(t, 200)
		file("The buttons are too small", "low") // no clock
		h.sink.Wait(t, 2, 50*time.Second)
		h.Kill()
		h.Start()
		staff := []string{"pia@example.test", "sam@example.test"}
		for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && (len(h.different(staff[0])) < 2 || len(h.different(staff[1])) < 2); {
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(3 * time.Second) // some more sweeps
		for _, who := range staff {
			mails := h.different(who)
			if len(mails) != 2 {
				t.Fatalf("%s got %d mails, want a warning and then the breach", who, len(mails))
			}
			warning, breach := mails[0].Read(t), mails[1].Read(t)
			if warning.Subject != "1 first reply is due soon" || breach.Subject != "1 first reply is late" {
				t.Errorf("%s: %q, then %q", who, warning.Subject, breach.Subject)
			}
			for _, m := range []string{warning.Text, breach.Text} {
				if !strings.Contains(m, "/inbox/"+late) || strings.Contains(m, closed) || strings.Contains(m, "wrong number") || strings.Contains(m, "buttons") {
					t.Errorf("%s: %s", who, m)
				}
				if strings.Contains(m, "https://evil") || !strings.Contains(m, "Asia/Shanghai") || !strings.Contains(m, "Critical") {
					t.Errorf("%s: %s", who, m)
				}
			}
		}
		for _, m := range h.sink.Mails() {
			if m.To != staff[0] && m.To != staff[1] {
				t.Errorf("somebody else was mailed: %v", m)
			}
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

// different are the mails to an address, one that a kill put in doubt and that was sent
// once more as the same mail counted once.
func (h *house) different(address string) (out []smtpsink.Mail) {
	seen := map[string]bool{}
	for _, m := range h.sink.For(address) {
		if id := m.Read(h.t).Header.Get("Message-ID"); !seen[id] {
			seen[id], out = true, append(out, m)
		}
	}
	return out
}
