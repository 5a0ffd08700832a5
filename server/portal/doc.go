// Package portal is the door for everybody: the public list, a theme's page,
// the form for a new suggestion, signing in and stopping mail.
//
// Invariants: only published themes are read, as somebody who is not known
// would see them, and of them only the public title, text and reasons; no page
// or fragment holds another person's words. A GET changes nothing and signs
// nobody in.
package portal
