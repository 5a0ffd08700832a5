// Package auth says who somebody is and what they may do: members and their
// roles, API tokens with scopes and limits, the access that a member gives to a
// program by consent (OAuth), e-mailed codes and one-time links, sessions, and the
// one question Can(actor, action, resource).
//
// Invariants: secrets are stored hashed, or sealed where they must be read
// again; a GET signs nobody in; the answer to an unknown address is the answer
// to a known one; a code, a refresh secret and a one-time link work once, and a
// code or refresh secret that is shown again ends what came of it; a token never
// outgrows the member behind it. Can is asked inside services, never in handlers
// alone.
//
// The package knows neither HTTP nor pages; server turns cookies and headers
// into calls.
package auth
