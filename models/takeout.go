package models

import "time"

// TakeOut is an event on its way out of the mail that nobody has yet, once an event. Reason
// is why its people hear nothing of it, "" where they hear of it after all; Cursor is the
// last person done. Taken were taken out so far, Gone had been told, or were being told.
type TakeOut struct {
	EventID   string `gorm:"primaryKey"`
	Reason    string
	Cursor    string
	Taken     int
	Gone      int
	DoneAt    *time.Time
	CreatedAt time.Time
}

// HeldCount is how many people had not yet heard of an event when they were last counted;
// it is kept for events of very many.
type HeldCount struct {
	EventID   string `gorm:"primaryKey"`
	People    int
	CountedAt time.Time
}
