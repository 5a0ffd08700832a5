package auth

import (
	"slices"

	"github.com/heedhq/heed/models"
)

// Scope is what a token was given. Admin covers all of them.
type Scope string

// The scopes of tokens.
const (
	ScopeSuggestionsWrite Scope = "suggestions:write"
	ScopeThemesRead       Scope = "themes:read"
	ScopeThemesWrite      Scope = "themes:write"
	ScopeFollowupsSend    Scope = "followups:send"
	ScopeAdmin            Scope = "admin"
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeSuggestionsWrite, ScopeThemesRead, ScopeThemesWrite, ScopeFollowupsSend, ScopeAdmin}
}

// Actor is whoever asks for something. Kind is one of models.Actor…; ID is the
// member's, token's or person's id. Role is set for members, Scopes for
// tokens, both for tokens with a member behind them; PersonID for people (and
// for members who are people too). TokenID is the token that was shown, ""
// for none; MemberID the human behind it.
type Actor struct {
	Kind     string
	ID       string
	Name     string
	Email    string
	Locale   string
	Role     models.Role
	Scopes   []Scope
	PersonID string
	TokenID  string
	MemberID string
	// Opened is the one suggestion that a receipt code opened to this browser, ""
	// for none.
	Opened string
}

// Anonymous is somebody nobody knows.
func Anonymous() Actor { return Actor{Kind: models.ActorAnonymous} }

// System is Heed itself: cron ticks, cursors, the command line.
func System() Actor { return Actor{Kind: models.ActorSystem, ID: "heed", Name: "Heed"} }

// GitHub is the other side of an issue link.
func GitHub() Actor { return Actor{Kind: models.ActorGitHub, ID: "github", Name: "GitHub"} }

// By is the actor as an activity keeps it.
func (a Actor) By() models.By { return models.By{Kind: a.Kind, ID: a.ID, Name: a.Name} }

// IsStaff reports whether the actor may see the console's side: members,
// tokens that speak for staff, and Heed itself.
func (a Actor) IsStaff() bool { return Can(a, ReadAll) == nil }

func (a Actor) has(s Scope) bool {
	return slices.Contains(a.Scopes, s) || slices.Contains(a.Scopes, ScopeAdmin)
}
