package models

import "time"

// ProposalKind says what is proposed.
type ProposalKind string

// The kinds of proposals.
const (
	ProposeMerge  ProposalKind = "merge"  // ThemeID goes into OtherID
	ProposeSplit  ProposalKind = "split"  // Items.Move leave ThemeID for a new theme
	ProposeReopen ProposalKind = "reopen" // ThemeID shipped, and Items.Move report it at that version or a later one
)

// ProposalState is what became of a proposal.
type ProposalState string

// The states of a proposal. A withdrawn one did not hold any more; it may be
// made again. What a person accepted or dismissed never is.
const (
	ProposalOpen      ProposalState = "open"
	ProposalAccepted  ProposalState = "accepted"
	ProposalDismissed ProposalState = "dismissed"
	ProposalWithdrawn ProposalState = "withdrawn"
)

// Proposal is a change of themes that Heed proposes and a person decides on.
// Key is the same for the same proposal, whenever it is made. Strength orders
// them, the most convincing highest. ActivityID is the change that accepting it
// made.
type Proposal struct {
	ID         string
	Kind       ProposalKind
	Key        string
	ThemeID    string
	OtherID    string
	Items      JSON[ProposalItems]
	Reasons    JSON[[]Reason]
	Strength   float64
	State      ProposalState
	ActivityID string
	DecidedBy  string
	DecidedAt  *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// ProposalItems are the suggestions that speak for a proposal. A merge names
// some of each side, a split all that move and some that stay, a reopening those
// that report it. Of and Among count: so many of the one side's, of the other's.
type ProposalItems struct {
	Move  []string `json:"move"`
	Keep  []string `json:"keep,omitempty"`
	Of    int      `json:"of,omitempty"`
	Among int      `json:"among,omitempty"`
}

// ProposalStep is a part of a nightly look for proposals.
type ProposalStep struct {
	Run  string `gorm:"primaryKey"`
	N    int    `gorm:"primaryKey"`
	Body []byte
}
