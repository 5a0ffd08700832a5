package ui

import "time"

// Backfills are how far repositories have been brought in, with a form for who may begin one.
type Backfills struct {
	Rows []Backfill
	// Running says that one of them is under way.
	Running  bool
	CanBegin bool
	// Repository is what the form names, Error what is wrong with it, and Look what was found.
	Repository, Error string
	Look              *BackfillLook
}

// Backfill is how far one is. State is running, done or cancelled.
type Backfill struct {
	Repository, State             string
	Done, Total                   int
	Made, Joined, Skipped, Failed int
	By                            string
	Started, Until, Ended         time.Time
	// Problem is what it waits for, or what went wrong last.
	Problem   string
	CanCancel bool
}

// BackfillLook is what one would find. Open counts pull requests too unless it is Exact.
type BackfillLook struct {
	Repository   string
	Open, Linked int
	Exact        bool
	Private      bool
}
