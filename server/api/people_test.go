package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

func (d *desk) person(email, name string) string {
	d.t.Helper()
	id, err := d.Intake.Person(d.t.Context(), pia, intake.PersonInput{Email: email, Name: name})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func TestPeopleAreFoundChangedAndMerged(t *testing.T) {
	d := newDesk(t, nil)
	ann, ann2 := d.person("ann@x.test", "Ann Lee"), d.person("ann@home.test", "")
	if _, err := d.People.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := want(t, d.call(pia, "GET", "/people?q=ann", "", ""), http.StatusOK)
	if strings.Count(body, `"id"`) != 2 {
		t.Errorf("found %s", body)
	}
	if body = want(t, d.call(pia, "GET", "/people/"+ann, "", ""), http.StatusOK); !strings.Contains(body, `"value":"ann@x.test"`) || strings.Contains(body, `"phrase"`) {
		t.Errorf("read %s", body)
	}
	if body = want(t, d.call(pia, "PATCH", "/people/"+ann, "", `{"time_zone":"Asia/Shanghai","rev":1}`), http.StatusOK); !strings.Contains(body, `"rev":2`) {
		t.Errorf("changed %s", body)
	}
	if body = want(t, d.call(pia, "PATCH", "/people/"+ann, "", `{"name":"x","rev":1}`), http.StatusConflict); !strings.Contains(body, "person_changed") {
		t.Errorf("an old revision: %s", body)
	}
	if body = want(t, d.call(pia, "PATCH", "/people/"+ann, "", `{"time_zone":"Mars"}`), http.StatusUnprocessableEntity); !strings.Contains(body, "#/time_zone") {
		t.Errorf("which field: %s", body)
	}

	merge := "/people/" + ann2 + "/merge"
	want(t, d.call(pia, "POST", merge+"?dry_run=true", "", `{"into":"`+ann+`"}`), http.StatusOK)
	if body = want(t, d.call(pia, "POST", merge, "", `{"into":"per_none"}`), http.StatusUnprocessableEntity); !strings.Contains(body, "#/into") {
		t.Errorf("which field: %s", body)
	}
	body = want(t, d.call(pia, "POST", merge, "key", `{"into":"`+ann+`"}`), http.StatusOK)
	if again := want(t, d.call(pia, "POST", merge, "key", `{"into":"`+ann+`"}`), http.StatusOK); again != body {
		t.Errorf("repeated with its key: %s", again)
	}
	var m struct {
		Activity string
		Person   struct{ Addresses []any }
	}
	if err := json.Unmarshal([]byte(body), &m); err != nil || len(m.Person.Addresses) != 2 {
		t.Fatalf("%s, %v", body, err)
	}
	if body = want(t, d.call(pia, "GET", "/people/"+ann2, "", ""), http.StatusOK); !strings.Contains(body, ann) {
		t.Error("who was merged does not lead to who they are")
	}
	want(t, d.call(pia, "GET", "/people/"+ann2+"/follow-ups", "", ""), http.StatusOK)
	want(t, d.call(pia, "GET", "/people/per_none/follow-ups", "", ""), http.StatusNotFound)
	want(t, d.call(pia, "POST", "/activities/"+m.Activity+"/undo", "", ""), http.StatusOK)
	if body = want(t, d.call(pia, "GET", "/people/"+ann2, "", ""), http.StatusOK); strings.Contains(body, ann+`"`) {
		t.Error("taken back, they are still one")
	}
	want(t, d.call(pia, "POST", "/people/"+ann2+"/addresses", "", `{"channel":"telegram","value":"@ann"}`), http.StatusOK)
	want(t, d.call(pia, "DELETE", "/people/"+ann2+"/addresses", "", `{"channel":"telegram","value":"@ann"}`), http.StatusOK)
}

func TestAccountsAndSegmentsByREST(t *testing.T) {
	d := newDesk(t, nil)
	body := want(t, d.call(pia, "POST", "/accounts", "", `{"name":"Acme","domains":["acme.com"],"weight":5}`), http.StatusCreated)
	var acc struct{ ID string }
	if err := json.Unmarshal([]byte(body), &acc); err != nil {
		t.Fatal(err)
	}
	want(t, d.call(pia, "GET", "/accounts/"+acc.ID, "", ""), http.StatusOK)
	want(t, d.call(pia, "PATCH", "/accounts/"+acc.ID, "", `{"weight":7,"rev":1}`), http.StatusOK)
	want(t, d.call(pia, "PATCH", "/accounts/"+acc.ID, "", `{"weight":7,"rev":1}`), http.StatusConflict)
	if body = want(t, d.call(pia, "POST", "/accounts", "", `{"name":"B","domains":["acme.com"]}`), http.StatusUnprocessableEntity); !strings.Contains(body, "domain_taken") {
		t.Error(body)
	}
	want(t, d.call(pia, "DELETE", "/accounts/"+acc.ID, "", ""), http.StatusOK)
	want(t, d.call(pia, "GET", "/accounts/"+acc.ID, "", ""), http.StatusNotFound)
	if body = want(t, d.call(pia, "PUT", "/segments/%E9%AB%98%E5%87%80%E5%80%BC", "", `{"weight":3}`), http.StatusOK); !strings.Contains(body, "高净值") {
		t.Error(body)
	}
	if body = want(t, d.call(pia, "GET", "/segments", "", ""), http.StatusOK); !strings.Contains(body, "高净值") {
		t.Error(body)
	}
	want(t, d.call(pia, "DELETE", "/segments/%E9%AB%98%E5%87%80%E5%80%BC", "", ""), http.StatusOK)
}

// People are for staff; whoever may not is told so, and no address with it.
func TestWhoMayNotSeePeopleByREST(t *testing.T) {
	d := newDesk(t, nil)
	ann := d.person("ann@x.test", "Ann Lee")
	for _, who := range []auth.Actor{filer, herald, somebody, auth.Anonymous(), {Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: auth.Scopes()}} {
		for _, call := range [][3]string{{"GET", "/people?q=ann"}, {"GET", "/people/" + ann}, {"PATCH", "/people/" + ann, `{"name":"x"}`}, {"POST", "/people/" + ann + "/merge", `{"into":"` + ann + `"}`},
			{"GET", "/tell-by-hand"}, {"POST", "/tell-by-hand", `{"event":"e","person":"p"}`}, {"GET", "/accounts"}, {"POST", "/accounts", `{"name":"x"}`}, {"GET", "/segments"},
			{"PUT", "/segments/x", `{"weight":1}`}, {"POST", "/people/" + ann + "/addresses", `{"channel":"email","value":"b@x.test"}`}} {
			w := d.call(who, call[0], call[1], "", call[2])
			if w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "ann@") {
				t.Errorf("%s: %s %s answers %d %s", who.Kind, call[0], call[1], w.Code, w.Body)
			}
		}
	}
}
