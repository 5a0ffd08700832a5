// Package issuesync keeps themes and GitHub issues in step: it creates an issue
// for a theme once, and brings what happens to the issue back to the theme.
//
// Invariants: a webhook is a hint, the current state is always asked for; the
// row says "creating" before a request that creates leaves, so an answer that
// was lost leads to a look for the marker and not to a second issue; a marker
// counts only under our own account; an issue is known by the ids of its
// repository and itself, names may change; a vanished issue never touches its
// theme; the same state again writes nothing; what goes out is a template of
// public fields, masked and made harmless; a token reaches only the API's host
// and never a log.
//
// The package knows themes and jobs. It knows neither the pages nor the mail:
// who hears of a status is decided by those who read the activities.
package issuesync
