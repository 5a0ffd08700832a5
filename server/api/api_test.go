package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
)

// The description names every operation of the contract that this version has.
func TestTheDescriptionIsComplete(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	a := Mount(e, e.Group(Prefix), Services{Catalog: catalog})
	b, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct{ Summary string }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for _, op := range strings.Split(`POST /suggestions|GET /suggestions|GET /suggestions/{id}|PATCH /suggestions/{id}|GET /suggestions/{id}/thread|POST /suggestions/{id}/replies|POST /suggestions/{id}/state|POST /suggestions/{id}/attachments|GET /suggestions/{id}/attachments/{attachment}|GET /similar|POST /suggestions/{id}/decision|POST /suggestions/{id}/assign|
GET /themes|POST /themes|GET /themes/{id}|PATCH /themes/{id}|POST /themes/{id}/confirm|POST /themes/{id}/status|POST /themes/{id}/merge|POST /themes/{id}/split|POST /activities/{id}/undo|
POST /themes/{id}/votes|DELETE /themes/{id}/votes|POST /themes/{id}/issues|GET /themes/{id}/issues|GET /releases/drafts|POST /releases/drafts/{id}/dismiss|GET /github|GET /github/ledger|POST /github/agree|POST /github/visit|GET /github/backfill|GET /github/backfill/look|POST /github/backfill|POST /github/backfill/cancel|DELETE /themes/{id}/issues/{issue}|POST /themes/{id}/issues/{issue}/repair|
GET /people/{id}/follow-ups|GET /people/{id}/preferences|PUT /people/{id}/preferences|POST /follow-ups/{event}/recall|GET /deliveries|POST /deliveries/{id}/retry|POST /deliveries/{id}/cancel|GET /activities|GET /quality|GET /proposals|POST /proposals/{id}/accept|POST /proposals/{id}/dismiss|GET /outcomes|POST /outcomes/seen|GET /emergencies|POST /suggestions/{id}/acknowledge|GET /people|GET /people/{id}|PATCH /people/{id}|POST /people/{id}/merge|POST /people/{id}/addresses|DELETE /people/{id}/addresses|GET /tell-by-hand|POST /tell-by-hand|GET /accounts|POST /accounts|GET /accounts/{id}|PATCH /accounts/{id}|DELETE /accounts/{id}|GET /segments|PUT /segments/{name}|DELETE /segments/{name}|GET /agent-proposals|POST /agent-proposals/{id}/accept|POST /agent-proposals/{id}/dismiss|
GET /webhooks|POST /webhooks|GET /webhooks/{id}|PATCH /webhooks/{id}|DELETE /webhooks/{id}|POST /webhooks/{id}/secret|POST /webhooks/{id}/test|POST /webhooks/{id}/replay|GET /webhooks/{id}/deliveries|GET /webhooks/deliveries/{id}|POST /webhooks/deliveries/{id}/replay`, "|") {
		method, path, _ := strings.Cut(strings.TrimSpace(op), " ")
		if doc.Paths[path][strings.ToLower(method)].Summary == "" {
			t.Errorf("not described: %s", op)
		}
	}
}
