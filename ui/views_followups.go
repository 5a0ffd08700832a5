package ui

import "time"

// FollowUps is the delivery log.
type FollowUps struct {
	States []Option
	Person string
	// Theme limits the log to one theme; nil for all.
	Theme   *ThemeRef
	Rows    []Delivery
	MoreURL string
	// Held are the theme's changes that not everybody has heard of yet.
	Held []HeldChange
	// Recalling says how far recalls of the theme's changes are that are not done.
	Recalling []string
	// Relay is what keeps mail from leaving; nil in ordinary times.
	Relay *Relay
}

// HeldChange can be taken back from so many People.
type HeldChange struct {
	Event  string
	People int
}

// Relay is a mail server that is missing, or down since a time and tried again
// at another.
type Relay struct {
	Missing        bool
	Since, RetryAt time.Time
	// Problem is what the server or the network said.
	Problem string
}

// Delivery is one message to one person.
type Delivery struct {
	ID string
	At time.Time
	// Person is the address or the handle.
	Person, Locale string
	// Subject is what it was about.
	Subject, SubjectLang, SubjectURL string
	// Kind is received, status, promise, reply, sign_in, …
	Kind string
	// Channel is the way in words ("email").
	Channel string
	// State is collecting, ready, leased, sending, sent, delivered, retrying,
	// in_doubt, failed, bounced, expired, cancelled or skipped.
	State string
	Tries int
	// Detail is the server's answer, or why it was skipped.
	Detail              string
	NextTry             time.Time
	CanRetry, CanCancel bool
}
