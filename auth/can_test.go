package auth_test

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// The whole matrix: who (rows) may do what (columns). x is yes.
const matrix = `
                      file_suggestion read_public vote read_all triage edit_theme announce link_issue read_deliveries retry_delivery administer on_behalf propose reply
system                x               x           x    x        x      x          x        x          x               x              x          x         x       x
github                x               x           .    x        .      x          x        x          .               .              .          .         .       .
anonymous             x               x           .    .        .      .          .        .          .               .              .          .         .       .
person                x               x           x    .        .      .          .        .          .               .              .          .         .       .
owner                 x               x           x    x        x      x          x        x          x               x              x          x         x       x
admin                 x               x           x    x        x      x          x        x          x               x              x          x         x       x
pm                    x               x           x    x        x      x          x        x          x               x              .          x         x       x
support               x               x           x    x        x      .          .        .          x               .              .          x         x       x
unknown-role          x               x           x    .        .      .          .        .          .               .              .          .         .       .
service:none          x               x           .    .        .      .          .        .          .               .              .          .         .       .
service:suggestions   x               x           x    .        .      .          .        .          .               .              .          x         x       .
service:themes-read   x               x           .    x        .      .          .        .          .               .              .          .         .       .
service:themes-write  x               x           x    x        x      x          .        x          .               .              .          .         .       .
service:followups     x               x           .    .        .      .          x        .          x               x              .          .         .       x
service:admin         x               x           x    x        x      x          x        x          x               x              x          x         x       x
member-token:admin    x               x           x    x        x      x          x        x          x               x              x          x         x       x
agent:suggestions     x               x           x    .        .      .          .        .          .               .              .          x         x       .
agent:themes-read     x               x           .    x        .      .          .        .          .               .              .          .         .       .
agent:themes-write    x               x           x    x        x      .          .        x          .               .              .          .         .       .
agent:followups       x               x           .    .        .      .          .        .          x               x              .          .         .       .
agent:admin           x               x           x    x        x      .          .        x          x               x              .          x         x       .
pm-token:read         x               x           .    x        .      .          .        .          .               .              .          .         .       .
support-token:admin   x               x           x    x        x      .          .        .          x               .              .          x         x       x
support-agent:admin   x               x           x    x        x      .          .        .          x               .              .          x         x       .
owner-token:none      x               x           .    .        .      .          .        .          .               .              .          .         .       .
no-kind               x               x           .    .        .      .          .        .          .               .              .          .         .       .
`

func actors() map[string]auth.Actor {
	token := func(kind string, role models.Role, scopes ...auth.Scope) auth.Actor {
		return auth.Actor{Kind: kind, ID: "tok_1", TokenID: "tok_1", Role: role, Scopes: scopes}
	}
	service := func(s ...auth.Scope) auth.Actor { return token(models.ActorService, "", s...) }
	agent := func(s ...auth.Scope) auth.Actor { return token(models.ActorAgent, "", s...) }
	member := func(r models.Role) auth.Actor { return auth.Actor{Kind: models.ActorMember, ID: "mem_1", Role: r} }
	return map[string]auth.Actor{
		"system": auth.System(), "github": auth.GitHub(), "anonymous": auth.Anonymous(), "no-kind": {},
		"person":       {Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1"},
		"owner":        member(models.RoleOwner),
		"admin":        member(models.RoleAdmin),
		"pm":           member(models.RolePM),
		"support":      member(models.RoleSupport),
		"unknown-role": member("root"),

		"service:none": service(), "service:suggestions": service(auth.ScopeSuggestionsWrite),
		"service:themes-read": service(auth.ScopeThemesRead), "service:themes-write": service(auth.ScopeThemesWrite),
		"service:followups": service(auth.ScopeFollowupsSend), "service:admin": service(auth.ScopeAdmin),
		"agent:suggestions": agent(auth.ScopeSuggestionsWrite), "agent:themes-read": agent(auth.ScopeThemesRead),
		"agent:themes-write": agent(auth.ScopeThemesWrite), "agent:followups": agent(auth.ScopeFollowupsSend), "agent:admin": agent(auth.ScopeAdmin),

		"member-token:admin":  token(models.ActorMember, "", auth.ScopeAdmin),
		"pm-token:read":       token(models.ActorMember, models.RolePM, auth.ScopeThemesRead),
		"support-token:admin": token(models.ActorMember, models.RoleSupport, auth.ScopeAdmin),
		"support-agent:admin": token(models.ActorAgent, models.RoleSupport, auth.ScopeAdmin),
		"owner-token:none":    token(models.ActorMember, models.RoleOwner),
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	all := actors()
	rows := strings.Split(strings.TrimSpace(matrix), "\n")
	actions := strings.Fields(rows[0])
	if len(actions) != 14 {
		t.Fatalf("%d actions in the table", len(actions))
	}
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		name, cells := cells[0], cells[1:]
		actor, ok := all[name]
		if !ok || len(cells) != len(actions) {
			t.Fatalf("row %s: known %v, %d cells", name, ok, len(cells))
		}
		delete(all, name)
		for i, cell := range cells {
			err := auth.Can(actor, auth.Action(actions[i]))
			if (err == nil) != (cell == "x") {
				t.Errorf("%s, %s: %v, want %s", name, actions[i], err, cell)
			}
			want := models.Forbidden
			if name == "anonymous" || name == "no-kind" {
				want = models.Unauthenticated
			}
			if err != nil && models.KindOf(err) != want {
				t.Errorf("%s, %s: refused as %v, want %v", name, actions[i], models.KindOf(err), want)
			}
		}
		if actor.IsStaff() != (auth.Can(actor, auth.ReadAll) == nil) {
			t.Errorf("%s: IsStaff", name)
		}
	}
	for name := range all {
		t.Errorf("%s is not in the table", name)
	}
}

// What is confidential is for members and for who administers, never for agents,
// whatever they were given.
func TestConfidentialIsForTheTeamAlone(t *testing.T) {
	may := map[string]bool{"system": true, "owner": true, "admin": true, "pm": true, "support": true, "service:admin": true, "member-token:admin": true, "support-token:admin": true}
	for name, a := range actors() {
		if got := auth.Can(a, auth.ReadGuarded) == nil; got != may[name] {
			t.Errorf("%s: %v", name, got)
		}
	}
}
