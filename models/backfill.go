package models

import "time"

// BackfillState is how far the open issues of a repository have been brought in.
type BackfillState string

// The states of a backfill.
const (
	BackfillRunning   BackfillState = "running"
	BackfillDone      BackfillState = "done"
	BackfillCancelled BackfillState = "cancelled"
)

// GithubBackfill is the bringing in of a repository's open issues, each of which becomes or
// joins a theme. It reads the list page by page, Next is where the next one is ("" for the
// first), and Reached the highest number of which this round knows the end; rounds follow each
// other until one finds nothing new (Fresh counts that): while pages are read, issues move
// between them. Total is how many there were about, with pull requests; Made, Joined, Skipped
// and Failed are what became of them.
type GithubBackfill struct {
	RepositoryID int64 `gorm:"primaryKey;autoIncrement:false"`
	Repository   string
	State        BackfillState
	Round        int
	Page         int
	Next         string
	Reached      int
	Total        int
	Made         int
	Joined       int
	Skipped      int
	Failed       int
	Fresh        int
	StartedBy    string
	StartedName  string
	LastError    string // a code with details, as IssueLink.LastError
	NotBefore    *time.Time
	StartedAt    time.Time
	UpdatedAt    time.Time
	EndedAt      *time.Time
}

// Done is how many issues it knows the end of.
func (b *GithubBackfill) Done() int { return b.Made + b.Joined + b.Skipped + b.Failed }
