package ui

import "time"

// Webhooks is the page of outgoing webhooks.
type Webhooks struct {
	Rows []WebhookRow
	Form WebhookForm
}

// WebhookRow is one of them.
type WebhookRow struct {
	ID, URL, Name, Kind, Host string
	Channel, Product          string
	Events                    int
	// Off is "" or why: by_hand, failing, gone.
	Off     string
	Failing time.Time
	LastOK  time.Time
	Waiting int
}

// WebhookForm makes one (ID "") or changes it.
type WebhookForm struct {
	ID             string
	Revision       int64
	Name, URL      string
	Product        string
	Channel        string
	Kinds, Locales []Option
	Events         []Option
	Host           string
	// Kind is that of one that exists; TakesSecret says that a chat's secret is typed in.
	Kind        string
	TakesSecret bool
	Errors      map[string]string
}

// Webhook is the page of one.
type Webhook struct {
	WebhookRow
	Form WebhookForm
	// Fresh is a secret that was made just now: shown once. Old is until when the last
	// one signs as well.
	Fresh string
	Old   time.Time
	// Rotates: it has a secret of ours.
	Rotates bool
	Rows    []WebhookDelivery
	MoreURL string
	// One is the delivery that was opened, with its tries; nil for none.
	One *WebhookOpened
	// Since is the field of replaying, with what is wrong with it.
	Since, SinceError string
	MostTries         int
}

// WebhookDelivery is one thing that was told.
type WebhookDelivery struct {
	ID, URL, Type, State string
	Tries, Status        int
	Answer               string
	At, Next, Sent       time.Time
	About, AboutURL      string
}

// WebhookOpened is one delivery in full.
type WebhookOpened struct {
	WebhookDelivery
	Payload  string
	Attempts []WebhookAttempt
}

// WebhookAttempt is one try.
type WebhookAttempt struct {
	N, Status int
	Outcome   string
	Answer    string
	At        time.Time
}
