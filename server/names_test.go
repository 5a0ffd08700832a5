package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// slipped is a phrase with a word that is none.
var slipped = strings.Replace(lostPhrase, "sausage", "sausge", 1)

// han is a phrase in Chinese, unspaced.
const han = "的的的的的的的的的的的在"

// rest calls the API with a token.
func (r *rig) rest(token, method, path string, body any) *page {
	r.t.Helper()
	b := must(json.Marshal(body))(r.t)
	req := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(b))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	return &page{t: r.t, what: method + " " + path, code: rec.Code, header: rec.Header(), body: rec.Body.String()}
}

// called is what the person at an address is called.
func (r *rig) called(email string) string {
	r.t.Helper()
	var p models.Person
	r.db.Read(ctx).Limit(1).Find(&p, "id = (SELECT person_id FROM addresses WHERE value = ?)", email)
	return p.Name
}

// Nobody is called by a recovery phrase, right or with a slip, whatever door it comes
// in by: who had a good name keeps it, the others have none. Who wrote it is told what to
// do, and the team is alerted.
func TestAPhraseIsNobodysName(t *testing.T) {
	const good = "Dora Lee"
	person := func(name string) args { return args{"email": "dora@example.com", "name": name} }
	for door, send := range map[string]func(s *street, name string) *page{
		"portal": func(s *street, name string) *page {
			b := s.visitor()
			b.post("/suggest", "title", "A dark mode", "text", "please", "confirmed", "1", "email", "dora@example.com", "name", name).to("/suggest/thanks")
			return b.get("/suggest/thanks")
		},
		"portal, refused": func(s *street, name string) *page {
			return s.visitor().post("/suggest", "title", strings.Repeat("x", 300), "text", "please", "email", "dora@example.com", "name", name).want(http.StatusUnprocessableEntity)
		},
		"settings": func(s *street, name string) *page {
			return s.signedIn("dora@example.com").post("/me/settings", "name", name, "locale", "en").want(http.StatusUnprocessableEntity)
		},
		"REST suggestion": func(s *street, name string) *page {
			return s.rest(s.agentToken(), "POST", "/suggestions", args{"text": "A dark mode", "person": person(name)}).want(http.StatusCreated)
		},
		"REST comment": func(s *street, name string) *page {
			return s.rest(s.agentToken(), "POST", "/themes/"+s.public.ID+"/comments", args{"text": "We need it", "person": person(name)}).want(http.StatusCreated)
		},
		"REST vote": func(s *street, name string) *page {
			return s.rest(s.agentToken(), "POST", "/themes/"+s.public.ID+"/votes", args{"person": person(name)}).want(http.StatusUnprocessableEntity)
		},
	} {
		for kind, name := range map[string]string{"right": lostPhrase, "slip": slipped} {
			t.Run(door+"/"+kind, func(t *testing.T) {
				s := newStreet(t)
				must(s.intake.File(ctx, ana, intake.Submission{Text: "Give me a board", Person: &intake.PersonInput{Email: "dora@example.com", Name: good}}))(t)
				send(s, name).says("move your assets now").hides("winner", "···›")
				if got := s.called("dora@example.com"); got != good {
					t.Errorf("called %q", got)
				}
				if n := s.emergencies(); n != 1 {
					t.Errorf("%d emergencies", n)
				}
				s.visitor().get("/t/"+s.public.ID).hides("winner", "···›")
			})
		}
	}
}

// agentToken may file for others.
func (r *rig) agentToken() string {
	return r.token(auth.NewToken{Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeSuggestionsWrite, auth.ScopeThemesRead}})
}

// Staff who mistake a field are told so; nothing is kept, and nobody is alerted.
func TestStaffPutNoPhraseIntoAName(t *testing.T) {
	s := newStreet(t)
	var mei models.Person
	s.db.Read(ctx).First(&mei, "name = ?", "mei")
	pm := s.member(models.RolePM)
	for _, name := range []string{lostPhrase, slipped, "password=hunter2secret"} {
		pm.post("/people/"+mei.ID, "name", name, "time_zone", "", "locale", "", "segment", "", "account", "").want(http.StatusUnprocessableEntity).says("reads like a recovery phrase")
		pm.post("/people/"+mei.ID, "name", "mei", "time_zone", "", "locale", "", "segment", name, "account", "").want(http.StatusUnprocessableEntity)
	}
	if got := s.called("mei@example.com"); got != "mei" || s.emergencies() != 0 {
		t.Errorf("called %q, %d emergencies", got, s.emergencies())
	}
}

// A name that was stored before there was this rule does not become public by a comment.
func TestABadNameOfOldIsNotPublished(t *testing.T) {
	s := newStreet(t)
	dora := s.signedIn("dora@example.com")
	s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE people SET name = ? WHERE id = (SELECT person_id FROM addresses WHERE value = 'dora@example.com')", slipped).Error
	})
	dora.post("/t/"+s.public.ID+"/comments", "text", "We need it").to("/t/" + s.public.ID)
	s.visitor().get("/t/" + s.public.ID).says("We need it").hides("winner")
}

// Agents are told, too, and so are people behind the link of a mail; a program that wants
// to be let in is not called so either.
func TestNoOtherDoorTakesAPhraseForAName(t *testing.T) {
	s := newStreet(t)
	a := s.agent(s.site(), s.agentToken(), "en")
	out, text := a.call("file_suggestion", args{"quote": "A dark mode", "person": args{"email": "dora@example.com", "name": slipped}})
	if s.called("dora@example.com") != "" || !strings.Contains(text, "move your assets now") || strings.Contains(text, "winner") || s.emergencies() != 1 {
		t.Errorf("%v %s", out, text)
	}
	mei := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	link := "/preferences/" + mei + "." + s.auth.Digest("unsubscribe", mei)
	s.visitor().post(link, "quiet", "house", "locale", "en", "phrase", lostPhrase).want(http.StatusUnprocessableEntity).says("move your assets now", "Our team has been alerted").hides("winner")
	var kept models.Suggestion
	s.db.Read(ctx).Last(&kept, "person_id = ?", mei)
	if !kept.Confidential || s.emergencies() != 2 {
		t.Errorf("%+v, %d emergencies", kept, s.emergencies())
	}
	for _, name := range []string{lostPhrase, slipped} {
		req := httptest.NewRequest(http.MethodPost, "/oauth/register", strings.NewReader(`{"client_name":"`+name+`","redirect_uris":["http://127.0.0.1/done"]}`))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		if s.handler.ServeHTTP(rec, req); rec.Code != http.StatusCreated || strings.Contains(rec.Body.String(), "winner") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
}
