package webhooks

import (
	"net/http"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Days of nothing but failures switch an endpoint off, and say so; what waits is sent
// once it is on again.
func TestDaysOfFailureSwitchOffAndLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, status(http.StatusBadGateway))
		e, _ := h.endpoint(r.URL, nil, ThemeStatusChanged)
		th := h.theme(models.Text{EN: "Faster exports"})
		h.start()
		for day := range 6 {
			h.give(th, []models.Status{models.StatusPlanned, models.StatusInProgress}[day%2], "")
			want := day + 1
			h.until("collected", func() bool { return h.count("webhook_messages", "1 = 1") == want })
			h.until("tried or off", func() bool {
				return h.count("webhook_attempts", "created_at >= ?", h.clock.Now()) > 0 || h.reread(e.ID).DisabledAt != nil
			})
			if off := h.reread(e.ID).DisabledAt != nil; off != (day == 5) {
				t.Fatalf("day %d: off is %v", day, off)
			}
			h.clock.Add(24 * time.Hour)
		}
		if got := h.reread(e.ID); got.DisabledWhy != models.WebhookOffFailing {
			t.Errorf("why %q", got.DisabledWhy)
		}
		if n := h.count("activities", "verb = 'webhook.off'"); n != 1 {
			t.Errorf("said %d times", n)
		}
		h.give(th, models.StatusShipped, "")
		h.until("still collected", func() bool { return h.count("webhook_messages", "1 = 1") == 7 })
		before := len(r.got())
		r.say(nil)
		time.Sleep(30 * time.Millisecond)
		if len(r.got()) != before {
			t.Error("one that is off was spoken to")
		}
		waiting := h.count("webhook_messages", "state = 'ready'")
		if waiting == 0 {
			t.Error("nothing waits")
		}
		if _, _, err := h.Save(ctx, admin, e.ID, Patch{Enabled: new(true)}); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(11 * time.Hour)
		h.until("all that waited was sent", func() bool { return h.count("webhook_messages", "state = 'sent'") == waiting })
	})
}

func TestGoneIsGoneAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, status(http.StatusGone))
		e, _ := h.endpoint(r.URL, nil, ThemeStatusChanged)
		th := h.theme(models.Text{EN: "Faster exports"})
		h.start()
		h.give(th, models.StatusPlanned, "")
		h.until("off", func() bool { return h.reread(e.ID).DisabledWhy == models.WebhookOffGone })
		if n := h.count("activities", "verb = 'webhook.off'"); n != 1 || len(r.got()) != 1 {
			t.Errorf("%d, %d requests", n, len(r.got()))
		}
	})
}

// A storm of refusals costs one request at a time; each message keeps its own tries,
// and one that is refused alone stops no other.
func TestRefusalsStopNoOtherMessage(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		bad := ""
		r := receive(t, nil)
		h.endpoint(r.URL, nil, SuggestionFiled)
		th := h.theme(models.Text{})
		ids := h.filed(40, th, nil)
		bad = ids[3]
		r.say(func(w http.ResponseWriter, g got) {
			if g.payload(t).Data.Suggestion.ID == bad {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		var acts []*models.Activity
		for _, id := range ids {
			acts = append(acts, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: id})
		}
		h.record(acts...)
		h.start()
		h.until("all others", func() bool { return h.count("webhook_messages", "state = 'sent'") == 39 })
		r.say(status(http.StatusForbidden))
		for _, a := range acts {
			a.ID, a.Seq = "", 0
		}
		h.record(acts...)
		h.until("given rest", func() bool {
			return h.count("webhook_endpoints", "fails >= ? AND not_before IS NOT NULL", stumbles) == 1
		})
		h.until("those on their way are there", func() bool { return h.count("webhook_messages", "state = 'leased'") == 0 })
		n := len(r.got())
		time.Sleep(50 * time.Millisecond)
		if d := len(r.got()) - n; d > 0 {
			t.Errorf("%d requests into the rest", d)
		}
		if storm := n - 40; storm > stumbles+claimed {
			t.Errorf("%d requests before the rest", storm)
		}
	})
}

