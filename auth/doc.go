// Package auth says who somebody is and what they may do: members and their
// roles, API tokens and scopes, e-mailed codes and one-time links, sessions,
// and the one question Can(actor, action, resource).
//
// Invariants: secrets are stored hashed, or sealed where they must be read
// again; a GET signs nobody in; the answer to an unknown address is the answer
// to a known one. Can is asked inside services, never in handlers alone.
//
// The package knows neither HTTP nor pages; server turns cookies and headers
// into calls.
package auth
