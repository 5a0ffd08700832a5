package models

import "time"

// BounceReport is what a mail server or a provider reported about mail, and what
// was decided: a row for each report that came, also for those that prove nothing.
// Hash is the SHA-256 of the message in hex; the same message again is the same
// row. Address is the delivery's where the report is proven, else what it claims.
type BounceReport struct {
	ID         string
	Hash       string
	Via        string // BounceByHook or BounceByMailbox
	Kind       string // BounceKindBounce, BounceKindComplaint or BounceKindOther
	Status     string // RFC 3463 such as 5.1.1; a complaint's feedback type
	Diagnostic string // the reporting server's words, one line
	Address    string
	DeliveryID string
	Outcome    string
	Reason     string // a code that says why
	CreatedAt  time.Time
}

// Ways in for reports.
const (
	BounceByHook    = "hook"
	BounceByMailbox = "mailbox"
)

// Kinds of reports.
const (
	BounceKindBounce    = "bounce"
	BounceKindComplaint = "complaint"
	BounceKindOther     = "other" // no report: an automatic reply, a letter
)

// What a report led to.
const (
	BounceSuppressed   = "suppressed"   // the address gets no mail, for a while or for good
	BounceCounted      = "counted"      // one of the five that suppress
	BounceUnsubscribed = "unsubscribed" // a complaint: no more follow-ups
	BounceNoted        = "noted"        // ours, and nothing follows from it
	BounceRefused      = "refused"      // not shown to be about a mail of ours: nothing changed
	BounceIgnored      = "ignored"      // not a report
)

// BounceMailbox is how far a mailbox of bounces has been read. UID is the last one
// taken; it counts for UIDValidity only.
type BounceMailbox struct {
	Name        string `gorm:"primaryKey"`
	UIDValidity int64
	UID         int64
	LastError   string
	CheckedAt   time.Time
}
