package ui

import "time"

// AgentWord is what an agent proposes and a person decides.
type AgentWord struct {
	// Kind is same, different, status or text.
	ID, Kind string
	// By is the agent, with the member behind it.
	By string
	At time.Time
	// Why is the agent's own words to the team.
	Why   string
	Theme ThemeRef
	// Said is the suggestion that it is about; nil for others.
	Said *ThemeSuggestion
	// Status is the one proposed, Text what people would read, Promise a day.
	Status  string
	Text    Localized
	Promise string
	Version string
	// FormURL opens the status form with what is proposed.
	FormURL   string
	CanDecide bool
}

// Tokens is the page of API tokens and of programs that members let in.
type Tokens struct {
	Rows []TokenRow
	// Fresh is a token that was made just now: shown once.
	Fresh *FreshToken
	Form  TokenForm
	// Admin sees everybody's, and sets limits.
	Admin bool
	// Endpoint is where agents connect.
	Endpoint string
}

// FreshToken is a token's secret, with what it is for.
type FreshToken struct{ Name, Secret string }

// TokenRow is one token.
type TokenRow struct {
	ID, Name, Kind, Shown string
	// Member is who stands behind it.
	Member string
	Scopes []string
	// Consent marks a program that a member let in.
	Consent bool
	// PerHour and PerDay are its limits; 0 is none.
	PerHour, PerDay             int
	Created                     time.Time
	Used, Expires, Revoked      time.Time
	Filed, Accepted, Merged     int
	Waiting, Closed             int
	Shipped, Declined, Deferred int
	CanRevoke                   bool
}

// TokenForm makes a token.
type TokenForm struct {
	Name, Kind, Hourly, Daily, Expires string
	Kinds                              []Option
	Scopes                             []Option
	// Errors are messages by field.
	Errors map[string]string
}

// Consent asks a member whether to let a program in.
type Consent struct {
	// Client is what the program calls itself, Host where the answer goes; Local
	// says that this is the member's own machine.
	Client, Host  string
	Local         bool
	Member, Email string
	Scopes        []Option
	// Hidden are the request's fields, Seal binds the form to them.
	Hidden []Option
	Seal   string
	Error  string
}
