package ui

import "time"

// Preferences is what a person hears, and when, behind the link in their mails.
type Preferences struct {
	Token, Email, Product string
	PreferenceForm
	Stops     []PreferenceStop
	Locales   []Option
	TimeZone  string
	HasPhrase bool
	Told      []PreferenceTold
	Invalid   bool // the link is not one of ours
}

// PreferenceStop is one reason, in words, why nothing comes. Again: the person may end
// it by a button.
type PreferenceStop struct {
	Sentence string
	Again    bool
}

// PreferenceForm is what can be set of what a person hears. Kinds has each with its
// modes; the errors are by the form's fields. Staff says that somebody else than the
// person reads it.
type PreferenceForm struct {
	Staff                 bool
	Kinds                 []PreferenceKind
	Hours, Weekdays       []Option
	Quiet                 string // house, off or own
	QuietFrom, QuietTo    string
	HouseQuiet            string // "" when the house has none
	Zone                  string
	NextDaily, NextWeekly string // in words; "" when no kind has the mode
	Muted, Themes         []PreferenceTheme
	Errors                map[string]string
}

// PersonWishes is what one person hears, for staff to set at their request.
type PersonWishes struct {
	PersonID string
	PreferenceForm
	Stops []PreferenceStop
	Open  bool
}

// PreferenceKind is one kind of follow-up; Name is the form's field.
type PreferenceKind struct {
	Name, Label, Note string
	Modes             []Option
}

// PreferenceTheme is a theme that can be muted.
type PreferenceTheme struct{ ID, Title, TitleLang string }

// PreferenceTold is one thing the person was told, or why not, or when they will be.
type PreferenceTold struct {
	Title, TitleLang, URL, Status, Kind string
	Sentence                            string
	At                                  time.Time
}
