package models

import "time"

// ReleaseDraftState is what became of a release that GitHub has published.
type ReleaseDraftState string

// The states of a release draft.
const (
	DraftOpen      ReleaseDraftState = "open"
	DraftUsed      ReleaseDraftState = "used"      // a release was shipped from it
	DraftDismissed ReleaseDraftState = "dismissed" // nobody wants it
)

// ReleaseDraft is a release published on GitHub, to be finished and shipped here. Named are
// the issues that its notes speak of; Since is when the repository's release before it was
// published, nil for its first. ReleaseID is what was shipped from it, DecidedBy the name of
// who did that, or dismissed it.
type ReleaseDraft struct {
	ID           string
	RepositoryID int64
	GithubID     int64
	Repository   string // owner/name
	Version      string
	Name         string
	Notes        Text
	URL          string
	Named        JSON[[]IssueRef]
	Since        *time.Time
	PublishedAt  time.Time
	State        ReleaseDraftState
	ReleaseID    string
	DecidedBy    string
	DecidedAt    *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// IssueRef is an issue as a text names it. Repository is owner/name in small letters, "" for
// the text's own.
type IssueRef struct {
	Repository string `json:"repository,omitempty"`
	Number     int    `json:"number"`
}

// GithubReleaseList is a repository whose releases are read: those since Since count. Trouble
// is a code with details, as IssueLink.LastError: why they cannot be read.
type GithubReleaseList struct {
	RepositoryID int64 `gorm:"primaryKey;autoIncrement:false"`
	Repository   string
	Since        time.Time
	Trouble      string
}
