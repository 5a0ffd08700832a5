package ui

import "time"

// GitHub is how the connection is, and what went over it.
type GitHub struct {
	Health GitHubHealth
	// Troubled are the first of TroubledCount links in which something is wrong.
	Troubled      []TroubledLink
	TroubledCount int
	// Backfills are nil where there are none and none may be begun.
	Backfills *Backfills
	Which     []Option
	// Theme limits the ledger to one theme; nil for all.
	Theme *ThemeRef
	// Narrowed says that rows may be missing only because of what was asked for.
	Narrowed bool
	Rows     []LedgerRow
	MoreURL  string
}

// TroubledLink is a theme and its issue, in which something is wrong.
type TroubledLink struct {
	Theme *ThemeRef
	Issue Issue
}

// GitHubHealth is how the connection to GitHub is.
type GitHubHealth struct {
	// Missing: there is no token and no GitHub App; CanSetUp: the reader may give one.
	Missing, CanSetUp bool
	// Silent is until when GitHub wants no requests; zero in ordinary times.
	Silent time.Time
	// Waiting issues are to be made or written to, which will be so at Until.
	Waiting int
	Until   time.Time
	// Hook is when the last webhook came; zero for never.
	Hook         time.Time
	Repositories []RepositoryHealth
	// App is how the App's own webhook is; empty without an App.
	App HookHealth
	// CanVisit offers to look at all of it again now.
	CanVisit bool
}

// HookHealth is how a webhook is: what is wrong with it, what is said quietly because it is
// no error, and how many deliveries were lost and asked for again in the last day.
type HookHealth struct {
	Problems, Quiet []string
	Again           int
}

// RepositoryHealth is one repository in which themes have issues.
type RepositoryHealth struct {
	Name             string
	Linked, Troubled int
	Checked          time.Time
	// Problem is what keeps issues out of it, LastError why it could not be read last.
	Problem, LastError string
	Hook               HookHealth
	// CanAgree offers to write to it although it has become public.
	CanAgree bool
}

// LedgerRow is a field that was brought to the other side, or is to be.
type LedgerRow struct {
	ID    string
	At    time.Time
	Theme *ThemeRef
	// Issue is "acme/web#77" or, before it has a number, its repository; empty once unlinked.
	Issue, URL string
	// Field is title, block, state, label, issue or comment; FieldName another one's name.
	Field, FieldName string
	// Way is out, in or none.
	Way      string
	Conflict bool
	// Was gave way to Becomes.
	Was, Becomes LedgerValue
	// State is planned, sent, done, failed or dropped.
	State string
	Tries int
	// Problem is why it failed, in words.
	Problem string
	Mends   *Mends
}

// LedgerValue is what a field held: statuses of a theme, or a text, whose Whole is
// set where Text is only its beginning.
type LedgerValue struct {
	Statuses    []string
	Text, Whole string
}

// Mends are what a person may do about a link.
type Mends struct {
	Theme, Link string
	// Name is the issue's, for those who hear the page.
	Name string
	// Again asks once more, Skip leaves both sides as they are; Ours and Theirs let
	// the theme or the issue win.
	Again, Skip, Ours, Theirs bool
}
