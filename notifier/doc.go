// Package notifier decides who is told what, and tells each of them once.
//
// Mail is rendered per person at send time (Renderer) and handed to the relay
// over a few long-lived connections (Pool). The two know nothing of each other
// and nothing of the database.
//
// Invariants:
//   - one mail speaks one language: subject, body, footer, dates and names of
//     states come from one locale; a text written in another one is quoted and
//     its language named;
//   - the same message renders to the same bytes, so that a repeated mail can
//     be recognised by its Message-ID and its hash;
//   - beforeDot is the last moment at which a mail is certainly not sent: what
//     fails earlier may be tried again, what fails later is in doubt.
//
// The package must not know of HTTP handlers, of triage or of GitHub.
package notifier
