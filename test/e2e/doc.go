// Package e2e holds the tests that drive the built binary as its users do: through
// REST, mail, GitHub and a browser, against the peers beside this folder.
//
// It has no code of its own; everything is in tests. They rely on CONTRACT's outside
// only, with one exception: the sentences that a mail must hold are read from the
// catalogs, so that better wording breaks no test.
package e2e
