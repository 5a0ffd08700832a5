package ui

import "time"

// PortalUpdate is what the team wrote about a theme.
type PortalUpdate struct {
	At         time.Time
	Text, Lang string
}

// Talk is what is said below a theme, with a form to say more. URL takes the form.
type Talk struct {
	URL string
	// SignInNext is where signing in leads back to.
	SignInNext string
	Comments   []TalkComment
	// CanSay shows the form, and not the way to sign in. Team marks that what is said is
	// said for the team.
	CanSay, Team bool
	// Draft is what was refused and Error why, in the form of the comment that ReplyTo
	// names, of none for a comment of its own. SignedOut: signing in is what it lacks.
	Draft, ReplyTo, Error string
	SignedOut             bool
	// Waits says that what was sent waits for a person to look at it.
	Waits bool
	// EarlierURL leads to older comments, LatestURL back to the newest; empty for none.
	EarlierURL, LatestURL string
}

// TalkComment is one comment. Official is staff's mark.
type TalkComment struct {
	ID, Name   string
	Official   bool
	Text, Lang string
	At         time.Time
	// Answers: it answers a comment, whose author To names; ToURL leads there where it
	// stands on the page.
	Answers   bool
	To, ToURL string
	// Why says why it waits for moderation; ThemeRef is its theme there.
	Why   string
	Theme ThemeRef
}

// SolvedPage asks whether what shipped solves it.
type SolvedPage struct {
	Token            string
	Title, TitleLang string
	Version          string
	// Answer is the choice that the link made, "yes", "no" or empty.
	Answer string
	Words  string
	// Error is why Words were refused, Choose that neither yes nor no was chosen.
	Error, Choose string
	// Invalid is an unknown link; Over says that it was opened again since.
	Invalid, Over bool
	// Done is "yes" or "no" once answered, At; SaidURL leads to the report of a no. Again
	// says that this first answer stands, More that what was said besides is kept.
	Done, SaidURL string
	At            time.Time
	Again, More   bool
	// Found says what was masked in what was said just now, or looks secret, one line each.
	Found []string
	// Advice is for who is in danger; empty for others.
	Advice []Advice
}

// MeantPage lets a person take a suggestion of theirs out of where it was put.
type MeantPage struct {
	Token string
	Rows  []MeantRow
	// Error is why Words, about the suggestion Chosen, were refused.
	Error, Words, Chosen string
	Invalid              bool
	// Done says that one was taken out just now; Found says what was masked in what was
	// said with it, or looks secret, one line each.
	Done  bool
	Found []string
	// Advice is for who is in danger; empty for others.
	Advice []Advice
}

// MeantRow is one suggestion; Theme is empty where the theme is not published.
type MeantRow struct {
	ID, Text, Lang   string
	Theme, ThemeLang string
}

// ThemeTold is what a theme's page says besides its status.
type ThemeTold struct {
	Updates []ToldUpdate
	Update  UpdateForm
	// CanTell shows the form for updates.
	CanTell bool
	// Yes and No count who says that it is solved, or not.
	Yes, No int
	// Words are what they say, newest first.
	Words []SolvedWord
	Talk  Talk
}

// SolvedWord is one answer to whether it is solved. URL leads to the report that it
// made, empty for none.
type SolvedWord struct {
	Name, Text, Lang string
	Solved           bool
	URL              string
	At               time.Time
}

// ToldUpdate is one update in the console.
type ToldUpdate struct {
	At         time.Time
	By         string
	Text, Lang string
	Activity   string
}

// UpdateForm is an update, before and after its preview.
type UpdateForm struct {
	ThemeID string
	Text    Localized
	Silent  bool
	Errors  map[string]string
	Preview *Consequence
}

// Releases lists what was shipped, with the form for the next.
type Releases struct {
	Rows    []ReleaseRow
	MoreURL string
	CanShip bool
	Form    ReleaseForm
	// Drafts came out on GitHub and wait for a person; DraftsCome tells that they would.
	Drafts     []ReleaseDraftRow
	DraftsCome bool
}

// ReleaseDraftRow is a release that came out on GitHub. Themes counts those that it proposes,
// Named those of them that its notes name. Chosen: the form is filled in with it.
type ReleaseDraftRow struct {
	ID, Version, Name string
	Repository, URL   string
	At                time.Time
	Themes, Named     int
	Chosen            bool
}

// ReleaseRow is one release.
type ReleaseRow struct {
	ID, Version, Product string
	Notes, NotesLang     string
	By, Activity         string
	At                   time.Time
	Themes               []ThemeRef
	CanUndo              bool
}

// ReleaseForm is a release to be made, before and after its preview.
type ReleaseForm struct {
	Version, Product string
	Notes            Localized
	Themes           []ReleaseChoice
	Silent           bool
	Errors           map[string]string
	// Wrong are the messages about themes.
	Wrong   []string
	Preview *Consequence
	// Chosen counts the themes that are chosen.
	Chosen int
	// Draft is what it is filled in from, Drafted its name; "" for none.
	Draft, Drafted string
}

// ReleaseChoice is a theme that may ship. Ready marks that GitHub says so, Named that the
// notes of the draft name it.
type ReleaseChoice struct {
	ThemeRef
	Ready, Named, Chosen bool
}

// Moderation lists the comments that wait for a person.
type Moderation struct{ Rows []TalkComment }
