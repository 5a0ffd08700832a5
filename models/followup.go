package models

import "time"

// FollowUpEvent is something that people may be told of, made from one
// activity whatever the size of its audience. Those of one BulkID are told together,
// by the fan-out of the event whose activity has that id.
type FollowUpEvent struct {
	ID         string
	ActivityID string
	Kind       string
	ThemeID    string
	Rev        int64
	ActorName  string
	Notify     bool
	Snapshot   string
	BulkID     string
	CreatedAt  time.Time
	RecalledAt *time.Time // staff took it back: who has not heard of it by then does not
}

// Fanout is how far an event's audience has been written down. Cursor is the
// last person done.
type Fanout struct {
	EventID   string `gorm:"primaryKey"`
	Cursor    string
	People    int
	DoneAt    *time.Time
	CreatedAt time.Time
}

// FollowUpItem says that a person was to hear of an event, and why not:
// SkipReason "" means told (DeliveryID set) or to be told at DueAt. Who has no
// channel is told by hand, at ToldAt; ToldBy is the activity that says so.
type FollowUpItem struct {
	EventID    string `gorm:"primaryKey"`
	PersonID   string `gorm:"primaryKey"`
	ThemeID    string
	Kind       string // its event's
	DueAt      time.Time
	Hold       string // why it waits longer than it settles: one of the holds
	DeliveryID string
	SkipReason string
	ToldAt     *time.Time
	ToldBy     string
	CreatedAt  time.Time
}

// DeliveryState is where a mail stands.
type DeliveryState string

// States of a delivery. Sending is committed just before the final dot of the
// SMTP conversation, so a crash after it leaves a delivery in doubt.
const (
	DeliveryReady     DeliveryState = "ready"
	DeliveryLeased    DeliveryState = "leased"
	DeliverySending   DeliveryState = "sending"
	DeliverySent      DeliveryState = "sent"
	DeliveryInDoubt   DeliveryState = "in_doubt"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryExpired   DeliveryState = "expired"
	DeliverySkipped   DeliveryState = "skipped"
	DeliveryCancelled DeliveryState = "cancelled"
)

// Lanes of deliveries: the now lane waits for no mailing.
const (
	LaneNow    = "now"
	LaneNormal = "normal"
)

// Delivery is one mail to one address. Content is sealed where it holds a
// secret (a sign-in code) and emptied once sent.
type Delivery struct {
	ID         string
	DedupKey   string
	Kind       string
	Lane       string
	PersonID   string
	Address    string
	Locale     string
	ThemeID    string
	MessageID  string
	Content    string
	State      DeliveryState
	RunAt      time.Time
	NotAfter   time.Time
	Attempts   int
	Doubts     int
	LeaseOwner string
	LeaseUntil *time.Time
	Fence      int64
	BodyHash   string
	Answer     string
	SentAt     *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Attempt is one try at a delivery that did not end with the mail taken, which its delivery
// tells itself; and that one too where the mail came back. Append-only.
type Attempt struct {
	DeliveryID string `gorm:"primaryKey"`
	N          int    `gorm:"primaryKey"`
	Outcome    string
	Answer     string
	CreatedAt  time.Time
}

// Suppression stops mail to an address, for a while or for good (Until nil). Once
// a while is over one mail goes as a Trial (its delivery's id); Strikes counts how
// often the address bounced so far.
type Suppression struct {
	Address   string `gorm:"primaryKey"`
	Scope     string `gorm:"primaryKey"`
	Reason    string
	Until     *time.Time
	Strikes   int
	Trial     string
	CreatedAt time.Time
}

// Scopes of a suppression: all mail but what nothing stops, or follow-ups alone.
const (
	ScopeAllMail   = "all"
	ScopeFollowUps = "follow_ups"
)

// Modes of a preference.
const (
	ModeInstant = "instant"
	ModeDaily   = "daily"  // in a digest a day
	ModeWeekly  = "weekly" // in a digest a week
	ModeOff     = "off"
)

// Why an item that has settled waits until its DueAt.
const (
	HoldWindow  = "window"  // its person had mail a moment ago
	HoldCeiling = "ceiling" // its person had enough mail that day
	HoldQuiet   = "quiet"   // it is night where its person is
	HoldDaily   = ModeDaily // its person wants a digest
	HoldWeekly  = ModeWeekly
)

// AllKinds is the preference that covers every kind of follow-up.
const AllKinds = "all"

// Preference is what a person wants to hear: Kind is a kind of follow-up or
// AllKinds.
type Preference struct {
	PersonID  string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	Mode      string
	UpdatedAt time.Time
}

// Audience is how many of a theme's people read one language and are not told for
// one reason ("": they are), as they were last counted.
type Audience struct {
	ThemeID    string `gorm:"primaryKey"`
	Locale     string `gorm:"primaryKey"`
	SkipReason string `gorm:"primaryKey"`
	People     int
	CountedAt  time.Time
}

// Rhythm is when one person's mail comes; who has no row has the house's. Hours and
// days are those of the person's zone. QuietHours is "" for the house's, QuietOff, or a
// span such as 22:00-07:00.
type Rhythm struct {
	PersonID      string `gorm:"primaryKey"`
	DigestHour    int
	DigestWeekday time.Weekday
	QuietHours    string
	LastDailyAt   *time.Time
	LastWeeklyAt  *time.Time
	UpdatedAt     time.Time
}

// QuietOff is the QuietHours of who takes mail at any hour.
const QuietOff = "off"

// ThemeMute says that a person hears nothing more of a theme.
type ThemeMute struct {
	PersonID  string `gorm:"primaryKey"`
	ThemeID   string `gorm:"primaryKey"`
	CreatedAt time.Time
}
