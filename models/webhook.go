package models

import "time"

// What stands at the other end of an endpoint, and so how it is spoken to.
const (
	WebhookStandard = "standard" // JSON, signed by the Standard Webhooks scheme
	WebhookSlack    = "slack"
	WebhookFeishu   = "feishu"
	WebhookWeCom    = "wecom"
	WebhookDingTalk = "dingtalk"
)

// Why an endpoint is off.
const (
	WebhookOffByHand  = "by_hand"
	WebhookOffFailing = "failing" // days without one success
	WebhookOffGone    = "gone"    // it answered 410
)

// WebhookEndpoint is an address outside that hears of what happens here. URL, Secret
// and OldSecret are sealed; Host is what may be shown. Locale is the language of what
// chats are told. Events are the names of what it wants; Product narrows them, and
// Channel makes it the way to people who are known by a handle there. It hears of
// activities after SinceSeq. OldSecret signs beside Secret until OldSecretUntil.
// Fails counts failures since the last success, FailingSince is the first of them, and
// nothing is tried before NotBefore. Of one that is gone only its past is kept.
type WebhookEndpoint struct {
	ID             string
	Name           string
	Kind           string
	Locale         string
	Events         JSON[[]string]
	Product        string
	Channel        string
	URL            string
	Host           string
	Secret         string
	OldSecret      string
	OldSecretUntil *time.Time
	SinceSeq       int64
	Fails          int
	FailingSince   *time.Time
	LastOkAt       *time.Time
	NotBefore      *time.Time
	DisabledAt     *time.Time
	DisabledWhy    string
	GoneAt         *time.Time
	Rev            int64
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Active reports whether the endpoint is spoken to.
func (e *WebhookEndpoint) Active() bool { return e.DisabledAt == nil && e.GoneAt == nil }

// WebhookState is where a message stands.
type WebhookState string

// States of a message.
const (
	WebhookReady  WebhookState = "ready"
	WebhookLeased WebhookState = "leased"
	WebhookSent   WebhookState = "sent"
	WebhookFailed WebhookState = "failed"
)

// WebhookMessage is one thing that one endpoint is told; its id is the webhook-id of
// every try. Source says what made it, once for each endpoint. Content is the frozen
// JSON payload. EventID and PersonID belong to messages to a person on a channel.
// Round counts the tries since it was last asked for, Tries all of them; NotAfter is
// when it is of no more use. Status and Answer are what came back last.
type WebhookMessage struct {
	ID           string
	EndpointID   string
	Type         string
	Source       string
	ThemeID      string
	SuggestionID string
	EventID      string
	PersonID     string
	Content      string
	State        WebhookState
	RunAt        time.Time
	NotAfter     *time.Time
	Round        int
	Tries        int
	LeaseOwner   string
	LeaseUntil   *time.Time
	Fence        int64
	Status       int
	Answer       string
	SentAt       *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// WebhookAttempt is one try at a message, append-only. Status is the HTTP status, 0
// when there was no answer.
type WebhookAttempt struct {
	MessageID string `gorm:"primaryKey"`
	N         int    `gorm:"primaryKey"`
	Outcome   string
	Status    int
	Answer    string
	CreatedAt time.Time
}

// WebhookFanout is how far the source tickets of a theme have been told of one change
// of its status: Cursor is the last suggestion done, Told how many were. It begins at RunAt, so that what
// is taken back at once is told to nobody.
type WebhookFanout struct {
	ActivityID string `gorm:"primaryKey"`
	ThemeID    string
	Seq        int64
	RunAt      time.Time
	Cursor     string
	Told       int
	DoneAt     *time.Time
	CreatedAt  time.Time
}
