package models

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of an error; the edge turns it into an HTTP status or an
// exit code.
type Kind string

// The whole error vocabulary. What is none of these never reaches a client.
const (
	Invalid         Kind = "invalid"         // 422: a field is wrong; Field names it
	NotFound        Kind = "not_found"       // 404
	Conflict        Kind = "conflict"        // 409: the row changed meanwhile
	Unauthenticated Kind = "unauthenticated" // 401
	Forbidden       Kind = "forbidden"       // 403
	TooLarge        Kind = "too_large"       // 413
	RateLimited     Kind = "rate_limited"    // 429, with RetryAfter
	Unavailable     Kind = "unavailable"     // 503, with RetryAfter
)

// Error is an error that a person or a script may see. Code is stable and
// names the message "error.<Code>" in the catalogs, which Args fill; Field is
// the wrong field's JSON path such as "person/email", empty when none is.
type Error struct {
	Kind       Kind
	Code       string
	Field      string
	Args       []any
	RetryAfter time.Duration
	Cause      error
	More       []*Error // further wrong fields
}

// Error describes the error for logs.
func (e *Error) Error() string {
	s := string(e.Kind) + ": " + e.Code
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if len(e.Args) > 0 {
		s += fmt.Sprint(" ", e.Args)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause, if any.
func (e *Error) Unwrap() error { return e.Cause }

// Fail returns an error of the vocabulary without a field.
func Fail(kind Kind, code string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Args: args}
}

// BadField returns an Invalid error that names the field.
func BadField(field, code string, args ...any) *Error {
	return &Error{Kind: Invalid, Code: code, Field: field, Args: args}
}

// BadFields is one error for all that is wrong, nil for nothing.
func BadFields(wrong []*Error) error {
	if len(wrong) == 0 {
		return nil
	}
	first := *wrong[0]
	first.More = wrong[1:]
	return &first
}

// Busy returns an Unavailable error to be tried again after d.
func Busy(code string, d time.Duration, cause error) *Error {
	return &Error{Kind: Unavailable, Code: code, RetryAfter: d, Cause: cause}
}

// KindOf returns the kind of err, "" when it is not of the vocabulary.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
