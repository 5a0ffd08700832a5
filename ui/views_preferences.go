package ui

import "time"

// Preferences is what a person hears, and when, behind the link in their mails.
type Preferences struct {
	Token, Email, Product string
	// Off: they stopped all follow-ups.
	Off bool
	// Kinds, each with its modes.
	Kinds                 []PreferenceKind
	Hours, Weekdays       []Option
	Quiet                 string // house, off or own
	QuietFrom, QuietTo    string
	HouseQuiet            string // "" when the house has none
	Zone                  string
	NextDaily, NextWeekly string // in words; "" when no kind has the mode
	Locales               []Option
	TimeZone              string
	HasPhrase             bool
	Muted, Themes         []PreferenceTheme
	Told                  []PreferenceTold
	Errors                map[string]string
	Invalid               bool // the link is not one of ours
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
