// Package peer is what the programs our tests run against have in common: a free
// port on loopback, a process group of their own, and the rule for when a missing
// program is a skip and when it is a failure.
//
// Invariants: only processes started here are ever signalled, each by its own id,
// and a stopped peer has been waited for. It must not know which program it runs.
package peer
