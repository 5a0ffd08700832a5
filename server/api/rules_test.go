package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestRulesByREST(t *testing.T) {
	d := newDesk(t, nil)
	want(t, d.call(pia, "PUT", "/teams/payments", "", `{"name":{"en":"Payments","zh":"支付"}}`), 200)
	rule := `{"conditions":{"words":["refund","退款"]},"outcome":{"team":"payments","urgency":"high"},"position":1}`
	replay := want(t, d.call(pia, "POST", "/rules/replay", "", `{"rule":`+rule+`}`), 200)
	if !strings.Contains(replay, `"next_cursor":""`) || !strings.Contains(replay, `"total":0`) {
		t.Errorf("replay: %s", replay)
	}
	first := want(t, d.call(pia, "POST", "/rules", "k", rule), http.StatusCreated)
	if again := d.call(pia, "POST", "/rules", "k", rule); want(t, again, http.StatusCreated) != first {
		t.Errorf("added twice: %s", again.Body)
	}
	var added ruleChanged
	if err := json.Unmarshal([]byte(first), &added); err != nil || added.Rule.Position != 1 || added.Activity == "" {
		t.Fatalf("%s (%v)", first, err)
	}
	if list := want(t, d.call(pia, "GET", "/rules", "", ""), 200); strings.Count(list, `"id"`) != 6 || !strings.Contains(list, `"words":["refund","退款"]`) {
		t.Errorf("rules: %s", list)
	}
	tried := want(t, d.call(pia, "POST", "/rules/try", "", `{"text":"我要退款"}`), 200)
	for _, w := range []string{`"team":"payments"`, `"urgency":"high"`, `"span":[6,12]`, `"n":1`} {
		if !strings.Contains(tried, w) {
			t.Errorf("tried lacks %s: %s", w, tried)
		}
	}
	filed := want(t, d.call(filer, "POST", "/suggestions", "", `{"text":"refund, please"}`), http.StatusCreated)
	var f filedView
	if err := json.Unmarshal([]byte(filed), &f); err != nil {
		t.Fatal(err)
	}
	one := want(t, d.call(pia, "GET", "/suggestions/"+f.ID, "", ""), 200)
	for _, w := range []string{`"team":"payments"`, `"urgency":"high"`, `"reply_due_at":"20`, `"first_replied_at":null`, `"words":["refund"]`} {
		if !strings.Contains(one, w) {
			t.Errorf("the suggestion lacks %s: %s", w, one)
		}
	}
	if list := want(t, d.call(pia, "GET", "/suggestions?team=payments&urgency=high", "", ""), 200); !strings.Contains(list, f.ID) {
		t.Errorf("not listed: %s", list)
	}
	if list := want(t, d.call(pia, "GET", "/suggestions?team=other", "", ""), 200); strings.Contains(list, f.ID) {
		t.Errorf("another team's: %s", list)
	}
	edited := want(t, d.call(pia, "PATCH", "/suggestions/"+f.ID, "", `{"urgency":"low","team":""}`), 200)
	if !strings.Contains(edited, `"urgency":"low"`) || !strings.Contains(edited, `"team":""`) || strings.Contains(edited, `"field":"urgency"`) {
		t.Errorf("edited: %s", edited)
	}
	want(t, d.call(pia, "DELETE", "/teams/payments", "", ""), http.StatusConflict)
	gone := want(t, d.call(pia, "DELETE", "/rules/"+added.Rule.ID, "", ""), 200)
	var changed settingChanged
	if err := json.Unmarshal([]byte(gone), &changed); err != nil {
		t.Fatal(err)
	}
	want(t, d.call(pia, "GET", "/rules/"+added.Rule.ID, "", ""), http.StatusNotFound)
	want(t, d.call(pia, "POST", "/activities/"+changed.Activity+"/undo", "", ""), 200)
	want(t, d.call(pia, "GET", "/rules/"+added.Rule.ID, "", ""), 200)
	bad := want(t, d.call(pia, "POST", "/rules", "", `{"conditions":{"words":["x"]},"outcome":{"urgency":"now"}}`), http.StatusUnprocessableEntity)
	if !strings.Contains(bad, "#/outcome/urgency") {
		t.Errorf("the wrong field is not named: %s", bad)
	}
	for _, c := range [][3]string{{"POST", "/rules", rule}, {"PUT", "/teams/x", `{"name":"x"}`}, {"POST", "/rules/apply", `{}`}, {"GET", "/rules", ""}, {"POST", "/rules/try", `{"text":"x"}`}} {
		want(t, d.call(filer, c[0], c[1], "", c[2]), http.StatusForbidden)
	}
}

func TestClocksByREST(t *testing.T) {
	d := newDesk(t, nil)
	now := want(t, d.call(pia, "GET", "/clocks", "", ""), 200)
	if !strings.Contains(now, `"critical":{"amount":15,"unit":"minutes","business":false}`) || !strings.Contains(now, `"zone":"UTC"`) {
		t.Errorf("clocks: %s", now)
	}
	next := strings.Replace(strings.Replace(now, `"zone":"UTC"`, `"zone":"Asia/Shanghai"`, 1), `"holidays":[]`, `"holidays":["2026-10-01"]`, 1)
	next = next[:strings.Index(next, `,"rev"`)] + "}"
	want(t, d.call(pia, "PUT", "/clocks", "", next), 200)
	if now = want(t, d.call(pia, "GET", "/clocks", "", ""), 200); !strings.Contains(now, "Asia/Shanghai") || !strings.Contains(now, "2026-10-01") {
		t.Errorf("changed: %s", now)
	}
	want(t, d.call(pia, "PUT", "/clocks", "", strings.Replace(next, "Asia/Shanghai", "Mars", 1)), http.StatusUnprocessableEntity)
	if figures := want(t, d.call(pia, "GET", "/first-replies?days=30", "", ""), 200); !strings.Contains(figures, `"median_seconds":null`) || !strings.Contains(figures, `"by_week":[]`) {
		t.Errorf("figures: %s", figures)
	}
}
