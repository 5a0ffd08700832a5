package models

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// PersonAt returns the person at an address, making one from fresh (its ID and
// times are filled) when nobody is there yet. Two writers at the same moment
// get the same person.
func PersonAt(tx *gorm.DB, now time.Time, channel, value string, fresh Person) (*Person, error) {
	found := func() (*Person, error) {
		var a Address
		// Held, or a merge of two people would move what they said and miss what
		// this transaction adds. (SQLite has one writer and no such clause.)
		res := tx.Clauses(clause.Locking{Strength: "SHARE"}).Where("channel = ? AND value = ?", channel, value).Limit(1).Find(&a)
		if res.Error != nil || res.RowsAffected == 0 {
			return nil, res.Error
		}
		var p Person
		return &p, tx.First(&p, "id = ?", a.PersonID).Error
	}
	if p, err := found(); p != nil || err != nil {
		return p, wrapPerson(err)
	}
	fresh.ID, fresh.CreatedAt, fresh.UpdatedAt, fresh.Rev = NewID(PrefixPerson), now, now, 1
	if err := tx.Create(&fresh).Error; err != nil {
		return nil, wrapPerson(err)
	}
	res := tx.Exec("INSERT INTO addresses (channel, value, person_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (channel, value) DO NOTHING",
		channel, value, fresh.ID, now)
	if res.Error != nil || res.RowsAffected == 1 {
		return &fresh, wrapPerson(res.Error)
	}
	// Another node was faster: its person stands, ours was never seen.
	if err := tx.Delete(&fresh).Error; err != nil {
		return nil, wrapPerson(err)
	}
	p, err := found()
	return p, wrapPerson(err)
}

func wrapPerson(err error) error {
	if err != nil {
		return fmt.Errorf("find person: %w", err)
	}
	return nil
}

// StandingPerson returns who a person is by now: themselves, or the one they were
// merged into. Inside a Write they stay so until it ends. "" stays "".
func StandingPerson(tx *gorm.DB, id string) (string, error) {
	for hops := 0; id != "" && hops < 100; hops++ {
		var p Person
		res := tx.Clauses(clause.Locking{Strength: "SHARE"}).Select("id", "merged_into").Limit(1).Find(&p, "id = ?", id)
		if res.Error != nil {
			return "", wrapPerson(res.Error)
		}
		if res.RowsAffected == 0 || p.MergedInto == "" {
			return id, nil
		}
		id = p.MergedInto
	}
	return id, nil
}
