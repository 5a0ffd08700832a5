package ui

import "time"

// Bounces is what came back to us and what was decided, and why.
type Bounces struct {
	Outcomes []Option
	Rows     []Bounce
	MoreURL  string
	// Mailbox is where reports are read from; nil for none.
	Mailbox *BounceMailbox
}

// Bounce is one report. Kind, Outcome and Reason are codes of the catalogs.
type Bounce struct {
	ID, Kind, Via      string
	At                 time.Time
	Address            string
	Person, PersonURL  string
	Status, Diagnostic string
	Outcome, Reason    string
}

// BounceMailbox is how the last look into the mailbox went.
type BounceMailbox struct {
	CheckedAt time.Time
	Problem   string
}

// MailSetup is the page where mail is set up and tried.
type MailSetup struct {
	Relay   *Relay // what keeps mail from leaving; nil while it works
	From    string
	Email   string // the reader's
	Bounces string // the address that bounces come back to, "" the sender's
	Hook    bool   // a mail server hands bounces over
	Mailbox *BounceMailbox
	Probe   bool // the relay can be asked about mail in doubt
	Sent    *SentNow
	// Local: the sender's domain is not of the internet, so nothing is published.
	Local    bool
	Looked   bool
	Selector string
	Records  []MailRecord
}

// SentNow is how a mail to the reader went: Problem is a code of the catalogs, "" when
// it was accepted.
type SentNow struct{ To, Answer, Problem, Detail string }

// MailRecord is a record of the DNS. State, Problem and Kind are codes of the catalogs.
type MailRecord struct {
	Kind, Name, Type, Value string
	Found                   []string
	State, Problem, What    string
}

// MailPreview is the mail that a status would send, in each language.
type MailPreview struct {
	Theme ThemeRef
	Form  StatusForm
	// Back is the status form with what is filled in.
	Back     string
	Settable []Option
	// Lacks are the languages whose readers find no reason, or no title.
	LacksReason, LacksTitle []string
	Mails                   []PreviewedMail
	Sent                    *SentNow
}

// PreviewedMail is one language of it. LightURL and DarkURL are documents of their own,
// served with MailPolicy.
type PreviewedMail struct {
	Locale            string
	Subject           string
	LightURL, DarkURL string
	Text, Source      string
	OwnWords          bool
}
