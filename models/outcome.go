package models

import "time"

// Outcome is what became of a suggestion, for who filed it.
type Outcome string

// The outcomes. Of what stands in a confirmed theme that is neither shipped nor
// refused, Accepted opened the theme and Merged joined one that was there.
const (
	OutcomeWaiting   Outcome = "waiting"
	OutcomeAccepted  Outcome = "accepted"
	OutcomeMerged    Outcome = "merged"
	OutcomeShipped   Outcome = "shipped"
	OutcomeDeclined  Outcome = "declined"
	OutcomePostponed Outcome = "postponed"
	OutcomeClosed    Outcome = "closed" // without a theme: spam, or nothing to do
)

// OutcomeList lists the outcomes in the order in which they are shown.
func OutcomeList() []Outcome {
	return []Outcome{OutcomeWaiting, OutcomeAccepted, OutcomeMerged, OutcomeShipped, OutcomePostponed, OutcomeDeclined, OutcomeClosed}
}

// OutcomeNews is a change that a filer hears of, one row for each activity and
// filer. Became is an Outcome or the Status that the theme was given; Suggestions
// is how many of theirs it is about, SuggestionID the first of them. MemberID is
// who reads of it: the filer, or the member behind the token; "" is nobody.
// SkipReason "" means told (DeliveryID set) or to be told at DueAt.
type OutcomeNews struct {
	ActivityID   string `gorm:"primaryKey"`
	FilerKind    string `gorm:"primaryKey"`
	FilerID      string `gorm:"primaryKey"`
	Seq          int64
	MemberID     string
	Verb         Verb
	Became       string
	ThemeID      string
	SuggestionID string
	Suggestions  int
	DueAt        time.Time
	DeliveryID   string
	SkipReason   string
	CreatedAt    time.Time
}

// OutcomeReader is how far somebody has looked at what became of what they
// filed: the news up to Seen. NoMail: they want no mail of it.
type OutcomeReader struct {
	Kind      string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Seen      int64
	NoMail    bool
	UpdatedAt time.Time
}
