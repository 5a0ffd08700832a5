package people

import (
	"encoding/json"

	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// movesBack gives what earlier activities noted of votes to whose they were.
func (m *merging) movesBack() error {
	rows, err := m.rows(rowMove)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var g given
		if err := json.Unmarshal([]byte(r.Detail), &g); err != nil {
			return err
		}
		if g.Passed {
			theirs := g.Move
			theirs.RowID = m.id("into")
			if err := m.tx.Delete(&theirs).Error; err != nil {
				return err
			}
		}
		if err := m.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&g.Move).Error; err != nil {
			return err
		}
	}
	return nil
}

// itemsBack parts what the one was to hear of. What waits in a mail to the other is
// taken out of it and told anew.
func (m *merging) itemsBack() error {
	err := m.exec(`UPDATE follow_up_items SET person_id = @from WHERE person_id = @into AND event_id IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'item')`,
		`UPDATE follow_up_items SET delivery_id = '', due_at = @now WHERE person_id = @from AND delivery_id IN (SELECT d.id FROM deliveries d WHERE d.person_id = @into AND d.state || '' = 'ready')`)
	if err != nil {
		return err
	}
	rows, err := m.rows(rowBoth)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var i pair[models.FollowUpItem]
		if err := json.Unmarshal([]byte(r.Detail), &i); err != nil {
			return err
		}
		if err := m.itemBack(i); err != nil {
			return err
		}
	}
	return m.exec(`UPDATE deliveries SET state = 'ready', answer = '', run_at = @now, updated_at = @now WHERE state = 'cancelled' AND answer = '`+mergedState+`'
			AND id IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'held')`,
		`UPDATE deliveries SET state = 'cancelled', answer = '`+mergedState+`', content = '', updated_at = @now WHERE person_id = @into AND state || '' = 'ready' AND kind <> 'signin_code'
			AND created_at > @at AND NOT EXISTS (SELECT 1 FROM follow_up_items i WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id)`)
}

// itemBack gives either their own row of an event. What became of the one row since
// stays with who stayed.
func (m *merging) itemBack(i pair[models.FollowUpItem]) error {
	var now models.FollowUpItem
	if res := m.tx.Limit(1).Find(&now, "event_id = ? AND person_id = ?", i.Theirs.EventID, i.Theirs.PersonID); res.Error != nil {
		return res.Error
	}
	if now.DeliveryID == i.Mine.DeliveryID && now.SkipReason == i.Mine.SkipReason && now.ToldBy == i.Mine.ToldBy ||
		now.DeliveryID == i.Theirs.DeliveryID && now.SkipReason == i.Theirs.SkipReason && now.ToldBy == i.Theirs.ToldBy {
		if err := m.tx.Delete(&models.FollowUpItem{}, "event_id = ? AND person_id = ?", i.Theirs.EventID, i.Theirs.PersonID).Error; err != nil {
			return err
		}
		if err := m.tx.Create(i.Theirs).Error; err != nil {
			return err
		}
	}
	return m.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(i.Mine).Error
}

// wishesBack gives either their own wishes, where nobody wished otherwise since.
func (m *merging) wishesBack() error {
	rows, err := m.rows(rowWish)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var w pair[models.Preference]
		if err := json.Unmarshal([]byte(r.Detail), &w); err != nil {
			return err
		}
		left := oneWish(*w.Mine, w.Theirs, m.id("into"))
		var now models.Preference
		if err := m.tx.Limit(1).Find(&now, "person_id = ? AND kind = ?", left.PersonID, left.Kind).Error; err != nil {
			return err
		}
		if now.Mode == left.Mode && now.UpdatedAt.Equal(left.UpdatedAt) {
			if err := m.tx.Delete(&models.Preference{}, "person_id = ? AND kind = ?", left.PersonID, left.Kind).Error; err != nil {
				return err
			}
			if w.Theirs != nil {
				if err := m.setWish(*w.Theirs); err != nil {
					return err
				}
			}
		}
		if err := m.setWish(*w.Mine); err != nil {
			return err
		}
	}
	return nil
}
