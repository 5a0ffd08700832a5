package models

import (
	"slices"
	"time"
)

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
// MatchedBy is the model that found the candidates, "" where the first suggestion
// with the same text decided.
//
// Of the suggestions with one text that stand in the same place one leads and the
// others are its echoes: EchoOf names it, "" for who leads. It has so many Echoes,
// and EchoPeople are behind all of them, itself included; 0 without echoes.
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
	FilerFor    string // the member behind an agent
	State       SuggestionState
	Receipt     string
	Action      string
	Candidates  JSON[[]Candidate]
	Asks        JSON[[]Ask]
	ExactHash   string
	MatchedBy   string
	LikelyTheme string
	EchoOf      string
	Echoes      int
	EchoPeople  int
	ThemesCount int
	Waiting     bool
	// Urgency is "" until told; Team is who answers, "" for everybody.
	Urgency Urgency
	Team    string
	// Confidential suggestions are staff's alone and are never matched: reports of
	// stolen assets and of vulnerabilities.
	Confidential bool
	// ReplyDueAt is when the first reply is due, nil without a clock; a staff reply
	// stops it at FirstRepliedAt.
	ReplyDueAt     *time.Time
	FirstRepliedAt *time.Time
	// ReplyNextAt is when something is next to be said of the clock, nil for nothing.
	ReplyNextAt *time.Time
	// Routed says why kind, urgency, product and team are what they are.
	Routed    JSON[[]Routed]
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Urgency is how soon a person must hear back.
type Urgency string

// The urgencies, from least to most. Critical is for assets at risk.
const (
	UrgencyLow      Urgency = "low"
	UrgencyNormal   Urgency = "normal"
	UrgencyHigh     Urgency = "high"
	UrgencyCritical Urgency = "critical"
)

// Candidate is a theme that a suggestion may belong to, as it was found when
// the suggestion came in. Score is a calibrated probability; Voted is how many of
// its suggestions were among the nearest. Whoever shows candidates leaves out
// those that a person's decision speaks against: themes.Likely.
type Candidate struct {
	Theme   string   `json:"theme"`
	Score   float64  `json:"score"`
	Voted   int      `json:"voted,omitempty"`
	Reasons []Reason `json:"reasons"`
}

// Kinds of reasons.
const (
	ReasonDiffers = "differs" // it speaks against the candidate
	ReasonMeaning = "meaning" // a word of the other language says the same
	ReasonSense   = "sense"   // alike in what they mean, without a word in common
	ReasonExact   = "exact"   // the same text; it has no words
	ReasonGitHub  = "github"  // closed there as a duplicate; its word is the other issue
)

// Differs reports whether something speaks against the candidate.
func (c *Candidate) Differs() bool {
	return slices.ContainsFunc(c.Reasons, func(r Reason) bool { return r.Kind == ReasonDiffers })
}

// Ask is one of several things a suggestion asks for, said in the span
// [Start,End) of its text in bytes, with the themes it may belong to; none: it is
// new.
type Ask struct {
	Start      int         `json:"start"`
	End        int         `json:"end"`
	Candidates []Candidate `json:"candidates"`
}

// Reason is why a candidate was proposed: the words of the suggestion that it
// shares.
type Reason struct {
	Kind   string   `json:"kind"`
	Words  []string `json:"words"`
	Theirs []string `json:"theirs,omitempty"` // of kind ReasonMeaning: the word of the other language for each
	// Of kind ReasonGitHub: where it was said, and the issue link for which it stands.
	URL  string `json:"url,omitempty"`
	Link string `json:"link,omitempty"`
}

// Equal reports whether both say the same.
func (r Reason) Equal(o Reason) bool {
	return r.Kind == o.Kind && r.URL == o.URL && r.Link == o.Link && slices.Equal(r.Words, o.Words) && slices.Equal(r.Theirs, o.Theirs)
}

// Said is the word that the theme's texts have for word i: itself, or that of
// their language.
func (r Reason) Said(i int) string {
	if i < len(r.Theirs) {
		return r.Theirs[i]
	}
	return r.Words[i]
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

// What was done about a finding.
const (
	FindingMasked  = ""
	FindingExample = "example" // kept: its person said that it is an example
	FindingWarning = "warning" // kept: it only looks like a secret
)

// Finding is something that was found before the suggestion was stored; Kind says
// whether it was masked.
type Finding struct {
	SuggestionID string `gorm:"primaryKey"`
	N            int    `gorm:"primaryKey"`
	Rule         string
	Field        string
	Last3        string
	Digest       string
	Kind         string
}

// Decision is a word on whether a suggestion belongs to a theme. Proposed
// ones came from an agent and wait for a person. Product and ExactHash are the
// suggestion's: the word holds for every suggestion with that text.
type Decision struct {
	SuggestionID string    `gorm:"primaryKey" json:"suggestion"`
	ThemeID      string    `gorm:"primaryKey" json:"theme"`
	Same         bool      `json:"same"`
	Proposed     bool      `json:"proposed,omitempty"`
	ActorKind    string    `json:"actor_kind"`
	ActorID      string    `json:"actor_id"`
	Product      string    `json:"-"`
	ExactHash    string    `json:"-"`
	CreatedAt    time.Time `json:"created_at"`
}
