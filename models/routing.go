package models

import "time"

// RoutingRule is one line of how suggestions are classified: what it looks for and
// what it then says. Rules are asked in the order of Position, from 1 without gaps.
type RoutingRule struct {
	ID         string
	Position   int
	Name       string
	Conditions JSON[RuleIf]
	Outcome    JSON[RuleThen]
	Disabled   bool
	Rev        int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// RuleIf is what a rule looks for. Every part that is given must hold; of a list one
// entry is enough. A * at an entry's end stands for any further characters.
type RuleIf struct {
	Words      []string          `json:"words,omitempty" doc:"Words or phrases of either language; whole words in Latin script, anywhere in Chinese"`
	Sources    []string          `json:"sources,omitempty"`
	Products   []string          `json:"products,omitempty"`
	Kinds      []string          `json:"kinds,omitempty" doc:"suggestion, problem or question: as given, as an earlier rule said, or as the text reads"`
	Languages  []string          `json:"languages,omitempty" doc:"en, zh or und"`
	Versions   []string          `json:"versions,omitempty"`
	Segments   []string          `json:"segments,omitempty"`
	Accounts   []string          `json:"accounts,omitempty"`
	Attachment *bool             `json:"attachment,omitempty" doc:"true: files came with it; false: none did"`
	Context    map[string]string `json:"context,omitempty" doc:"What the app sent along, by key; an empty value asks only that the key is there"`
}

// RuleThen is what a rule says; an empty part says nothing.
type RuleThen struct {
	Kind    string `json:"kind,omitempty" doc:"suggestion, problem or question"`
	Urgency string `json:"urgency,omitempty" doc:"low, normal, high or critical"`
	Product string `json:"product,omitempty"`
	Team    string `json:"team,omitempty" doc:"A team's key"`
}

// Fields that a rule may say.
const (
	FieldKind    = "kind"
	FieldUrgency = "urgency"
	FieldProduct = "product"
	FieldTeam    = "team"
)

// Routed is why one field of a suggestion says what it says: the rule that was number
// N then, and the words it found. Rule "" is how Heed tells by itself. A field that
// its filer gave or a member changed has none.
type Routed struct {
	Field string   `json:"field"`
	Value string   `json:"value"`
	Rule  string   `json:"rule,omitempty"`
	N     int      `json:"n,omitempty"`
	Words []string `json:"words,omitempty"`
}

// Team answers a part of the suggestions. Key is what rules and suggestions name it
// by, for good.
type Team struct {
	Key       string `gorm:"primaryKey"`
	Name      Text
	CreatedAt time.Time
}

// TeamMember says that a member belongs to a team.
type TeamMember struct {
	Team     string `gorm:"primaryKey"`
	MemberID string `gorm:"primaryKey"`
}

// ClockSetting is the one row (ID 1) with the first-reply clocks. RecomputeAfter is the
// last suggestion whose clock was set anew after a change; nil when all are.
type ClockSetting struct {
	ID             int `gorm:"primaryKey;autoIncrement:false"`
	Clocks         JSON[Clocks]
	Rev            int64
	RecomputeAfter *string
	UpdatedAt      time.Time
}

// Clocks say by when a first reply is due. Warn is after how many percent of the time
// a warning goes out; WarnBefore, where not 0, so many minutes before the end instead.
type Clocks struct {
	Policies   map[Urgency]ClockPolicy `json:"policies"`
	Zone       string                  `json:"zone" doc:"An IANA time zone such as Asia/Shanghai"`
	Week       [7][]Span               `json:"week" doc:"Business hours from Sunday to Saturday"`
	Holidays   []string                `json:"holidays" doc:"Dates without business hours"`
	Workdays   []string                `json:"workdays" doc:"Dates with Monday's hours though their weekday has none"`
	Warn       int                     `json:"warn"`
	WarnBefore int                     `json:"warn_before"`
}

// Span is business time of a day, in minutes after midnight; To may be 1440.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Units of a ClockPolicy. A day of business time is as long as the longest weekday.
const (
	UnitMinutes = "minutes"
	UnitHours   = "hours"
	UnitDays    = "days"
)

// ClockPolicy is within what time a first reply is due; Amount 0 sets no clock.
type ClockPolicy struct {
	Amount   int    `json:"amount"`
	Unit     string `json:"unit"`
	Business bool   `json:"business" doc:"Only business hours count; else the clock runs round the clock"`
}

// Steps of a clock.
const (
	ClockWarn   = "warned"
	ClockBreach = "breached"
)

// ClockMark says that a step of a suggestion's clock was told of, in a sweep. It is
// there once for each due time.
type ClockMark struct {
	SuggestionID string    `gorm:"primaryKey"`
	DueAt        time.Time `gorm:"primaryKey"`
	Step         string    `gorm:"primaryKey"`
	Sweep        string
	CreatedAt    time.Time
}

// Urgencies lists the urgencies, the most urgent first.
func Urgencies() []Urgency {
	return []Urgency{UrgencyCritical, UrgencyHigh, UrgencyNormal, UrgencyLow}
}

// SettingStep is the snapshot of an activity that changed a setting: a rule, a team or
// the clocks as they were and became, nil where there was or is none.
type SettingStep[T any] struct {
	Before *T     `json:"before,omitempty"`
	After  *T     `json:"after,omitempty"`
	Undoes string `json:"undoes,omitempty"` // the activity that this one takes back
}

// ClockStep is the snapshot of clock.warned and clock.breached.
type ClockStep struct {
	Sweep   string    `json:"sweep"`
	Team    string    `json:"team,omitempty"`
	Urgency Urgency   `json:"urgency"`
	DueAt   time.Time `json:"due_at"`
}