// One that stalls delays no other.
func TestAStallDelaysNoOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		release := make(chan struct{})
		slow := receive(t, func(http.ResponseWriter, got) { <-release })
		fast := receive(t, nil)
		h.endpoint(slow.URL, nil, SuggestionFiled)
		h.endpoint(fast.URL, nil, SuggestionFiled)
		th := h.theme(models.Text{})
		var acts []*models.Activity
		for _, id := range h.filed(30, th, nil) {
			acts = append(acts, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: id})
		}
		stop := h.start()
		h.record(acts...)
		h.until("the other has everything", func() bool { return len(fast.got()) == 30 && len(slow.got()) > 0 })
		if n := h.count("webhook_messages", "state = 'sent'"); n > 30 {
			t.Errorf("%d", n)
		}
		if n := len(slow.got()); n > atOnce {
			t.Errorf("%d requests at once", n)
		}
		close(release)
		h.until("and then this one", func() bool { return len(slow.got()) == 30 })
		stop()
		if n := h.count("webhook_messages", "state = 'leased'"); n != 0 {
			t.Errorf("%d are held after a planned stop", n)
		}
	})
}

func TestReplayKeepsTheID(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		e, _ := h.endpoint(r.URL, nil, SuggestionFiled)
		th := h.theme(models.Text{})
		h.start()
		since := h.clock.Now()
		for i := range 3 {
			h.clock.Add(time.Hour)
			h.record(&models.Activity{Verb: models.SuggestionFiled, SuggestionID: h.filed(1, th, nil)[0]})
			h.until("sent", func() bool { return h.count("webhook_messages", "state = 'sent'") == i+1 })
		}
		ms, _, err := h.Messages(ctx, admin, Filter{Endpoint: e.ID})
		if err != nil || len(ms) != 3 {
			t.Fatal(ms, err)
		}
		if _, err := h.Replay(ctx, admin, ms[0].ID); err != nil {
			t.Fatal(err)
		}
		h.until("again", func() bool { return len(r.got()) == 4 })
		if id := r.got()[3].header.Get("webhook-id"); id != ms[0].ID {
			t.Errorf("another id: %s", id)
		}
		h.until("settled", func() bool { return h.count("webhook_messages", "state = 'sent'") == 3 })
		n, more, err := h.ReplaySince(ctx, admin, e.ID, since.Add(2*time.Hour))
		if err != nil || n != 2 || more {
			t.Fatal(n, more, err)
		}
		h.until("two again", func() bool { return len(r.got()) == 6 })
		m, tries, err := h.Message(ctx, admin, ms[0].ID)
		h.until("written down", func() bool {
			m, tries, err = h.Message(ctx, admin, ms[0].ID)
			return m.State == models.WebhookSent && m.Tries == 3
		})
		if err != nil || len(tries) != 3 {
			t.Errorf("%+v %v %v", m, tries, err)
		}
	})
}

// For a day both secrets verify; then the new one alone.
func TestBothSecretsSignForADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		e, old := h.endpoint(r.URL, nil, SuggestionFiled)
		_, fresh, err := h.Rotate(ctx, admin, e.ID)
		if err != nil || fresh == old || fresh == "" {
			t.Fatal(fresh, err)
		}
		verifies := func(g got, secret string) bool {
			wh, err := standardwebhooks.NewWebhook(secret)
			return err == nil && wh.VerifyIgnoringTimestamp(g.body, g.header) == nil
		}
		m, err := h.SendTest(ctx, admin, e.ID)
		if err != nil || m.State != models.WebhookSent {
			t.Fatal(m, err)
		}
		if g := r.got()[0]; !verifies(g, old) || !verifies(g, fresh) {
			t.Errorf("signatures %q", g.header.Get("webhook-signature"))
		}
		h.clock.Add(bothSecrets)
		if _, err := h.SendTest(ctx, admin, e.ID); err != nil {
			t.Fatal(err)
		}
		if g := r.got()[1]; verifies(g, old) || !verifies(g, fresh) {
			t.Errorf("after a day: %q", g.header.Get("webhook-signature"))
		}
		row := h.reread(e.ID)
		for _, column := range []string{row.Secret, row.OldSecret, row.URL} {
			if column == old || column == fresh || column == r.URL {
				t.Error("a secret lies open")
			}
		}
	})
}

