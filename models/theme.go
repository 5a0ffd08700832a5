package models

import "time"

// Status is where a theme stands.
type Status string

// The statuses. A candidate is private and carries no promise; received is a
// confirmed theme nobody has judged yet.
const (
	StatusCandidate   Status = "candidate"
	StatusReceived    Status = "received"
	StatusUnderReview Status = "under_review"
	StatusPlanned     Status = "planned"
	StatusInProgress  Status = "in_progress"
	StatusShipped     Status = "shipped"
	StatusDeclined    Status = "declined"
	StatusPostponed   Status = "postponed"
)

// Settable lists the statuses that a member may give, in the order of the
// roadmap.
func Settable() []Status {
	return []Status{StatusUnderReview, StatusPlanned, StatusInProgress, StatusShipped, StatusDeclined, StatusPostponed}
}

// IsSettable reports whether a member may give this status.
func (s Status) IsSettable() bool {
	for _, x := range Settable() {
		if s == x {
			return true
		}
	}
	return false
}

// WantsReason reports whether the status may only be given with a public
// reason.
func (s Status) WantsReason() bool { return s == StatusDeclined || s == StatusPostponed }

// IsOpen reports whether people still wait for an end.
func (s Status) IsOpen() bool {
	return s != StatusShipped && s != StatusDeclined && s != StatusCandidate
}

// Theme is what several suggestions ask for. Title is the team's own; what is
// published is PublicTitle and PublicText. ReadyAt is set while GitHub says
// completed and a person or a release must ship it; WantsReasonAt while GitHub
// says not planned and staff must write why. PromiseDate is when its
// people hear next, PromisesSent how many promise mails they had since WordAt, when they
// were last told something new (nil: since StatusAt); DecideAt is set while a person must
// decide before the next one. Target is what it is planned for, such as a release. A theme that is merged or gone
// (an emptied candidate) is not live.
type Theme struct {
	ID               string
	Title            string
	PublicTitle      Text
	PublicText       Text
	Public           bool
	Status           Status
	PreviousStatus   Status
	Reason           Text
	PromiseDate      *time.Time
	PromisesSent     int
	DecideAt         *time.Time
	WordAt           *time.Time
	Version          string
	Product          string
	Target           string
	ReadyAt          *time.Time
	WantsReasonAt    *time.Time
	MergedInto       string
	GoneAt           *time.Time
	SuggestionsCount int
	PeopleCount      int
	Rev              int64
	StatusAt         time.Time
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// IsLive reports whether the theme is neither merged away nor gone.
func (t *Theme) IsLive() bool { return t.MergedInto == "" && t.GoneAt == nil }

// NameFor returns the theme's name for staff: the public title in their
// language where there is one, else the team's own.
func (t *Theme) NameFor(locale string) string {
	if s, _ := t.PublicTitle.In(locale); s != "" {
		return s
	}
	return t.Title
}

// Origins of a vote.
const (
	VoteByHand       = "vote"
	VoteBySuggestion = "suggestion" // the person filed a suggestion that belongs to the theme
)

// Vote says that a person stands behind a theme; at most one each.
type Vote struct {
	ThemeID   string `gorm:"primaryKey"`
	PersonID  string `gorm:"primaryKey"`
	Origin    string
	CreatedAt time.Time
}

// What a Move moves.
const (
	MoveSuggestion = "suggestion"
	MoveVote       = "vote"
	MoveLink       = "issue_link"
	MoveAuthor     = "author" // the vote of a suggestion's author, which follows it
	MoveTheme      = "theme"  // a candidate that was gone or not there is there
	MoveState      = "state"  // of a suggestion that was closed or opened again: from one state to another
)

// Move is one row that an activity moved between themes. FromTheme "" means
// the row was made, ToTheme "" that it was removed; Detail keeps what is
// needed to make it again. A MoveAuthor from and to the same theme says that the
// author had no vote there; those of a MoveState name states.
type Move struct {
	ActivityID string `gorm:"primaryKey"`
	What       string `gorm:"primaryKey"`
	RowID      string `gorm:"primaryKey"`
	FromTheme  string `gorm:"primaryKey"`
	ToTheme    string `gorm:"primaryKey"`
	Detail     string
}
