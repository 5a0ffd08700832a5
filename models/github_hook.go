package models

import "time"

// GithubHook is how the webhook of a repository is that sends to us, or with the id 0 that of
// the App. Problems are codes with details, as IssueLink.LastError, of what is wrong with it;
// Quiet is what we may not do, and wrong is nothing with that. What was sent before Since has
// arrived, or is not asked for any more.
type GithubHook struct {
	RepositoryID int64 `gorm:"primaryKey;autoIncrement:false"`
	Repository   string
	Problems     JSON[[]string]
	Quiet        string
	Since        time.Time
	LookedAt     time.Time
}

// GithubRedelivery is a webhook that was lost and asked for again.
type GithubRedelivery struct {
	GUID         string `gorm:"primaryKey;column:guid"`
	RepositoryID int64
	Attempts     int
	AskedAt      time.Time
}
