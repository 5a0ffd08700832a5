package ui

// Proposals is what Heed proposes to merge, split or reopen.
type Proposals struct {
	Rows []Proposal
	// Total counts what is open, beyond this page too.
	Total   int
	MoreURL string
}

// Proposal is one of them, with what people said on each side.
type Proposal struct {
	// Kind is merge, split or reopen.
	ID, Kind string
	// Theme is what would change: merged away, split or opened again.
	Theme ThemeRef
	// Other is the theme that a merge goes into; nil for other kinds.
	Other *ThemeRef
	// Here are some of Theme's words: those that would move, or that report it.
	Here []ThemeSuggestion
	// There are some of the other side's: Other's, or what stays.
	There []ThemeSuggestion
	// HereCount and ThereCount are how many there are in all.
	HereCount, ThereCount int
	// Reasons are the shared words.
	Reasons []string
	// Moves is how many suggestions change their theme.
	Moves int
	// Title is proposed for a split's new theme.
	Title string
	// Version is the one in which Theme shipped.
	Version string
	// Then is the proposal to go to when this one is answered, "" for none; OnKind
	// and OnCursor are those of the page it is on.
	Then, OnKind, OnCursor string
	// CanDecide is false for those who may only look.
	CanDecide bool
}

// Capture is the form for what a person said elsewhere.
type Capture struct {
	Text, Kind, Email, Name, SourceURL, Version string
	// Errors are messages by field: text, email, name, source_url, version.
	Errors  map[string]string
	Similar CaptureSimilar
	// Limit is how large a file may be, in megabytes.
	Limit int
}

// Focus is the field to begin with: the first that is not as it should be.
func (c Capture) Focus() string {
	for _, name := range []string{"text", "email", "name", "source_url", "version"} {
		if c.Errors[name] != "" {
			return name
		}
	}
	return "text"
}

// CaptureSimilar is what is already there, and what may be said about it. Asked
// says that somebody looked, Unlikely that the Themes are merely what comes nearest.
type CaptureSimilar struct {
	Themes   []SayRef
	Asked    bool
	Unlikely bool
}

// SayRef is a theme with the sentences that may be said about it; none while it
// is not published.
type SayRef struct {
	ThemeRef
	Say string
}

// AskRef is one of several things that a suggestion asks for. Theme is where it
// would go, nil for a new candidate.
type AskRef struct {
	N     int
	Text  string
	Theme *ThemeRef
}
