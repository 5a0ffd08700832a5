package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// holdsPhrase names the tables in which a word of what was sent stands.
func (r *rig) holdsPhrase() (found []string) {
	r.t.Helper()
	var tables []string
	r.db.Read(ctx).Raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").Scan(&tables)
	if len(tables) < 20 {
		r.t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		var columns []string
		r.db.Read(ctx).Raw("SELECT name FROM pragma_table_info(?)", table).Scan(&columns)
		for _, column := range columns {
			n := 0
			r.db.Read(ctx).Raw("SELECT COUNT(*) FROM " + table + " WHERE CAST(" + column + " AS TEXT) LIKE '%winner%'").Scan(&n)
			if n > 0 {
				found = append(found, table+"."+column)
			}
		}
	}
	return found
}

// No team, token or member is called by a recovery phrase, right or with a slip, or by
// another secret: whoever tries is told so, and nothing of it is stored or comes back.
func TestNothingOfTheHouseIsCalledByASecret(t *testing.T) {
	for kind, name := range map[string]string{"right": lostPhrase, "slip": slipped, "password": "password=hunter2winner"} {
		t.Run(kind, func(t *testing.T) {
			s := newStreet(t)
			pm := s.member(models.RolePM)
			token := s.token(auth.NewToken{Kind: models.TokenService, Scopes: auth.Scopes()})
			for what, p := range map[string]*page{
				"team by REST":         s.rest(token, "PUT", "/teams/x", args{"name": args{"en": name, "zh": "组"}}),
				"in Chinese":           s.rest(token, "PUT", "/teams/x", args{"name": args{"en": "X", "zh": name}}),
				"as one text":          s.rest(token, "PUT", "/teams/x", args{"name": name}),
				"team's form":          pm.post("/settings/teams", "key", "x", "name_en", name, "name_zh", "组"),
				"team's form, Chinese": pm.post("/settings/teams", "key", "x", "name_en", "X", "name_zh", name),
				"token's form":         pm.post("/settings/tokens", "name", name, "kind", models.TokenAgent, "scopes", string(auth.ScopeSuggestionsWrite)),
			} {
				if p.code != http.StatusUnprocessableEntity || !strings.Contains(p.body, "reads like a recovery phrase") || strings.Contains(p.body, "winner") {
					t.Errorf("%s: %d %s", what, p.code, short(p.body))
				}
			}
			if _, _, err := s.auth.CreateToken(ctx, auth.NewToken{Name: name, Kind: models.TokenAgent}); models.KindOf(err) != models.Invalid {
				t.Errorf("a token: %v", err)
			}
			if _, err := s.auth.AddMember(ctx, "x@team.example", models.RolePM, name); models.KindOf(err) != models.Invalid {
				t.Errorf("a member: %v", err)
			}
			if found := s.holdsPhrase(); len(found) > 0 {
				t.Errorf("stored in %v", found)
			}
			s.rest(token, "PUT", "/teams/x", args{"name": args{"en": "Payments", "zh": "支付组"}}).want(http.StatusOK)
		})
	}
}

// What a suggestion says of its product, version and source is no place for a phrase
// with a slip: it is left out and told of, also where the suggestion is refused; who
// changes it to one is told so.
func TestAProductIsNotCalledByASecret(t *testing.T) {
	for kind, name := range map[string]string{"right": lostPhrase, "slip": slipped} {
		for _, field := range []string{"product", "version", "source"} {
			t.Run(field+"/"+kind, func(t *testing.T) {
				s := newStreet(t)
				token := s.token(auth.NewToken{Kind: models.TokenService, Scopes: auth.Scopes()})
				s.rest(token, "POST", "/suggestions", args{"text": "A dark mode", field: name}).want(http.StatusCreated).says(`"field":"`+field+`"`, "move your assets now").hides("winner")
				s.rest(token, "POST", "/suggestions", args{"text": "A dark mode, please", "kind": "wish", field: name}).want(http.StatusUnprocessableEntity).says("move your assets now").hides("winner")
				if field != "source" {
					f := s.file("Give me a board", "mei@example.com")
					p := s.rest(token, "PATCH", "/suggestions/"+f.Suggestion.ID, args{field: name}).hides("winner")
					if kind == "slip" { // what is masked is kept masked
						p.want(http.StatusUnprocessableEntity).says("secret_in_name", "#/"+field)
					}
				}
				if field == "version" {
					s.member(models.RolePM).post("/capture", "text", "A dark mode", "version", name)
				}
				if found := s.holdsPhrase(); len(found) > 0 {
					t.Errorf("stored in %v", found)
				}
			})
		}
	}
}

// Nobody calls a theme by a secret: its mask would be its name. One that was called so
// by the words of its first suggestion can still be edited.
func TestNoThemeIsCalledByASecret(t *testing.T) {
	for kind, name := range map[string]string{"right": lostPhrase, "slip": slipped} {
		t.Run(kind, func(t *testing.T) {
			s := newStreet(t)
			pm := s.member(models.RolePM)
			token := s.token(auth.NewToken{Kind: models.TokenService, Scopes: auth.Scopes()})
			f := s.file("Give me a board", "mei@example.com")
			s.assign(s.public.ID, f.Suggestion.ID)
			for what, p := range map[string]*page{
				"made":       s.rest(token, "POST", "/themes", args{"title": name}),
				"edited":     s.rest(token, "PATCH", "/themes/"+s.public.ID, args{"title": name}),
				"planned":    s.rest(token, "PATCH", "/themes/"+s.public.ID, args{"target": name}),
				"made so":    s.rest(token, "POST", "/themes", args{"title": "Boards", "target": name}),
				"target":     pm.post("/themes/"+s.public.ID+"/texts", "title", "Exports", "public_title_en", "Exports", "target", name),
				"new":        s.rest(token, "POST", "/suggestions/"+f.Suggestion.ID+"/assign", args{"new": args{"title": name}}),
				"texts form": pm.post("/themes/"+s.public.ID+"/texts", "title", name, "public_title_en", "Exports", "rev", "1"),
				"split form": pm.post("/themes/"+s.public.ID+"/split", "split_title", name, "suggestion", f.Suggestion.ID),
			} {
				if p.code != http.StatusUnprocessableEntity || !strings.Contains(p.body, "reads like a recovery phrase") || strings.Contains(p.body, "winner") {
					t.Errorf("%s: %d %s", what, p.code, short(p.body))
				}
			}
			if found := s.holdsPhrase(); len(found) > 0 {
				t.Errorf("stored in %v", found)
			}
		})
	}
}
