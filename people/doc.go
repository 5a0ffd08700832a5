// Package people is who people are: their addresses, accounts and segments, how
// staff find them, and that several of them are one. It is a room of its own
// because neither the door (intake) nor the team's decisions (themes) need it: it
// knows rows of both, and both stay as they are.
//
// Invariants: who was merged away has no rows of their own, and undo puts the same
// rows back (merge, unmerge); a vote counts once a person and theme, before, during
// and after; nobody is told twice of one event because they are two people no more.
// Addresses, revenue and notes are for staff; a person's phrase is for themselves
// and their mail alone. Nothing of a person is logged.
//
// The package knows neither HTTP nor mail nor pages.
package people
