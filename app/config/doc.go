// Package config reads what an operator may set: config.yaml and HEED_…
// variables over typed defaults.
//
// Invariants: every key stands once, in keys.go, with what it allows; an
// unknown key or a wrong value is an error that says where it is and what would
// be right, and all of them are told at once; a key of a feature that this
// version lacks takes no value; secrets appear in no log and no error.
//
// Only app reads this package. Every other one takes a small Options struct, so
// it imports nothing of ours.
package config
