// Package intake is the one door for suggestions: it normalises, redacts,
// refuses what cannot be stored, knows what it has seen before, tells kind and
// language, and files.
//
// Invariants: nothing is stored, indexed or logged before redaction; a POST
// repeated with its key, or a source's external id repeated, files nothing
// twice; whatever the door decides is committed together with the suggestion.
//
// An emergency (emergency.go, alarm.go) is confidential for ever: it is compared with
// nothing and joins no theme; the team is alerted in the transaction that moves the
// time of the next alert, until a member acknowledges.
//
// The package knows neither HTTP nor pages.
package intake
