package models

import "time"

// ChannelEmail is the channel of e-mail addresses; every other channel's
// addresses are handles.
const ChannelEmail = "email"

// Person is one of those Heed listens to and tells. Locale and TimeZone are ""
// until known.
type Person struct {
	ID        string
	Name      string
	Locale    string
	TimeZone  string
	Segment   string
	Phrase    string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Address is where a person is: an e-mail address, or a handle on a channel.
type Address struct {
	Channel    string `gorm:"primaryKey"`
	Value      string `gorm:"primaryKey"`
	PersonID   string
	VerifiedAt *time.Time
	CreatedAt  time.Time
}

// Role is what a member may do; auth.Can says what each covers.
type Role string

// The roles of members, from most to least.
const (
	RoleOwner   Role = "owner"
	RoleAdmin   Role = "admin"
	RolePM      Role = "pm"
	RoleSupport Role = "support"
)

// Member is one of the staff.
type Member struct {
	ID         string
	Email      string
	Name       string
	Role       Role
	Locale     string
	DisabledAt *time.Time
	CreatedAt  time.Time
}

// Token kinds: who speaks through a token.
const (
	TokenMember  = "member"
	TokenAgent   = "agent"
	TokenService = "service"
)

// APIToken lets a script or an agent in. Only the hash is stored; Scopes are
// separated by spaces.
type APIToken struct {
	ID        string
	Name      string
	Kind      string
	Hash      string
	Prefix    string
	Last4     string
	Scopes    string
	MemberID  string
	CreatedAt time.Time
	ExpiresAt *time.Time
	RevokedAt *time.Time
	// HourlyLimit and DailyLimit are writes; nil is the configuration's, 0 none.
	HourlyLimit *int
	DailyLimit  *int
	LastUsedAt  *time.Time
	// ClientID is the program that a member let in, which may use the token at
	// Resource alone; both "" for tokens made by hand.
	ClientID string
	Resource string
}

// Kinds of SignIn.
const (
	SignInCode = "code" // e-mailed, bound to the browser that asked
	SignInLink = "link" // printed by the command line, once
)

// SignIn is a handed-out way to sign in, used once. Secrets are stored hashed.
type SignIn struct {
	ID          string
	Kind        string
	Email       string
	SecretHash  string
	BrowserHash string
	AskedFrom   string
	Wrong       int
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UsedAt      *time.Time
}

// Session is a signed-in browser: a member's or a person's.
type Session struct {
	Hash      string `gorm:"primaryKey"`
	MemberID  string
	PersonID  string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// IdempotencyKey remembers the answer to a POST for 24 hours.
type IdempotencyKey struct {
	ActorID   string `gorm:"primaryKey"`
	Key       string `gorm:"primaryKey"`
	BodyHash  string
	Status    int
	Answer    string
	CreatedAt time.Time
}
