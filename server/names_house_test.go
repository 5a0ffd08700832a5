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
