package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Who sends neither yes nor no is told so at the choice, and the words that they wrote are
// not what is wrong.
func TestTheChoiceIsWhatIsMissing(t *testing.T) {
	s := newStreet(t)
	path := s.shippedTo(s.public.ID, "4.2", s.receipt)
	for locale, says := range map[string]string{"en": "Choose yes or no.", "zh": "请选择是否解决。"} {
		s.visitor().in(locale).post(path, "words", "Quick as lightning").want(http.StatusUnprocessableEntity).
			says(says, `aria-invalid="true" aria-describedby="answer-error"`, `id="answer-error"`, "Quick as lightning").hides("words-error")
	}
}

// Staff's programs read what people say of what shipped, also the words beside a yes; who
// may not read themes reads none of it.
func TestWordsBesideAYesByREST(t *testing.T) {
	s := newStreet(t)
	mine, other := s.file("Give me a CSV of my board", "dora@example.com").Suggestion, s.file("CSV, please", "finn@example.com").Suggestion
	s.assign(s.public.ID, mine.ID, other.ID)
	shipped := s.ship()
	s.visitor().post(s.link("solved", shipped, mine.PersonID), "answer", "yes", "words", "Quick as lightning. My password=hunter2secret").want(http.StatusOK)
	s.visitor().post(s.link("solved", shipped, other.PersonID), "answer", "no", "words", "还是很慢").want(http.StatusOK)
	reads := s.token(auth.NewToken{Kind: models.TokenService, Name: "desk", Scopes: []auth.Scope{auth.ScopeThemesRead}})
	code, out := s.call(reads, http.MethodGet, "/themes/"+s.public.ID+"/solved", "", nil)
	answers, _ := out["answers"].([]any)
	if code != http.StatusOK || out["yes"] != 1.0 || out["no"] != 1.0 || len(answers) != 2 {
		t.Fatal(code, out)
	}
	no, yes := answers[0].(map[string]any), answers[1].(map[string]any)
	if yes["solved"] != true || yes["person"] != mine.PersonID || yes["words"] == "" || yes["suggestion"] != nil {
		t.Errorf("the yes: %v", yes)
	}
	if words, _ := yes["words"].(string); !strings.HasPrefix(words, "Quick as lightning") || strings.Contains(words, "hunter2") {
		t.Errorf("its words: %q", words)
	}
	if no["solved"] != false || no["suggestion"] == nil {
		t.Errorf("the no: %v", no)
	}
	files := s.token(auth.NewToken{Kind: models.TokenAgent, Name: "bot", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}})
	if code, out := s.call(files, http.MethodGet, "/themes/"+s.public.ID+"/solved", "", nil); code != http.StatusForbidden || out["answers"] != nil {
		t.Error(code, out)
	}
}
