package ui

import "time"

// Clocks is the page of first replies: how long they took, and by when they are due.
type Clocks struct {
	Measured time.Time
	Days     []Option
	All      ReplyTimes
	Tables   []ReplyTable
	Weeks    []ReplyTimes
	// Max is the longest median of the weeks, in seconds: the chart's height.
	Form ClockForm
}

// ReplyTable is times to first reply by one thing; Name is urgency, team, source or
// week.
type ReplyTable struct {
	Name string
	Rows []ReplyTimes
	CSV  string
}

// ReplyTimes are those of one group, in words; Bar is how long its bar is, of 100.
type ReplyTimes struct {
	Name                               string
	Filed, Replied, Waiting, Late, Bar int
	Within                             Ratio
	Median, P90                        string
}

// ClockForm writes by when first replies are due.
type ClockForm struct {
	Rev      int64
	Policies []PolicyRow
	Zone     string
	Days     []DayRow
	Holidays string
	Workdays string
	// Warn is after how many percent, WarnBefore how many minutes before the end.
	Warn, WarnBefore string
	Pending          bool
	CanEdit          bool
	// Errors are messages by field: zone, week_1, policy_high, …
	Errors map[string]string
}

// PolicyRow is within what time an urgency is answered.
type PolicyRow struct {
	Urgency, Amount string
	Units           []Option
	Business        []Option
	Error           string
}

// DayRow is the business hours of a weekday, such as "09:00-12:00, 13:00-18:00".
type DayRow struct {
	N                   int
	Label, Hours, Error string
}
