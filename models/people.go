package models

import "time"

// ChannelEmail is the channel of e-mail addresses; every other channel's
// addresses are handles.
const ChannelEmail = "email"

// Person is one of those Heed listens to and tells. Locale and TimeZone are ""
// until known. Segment names a Segment, or one that has no row and weighs 1.
// Phrase is the person's own: it stands atop their mail, so that nobody else can
// write in our name; staff see only whether there is one. A person with MergedInto
// is that one, and has no rows of their own. Indexed says that PersonTerms tell how
// they are found; whoever changes a name, an address or an account takes it back.
type Person struct {
	ID         string
	Name       string
	Locale     string
	TimeZone   string
	Segment    string
	Phrase     string
	AccountID  string
	AccountBy  string
	MergedInto string
	Indexed    bool
	Rev        int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Who put a person into their account.
const (
	AccountByDomain = "domain" // their address
	AccountByHand   = "hand"   // staff, whatever the address
)

// Account is a customer with several people. Revenue is what they pay a year, in
// whole units of the team's currency; Weight is what their voice counts, 1 being
// anybody's.
type Account struct {
	ID        string
	Name      string
	Plan      string
	Revenue   int64
	Weight    float64
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AccountDomain says that whose address ends in Domain belongs to the account.
type AccountDomain struct {
	Domain    string `gorm:"primaryKey"`
	AccountID string
}

// Segment is a group of people whose voice has a weight, 1 being anybody's.
type Segment struct {
	Name      string `gorm:"primaryKey"`
	Weight    float64
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// PersonTerm is a beginning by which a person is found, folded.
type PersonTerm struct {
	Term     []byte `gorm:"primaryKey"`
	PersonID string `gorm:"primaryKey"`
}

// LockPeople is the lock that a merge of two people takes; whoever writes rows that
// follow from who said or stands behind something shares it.
const LockPeople = "people"

// MergedRow is one row that a merge of two people moved or set aside. RowID names
// it within What; Detail keeps what undo needs.
type MergedRow struct {
	ActivityID string `gorm:"primaryKey"`
	What       string `gorm:"primaryKey"`
	RowID      string `gorm:"primaryKey"`
	Detail     string
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
