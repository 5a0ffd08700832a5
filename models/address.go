package models

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// PersonAt returns the person at an address, making one from fresh (its ID and
// times are filled) when nobody is there yet. Two writers at the same moment
// get the same person.
func PersonAt(tx *gorm.DB, now time.Time, channel, value string, fresh Person) (*Person, error) {
	found := func() (*Person, error) {
		var p Person
		res := tx.Joins("JOIN addresses a ON a.person_id = people.id").Where("a.channel = ? AND a.value = ?", channel, value).Limit(1).Find(&p)
		if res.Error != nil || res.RowsAffected == 0 {
			return nil, res.Error
		}
		return &p, nil
	}
	if p, err := found(); p != nil || err != nil {
		return p, wrapPerson(err)
	}
	fresh.ID, fresh.CreatedAt, fresh.UpdatedAt = NewID(PrefixPerson), now, now
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
