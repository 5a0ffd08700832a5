package ui

import "time"

// Emergencies is the page of what must be seen at once.
type Emergencies struct {
	Rows []Emergency
	// Open counts what nobody has acknowledged; OpenIDs are those on this page.
	Open    int
	OpenIDs []string
	// Tabs are open and all.
	Tabs []Tab
	// CanAct lets the reader acknowledge and hand over.
	CanAct bool
}

// Emergency is one of them. Cause is secret, stolen or vulnerability.
type Emergency struct {
	ID, URL, Receipt, Cause, Lang string
	Title                         string
	Words                         []Piece
	Provenance                    Provenance
	Redacted                      []string
	Since                         time.Time
	// Due is when the first reply is due, Late that it is over, Replied when it was
	// given; zero for none.
	Due, Replied time.Time
	Late         bool
	// Alerts is how often the team was alerted, Next when it is again.
	Alerts int
	Next   time.Time
	// By is who acknowledged, At when; empty while it is open.
	By         string
	At         time.Time
	HandedOver bool
	Closed     bool
	// Advice is what the person was told, in their language.
	Advice Advice
}

// Advice is what a person in danger should do, step by step, in the language Lang.
type Advice struct {
	Lang, Title, Team string
	Steps             []string
}

// Piece is a stretch of somebody's words. Chip says what it is where it must not
// leave the console (address, transaction, amount), empty for plain text.
type Piece struct{ Text, Chip string }
