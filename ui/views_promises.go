package ui

import "time"

// Promises is the board of when the people behind open themes hear next.
type Promises struct {
	// Decide are the themes whose next mail waits for a person.
	Decide       []PromiseRow
	MoreToDecide bool
	// Groups are the others by how near their day is, without empty ones.
	Groups             []PromiseGroup
	Statuses, Products []Option
	// Status and Product are what the board is filtered by.
	Status, Product string
	Form            PromiseForm
	// CanSet and CanSend say what the reader may do.
	CanSet, CanSend bool
	// CanMail: the reader could have the weekly mail; Mail: they do.
	CanMail, Mail bool
	// Earliest is the first day that may be promised.
	Earliest time.Time
	MoreURL  string
}

// PromiseGroup is overdue, week, month or later.
type PromiseGroup struct {
	Name string
	Rows []PromiseRow
}

// PromiseRow is one theme. Sent counts the promise mails since Word, when its people
// were last told something new; Again is the day offered for one more.
type PromiseRow struct {
	Theme   ThemeRef
	Product string
	Date    time.Time
	Overdue bool
	Sent    int
	Word    time.Time
	Again   time.Time
	Checked bool
}

// PromiseForm sets the day of several themes. Errors are messages by field: date, themes.
type PromiseForm struct {
	Date   string
	Errors map[string]string
}
