package ui

import "time"

// Thread is what staff and a person said about one suggestion, as either of them
// reads it.
type Thread struct {
	Entries []ThreadEntry
	// Files are those that came with the suggestion itself.
	Files []ThreadFile
	// Objects: the person said "this is not what I meant", and nobody answered.
	Objects bool
	// Staff reads it, not the person.
	Staff bool
}

// ThreadEntry is a message, or a step of the state.
type ThreadEntry struct {
	// Author is staff, person or system; Kind is reply, objection or state.
	Author, Kind string
	Name         string
	Text, Lang   string
	// State is where a step led, Team who has it then; Undo marks a step back.
	State, Team string
	Undo        bool
	At          time.Time
	Files       []ThreadFile
}

// ThreadFile is an attachment. Image ones may be shown; what is not Checked was
// not searched for secrets.
type ThreadFile struct {
	Name, URL, Size string
	Image           bool
	Width, Height   int
	Checked         bool
	Masked          int
}

// ThreadDesk is what staff do with a thread.
type ThreadDesk struct {
	ID    string
	URL   string // the suggestion's own page
	Next  string // where forms lead back to
	State string
	Team  string
	Teams []Option // to hand over to; the first is none
	// Due is when the first reply is due; zero without a clock. Replied is when it
	// was stopped.
	Due, Replied time.Time
	Late         bool
	Thread       Thread
	// Alone: it stands on a page of its own, whose headings it continues.
	Alone bool
	// States are the steps that may be taken.
	States []string
	// CanReply shows the box, CanStep the buttons.
	CanReply, CanStep bool
	// Reads is the person's language, "en" or "zh", empty when nobody knows; NoMail
	// says that no address is known, so that the reply waits on their page.
	Reads  string
	NoMail bool
	// Key makes one press of the button one reply.
	Key string
	// Draft is what was typed into a refused form, Error what is wrong with it.
	Draft, Error string
	Limit        int // megabytes of a file
}

// SuggestionPage is one suggestion with its thread, for staff.
type SuggestionPage struct {
	Pane   InboxPane
	Themes []ThemeRef
	Desk   ThreadDesk
}

// Receipt asks for a receipt code. Own are the suggestions of who is signed in.
type Receipt struct {
	Code, Error string
	Own         []OwnSuggestion
	SignedIn    bool
	// Next is the page that asked for the code; empty for none.
	Next string
	// Kept are words that were written there and not sent; empty for none.
	Kept string
}

// OwnSuggestion is a line of a person's own list.
type OwnSuggestion struct {
	URL, Title, Lang, State string
	At                      time.Time
}

// PersonPage is a suggestion as its person reads it.
type PersonPage struct {
	ID, Receipt       string
	Title, Text, Lang string
	State             string
	At                time.Time
	// Themes are the published ones it belongs to, with the reason and the next date.
	Themes   []PersonTheme
	Thread   Thread
	Redacted []string
	// Advice is what to do at once where a secret was sent.
	Advice []Advice
	// Draft and Errors belong to the form; fields are text and file.
	Draft  string
	Errors map[string]string
	Key    string
	Limit  int
	// Email tells that answers come by mail too.
	Email bool
}

// PersonTheme is where a published theme stands.
type PersonTheme struct {
	ThemeRef
	Reason, ReasonLang string
	Next               time.Time
	Version            string
}

// Threads lists the suggestions in whose thread something was said.
type Threads struct {
	Rows []ThreadRow
	// All shows also those in which staff had the last word.
	All     bool
	MoreURL string
}

// ThreadRow is one of them with its last word.
type ThreadRow struct {
	URL, Title, Lang, State string
	// Staff had the last word, by Name; else Person.
	Staff        bool
	Name, Person string
	Words        string
	Objection    bool
	At           time.Time
	Due          time.Time
	Late         bool
}
