// Package themes is what the team decided: triage, vote, assign, merge, split,
// undo, status. It also finds the themes that a text may belong to, with the
// index of package dedup, which it keeps in step with the activities.
//
// Invariants: every change is one Write with its activity; a suggestion's
// membership changes through place alone, so that undo can put back the same
// rows, and what undoes it the others again; a decline or a postponement has a
// public reason; a theme is private until it is published, and only its public
// title and text ever are; what a person decided is never proposed against
// (forbidden, weigh), and is compared with what was said before (judge); of those
// who say the same in the same place one leads, and what holds for it holds for its
// echoes (echo), which are no items of the index; an open theme whose status promises
// something has a day when its people hear next, or waits for a person's decision
// (renew, promiseCame).
//
// The package knows neither mail nor GitHub nor HTTP: others read the
// activities.
package themes
