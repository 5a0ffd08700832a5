package ui

import "time"

// GitHubSetup is the page on which GitHub is connected.
type GitHubSetup struct {
	// Managed: the configuration says how, and the page only shows it. RepositoryManaged:
	// it names the repository.
	Managed, RepositoryManaged bool
	// Kind is app, token or, while there is no connection, "". Name is the App's or the
	// account's, URL its page.
	Kind, Name, URL string
	AppID           int64
	Repository      string
	Changed         time.Time
	// Step is where one is: 1 the App, 2 its key, 3 where it is installed and the
	// repository, 4 when all is done.
	Step int
	// Address is Heed's own; Reach is "" where GitHub's webhooks reach it, local or plain.
	Address, Reach string
	// Lost: what was stored cannot be opened. Half: GitHub made an App whose key did not
	// come here; Apps is the page to delete it on.
	Lost, Half bool
	Apps       string
	// Typed is what the forms hold, by field; Errors what is wrong with it, "row" with the
	// whole.
	Typed, Errors map[string]string
	// Way leads to GitHub, Return is the way back; nil for neither.
	Way    *GitHubWay
	Return *GitHubReturn
	Hook   GitHubHook
	Reached
}

// GitHubWay is the form that GitHub takes.
type GitHubWay struct{ Address, Host, Name, Manifest string }

// GitHubReturn is what GitHub sent back; Problem is why it leads nowhere.
type GitHubReturn struct{ Code, State, Problem string }

// GitHubHook is how webhooks come here. Fresh is a secret that was made just now: shown
// once. Last is when the last one came.
type GitHubHook struct {
	Set        bool
	URL, Fresh string
	Events     []string
	Last       time.Time
	Can        bool // GitHub may be asked to make it
}

// Reached is what the App can get at. Problem is why that is not known.
type Reached struct {
	Install       string
	Installations []GitHubInstallation
	Repositories  []GitHubRepository
	More          bool
	Problem       string
}

// GitHubInstallation is an account that has installed the App.
type GitHubInstallation struct {
	Account        string
	All, Suspended bool
}

// GitHubRepository is one that may be chosen; Why says archived or issues_off of one that
// may not.
type GitHubRepository struct {
	Name     string
	Private  bool
	Selected bool
	Why      string
}

// Steps are those of the way with an App.
func (GitHubSetup) Steps() []int { return []int{1, 2, 3} }
