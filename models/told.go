package models

import "time"

// ThemeUpdate is what staff wrote about a theme that stays where it is. RemovedAt is
// set while it is taken back.
type ThemeUpdate struct {
	ID         string
	ThemeID    string
	Text       Text
	Notify     bool
	ActorName  string
	ActivityID string
	RemovedAt  *time.Time
	CreatedAt  time.Time
}

// Release is a version of a product ("" for the only one) that shipped several themes
// at once. UndoneAt is set while it is taken back.
type Release struct {
	ID         string
	Product    string
	Version    string
	Notes      Text
	Notify     bool
	ActorName  string
	ActivityID string
	UndoneAt   *time.Time
	CreatedAt  time.Time
}

// ReleaseTheme is a theme of a release. ActivityID is the last one by which the release
// moved the theme.
type ReleaseTheme struct {
	ReleaseID  string `gorm:"primaryKey"`
	ThemeID    string `gorm:"primaryKey"`
	ActivityID string
}

// CommentState is whether people see a comment.
type CommentState string

// The states of a comment.
const (
	CommentVisible CommentState = "visible"
	CommentWaiting CommentState = "waiting" // for moderation
	CommentRemoved CommentState = "removed"
)

// Comment is what a person or, with MemberID, staff said below a published theme.
// HeldFor says why it waited for moderation: "link", "handle", "address" or "secret",
// "github" for one that was written on the theme's issue, "" when it did not.
type Comment struct {
	ID         string
	ThemeID    string
	PersonID   string
	MemberID   string
	Name       string
	Text       string
	Lang       string
	State      CommentState
	HeldFor    string
	ReplyTo    string
	ActivityID string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// SolvedAnswer is what a person says of a theme that shipped, once for each Shipping:
// the activity that shipped it. SuggestionID is the report that a no made, or that words
// which are an emergency did. Words is what they say beside a yes, after redaction, for
// staff alone; Lang is "en", "zh" or "".
type SolvedAnswer struct {
	ID           string
	ThemeID      string
	PersonID     string
	Shipping     string
	Solved       bool
	SuggestionID string
	Words        string
	Lang         string
	CreatedAt    time.Time
}

// ReleaseStep is the release that an activity belongs to.
type ReleaseStep struct {
	ID      string `json:"id"`
	Product string `json:"product,omitempty"`
	Version string `json:"version"`
	Themes  int    `json:"themes,omitempty"`
}

// CommentStep is a comment's state before and after; From "" is a new one.
type CommentStep struct {
	ID      string       `json:"id"`
	ReplyTo string       `json:"reply_to,omitempty"`
	From    CommentState `json:"from,omitempty"`
	To      CommentState `json:"to"`
}
