package models

import "time"

// Clock tells the time. Tests hand in their own to pass days in no time.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now returns the machine's time as Heed stores it: UTC, whole milliseconds.
func (SystemClock) Now() time.Time { return Milli(time.Now()) }

// Milli brings a time into the stored form: UTC, whole milliseconds.
func Milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
