// Package intake is the one door for suggestions: it normalises, redacts,
// refuses what cannot be stored, knows what it has seen before, tells kind and
// language, classifies and routes by rules that staff keep (routing is the pure part),
// starts the clock of the first reply, and files. It also tells, in a sweep, which first
// replies are late or soon will be, and measures how long they took. What is said afterwards comes
// through it too: the thread between staff and the person, and the files of both.
//
// Outcomes tells who files for others what became of it; ReadConversation says of
// which conversation elsewhere an address is.
//
// Invariants: nothing is stored, indexed or logged before redaction; a POST
// repeated with its key, or a source's external id repeated, files nothing
// twice; whatever the door decides is committed together with the suggestion;
// staff's words never ask for a secret; an attachment is what its bytes are, and
// was made harmless by package files before it is a row;
// what its filer gave stays whatever the rules say; a step of a clock is told once for
// each due time.
//
// An emergency (emergency.go, alarm.go) is confidential for ever: it is compared with
// nothing and joins no theme; the team is alerted in the transaction that moves the
// time of the next alert, until a member acknowledges. What a door refuses is read for
// danger all the same (overheard.go) and kept alone; a name is never a secret.
//
// The package knows neither HTTP nor pages.
package intake
