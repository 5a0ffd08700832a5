// Package routing is pure: it says what rules make of a suggestion, and by when a
// first reply is due.
//
// Invariants: the same rules and facts give the same outcome; the first rule that
// matches says each field, and what its filer gave stays; a clock uses up business
// time and nothing else.
//
// The package knows neither the store nor who is asking.
package routing
