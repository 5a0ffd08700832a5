package models

import "time"

// Job is work that survives a restart, at most one per kind and key. A running
// job that is asked for again gets Again, and runs once more.
type Job struct {
	ID         string
	Kind       string
	Key        string
	Payload    string
	RunAt      time.Time
	Attempts   int
	Again      bool
	LeaseOwner string
	LeaseUntil *time.Time
	Fence      int64
	LastError  string
	CreatedAt  time.Time
}

// CronTick is a tick of a cron job that some node took.
type CronTick struct {
	Job     string    `gorm:"primaryKey"`
	TickAt  time.Time `gorm:"primaryKey"`
	TakenBy string
}

// Cursor is how far a reader of the activities has come.
type Cursor struct {
	Name string `gorm:"primaryKey"`
	Seq  int64
}

// Counter is a number that only grows, row-locked by its users.
type Counter struct {
	Name string `gorm:"primaryKey"`
	N    int64
}
