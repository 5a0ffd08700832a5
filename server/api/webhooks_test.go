package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func TestWebhooksByREST(t *testing.T) {
	var secret string
	verified := 0
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		wh, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = wh.Verify(body, r.Header)
		}
		if err != nil {
			t.Error(err)
			return
		}
		verified++
	}))
	defer s.Close()
	d := newDesk(t, nil)
	want(t, d.call(pia, "GET", "/webhooks", "", ""), http.StatusForbidden)
	want(t, d.call(pia, "POST", "/webhooks", "", `{"name":"x"}`), http.StatusForbidden)
	owner := auth.Actor{Kind: models.ActorMember, ID: "mem_o", Name: "Olu", Role: models.RoleOwner, Locale: "en"}
	refused := want(t, d.call(owner, "POST", "/webhooks", "", `{"name":"Desk","url":"`+s.URL+`","events":["theme.exploded"]}`), http.StatusUnprocessableEntity)
	if !strings.Contains(refused, "#/events") {
		t.Errorf("refused: %s", refused)
	}
	made := want(t, d.call(owner, "POST", "/webhooks", "same", `{"name":"Desk","url":"`+s.URL+`/a-secret-path","events":["suggestion.outcome","theme.shipped"],"channel":"telegram"}`), http.StatusCreated)
	var v webhookView
	if err := json.Unmarshal([]byte(made), &v); err != nil || !strings.HasPrefix(v.Secret, "whsec_") || v.Kind != "standard" || !v.Enabled {
		t.Fatalf("%s %v", made, err)
	}
	secret = v.Secret
	var kept int64
	if err := d.db.Read(t.Context()).Raw("SELECT COUNT(*) FROM idempotency_keys").Scan(&kept).Error; err != nil || kept != 0 {
		t.Errorf("the secret lies in %d stored answers (%v)", kept, err)
	}
	for _, path := range []string{"/webhooks", "/webhooks/" + v.ID} {
		if read := want(t, d.call(owner, "GET", path, "", ""), 200); strings.Contains(read, "whsec_") || strings.Contains(read, "a-secret-path") || !strings.Contains(read, `"channel":"telegram"`) {
			t.Errorf("%s: %s", path, read)
		}
	}
	tested := want(t, d.call(owner, "POST", "/webhooks/"+v.ID+"/test", "", ""), 200)
	if !strings.Contains(tested, `"state":"sent"`) || verified != 1 {
		t.Errorf("tested: %s, verified %d", tested, verified)
	}
	list := want(t, d.call(owner, "GET", "/webhooks/"+v.ID+"/deliveries?state=sent", "", ""), 200)
	var page struct{ Deliveries []webhookMessageView }
	if err := json.Unmarshal([]byte(list), &page); err != nil || len(page.Deliveries) != 1 || page.Deliveries[0].Payload != nil {
		t.Fatalf("%s %v", list, err)
	}
	one := want(t, d.call(owner, "GET", "/webhooks/deliveries/"+page.Deliveries[0].ID, "", ""), 200)
	if !strings.Contains(one, `"type":"webhook.test"`) || !strings.Contains(one, `"outcome":"taken"`) {
		t.Errorf("one: %s", one)
	}
	again := want(t, d.call(owner, "POST", "/webhooks/deliveries/"+page.Deliveries[0].ID+"/replay", "k", ""), 200)
	if !strings.Contains(again, `"state":"ready"`) {
		t.Errorf("again: %s", again)
	}
	if n := want(t, d.call(owner, "POST", "/webhooks/"+v.ID+"/replay", "", `{"since":"2026-01-01T00:00:00Z"}`), 200); !strings.Contains(n, `"replayed":0`) {
		t.Errorf("a test is replayed: %s", n)
	}
	rotated := want(t, d.call(owner, "POST", "/webhooks/"+v.ID+"/secret", "", ""), 200)
	if strings.Contains(rotated, secret) || !strings.Contains(rotated, "whsec_") {
		t.Errorf("rotated: %s", rotated)
	}
	off := want(t, d.call(owner, "PATCH", "/webhooks/"+v.ID, "", `{"enabled":false}`), 200)
	if !strings.Contains(off, `"enabled":false`) || !strings.Contains(off, `"disabled_why":"by_hand"`) {
		t.Errorf("off: %s", off)
	}
	want(t, d.call(owner, "PATCH", "/webhooks/"+v.ID, "", `{"name":"y","rev":1}`), http.StatusConflict)
	want(t, d.call(owner, "POST", "/webhooks/deliveries/"+page.Deliveries[0].ID+"/replay", "", ""), http.StatusConflict)
	want(t, d.call(owner, "DELETE", "/webhooks/"+v.ID, "", ""), 200)
	want(t, d.call(owner, "GET", "/webhooks/"+v.ID, "", ""), http.StatusNotFound)
}
