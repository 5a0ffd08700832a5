package people

import (
	"time"

	"github.com/heedhq/heed/models"
)

// votes lets both people's votes be one person's. Where both have one it counts
// once: since the earlier, and by hand when either was.
func (m *merging) votes() error {
	if err := m.exec(`INSERT INTO merged_rows (activity_id, what, row_id) SELECT @act, 'stood', theme_id FROM votes WHERE person_id = @into`); err != nil {
		return err
	}
	var mine, theirs []models.Vote
	if err := m.tx.Order("theme_id").Find(&mine, "person_id = ?", m.id("from")).Error; err != nil {
		return err
	}
	err := m.tx.Find(&theirs, "person_id = ? AND theme_id IN (SELECT theme_id FROM votes WHERE person_id = ?)", m.id("into"), m.id("from")).Error
	if err != nil {
		return err
	}
	there := map[string]*models.Vote{}
	for i := range theirs {
		there[theirs[i].ThemeID] = &theirs[i]
	}
	for i := range mine {
		v, other := &mine[i], there[mine[i].ThemeID]
		if err := m.note(rowVote, v.ThemeID, pair[models.Vote]{v, other}); err != nil {
			return err
		}
		if other == nil {
			err = m.tx.Exec("UPDATE votes SET person_id = ? WHERE theme_id = ? AND person_id = ?", m.id("into"), v.ThemeID, v.PersonID).Error
		} else {
			one := oneVote(*v, *other)
			if err = m.tx.Exec("DELETE FROM votes WHERE theme_id = ? AND person_id = ?", v.ThemeID, v.PersonID).Error; err == nil {
				err = m.setVote(one)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oneVote is what two votes for a theme are as one person's.
func oneVote(mine, theirs models.Vote) models.Vote {
	one := theirs
	if mine.CreatedAt.Before(one.CreatedAt) {
		one.CreatedAt = mine.CreatedAt
	}
	if mine.Origin == models.VoteByHand {
		one.Origin = models.VoteByHand
	}
	return one
}

func (m *merging) setVote(v models.Vote) error {
	return m.tx.Exec("UPDATE votes SET origin = ?, created_at = ? WHERE theme_id = ? AND person_id = ?", v.Origin, v.CreatedAt, v.ThemeID, v.PersonID).Error
}

// votesMoved gives what earlier activities noted of votes to who they are now, so
// that the undo of those finds them. What both have there is one.
func (m *merging) votesMoved() error {
	var mine []models.Move
	if err := m.tx.Order("activity_id, what, from_theme, to_theme").Find(&mine, "what IN ('vote', 'author') AND row_id = ?", m.id("from")).Error; err != nil {
		return err
	}
	for _, v := range mine {
		res := m.tx.Exec(`INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme, detail) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			v.ActivityID, v.What, m.id("into"), v.FromTheme, v.ToTheme, v.Detail)
		if res.Error != nil {
			return res.Error
		}
		if err := m.note(rowMove, v.ActivityID+" "+v.What+" "+v.FromTheme+" "+v.ToTheme, given{v, res.RowsAffected > 0}); err != nil {
			return err
		}
	}
	return m.exec("DELETE FROM moves WHERE what IN ('vote', 'author') AND row_id = @from")
}

// given is a move of the moved person's vote: Passed on, unless the other has the
// same.
type given struct {
	Move   models.Move
	Passed bool
}

// items makes what either was to hear of what the one hears of, each event once:
// of two rows the one that is further on stands.
func (m *merging) items() error {
	var mine, theirs []models.FollowUpItem
	const shared = "person_id = ? AND event_id IN (SELECT event_id FROM follow_up_items WHERE person_id = ?)"
	if err := m.tx.Find(&mine, shared, m.id("from"), m.id("into")).Error; err != nil {
		return err
	}
	if err := m.tx.Find(&theirs, shared, m.id("into"), m.id("from")).Error; err != nil {
		return err
	}
	there := map[string]*models.FollowUpItem{}
	for i := range theirs {
		there[theirs[i].EventID] = &theirs[i]
	}
	states, err := m.mailStates(append(append([]models.FollowUpItem{}, mine...), theirs...))
	if err != nil {
		return err
	}
	for i := range mine {
		a, b := &mine[i], there[mine[i].EventID]
		if err := m.note(rowBoth, a.EventID, pair[models.FollowUpItem]{a, b}); err != nil {
			return err
		}
		if further(*a, states) > further(*b, states) {
			a, b = b, a
		}
		if err := m.tx.Exec("DELETE FROM follow_up_items WHERE event_id = ? AND person_id = ?", a.EventID, a.PersonID).Error; err != nil {
			return err
		}
		if err := m.tx.Exec("UPDATE follow_up_items SET person_id = ? WHERE event_id = ? AND person_id = ?", m.id("into"), b.EventID, b.PersonID).Error; err != nil {
			return err
		}
	}
	if err := m.holdEmptyMail(states); err != nil {
		return err
	}
	return m.exec(`INSERT INTO merged_rows (activity_id, what, row_id) SELECT @act, 'item', event_id FROM follow_up_items WHERE person_id = @from`,
		`UPDATE follow_up_items SET person_id = @into WHERE person_id = @from`)
}

func (m *merging) mailStates(items []models.FollowUpItem) (map[string]models.DeliveryState, error) {
	var ids []string
	for _, i := range items {
		if i.DeliveryID != "" {
			ids = append(ids, i.DeliveryID)
		}
	}
	out := map[string]models.DeliveryState{}
	if len(ids) == 0 {
		return out, nil
	}
	var ds []models.Delivery
	err := m.p.db.Hold(m.tx).Select("id", "state").Order("id").Find(&ds, "id IN ?", ids).Error
	for _, d := range ds {
		out[d.ID] = d.State
	}
	return out, err
}

// further says how far an item has come towards its person: told or on its way,
// in a mail that waits, by hand, still to settle, not told.
func further(i models.FollowUpItem, states map[string]models.DeliveryState) int {
	switch {
	case i.DeliveryID != "":
		switch states[i.DeliveryID] {
		case models.DeliveryReady:
			return 4
		case models.DeliveryFailed, models.DeliveryExpired, models.DeliverySkipped, models.DeliveryCancelled:
			return 1
		}
		return 5
	case i.ToldAt != nil:
		return 3
	case i.SkipReason == "":
		return 2
	}
	return 0
}

// holdEmptyMail cancels mail that waits and has nothing left to say.
func (m *merging) holdEmptyMail(states map[string]models.DeliveryState) error {
	for id, state := range states {
		if state != models.DeliveryReady {
			continue
		}
		res := m.tx.Exec(`UPDATE deliveries SET state = 'cancelled', answer = ?, content = '', updated_at = ? WHERE id = ? AND state = 'ready'
			AND NOT EXISTS (SELECT 1 FROM follow_up_items i WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id)`, mergedState, m.args["now"], id)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected > 0 {
			if err := m.note(rowHeld, id, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// wishes: who wants no mail at either address gets none.
func (m *merging) wishes() error {
	var mine, theirs []models.Preference
	if err := m.tx.Find(&mine, "person_id = ?", m.id("from")).Error; err != nil {
		return err
	}
	if err := m.tx.Find(&theirs, "person_id = ?", m.id("into")).Error; err != nil {
		return err
	}
	there := map[string]*models.Preference{}
	for i := range theirs {
		there[theirs[i].Kind] = &theirs[i]
	}
	for i := range mine {
		w, other := &mine[i], there[mine[i].Kind]
		if err := m.note(rowWish, w.Kind, pair[models.Preference]{w, other}); err != nil {
			return err
		}
		if err := m.tx.Delete(&models.Preference{}, "person_id = ? AND kind = ?", w.PersonID, w.Kind).Error; err != nil {
			return err
		}
		if err := m.setWish(oneWish(*w, other, m.id("into"))); err != nil {
			return err
		}
	}
	// What either has muted, and when mail comes to who never said, stays when a merge is
	// taken back: nobody hears more for it.
	return m.exec(`INSERT INTO theme_mutes (person_id, theme_id, created_at) SELECT @into, theme_id, created_at FROM theme_mutes WHERE person_id = @from ON CONFLICT DO NOTHING`,
		`INSERT INTO rhythms (person_id, digest_hour, digest_weekday, quiet_hours, last_daily_at, last_weekly_at, updated_at)
			SELECT @into, digest_hour, digest_weekday, quiet_hours, last_daily_at, last_weekly_at, updated_at FROM rhythms WHERE person_id = @from ON CONFLICT DO NOTHING`)
}

func oneWish(mine models.Preference, theirs *models.Preference, into string) models.Preference {
	one := mine
	if theirs != nil && mine.Mode != models.ModeOff {
		one = *theirs
	}
	one.PersonID = into
	return one
}

func (m *merging) setWish(w models.Preference) error {
	return m.tx.Exec(`INSERT INTO preferences (person_id, kind, mode, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id, kind) DO UPDATE SET mode = excluded.mode, updated_at = excluded.updated_at`, w.PersonID, w.Kind, w.Mode, w.UpdatedAt).Error
}

// known is what is known of a person beside their rows.
type known struct{ Name, Locale, TimeZone, Segment, Phrase, AccountID, AccountBy string }

func knownOf(p *models.Person) known {
	return known{p.Name, p.Locale, p.TimeZone, p.Segment, p.Phrase, p.AccountID, p.AccountBy}
}

// learned is what was known of a person before and after a merge.
type learned struct{ Before, After known }

// learn fills in what nobody knew of the one who stays.
func (m *merging) learn(from, to *models.Person) error {
	before := knownOf(to)
	for _, f := range []struct{ to, from *string }{
		{&to.Name, &from.Name}, {&to.Locale, &from.Locale}, {&to.TimeZone, &from.TimeZone}, {&to.Segment, &from.Segment}, {&to.Phrase, &from.Phrase},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if to.AccountID == "" && to.AccountBy != models.AccountByHand {
		to.AccountID, to.AccountBy = from.AccountID, from.AccountBy
	}
	if err := m.note(rowPerson, to.ID, learned{before, knownOf(to)}); err != nil {
		return err
	}
	now := m.args["now"].(time.Time)
	to.Indexed, to.Rev, to.UpdatedAt = false, to.Rev+1, now
	if err := m.tx.Save(to).Error; err != nil {
		return err
	}
	return m.tx.Model(from).Updates(map[string]any{"merged_into": to.ID, "indexed": false, "rev": from.Rev + 1, "updated_at": now}).Error
}
