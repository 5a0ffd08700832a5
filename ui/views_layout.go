package ui

import (
	"time"

	"github.com/heedhq/heed/i18n"
)

// Appearance is the reader's choice of light or dark.
type Appearance string

// The choices; System follows the device.
const (
	System Appearance = "system"
	Light  Appearance = "light"
	Dark   Appearance = "dark"
)

// View is what surrounds every page's content.
type View struct {
	Locale     i18n.Locale
	Appearance Appearance
	// Path is the path and query of this page; forms that change language or
	// appearance come back to it.
	Path string
	// Title names the page, in the reader's language.
	Title string
	// Product is the name shown on the portal ("Acme").
	Product string
	// User is who is signed in; nil for visitors.
	User *User
	// InboxCount stands beside Inbox in the console's navigation.
	InboxCount int
	// EmergencyCount stands beside Emergencies there.
	EmergencyCount int
	// ProposalCount stands beside Proposals there.
	ProposalCount int
	// PromiseCount is how many promises are overdue or wait for a decision.
	PromiseCount int
	// CommentCount is how many comments wait for a person.
	CommentCount int
	// OutcomeCount stands beside what the reader filed.
	OutcomeCount int
	// ByHandCount is how many are to be told by hand.
	ByHandCount int
	// Toast reports what has just been done; nil for none.
	Toast *Toast
	// Demo shows the way to the mail viewer.
	Demo bool
	// Description and Canonical serve search engines on portal pages.
	Description string
	Canonical   string
	// Alternates are the same portal page in each language.
	Alternates []Alternate
	// NoIndex keeps a page out of search engines.
	NoIndex bool
	// Advice is what who is in danger does at once, above a page that refuses what they
	// sent; none else.
	Advice []Advice
	// Private keeps a page out of every cache, as pages of who is signed in are.
	Private bool
}

// User is the person who is signed in.
type User struct {
	Name, Email string
	// Role is one of owner, admin, pm, support, agent; empty for people who use
	// the portal.
	Role string
	// Staff opens the way to the console.
	Staff bool
}

// Alternate is the address of the same page in another language.
type Alternate struct {
	Locale i18n.Locale
	URL    string
}

// Toast says what happened; Activity, when set, can be undone.
type Toast struct {
	Message  string
	Activity string
	// Held counts the mails of Activity that can still be held back.
	Held   int
	Failed bool
}

// Option is one choice of a select or a filter.
type Option struct {
	Value, Label string
	Selected     bool
	Count        int
}

// Localized is a text for people in both languages.
type Localized struct{ EN, ZH string }

// ThemeRef is a theme as it appears in lists and choices. Title is the public
// title in the reader's language where there is one.
type ThemeRef struct {
	ID, URL, Title, TitleLang string
	Status                    string
	People                    int
	// Reasons are the words shared with what the reader is looking at.
	Reasons []string
	// Mismatch says why it may be something else ("number", "negation", …), in
	// the reader's language.
	Mismatch []string
}

// Provenance says who said something and how it came in.
type Provenance struct {
	Person, PersonURL, Account, Segment string
	// Source is the channel's name in the reader's language.
	Source, SourceURL string
	// Filer is who filed it on the person's behalf; empty when nobody did.
	Filer string
	Lang  string
	At    time.Time
	Files int
}

// Statuses lists the statuses a member may set, in order of life.
func Statuses() []string {
	return []string{"under_review", "planned", "in_progress", "shipped", "postponed", "declined"}
}
