package ui

import "time"

// Inbox is the triage inbox: the list, and what is read beside it.
type Inbox struct {
	Query   string
	Sources []Option
	Kinds   []Option
	Rows    []InboxRow
	// Total counts what waits, also beyond this page of rows.
	Total   int
	MoreURL string
	// Pane is the suggestion being read; nil shows how to begin.
	Pane *InboxPane
	// PaneFirst makes a narrow screen show the pane and not the list.
	PaneFirst bool
	// Recent are the themes last assigned to, for the bulk bar.
	Recent []ThemeRef
	// Handled counts this week's decisions, for the empty state.
	Handled int
	// SameAs is where the one stands whose further copies are listed; empty for the
	// inbox itself.
	SameAs string
}

// InboxRow is one suggestion, or a stack of those with the same likely theme.
type InboxRow struct {
	// ID and URL are those of the (first) suggestion.
	ID, URL, Title, Lang string
	Person, Account      string
	Source               string
	At                   time.Time
	// Kind is suggestion, problem or question.
	Kind    string
	Urgent  bool
	Current bool
	// Likely is the likely theme's title; LikelyID its id.
	Likely, LikelyID string
	// Members are the suggestions of a stack, the first included; empty for a
	// single one.
	Members []InboxRow
	// Asks is how many things it asks for, where there are several.
	Asks int
	// Languages counts the languages a stack is said in.
	Languages int
	// Same are the further suggestions with the same words.
	Same Same
}

// Alike is how many suggestions a stack holds, those with the same words included.
func (r InboxRow) Alike() int {
	n := len(r.Members)
	for _, m := range r.Members {
		n += m.Same.More
	}
	return n
}

// Same is that others said the same words: so many More than the one shown, by
// People with it; all of them at URL. Zero where nobody did.
type Same struct {
	More, People int
	URL          string
}

// InboxPane is one suggestion as it is read and decided.
type InboxPane struct {
	ID, URL, Title, Text, Lang, Receipt string
	// Summary is an agent's own wording, shown apart from the person's.
	Summary    string
	Kind       string
	Urgent     bool
	Provenance Provenance
	// Redacted says what was masked, one line each.
	Redacted []string
	// Context is what the app sent along, such as its version.
	Context []Pair
	Files   []File
	// Desk is the thread with the person; nil leaves it out.
	Desk *ThreadDesk
	// Asks are the several things it asks for, with the title of what accepting
	// assigns to; none when it asks for one.
	Asks      []AskRef
	AsksTitle string
	// Likely are the themes it may belong to, best first, at most five.
	Likely []ThemeRef
	// Stack are the ids that accepting acts on; always holds ID. Takes is how many
	// suggestions it acts on, those with the same words included.
	Stack []string
	Takes int
	// Same are the further suggestions with the same words; SameAs is where the one
	// stands that this one repeats, empty for none.
	Same   Same
	SameAs string
	// Confirm is the form for a new theme; nil where nobody may make one.
	Confirm *ConfirmForm
	// ThemeQuery and Matches are the search for another theme.
	ThemeQuery string
	Matches    []ThemeRef
	// PrevURL and NextURL walk the list without script.
	PrevURL, NextURL string
}

// ConfirmForm makes a theme of a candidate.
type ConfirmForm struct {
	// Candidate is the candidate theme's id; empty when there is none yet.
	Candidate   string
	PublicTitle Localized
	PublicText  Localized
	Publish     bool
	// Errors are messages by field: public_title_en, public_title_zh, …
	Errors map[string]string
	// Open shows the form unfolded.
	Open bool
}

// Pair is a name with its value.
type Pair struct{ Name, Value string }

// File is an attachment.
type File struct{ Name, URL, Size string }
