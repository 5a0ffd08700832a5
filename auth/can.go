package auth

import "github.com/heedhq/heed/models"

// Action is what an actor wants to do.
type Action string

// The actions. What each needs is written in one place: Can.
const (
	FileSuggestion Action = "file_suggestion" // anybody
	ReadPublic     Action = "read_public"     // anybody
	Vote           Action = "vote"            // anybody known
	ReadAll        Action = "read_all"        // themes and suggestions that are not published
	ReadGuarded    Action = "read_guarded"    // what is confidential: emergencies and their suggestions
	Triage         Action = "triage"          // assign, confirm, decide, merge, split, undo
	EditTheme      Action = "edit_theme"      // title, public title and text, publish
	Announce       Action = "announce"        // give a status: people hear of it
	LinkIssue      Action = "link_issue"      // create and repair GitHub issues
	ReadDeliveries Action = "read_deliveries" // who was told what
	RetryDelivery  Action = "retry_delivery"  //
	Administer     Action = "administer"      // members, tokens, settings
	OnBehalf       Action = "on_behalf"       // file and vote for another person
	Propose        Action = "propose"         // a word on sameness that waits for a person
	ReadPeople     Action = "read_people"     // find people, see their addresses and what they were told
	EditPeople     Action = "edit_people"     // change and merge people, tell them by hand
	EditAccounts   Action = "edit_accounts"   // accounts and segments with their weights
	Reply          Action = "reply"           // write to a suggestion's person; agents never do
	EditRouting    Action = "edit_routing"    // rules, teams and first-reply clocks
)

// roleMay lists what each role of a member may do beyond what anybody may.
func roleMay(r models.Role, a Action) bool {
	switch r {
	case models.RoleOwner, models.RoleAdmin:
		return true
	case models.RolePM:
		return a != Administer
	case models.RoleSupport:
		switch a {
		case ReadAll, ReadGuarded, OnBehalf, ReadDeliveries, Propose, Triage, Reply, ReadPeople, EditPeople:
			return true
		}
	}
	return false
}

// scopeFor is the scope a token needs for an action; what two scopes give is in
// scopesGive.
func scopeFor(a Action) Scope {
	switch a {
	case OnBehalf, Propose:
		return ScopeSuggestionsWrite
	case Triage, EditTheme, LinkIssue, EditPeople, EditAccounts:
		return ScopeThemesWrite
	case Announce, ReadDeliveries, RetryDelivery, Reply:
		return ScopeFollowupsSend
	}
	return ScopeAdmin
}

// Can answers nil when the actor may do the action, else Unauthenticated for
// somebody unknown and Forbidden for somebody known. Agents never announce:
// they propose, people decide.
func Can(a Actor, act Action) error {
	switch {
	case act == FileSuggestion || act == ReadPublic || may(a, act):
		return nil
	case a.Kind == models.ActorAnonymous || a.Kind == "":
		return models.Fail(models.Unauthenticated, "sign_in_first")
	default:
		return models.Fail(models.Forbidden, "not_allowed", string(act))
	}
}

func may(a Actor, act Action) bool {
	switch a.Kind {
	case models.ActorSystem:
		return true
	case models.ActorGitHub:
		return act == ReadAll || act == Announce || act == LinkIssue || act == EditTheme
	case models.ActorPerson:
		return act == Vote
	case models.ActorAgent:
		return !isForPeople(act) && a.granted(act)
	case models.ActorMember, models.ActorService:
		return a.granted(act)
	}
	return false
}

// CanSee answers nil when the actor may read one suggestion, its thread and its
// files: who may read all and know of it, its person, and whoever showed its receipt.
// To others with a door of their own it does not exist; tokens are told what they
// lack. Of one that is not there, s has the id alone.
func CanSee(a Actor, s *models.Suggestion) error {
	if s.PersonID != "" && a.PersonID == s.PersonID || a.Opened != "" && a.Opened == s.ID {
		return nil
	}
	err := Can(a, ReadAll)
	switch {
	case err == nil:
		return CanKnow(a, s)
	case a.Kind == models.ActorPerson || a.Opened != "":
		return models.Fail(models.NotFound, "suggestion_not_found", s.ID)
	}
	return err
}

// CanKnow answers nil unless the suggestion is confidential and the actor may not
// read such: to them it does not exist, whatever else they may do with others.
func CanKnow(a Actor, s *models.Suggestion) error {
	if s.Confidential && Can(a, ReadGuarded) != nil {
		return models.Fail(models.NotFound, "suggestion_not_found", s.ID)
	}
	return nil
}

// isForPeople reports actions that no agent takes, whatever its token gives. What
// people are told is a person's decision, and who our people are is not for a model
// to browse: it names whom it files for.
func isForPeople(act Action) bool {
	switch act {
	case Announce, ReadGuarded, Administer, EditTheme, Reply, ReadPeople, EditPeople, EditAccounts, EditRouting:
		return true
	}
	return false
}

// granted: a signed-in member has what the role gives, a token what its scopes
// give, and a token with a member behind it what both do, so that it never
// outgrows them.
func (a Actor) granted(act Action) bool {
	if (a.Role == "" || a.TokenID != "") && !a.scopesGive(act) {
		return false
	}
	return a.Role == "" || act == Vote || roleMay(a.Role, act)
}

func (a Actor) scopesGive(act Action) bool {
	switch act {
	case Vote:
		return a.has(ScopeSuggestionsWrite) || a.has(ScopeThemesWrite)
	case ReadAll, ReadPeople: // who may read what people said may read who they are
		return a.has(ScopeThemesRead) || a.has(ScopeThemesWrite)
	}
	return a.has(scopeFor(act))
}
