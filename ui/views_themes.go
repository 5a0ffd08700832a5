package ui

import "time"

// ThemeList is the list of themes with its filter.
type ThemeList struct {
	Query    string
	Statuses []Option
	Sorts    []Option
	Rows     []ThemeRow
	Total    int
	MoreURL  string
}

// ThemeRow is one theme of the list.
type ThemeRow struct {
	ThemeRef
	// InternalTitle is shown where the public title is missing or differs.
	InternalTitle string
	Suggestions   int
	Published     bool
	// Target is what it is planned for; empty for nothing.
	Target string
	// Promise is when people hear next; zero for none. Overdue marks the past.
	Promise time.Time
	Overdue bool
	Updated time.Time
	// Issue is "api#482" of the first linked issue, IssueFailed its trouble.
	Issue       string
	IssueFailed bool
}

// Theme is one theme's page.
type Theme struct {
	ID, Title string
	Status    string
	Candidate bool
	Published bool
	PublicURL string
	Votes     int
	People    int
	Accounts  int
	Owner     string
	Promise   time.Time
	Overdue   bool
	Version   string
	// Target is what it is planned for; empty for nothing.
	Target  string
	Updated time.Time
	// Reason is the public reason of the status in the reader's language.
	Reason     string
	Texts      TextsForm
	StatusForm StatusForm
	// SuggestionsCount counts them all, beyond those that are listed too.
	SuggestionsCount int
	Suggestions      []ThemeSuggestion
	Split            SplitForm
	Timeline         []TimelineEntry
	Merge            MergeForm
	Issues           []Issue
	// Repositories are those an issue may be created in; LinkError is the
	// message for the link field.
	Repositories []Option
	IssueURL     string
	LinkError    string
	// NotPlanned names the issue GitHub closed as not planned: staff must write
	// the public reason before anyone is told. Empty for none.
	NotPlanned string
	// Ready names the issue that was completed while the theme is on hold.
	Ready string
	// Gone is set once merged: where it went.
	MergedInto *ThemeRef
	// Told is what it says besides its status.
	Told ThemeTold
	// Conflict says that someone else changed it since the form was opened.
	Conflict bool
}

// TextsForm holds the titles and texts of a theme.
type TextsForm struct {
	Title       string
	PublicTitle Localized
	PublicText  Localized
	Target      string
	// Revision is the version the form was made from.
	Revision int
	// Errors are messages by field: title, public_title_en, …
	Errors map[string]string
}

// StatusForm is a status change, before and after its preview.
type StatusForm struct {
	ThemeID string
	Status  string
	Reason  Localized
	// Promise is a day as YYYY-MM-DD; empty for the default of the status.
	Promise string
	Version string
	// Silent changes the status without telling anyone.
	Silent bool
	// Revision is the version the form was made from.
	Revision int
	// Errors are messages by field: status, reason_en, promise_date, version.
	Errors map[string]string
	// Preview is who would be told; nil before the preview.
	Preview *Consequence
}

// Consequence is what a change will do, said before it is done.
type Consequence struct {
	People, Mails int
	// Everybody counts who stands behind the theme, told or not.
	Everybody int
	// Otherwise says who has no mail and is told in another way, each with its name.
	Otherwise []string
	Skipped   []Skip
	// EN and ZH count the readers by language.
	EN, ZH int
	// Lacking counts readers whose language has no reason or title.
	Lacking int
	// Later is how long the mail can be held back, in minutes.
	SettleMinutes int
	Silent        bool
}

// Skip is one reason why people are not told.
type Skip struct {
	Reason string
	Count  int
}

// ThemeSuggestion is one suggestion within a theme.
type ThemeSuggestion struct {
	ID, Text, Lang string
	Provenance     Provenance
	Same           Same
}

// SplitForm makes a new theme of some suggestions.
type SplitForm struct {
	Title  string
	Errors map[string]string
}

// TimelineEntry is one thing that happened.
type TimelineEntry struct {
	// ID is the activity's id.
	ID string
	At time.Time
	// Actor is who did it; System marks that it was not a person.
	Actor  string
	System bool
	// Text is the sentence in the reader's language, without the actor.
	Text string
	// Detail is a quoted reason or text; may be empty.
	Detail, DetailLang string
	// Where is the theme that it was written at, which went into this one; "" for this.
	Where   string
	CanUndo bool
	Undone  bool
	// Event is the follow-up of which Held people have not heard yet; "" for none.
	Event string
	Held  int
}

// MergeForm searches the theme to merge into, and previews it.
type MergeForm struct {
	ThemeID string
	Query   string
	Matches []ThemeRef
	Preview *MergePreview
}

// MergePreview says what a merge will do.
type MergePreview struct {
	Into ThemeRef
	// People and Suggestions are those of the result; Both counts people that
	// stood behind both.
	People, Suggestions, Both int
}

// Issue is a linked GitHub issue.
type Issue struct {
	ID, Repository, URL, Title string
	Number                     int
	// State is open, closed, creating, uncertain, lost, gone or failed.
	State string
	// StateReason is completed, not_planned, duplicate or empty.
	StateReason string
	// Error is what went wrong last, in words; empty when in step.
	Error string
	// RetryAt is when it will be tried again by itself; zero for never.
	RetryAt time.Time
	Synced  time.Time
	// Waiting says that something has changed here which may not be on GitHub yet.
	Waiting bool
	// Mends are what the reader may do about it; nil for nothing.
	Mends *Mends
}
