package webhooks

import (
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/heedhq/heed/models"
)

// The vector of the scheme's own documentation.
func TestSignaturesAreThoseOfTheScheme(t *testing.T) {
	header := http.Header{}
	at := time.Unix(1614265330, 0)
	err := sign(header, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := header.Get("webhook-signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
	if header.Get("webhook-id") != "msg_p5jXN8AQM9LWM0D4loKWxJek" || header.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("headers %v", header)
	}
}

func TestAChangeOfStatusIsToldSignedAndSafe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		_, secret := h.endpoint(r.URL, nil, ThemeStatusChanged, ThemeShipped, SuggestionFiled)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"})
		id := h.filed(1, th, nil)[0]
		h.start()
		h.record(&models.Activity{Verb: models.SuggestionFiled, SuggestionID: id})
		h.give(th, models.StatusShipped, "It goes to 0x52908400098527886E0F7030069857D2E4169EE7 now.")
		h.until("three requests", func() bool { return len(r.got()) == 3 })
		types := map[Type]Payload{}
		for _, g := range r.got() {
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := wh.VerifyIgnoringTimestamp(g.body, g.header); err != nil { // the clock of the test stands still
				t.Error(err)
			}
			p := g.payload(t)
			types[p.Type] = p
			for _, secret := range []string{"SECRET WORDS", "our own words", "0x52908400098527886E0F7030069857D2E4169EE7"} {
				if strings.Contains(string(g.body), secret) {
					t.Errorf("%s left: %s", secret, g.body)
				}
			}
		}
		p := types[ThemeStatusChanged]
		if p.Data.From != "received" || p.Data.To != "shipped" || p.Data.Theme.Title.ZH != "导出更快" || p.Data.Theme.PublicURL == "" || p.Data.Reason == nil {
			t.Errorf("%+v", p.Data)
		}
		if types[ThemeShipped].Data.To != "shipped" || types[SuggestionFiled].Data.Suggestion.Source != "helpdesk" {
			t.Errorf("%+v", types)
		}
	})
}

// Of what is confidential there is an id, and nothing of what came before the endpoint.
func TestConfidentialSuggestionsLeaveNothingButTheirID(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		now := h.db.Now()
		s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Title: "T", Text: "SECRET", Kind: models.KindProblem, Source: "portal", Lang: "zh", Product: "wallet", State: models.StateNew, Confidential: true, Waiting: true,
			Receipt: "r", CreatedAt: now, UpdatedAt: now}
		h.write(func(_ ctxType, tx txType) error {
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
			return tx.Create(&models.Emergency{SuggestionID: s.ID, Cause: models.CauseVulnerability, CreatedAt: now}).Error
		})
		h.record(&models.Activity{Verb: models.SuggestionFiled, SuggestionID: s.ID})
		h.endpoint(r.URL, nil, SuggestionFiled, EmergencyOpened, SuggestionStateChanged)
		h.start()
		h.record(&models.Activity{Verb: models.SuggestionStepped, SuggestionID: s.ID, Snapshot: models.Change{State: &models.StateStep{From: models.StateNew, To: models.StateHandedOver}}.Encode()})
		h.record(&models.Activity{Verb: models.EmergencyOpened, SuggestionID: s.ID, PersonID: "per_x", Snapshot: models.Alarm{Cause: models.CauseVulnerability}.Encode()})
		h.until("told", func() bool { return len(r.got()) == 2 })
		for _, got := range r.got() {
			body := string(got.body)
			if !strings.Contains(body, s.ID) {
				t.Errorf("no id in %s", body)
			}
			for _, not := range []string{"SECRET", "wallet", "portal", "vulnerability", "per_x", `"zh"`, "handed_over", `"new"`} {
				if strings.Contains(body, not) {
					t.Errorf("%q left: %s", not, body)
				}
			}
		}
	})
}

func TestAProductNarrowsWhatIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, nil)
		h.endpoint(r.URL, func(p *Patch) { p.Product = new("wallet") }, SuggestionFiled)
		th := h.theme(models.Text{})
		ids := h.filed(3, th, func(i int, s *models.Suggestion) { s.Product = []string{"wallet", "card", ""}[i] })
		for _, id := range ids {
			h.record(&models.Activity{Verb: models.SuggestionFiled, SuggestionID: id})
		}
		h.start()
		h.until("told", func() bool { return len(r.got()) == 1 && h.count("cursors", "name = 'webhooks' AND seq >= 4") == 1 })
		if n := h.count("webhook_messages", "1 = 1"); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

// A failing endpoint is tried eight times over 28 hours, always with the same id and
// body, each time signed anew.
func TestEightTriesWithOneID(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, status(http.StatusInternalServerError))
		h.endpoint(r.URL, nil, ThemeStatusChanged)
		th := h.theme(models.Text{EN: "Faster exports"})
		began := h.clock.Now()
		h.give(th, models.StatusPlanned, "")
		h.start()
		for i := range Tries() {
			h.until("a try", func() bool { return h.count("webhook_attempts", "n = ?", i+1) == 1 })
			if i == Tries()-1 {
				break
			}
			h.clock.Add(waits[i] - time.Second)
			time.Sleep(20 * time.Millisecond)
			if n := len(r.got()); n != i+1 {
				t.Fatalf("tried too soon after try %d: %d requests", i+1, n)
			}
			h.clock.Add(time.Second)
			h.clock.Add(probeMax) // its rest after failing again and again
		}
		if d := h.clock.Now().Sub(began); d < 27*time.Hour || d > 29*time.Hour {
			t.Errorf("tried for %v", d)
		}
		if n := h.count("webhook_messages", "state = 'failed' AND tries = 8"); n != 1 {
			t.Errorf("%d failed", n)
		}
		first := r.got()[0]
		signatures := map[string]bool{}
		for _, g := range r.got() {
			if g.header.Get("webhook-id") != first.header.Get("webhook-id") || string(g.body) != string(first.body) {
				t.Errorf("another message: %v", g.header)
			}
			signatures[g.header.Get("webhook-signature")] = true
		}
		if len(signatures) != Tries() {
			t.Errorf("%d signatures", len(signatures))
		}
	})
}

func TestRetryAfterIsHonouredAndRedirectsAreNot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t, func(w http.ResponseWriter, _ got) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		e, _ := h.endpoint(r.URL, nil, ThemeStatusChanged)
		th := h.theme(models.Text{EN: "Faster exports"})
		h.give(th, models.StatusPlanned, "")
		h.start()
		h.until("asked to wait", func() bool { return h.count("webhook_messages", "status = 429 AND state = 'ready' AND tries = 0") == 1 })
		h.clock.Add(119 * time.Second)
		time.Sleep(30 * time.Millisecond)
		if n := len(r.got()); n != 1 {
			t.Errorf("%d requests before its time", n)
		}
		r.say(func(w http.ResponseWriter, _ got) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
		})
		h.clock.Add(2 * time.Second)
		h.until("redirected", func() bool { return h.count("webhook_attempts", "status = 302 AND outcome = 'failed'") == 1 })
		r.say(nil)
		h.clock.Add(time.Minute)
		h.until("taken", func() bool { return h.count("webhook_messages", "state = 'sent' AND tries = 2") == 1 })
		if got := h.reread(e.ID); got.Fails != 0 || got.FailingSince != nil || got.LastOkAt == nil {
			t.Errorf("%+v", got)
		}
	})
}
