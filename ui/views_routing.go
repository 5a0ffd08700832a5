package ui

import "time"

// Routing is the page of rules and teams.
type Routing struct {
	Rules   []RuleRow
	Teams   []TeamRow
	Try     TryForm
	CanEdit bool
	// Team is the form for a new team.
	Team TeamForm
	// Apply says how far the rules have decided again on what is open; nil before.
	Apply *Applied
	// History are the latest changes, the newest first.
	History []RoutingChange
}

// RoutingChange is who changed what; Activity can be undone, empty where it cannot.
type RoutingChange struct {
	Activity, By, What string
	Undone             bool
	At                 time.Time
}

// Applied is how many suggestions the rules changed so far; Next is where to go on,
// empty at the end.
type Applied struct {
	Changed int
	Next    string
}

// RuleRow is a rule in the reader's words.
type RuleRow struct {
	ID, URL, Name string
	N             int
	// When are its conditions, Then what it sets.
	When, Then  []RulePart
	Disabled    bool
	First, Last bool
}

// RulePart is one condition or outcome: a label and its values, with More not shown.
type RulePart struct {
	Label  string
	Values []string
	More   int
}

// TryForm is the test box, and what the rules made of its text.
type TryForm struct {
	Text, Source, Error string
	Result              *Tried
}

// Tried is what the rules made of a text: its parts, those that decided marked, and
// each field with what decided it.
type Tried struct {
	Parts  []MarkedText
	Lang   string
	Fields []TriedField
}

// MarkedText is a part of a text; Rule is the number of the rule that found it.
type MarkedText struct {
	Text   string
	Marked bool
}

// TriedField is one field: its value and why.
type TriedField struct{ Label, Value, Why string }

// RuleForm writes a rule.
type RuleForm struct {
	ID       string
	Rev      int64
	Name     string
	Position int
	Count    int
	// Lists as they are typed: words one a line, the others with commas.
	Words, Sources, Products, Versions, Segments, Accounts, Context string
	Kinds, Languages                                                []Option
	Attachment                                                      []Option
	Kind, Urgency, Team                                             []Option
	Product                                                         string
	Disabled                                                        bool
	// Errors are messages by field: words, product, …; "" is about the whole.
	Errors  map[string]string
	Replay  *RuleReplay
	CanEdit bool
}

// RuleReplay is what a rule would have made of the last month. State goes on from
// where it stopped, empty at the end.
type RuleReplay struct {
	State                      string
	Stopped                    bool
	Seen, Total, Changed, Open int
	Shifts                     []ShiftRow
	Examples                   []ReplayExample
}

// Percent is how much of the month was read.
func (r RuleReplay) Percent() int {
	if r.Total == 0 {
		return 100
	}
	return min(100, 100*r.Seen/r.Total)
}

// ShiftRow is how many would change from one value to another.
type ShiftRow struct {
	Field, From, To string
	N               int
}

// ReplayExample is one of them.
type ReplayExample struct {
	URL, Title, Lang string
	Changes          []ShiftRow
}

// TeamRow is a team and who belongs to it.
type TeamRow struct {
	Key, Name string
	Members   []string
	Form      TeamForm
}

// TeamForm writes a team.
type TeamForm struct {
	Key, NameEN, NameZH string
	Members             []Option
	Errors              map[string]string
	New                 bool
}

// Clock is a first-reply clock beside a suggestion. State is waiting, soon or late;
// Words say how long is left, or how late it is.
type Clock struct {
	State, Words string
	Due          time.Time
}

// Route is who answers a suggestion and how soon, and why.
type Route struct {
	ID, Urgency, Team string
	Why               []string
	Urgencies, Teams  []Option
	CanEdit           bool
}
