// Package bench measures Heed from the outside: it boots a whole App on a
// database of its own, fills it with generated suggestions, and asks it by real
// HTTP over loopback. It imports app and nothing imports it but the command
// line; no configured database is ever opened.
//
// The texts are generated and say so in every report: they cost the index what
// real ones cost (words by Zipf, a long tail of names, typos, both languages),
// but how well they match says nothing about quality. Equal options give equal
// texts.
package bench
