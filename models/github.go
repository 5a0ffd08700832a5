package models

import "time"

// LinkState is where the tie between a theme and its issue stands.
type LinkState string

// States of an issue link.
const (
	LinkWanted    LinkState = "wanted"    // to be created
	LinkCreating  LinkState = "creating"  // the request may be on its way
	LinkUncertain LinkState = "uncertain" // the answer was lost: look before asking again
	LinkLinked    LinkState = "linked"
	LinkHeld      LinkState = "held" // GitHub refused; a person must act
	LinkGone      LinkState = "gone" // the issue was deleted or moved out of sight
)

// IssueLink ties a theme to one issue of one repository. IssueState is "open"
// or "closed" as GitHub last said, StateReason its state_reason.
type IssueLink struct {
	ID           string
	ThemeID      string
	Repository   string // owner/name
	RepositoryID int64
	IssueID      int64
	Number       int
	URL          string
	State        LinkState
	IssueState   string
	StateReason  string
	SentAt       *time.Time
	Probes       int
	NotBefore    *time.Time
	LastError    string
	GithubAt     *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// HookDelivery is a webhook that arrived, once each.
type HookDelivery struct {
	GUID       string `gorm:"primaryKey;column:guid"`
	Event      string
	Action     string
	Repository string
	Number     int
	BodyHash   string
	Outcome    string
	ReceivedAt time.Time
}

// GithubCursor is how far reconciliation has read a repository.
type GithubCursor struct {
	Repository string `gorm:"primaryKey"`
	Since      time.Time
	CheckedAt  time.Time
	LastError  string
}
