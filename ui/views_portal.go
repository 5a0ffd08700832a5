package ui

import "time"

// PortalList is the public list of themes.
type PortalList struct {
	Query string
	// Tabs are top, new, planned, shipped.
	Tabs    []Tab
	Themes  []PortalCard
	MoreURL string
	// CanVote shows the support button and not only the count.
	CanVote bool
}

// Tab is one view of a list.
type Tab struct {
	Label, URL string
	Current    bool
}

// PortalCard is a published theme in the list.
type PortalCard struct {
	ThemeRef
	Text, TextLang string
	// Target is what it is planned for; empty for nothing.
	Target  string
	Voted   bool
	Updated time.Time
	// News is the last public update or reason; may be empty.
	News, NewsLang string
}

// PortalTheme is a published theme's page.
type PortalTheme struct {
	Card    PortalCard
	CanVote bool
	// Promise is when people hear next; zero for none.
	Promise time.Time
	Version string
	History []PortalEvent
	// Updates are what the team wrote, newest first; FeedURL is their Atom feed.
	Updates []PortalUpdate
	FeedURL string
	Talk    Talk
}

// PortalEvent is one public step of a theme.
type PortalEvent struct {
	At                 time.Time
	Status             string
	Reason, ReasonLang string
}

// Suggest is the form for a new suggestion.
type Suggest struct {
	Title, Text, Email, Name string
	// Kind is suggestion, problem or question.
	Kind string
	// Errors are messages by field: title, text, email.
	Errors map[string]string
	// Similar is shown after Send without script; Confirmed marks that the
	// person has seen it.
	Similar Similar
	// Found is what looks secret in it, shown after Send: each is removed unless its
	// box is ticked. Warned says that something reads like a phrase with a mistake.
	Found  []Found
	Warned bool
	// Confirmed: what is similar has been seen.
	Confirmed bool
	// AskEmail is false for people who are signed in.
	AskEmail bool
	// Limit is how large a file may be, in megabytes.
	Limit int
}

// Found is a thing that looks secret: its rule, its end, and the value of the box
// that keeps it.
type Found struct {
	Rule, End, Key string
	Kept           bool
}

// Similar are themes that may already say the same.
type Similar struct {
	Themes  []ThemeRef
	CanVote bool
	// Interstitial asks whether to send anyway.
	Interstitial bool
}

// Thanks confirms what was filed.
type Thanks struct {
	Receipt string
	// URL is the suggestion's page.
	URL string
	// Email is where news goes; empty when none was given.
	Email string
	// Theme is the published theme it was added to; nil for none.
	Theme *ThemeRef
	// Redacted says what was masked, one line each.
	Redacted []string
	// Advice is what to do at once where somebody is in danger, in the page's language
	// and then in that of their words; none else.
	Advice []Advice
}

// Unsubscribe asks before it stops mail, and confirms it.
type Unsubscribe struct {
	Token string
	Email string
	// Theme is the title when only one theme's mail stops; empty for all.
	Theme string
	Done  bool
	// Again: they have just said that mail may come again.
	Again bool
	// Stops are what else keeps mail from them, in words.
	Stops []PreferenceStop
	// Themes are those that can be muted instead, the latest first.
	Themes []PreferenceTheme
	// Invalid is an unknown or expired token.
	Invalid bool
}

// Failure is the error page.
type Failure struct {
	// Code is the HTTP status; 403, 404, 422, 429 and 500 have words of their own.
	Code int
	// Message replaces the words of the code; may be empty.
	Message   string
	RequestID string
}

// MailList is the demo's mail viewer.
type MailList struct{ Messages []MailRow }

// MailRow is one message that was sent.
type MailRow struct {
	ID, URL, To, Subject, Lang string
	At                         time.Time
}

// MailMessage is one message in full.
type MailMessage struct {
	MailRow
	From    string
	Headers []Pair
	Text    string
	// HTMLURL is a document of its own, served with MailPolicy.
	HTMLURL string
}
