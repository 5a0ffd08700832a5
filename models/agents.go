package models

import "time"

// AgentProposalKind says what an agent proposes.
type AgentProposalKind string

// The kinds of what agents propose.
const (
	ProposeSame      AgentProposalKind = "same"      // SuggestionID belongs to ThemeID
	ProposeDifferent AgentProposalKind = "different" // it does not
	ProposeStatus    AgentProposalKind = "status"    // ThemeID gets Status, with Text as its public reason
	ProposeText      AgentProposalKind = "text"      // Text could be sent to the people behind ThemeID
)

// AgentProposal is what an agent proposes and a person decides. Key is the same
// for the same proposal, whoever makes it and however often: what a person has
// answered is not asked again. Why is the agent's own words to the team; Text is
// for people. ActorFor is the member behind the agent, as they were called.
// ActivityID is the change that accepting it made.
type AgentProposal struct {
	ID           string
	Kind         AgentProposalKind
	Key          string
	ThemeID      string
	SuggestionID string
	Status       Status
	Text         Text
	PromiseDate  *time.Time
	Version      string
	Why          string
	ActorKind    string
	ActorID      string
	ActorName    string
	ActorFor     string
	State        ProposalState
	ActivityID   string
	DecidedBy    string
	DecidedAt    *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TokenWindow counts what a token wrote in a window of so many Seconds. StartsAt
// is in milliseconds since 1970.
type TokenWindow struct {
	TokenID  string `gorm:"primaryKey"`
	Seconds  int64  `gorm:"primaryKey"`
	StartsAt int64  `gorm:"primaryKey"`
	N        int64
}

// OAuthClient is a program that registered itself to ask members for access.
// It has no secret: who may use what it is given is proved by PKCE.
type OAuthClient struct {
	ID           string
	Name         string
	RedirectURIs JSON[[]string] `gorm:"column:redirect_uris"`
	AskedFrom    string
	CreatedAt    time.Time
	UsedAt       *time.Time
}

// TableName is written out: gorm would write o_auth_clients.
func (OAuthClient) TableName() string { return "oauth_clients" }

// Kinds of OAuthSecret.
const (
	SecretCode    = "code"    // once, for the two others
	SecretAccess  = "access"  // speaks for its token
	SecretRefresh = "refresh" // once, for new ones
)

// OAuthSecret is a secret that was handed out by consent, hashed. RedirectURI
// and Challenge bind a code to who asked for it.
type OAuthSecret struct {
	Hash        string `gorm:"primaryKey"`
	Kind        string
	TokenID     string
	ClientID    string
	RedirectURI string `gorm:"column:redirect_uri"`
	Challenge   string
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UsedAt      *time.Time
}

// TableName is written out: gorm would write o_auth_secrets.
func (OAuthSecret) TableName() string { return "oauth_secrets" }
