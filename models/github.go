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
	Force        string     // "ours" or "theirs": the side that a person wants to win
	Milestone    int        // the number of its issue's, 0 for none; known while milestones are kept in step
	SlotAt       *time.Time // when it is its turn to be written to
	SentAs       string     // under which account the issue was asked for
	Shadow       string     // JSON, of package sync: both sides as they were when last brought together
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// GithubBudget is what is left to do with a token, known by its digest: when the next write
// may begin, who is writing, and until when GitHub wants silence.
type GithubBudget struct {
	Token       string `gorm:"primaryKey"`
	NextAt      time.Time
	Holder      string
	HeldUntil   time.Time
	SilentUntil time.Time
}

// GithubPage is a page of a list as it was when all of it had been taken over. ID is a digest
// of token and address, Issues the ids as JSON.
type GithubPage struct {
	ID     string
	ETag   string `gorm:"column:etag"`
	Next   string
	Last   time.Time
	Issues string
	ReadAt time.Time
}

// IssueComment ties a comment below a theme to one on its issue. Origin says on which side it
// was written, OriginOurs or OriginTheirs; of ours, State is that of the write, and Digest what
// stands there. GithubID is 0 until it is known.
type IssueComment struct {
	ID        string
	LinkID    string
	CommentID string
	GithubID  int64
	Origin    string
	State     IssueOpState
	Digest    string
	Probes    int
	SentAt    *time.Time
	SentAs    string // under which account it was asked for
	CreatedAt time.Time
	UpdatedAt time.Time
	// UntiedFrom is the issue's id while no link ties it to the theme.
	UntiedFrom int64
}

// Where a comment was written.
const (
	OriginOurs   = "ours"
	OriginTheirs = "theirs"
)

// Which way a field of a theme and its issue went.
const (
	WayOut  = "out"  // to GitHub
	WayIn   = "in"   // from GitHub
	WayNone = "none" // neither could be brought to the other
)

// IssueOpState is how far a write of a field has come.
type IssueOpState string

// The states. Planned, sent and failed are open, and of those a field has one at most; what
// came in is done at once.
const (
	OpPlanned IssueOpState = "planned" // it waits for its turn
	OpSent    IssueOpState = "sent"    // it may have been carried out
	OpDone    IssueOpState = "done"
	OpFailed  IssueOpState = "failed"  // refused; a person must act
	OpDropped IssueOpState = "dropped" // no longer wanted before it went out
)

// IssueOp is a field of a theme or its issue that was brought to the other side, or is to
// be. Conflict says that both had changed; Was is what gave way. Note is a code with
// details, as IssueLink.LastError.
type IssueOp struct {
	ID        string
	LinkID    string
	ThemeID   string
	Field     string
	Way       string
	Conflict  bool
	Was       string
	Becomes   string
	State     IssueOpState
	Note      string
	Attempts  int
	CreatedAt time.Time
	SentAt    *time.Time
	DoneAt    *time.Time
}

// HookDelivery is a webhook that arrived, once each. TakenAt is when it was acted upon; of one
// that asks for nothing, when it came.
type HookDelivery struct {
	GUID         string `gorm:"primaryKey;column:guid"`
	Event        string
	Action       string
	Repository   string
	RepositoryID int64
	Number       int
	BodyHash     string
	Outcome      string
	ReceivedAt   time.Time
	TakenAt      *time.Time
}

// GithubMerge is a merged pull request that was read.
type GithubMerge struct {
	RepositoryID int64 `gorm:"primaryKey;autoIncrement:false"`
	Number       int   `gorm:"primaryKey;autoIncrement:false"`
	MergedAt     time.Time
}

// GithubRepository is a repository with issues of ours: how far it was read (Since, and
// CommentsSince for its comments, nil where they are not), and what it was when it was looked
// at last, at SeenAt.
type GithubRepository struct {
	ID            int64  `gorm:"primaryKey;autoIncrement:false"` // GitHub's
	Name          string // owner/name
	Since         time.Time
	CommentsSince *time.Time
	CheckedAt     time.Time
	SeenAt        *time.Time
	LastError     string
	Private       bool   // as it was when Heed was last allowed to write to it
	Trouble       string // a code, or one with details: what keeps issues out of it
}
