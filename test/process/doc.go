// Package process drives the built heed binary from outside, as an operator would: it
// starts it, calls its API and its command line, kills it without warning and starts
// it again on the same data.
//
// It relies on nothing but what is documented for users: HEED_SECTION__KEY, /readyz,
// exit code 0 on SIGTERM, `heed token create`. Each Process has its own folder, free
// ports on loopback and a SQLite file, unless Options say otherwise. No variable
// HEED_… of the caller's environment reaches it.
package process
