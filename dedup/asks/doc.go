// Package asks finds where a message may ask for several things, in English and
// Chinese: its list, its lines, "also" and 另外, its sentences. It only says
// where to look; whether two parts are two subjects is for who knows the themes.
//
// It is pure and linear in the text, and it would rather say nothing: one
// subject, a short sentence, code, a log or a stack trace is never parted.
package asks
