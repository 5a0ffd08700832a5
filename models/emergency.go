package models

import (
	"encoding/json"
	"time"
)

// Cause is why a suggestion is an emergency.
type Cause string

// The causes of emergencies.
const (
	CauseSecret        Cause = "secret"        // a recovery phrase or private key was sent
	CauseStolen        Cause = "stolen"        // somebody says that assets were stolen
	CauseVulnerability Cause = "vulnerability" // somebody reports a weakness of the product
)

// Emergency is a suggestion that somebody of the team must see at once. AlertAt is
// when the team is alerted next, nil once it was acknowledged or when nothing is
// repeated; Alerts counts the times. TextKey is that of what was said, after
// masking: who says the same is an emergency too.
type Emergency struct {
	SuggestionID     string `gorm:"primaryKey"`
	Cause            Cause
	Product          string
	TextKey          string
	AlertAt          *time.Time
	Alerts           int
	AlertedAt        *time.Time
	AcknowledgedAt   *time.Time
	AcknowledgedBy   string
	AcknowledgedName string
	CreatedAt        time.Time
}

// Alarm is the snapshot of EmergencyOpened (its cause and the language of its
// person) and of EmergencyAlerted (the newest open emergencies and how many there
// are). No words of a person are in it, and no field that Change has with another
// meaning: who reads all activities reads these as well.
type Alarm struct {
	Cause       Cause    `json:"cause,omitempty"`
	Lang        string   `json:"lang,omitempty"`
	Open        int      `json:"open,omitempty"`
	Suggestions []string `json:"emergencies,omitempty"`
}

// Encode returns the snapshot as it is stored.
func (a Alarm) Encode() string {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err) // only plain fields: cannot fail
	}
	return string(b)
}

// Alarm reads the snapshot of an emergency's activity.
func (a *Activity) Alarm() (Alarm, error) {
	var al Alarm
	if a.Snapshot == "" {
		return al, nil
	}
	err := json.Unmarshal([]byte(a.Snapshot), &al)
	return al, err
}
