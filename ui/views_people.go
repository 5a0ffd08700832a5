package ui

import "time"

// People is the list of people.
type People struct {
	Query    string
	Accounts []Option
	Segments []Option
	Rows     []PersonRow
	MoreURL  string
	// Filtered says that something is sought, for an empty list.
	Filtered bool
}

// PersonRow is one person in a list or among those to merge with.
type PersonRow struct {
	ID, URL string
	// Name is theirs, or their address where nobody knows it.
	Name, Address, Channel string
	Account, Segment, Lang string
	Suggestions            int
	Since                  time.Time
}

// Person is one person's page.
type Person struct {
	ID, Name  string
	Since     time.Time
	HasPhrase bool
	Segment   string
	Account   string
	Addresses []PersonAddress
	// Form is what is known of them.
	Form        PersonForm
	AddressForm AddressForm
	Suggestions []PersonSuggestion
	MoreURL     string
	Votes       []PersonVote
	Told        []PersonTold
	Merge       PersonMerge
	Merged      []PersonMerged
	CanEdit     bool
	// Wishes is what they hear, nil for who may not set it.
	Wishes *PersonWishes
}

// PersonMerged is somebody who is this person since a merge.
type PersonMerged struct {
	Activity, Name, Actor string
	At                    time.Time
	CanUndo               bool
}

// PersonAddress is where a person is.
type PersonAddress struct {
	Channel, ChannelName, Value string
	Verified, CanRemove         bool
}

// PersonForm is what staff may change of a person.
type PersonForm struct {
	Name, TimeZone, Segment string
	Locales, Accounts       []Option
	Segments                []string // to choose from
	Revision                int64
	Errors                  map[string]string
}

// AddressForm is the form for one address more.
type AddressForm struct {
	Channel, Value string
	Errors         map[string]string
}

// PersonSuggestion is something that a person said.
type PersonSuggestion struct {
	URL, Title, Lang, State string
	At                      time.Time
	Themes                  []ThemeRef
}

// PersonVote is a theme that a person stands behind; Said means because of what
// they said.
type PersonVote struct {
	Theme ThemeRef
	Said  bool
	At    time.Time
}

// PersonTold is a change that a person heard of, or why not. State is a delivery's
// or "by_hand"; Why is in words, "" when told or to be told.
type PersonTold struct {
	Theme      ThemeRef
	Status     string
	Kind       string // of what was told, where that is no status
	At         time.Time
	State, Why string
	Next       string // what comes when, of what waits
}

// PersonMerge finds whom a person is merged into, and says what that does.
type PersonMerge struct {
	PersonID, Query string
	Matches         []PersonRow
	Preview         *PersonMergePreview
}

// PersonMergePreview is what a merge would move. Both is how many themes both voted
// for.
type PersonMergePreview struct {
	Into                                PersonRow
	Suggestions, Votes, Both, Addresses int
}

// Accounts is the page of accounts and segments with their weights.
type Accounts struct {
	Rows     []AccountRow
	New      AccountForm
	Segments []SegmentRow
	Segment  SegmentForm
	CanEdit  bool
}

// AccountRow is one account.
type AccountRow struct {
	ID, Name, Plan, PeopleURL string
	Revenue                   int
	Weight                    string
	Domains                   []string
	People                    int
	Form                      AccountForm
}

// AccountForm makes or changes an account; ID is "" to make one.
type AccountForm struct {
	ID, Name, Plan, Revenue, Weight, Domains string
	Revision                                 int64
	Errors                                   map[string]string
}

// SegmentRow is one segment; Listed is false where nobody gave it a weight.
type SegmentRow struct {
	Name, Weight, PeopleURL string
	People                  int
	Listed                  bool
	Revision                int64
}

// SegmentForm makes a segment, or says what was wrong with one.
type SegmentForm struct {
	Name, Weight string
	Errors       map[string]string
}

// ByHand is the list of those whom no mail reaches.
type ByHand struct {
	Rows    []ToTell
	MoreURL string
	// Theme limits the list to one theme; nil for all.
	Theme *ThemeRef
	// Receipts are themes that people without a name or an address asked for, with
	// how many look the answer up by their receipt.
	Receipts []Receipts
	CanTell  bool
}

// Receipts is a theme with how many look it up by receipt.
type Receipts struct {
	Theme ThemeRef
	N     int
}

// ToTell is what one person is to be told.
type ToTell struct {
	EventID, PersonID, PersonURL, Name string
	Theme                              ThemeRef
	Status                             string
	// Kind and Said are of a reply or a hand-over: what it is called, and what it is
	// about, at SaidURL.
	Kind, Said, SaidURL string
	Text, Lang          string
	Addresses           []PersonAddress
	// Mail is an address for mail that became known since.
	Mail string
	At   time.Time
}

// Me is what a person says of themselves.
type Me struct {
	Name, TimeZone, Phrase string
	Locales                []Option
	Errors                 map[string]string
	Product                string
}
