package models

import "time"

// PromiseDefault is how many days a status promises: after so many the people
// behind a theme hear again. 0 is none. The rows follow the configuration.
type PromiseDefault struct {
	Status Status `gorm:"primaryKey"`
	Days   int
}

// StaffDigest is when a member had their weekly mail last. NoMail: they want none.
type StaffDigest struct {
	MemberID     string `gorm:"primaryKey"`
	LastDigestAt *time.Time
	NoMail       bool
	UpdatedAt    time.Time
}
