package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// A list that cannot be given as it was asked for says which parameter is wrong; none
// ends early in silence.
func TestAListSaysWhatIsWrongWithItsParameters(t *testing.T) {
	s := newStreet(t)
	token := s.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead, auth.ScopeThemesWrite, auth.ScopeSuggestionsWrite}})
	comments := "/themes/" + s.public.ID + "/comments"
	for path, field := range map[string]string{
		comments + "?limit=1000": "limit", comments + "?limit=-1": "limit", comments + "?limit=ten": "limit",
		comments + "?cursor=nonsense":                              "cursor",
		"/proposals?cursor=" + models.NewID(models.PrefixProposal): "cursor",
		"/proposals?cursor=" + models.NewID(models.PrefixComment):  "cursor",
	} {
		code, out := s.call(token, http.MethodGet, path, "", nil)
		b, _ := json.Marshal(out["errors"])
		if code != http.StatusUnprocessableEntity || !strings.Contains(string(b), field) {
			t.Errorf("%s: %d %s, want 422 that names %s", path, code, b, field)
		}
	}
	if _, err := s.intake.Desk(ctx, ana, intake.Sought{Due: true, Cursor: models.NewID(models.PrefixSuggestion)}); models.KindOf(err) != models.Invalid {
		t.Errorf("due replies after a suggestion that is gone: %v", err)
	}
}

// Where comments stopped is a place among them: a page goes on from there also when the
// comment was taken away meanwhile.
func TestCommentsGoOnBehindOneThatIsGone(t *testing.T) {
	s := newStreet(t)
	for _, text := range []string{"one", "two", "three"} {
		if _, err := s.intake.Comment(ctx, ana, s.public.ID, intake.Comment{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	first, err := s.themes.Comments(ctx, ana, s.public.ID, "", 1)
	if err != nil || len(first.Comments) != 1 || first.Comments[0].Text != "three" {
		t.Fatal(first, err)
	}
	if _, err := s.themes.SettleComment(ctx, ana, first.Next, false); err != nil {
		t.Fatal(err)
	}
	rest, err := s.themes.Comments(ctx, ana, s.public.ID, first.Next, themes.MaxPage+1)
	if err != nil || len(rest.Comments) != 2 || rest.Next != "" {
		t.Errorf("%+v %v", rest, err)
	}
}
