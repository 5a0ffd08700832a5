package api

import (
	"strings"
	"testing"
)

func TestPromisesByREST(t *testing.T) {
	d := newDesk(t, nil)
	one, two := d.theme("exports", true), d.theme("dark mode", false)
	for _, id := range []string{one.ID, two.ID} {
		want(t, d.call(pia, "POST", "/themes/"+id+"/status", "", `{"status":"planned","promise_date":"2098-01-01"}`), 200)
	}
	both := `{"themes":["` + one.ID + `","` + two.ID + `"],"date":"2099-01-01"}`
	set := want(t, d.call(pia, "POST", "/promises", "k", both), 200)
	if strings.Count(set, `"promise_date":"2099-01-01T12:00:00Z"`) != 2 || strings.Contains(set, `"activity":""`) {
		t.Errorf("set: %s", set)
	}
	if again := want(t, d.call(pia, "POST", "/promises", "k", both), 200); again != set {
		t.Errorf("set twice: %s", again)
	}
	if list := want(t, d.call(pia, "GET", "/promises?limit=1", "", ""), 200); strings.Count(list, `"unchanged":0`) != 1 || strings.Contains(list, `"next_cursor":""`) || !strings.Contains(list, `"waiting":0`) {
		t.Errorf("list: %s", list)
	}
	for _, state := range []string{"overdue", "due", "decide"} {
		if list := want(t, d.call(pia, "GET", "/promises?state="+state, "", ""), 200); !strings.Contains(list, `"promises":[]`) {
			t.Errorf("%s: %s", state, list)
		}
	}
	for _, bad := range []struct{ path, body, code string }{
		{"/promises", `{"themes":["` + one.ID + `"],"date":"2001-01-01"}`, "date_past"},
		{"/promises", `{"themes":[],"days":30}`, "themes_required"},
		{"/promises", `{"themes":["` + one.ID + `"],"days":9999}`, "promise_days_range"},
	} {
		if got := d.call(pia, "POST", bad.path, "", bad.body); got.Code != 422 || !strings.Contains(got.Body.String(), bad.code) {
			t.Errorf("%s %s: %d %s", bad.path, bad.body, got.Code, got.Body)
		}
	}
	want(t, d.call(pia, "GET", "/promises?state=lost", "", ""), 422)
	want(t, d.call(pia, "POST", "/themes/"+one.ID+"/promise", "", `{"date":"2099-02-01"}`), 409)
	want(t, d.call(filer, "POST", "/promises", "", both), 403)
	want(t, d.call(filer, "GET", "/promises", "", ""), 403)
}