func TestOnlyWhoRunsHeedSeesWebhooks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		e, _ := h.endpoint("http://127.0.0.1:9/", nil, SuggestionFiled)
		for _, a := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorMember, ID: "mem_2", Role: models.RolePM}, {Kind: models.ActorMember, ID: "mem_3", Role: models.RoleSupport}, {Kind: models.ActorAgent, ID: "tok", Scopes: []auth.Scope{auth.ScopeAdmin}}} {
			_, err1 := h.Endpoints(ctx, a)
			_, _, err2 := h.Save(ctx, a, "", Patch{})
			_, _, err3 := h.Rotate(ctx, a, e.ID)
			_, _, err4 := h.Messages(ctx, a, Filter{})
			_, err5 := h.SendTest(ctx, a, e.ID)
			_, err6 := h.Replay(ctx, a, "whm_x")
			_, _, err7 := h.ReplaySince(ctx, a, e.ID, time.Time{})
			err8 := h.Remove(ctx, a, e.ID)
			for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
				if k := models.KindOf(err); k != models.Forbidden && k != models.Unauthenticated {
					t.Errorf("%s %s, call %d: %v", a.Kind, a.Role, i+1, err)
				}
			}
		}
	})
}

func TestWrongFieldsAreNamed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.endpoint("http://127.0.0.1:9/", func(p *Patch) { p.Channel = new("telegram") })
		good := func() Patch {
			return Patch{Name: new("N"), URL: new("https://example.com/h"), Events: new([]string{"theme.created"})}
		}
		for i, c := range []struct {
			field string
			wrong func(*Patch)
		}{
			{"name", func(p *Patch) { p.Name = new(" ") }},
			{"url", func(p *Patch) { p.URL = nil }},
			{"url", func(p *Patch) { p.URL = new("ftp://example.com") }},
			{"kind", func(p *Patch) { p.Kind = new("teams") }},
			{"events", func(p *Patch) { p.Events = new([]string{"theme.exploded"}) }},
			{"events", func(p *Patch) { p.Events = new([]string{}) }},
			{"locale", func(p *Patch) { p.Locale = new("fr") }},
			{"secret", func(p *Patch) { p.Secret = new("x") }},
			{"channel", func(p *Patch) { p.Channel = new("email") }},
			{"channel", func(p *Patch) { p.Channel = new("a b") }},
			{"channel", func(p *Patch) { p.Channel = new("telegram") }},
			{"channel", func(p *Patch) { p.Channel, p.Kind = new("x"), new(models.WebhookSlack) }},
		} {
			p := good()
			c.wrong(&p)
			_, _, err := h.Save(ctx, admin, "", p)
			var e *models.Error
			if e, _ = err.(*models.Error); e == nil || e.Field != c.field {
				t.Errorf("%d: %v, want %s", i, err, c.field)
			}
		}
		if n := h.count("webhook_endpoints", "1 = 1"); n != 1 {
			t.Errorf("%d endpoints", n)
		}
		p := good()
		e, secret, err := h.Save(ctx, admin, "", p)
		if err != nil || len(secret) < 40 {
			t.Fatal(err)
		}
		if _, _, err := h.Save(ctx, admin, e.ID, Patch{Name: new("M"), Rev: e.Rev + 5}); models.KindOf(err) != models.Conflict {
			t.Errorf("a stale revision: %v", err)
		}
		if err := h.Remove(ctx, admin, e.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Endpoint(ctx, admin, e.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("%v", err)
		}
	})
}
