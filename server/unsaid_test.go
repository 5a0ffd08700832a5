package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// An error never repeats what looks like a secret, whatever field it stood in: neither to
// programs nor on pages. What is none is repeated, so that a mistake is seen.
func TestAnErrorRepeatsNoSecret(t *testing.T) {
	for kind, phrase := range map[string]string{"right": lostPhrase, "slip": slipped, "Chinese": han} {
		t.Run(kind, func(t *testing.T) {
			s := newStreet(t)
			token, pm := s.agentToken(), s.member("pm")
			for what, p := range map[string]*page{
				"kind":           s.rest(token, "POST", "/suggestions", args{"text": "A dark mode", "kind": phrase}),
				"a list":         s.rest(token, "POST", "/suggestions", args{"text": strings.Fields(phrase)}),
				"a field's name": s.rest(token, "POST", "/suggestions", args{"text": "A dark mode", phrase: "x"}),
				"a theme":        s.rest(token, "GET", "/themes/"+strings.ReplaceAll(phrase, " ", "%20"), nil),
				"portal kind":    s.visitor().post("/suggest", "title", "A dark mode", "text", "please", "confirmed", "1", "kind", phrase),
				"console":        pm.post("/capture", "text", "A dark mode", "kind", phrase),
			} {
				if p.code < 400 || p.code >= 500 {
					t.Errorf("%s: %d", what, p.code)
				}
				if strings.Contains(p.body, "winner") || strings.Contains(p.body, han) || strings.Contains(p.body, `\u7684\u7684`) {
					t.Errorf("%s repeats it: %s", what, short(p.body))
				}
			}
		})
	}
	s := newStreet(t)
	s.rest(s.agentToken(), "POST", "/suggestions", args{"text": "A dark mode", "kind": "wish"}).want(http.StatusUnprocessableEntity).says("wish")
}

// A call that no tool sees, for its form is not the schema's or there is no such tool, is
// answered as one that a tool refuses: nothing secret comes back, the person is told what
// to do, and where their words came in, the team is alerted, once.
func TestACallThatFitsNoSchemaIsReadForDanger(t *testing.T) {
	if testing.Short() {
		t.Skip("many calls, one agent")
	}
	for what, call := range map[string]struct {
		tool   string
		with   args
		alerts int64
		where  string
	}{
		"kind":             {"file_suggestion", args{"quote": "A dark mode", "kind": lostPhrase}, 1, "/properties/kind"},
		"kind with a slip": {"file_suggestion", args{"quote": "A dark mode", "kind": slipped}, 1, "/properties/kind"},
		"a list":           {"file_suggestion", args{"quote": strings.Fields(lostPhrase)}, 1, "/properties/quote"},
		"beside it":        {"file_suggestion", args{"quote": "Mine is " + lostPhrase, "kind": "wish"}, 1, "/properties/kind"},
		"a field's name":   {"file_suggestion", args{"quote": "A dark mode", lostPhrase: "x"}, 1, ""},
		"a tool's name":    {lostPhrase, args{}, 1, ""},
		"no such tool":     {"file_suggestions", args{"quote": "Mine is " + lostPhrase}, 1, ""},
		"a reading tool":   {"get_theme", args{"theme": strings.Fields(lostPhrase)}, 0, "/properties/theme"},
	} {
		t.Run(what, func(t *testing.T) {
			s := newStreet(t)
			a := s.agent(s.site(), s.agentToken(), "en")
			for range 2 {
				_, text, failed := a.try(call.tool, call.with)
				if !failed || !strings.Contains(text, "move your assets now") || !strings.Contains(text, call.where) || strings.Contains(text, "winner") || strings.Contains(text, "sausage") {
					t.Errorf("failed %v: %s", failed, text)
				}
			}
			if n := s.emergencies(); int64(n) != call.alerts {
				t.Errorf("%d emergencies", n)
			}
		})
	}
	s := newStreet(t)
	a := s.agent(s.site(), s.agentToken(), "en")
	for tool, with := range map[string]args{"file_suggestion": {"quote": "A dark mode", "kind": "wish"}, "no_such_tool": {}} {
		if _, text, failed := a.try(tool, with); !failed || strings.Contains(text, "danger") || strings.Contains(text, "secret") || !strings.Contains(text+tool, "wish") && !strings.Contains(text, tool) {
			t.Errorf("%s: %v %s", tool, failed, text)
		}
	}
}
