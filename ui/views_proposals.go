package ui

// Proposals is what Heed proposes to merge, split or reopen.
type Proposals struct {
	Rows []Proposal
	// Words are what agents propose, on the first page.
	Words []AgentWord
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
	// Said is what somebody on GitHub said for it, and where; nil for nobody.
	Said *SaidThere
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

// AskRef is one of several things that a suggestion asks for. Theme is where it
// would go, nil for a new candidate.
type AskRef struct {
	N     int
	Text  string
	Theme *ThemeRef
}

// SaidThere is the issue of which Theme's was called a duplicate, and where that was said.
type SaidThere struct{ Issue, URL string }
