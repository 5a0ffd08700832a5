package models

import "time"

// SuggestionKind tells what the person is after.
type SuggestionKind string

// The three kinds.
const (
	KindSuggestion SuggestionKind = "suggestion"
	KindProblem    SuggestionKind = "problem"
	KindQuestion   SuggestionKind = "question"
)

// SuggestionState is where a suggestion stands with its person.
type SuggestionState string

// The states of a suggestion.
const (
	StateNew        SuggestionState = "new"
	StateAnswered   SuggestionState = "answered"
	StateHandedOver SuggestionState = "handed_over"
	StateClosed     SuggestionState = "closed"
)

// Actions: what the door decided on a suggestion.
const (
	ActionAttached  = "attached"  // it has its theme
	ActionSuggested = "suggested" // likely themes, a person decides
	ActionNew       = "new"       // nothing like it: a candidate was made
	ActionAssigned  = "assigned"  // a person put it there
)

// VisibilityTeam: only staff and the person see a suggestion.
const VisibilityTeam = "team"

// Suggestion is what one person said, after redaction. It is private: the
// team's and the person's alone. ThemesCount counts its rows in
// suggestion_themes; Waiting is true until it stands in a confirmed theme.
type Suggestion struct {
	ID          string
	Title       string
	Text        string
	Quote       string
	Summary     string
	Kind        SuggestionKind
	Lang        string
	Product     string
	Source      string
	SourceURL   string
	ExternalID  string
	Version     string
	Context     JSON[map[string]any]
	PersonID    string
	FilerKind   string
	FilerID     string
	FilerName   string
	State       SuggestionState
	Receipt     string
	Action      string
	Candidates  JSON[[]Candidate]
	ExactHash   string
	LikelyTheme string
	ThemesCount int
	Waiting     bool
	Rev         int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Candidate is a theme that a suggestion may belong to, as it was found when
// the suggestion came in. Score is a calibrated probability.
type Candidate struct {
	Theme   string   `json:"theme"`
	Score   float64  `json:"score"`
	Reasons []Reason `json:"reasons"`
}

// Reason is why a candidate was proposed: the words of the suggestion that it
// shares.
type Reason struct {
	Kind  string   `json:"kind"`
	Words []string `json:"words"`
}

// SuggestionTheme says that a suggestion, or the span [SpanStart,SpanEnd) of
// its text in bytes, belongs to a theme. 0,0 is the whole.
type SuggestionTheme struct {
	SuggestionID string `gorm:"primaryKey"`
	ThemeID      string `gorm:"primaryKey"`
	SpanStart    int
	SpanEnd      int
	Action       string
	CreatedAt    time.Time
}

// ExactText names the first suggestion with a normalised text.
type ExactText struct {
	Product      string `gorm:"primaryKey"`
	Visibility   string `gorm:"primaryKey"`
	Hash         string `gorm:"primaryKey"`
	SuggestionID string
}

// Finding is something that was masked before the suggestion was stored.
type Finding struct {
	SuggestionID string `gorm:"primaryKey"`
	N            int    `gorm:"primaryKey"`
	Rule         string
	Field        string
	Last3        string
	Digest       string
}

// Decision is a word on whether a suggestion belongs to a theme. Proposed
// ones came from an agent and wait for a person.
type Decision struct {
	SuggestionID string `gorm:"primaryKey"`
	ThemeID      string `gorm:"primaryKey"`
	Same         bool
	Proposed     bool
	ActorKind    string
	ActorID      string
	CreatedAt    time.Time
}
