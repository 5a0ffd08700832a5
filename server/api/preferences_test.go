package api

import (
	"net/http"
	"strings"
	"testing"
)

// What is wrong with wishes is said where it stands in the request, and nothing of the
// request is kept.
func TestWishesSayWhatIsWrongWhereItStands(t *testing.T) {
	d := newDesk(t, nil)
	path := "/people/" + d.person("ann@x.test", "Ann Lee") + "/preferences"
	for body, pointer := range map[string]string{
		`{"modes":{"status":"sometimes"}}`:                       "#/modes/status",
		`{"modes":{"gossip":"off"}}`:                             "#/modes",
		`{"all":"sometimes"}`:                                    "#/all",
		`{"digest_hour":24}`:                                     "#/digest_hour",
		`{"digest_weekday":7}`:                                   "#/digest_weekday",
		`{"quiet_hours":"8-9"}`:                                  "#/quiet_hours",
		`{"modes":{"status":"daily"},"mute":["thm_none"]}`:       "#/mute",
		`{"modes":{"status":"daily"},"unmute":["thm_none"]}`:     "#/unmute",
		`{"modes":{"status":"x"},"all":"off","digest_hour":-1}`:  "#/digest_hour",
		`{"modes":{"status":"x"},"all":"off","digest_hour": -1}`: "#/modes/status",
	} {
		said := want(t, d.call(pia, "PUT", path, "", body), http.StatusUnprocessableEntity)
		if !strings.Contains(said, `"`+pointer+`"`) {
			t.Errorf("%s: %s", body, said)
		}
	}
	if got := want(t, d.call(pia, "GET", path, "", ""), http.StatusOK); strings.Contains(got, "daily\"") || strings.Contains(got, `"off"`) {
		t.Errorf("kept %s", got)
	}
	want(t, d.call(pia, "PUT", path, "", `{"all":"weekly"}`), http.StatusOK)
	if got := want(t, d.call(pia, "PUT", path, "", `{"all":"off"}`), http.StatusOK); !strings.Contains(got, `"all":"off"`) || !strings.Contains(got, `"chosen":{"comment":"weekly"`) {
		t.Error(got)
	}
	if got := want(t, d.call(pia, "PUT", path, "", `{"again":true}`), http.StatusOK); !strings.Contains(got, `"all":"weekly"`) {
		t.Error(got)
	}
}
