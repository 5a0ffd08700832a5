// Package smtpsink is the mail server our tests deliver to: a real SMTP listener on
// loopback that is the ground truth of who was told what.
//
// Invariant: a mail is on record (and in the file, when one was asked for) before
// its 250 leaves, so whatever the sender believes was accepted is on record; what
// the sink refused or cut off before that moment is not. One exception is on
// purpose: CutAfterDot records and then hangs up, which is how a sender comes to
// doubt a mail that did arrive.
//
// It must not know Heed.
package smtpsink
