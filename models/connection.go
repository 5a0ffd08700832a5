package models

import "time"

// What Heed shows GitHub.
const (
	ConnectedByApp   = "app"
	ConnectedByToken = "token"
)

// GithubConnectionID is the id of the only GithubConnection.
const GithubConnectionID = "github"

// GithubConnection is how Heed is known to GitHub where the configuration does not say. Kind is
// ConnectedByApp, ConnectedByToken or, after it was ended, "". Of an App there are AppID, Slug,
// ClientID, URL (its public page) and PrivateKey; of a token its account's Login and Token.
// PrivateKey, Token and WebhookSecret are sealed. Rev grows with every change.
type GithubConnection struct {
	ID            string
	Rev           int64
	Kind          string
	AppID         int64
	Slug          string
	ClientID      string
	URL           string
	Login         string
	Repository    string
	PrivateKey    string
	Token         string
	WebhookSecret string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// GithubState is a way to GitHub and back. ID and Session are digests. UsedAt is when somebody
// began to come back, DoneAt when the App was stored.
type GithubState struct {
	ID        string
	Session   string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	DoneAt    *time.Time
}
