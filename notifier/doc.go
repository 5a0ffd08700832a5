// Package notifier decides who is told what, and tells each of them once.
//
// The ledger (Notifier) reads activities by cursor and makes an event of each
// change of status, writes its audience down chunk by chunk with a reason for
// everybody who is not told, lets it settle, makes one delivery a person, and
// sends it. So do updates, merges by choice and answers to comments; the statuses of
// one release are told together, by one fan-out. What one person hears of their own suggestion (received, replied,
// handed over) has one reader: its event, item and delivery are made together.
// Mail is rendered per person at send time (Renderer) and handed to
// the relay over a few long-lived connections (Pool). These two know nothing of
// each other and nothing of the database.
//
// Invariants:
//   - one mail speaks one language: subject, body, footer, dates and names of
//     states come from one locale; a text written in another one is quoted and
//     its language named;
//   - the same message renders to the same bytes, so that a repeated mail can
//     be recognised by its Message-ID and its hash;
//   - beforeDot is the last moment at which a mail is certainly not sent: what
//     fails earlier may be tried again, what fails later is in doubt;
//   - who filed for others hears once of what became of it, by rows of their own
//     (OutcomeNews); what is taken back before is no news;
//   - one promise mail a person and month; what it left out stands in the next one;
//   - nobody is lost: who was to hear of an event has a row that leads to a
//     delivery or says why not, and a row changes hands only by lease and fence;
//   - sending is committed before each final dot, what senders have to say at one time
//     together (register), so a crash leaves at most one mail in doubt for each
//     connection, and on SQLite only where the relay had not answered yet (answers);
//     the relay is asked where it can be (Prober), else it is sent once
//     more as the same mail, and after a second doubt, or at once where its kind is
//     held, waits for a person;
//   - who is known by a handle alone is told through the webhook of that channel
//     (package webhooks), and by hand where there is none or it does not answer;
//   - a report of a bounce or a complaint changes something only where it is shown
//     to be about a mail of ours, and then only for the address that it went to;
//   - preference and suppression decide in one place, the statement that commits
//     to sending;
//   - what is recalled, taken back or muted leaves all that nobody is sending, in one
//     place (takeOutWhere): an event is marked first, from then on none of it is sent,
//     and a row (TakeOut) takes it out chunk by chunk; what settles is asked again;
//   - locks are taken in one order: themes (fan_out), settling, people (holdSettling).
//
// The package must not know of HTTP handlers, of triage or of GitHub.
package notifier
