// Package intake is the one door for suggestions: it normalises, redacts,
// refuses what cannot be stored, knows what it has seen before, tells kind and
// language, and files. What is said afterwards comes through it too: the thread
// between staff and the person, and the files of both.
//
// Outcomes tells who files for others what became of it; ReadConversation says of
// which conversation elsewhere an address is.
//
// Invariants: nothing is stored, indexed or logged before redaction; a POST
// repeated with its key, or a source's external id repeated, files nothing
// twice; whatever the door decides is committed together with the suggestion;
// staff's words never ask for a secret; an attachment is what its bytes are, and
// was made harmless by package files before it is a row.
//
// The package knows neither HTTP nor pages.
package intake
