package notifier

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// allBefore is the kind under which it is kept what "all" was before it was off.
const allBefore = "all_before"

// SavePreferences changes what the person behind a mail's link wishes. NotFound
// unsubscribe_unknown; Invalid on what is wrong.
func (n *Notifier) SavePreferences(ctx context.Context, token string, w Wishes) error {
	return n.SavePage(ctx, token, w, nil)
}

// SavePage is SavePreferences and, in the same transaction, what else the page saves:
// either all of it is kept or nothing.
func (n *Notifier) SavePage(ctx context.Context, token string, w Wishes, also func(context.Context) error) error {
	return n.save(ctx, w, also, func(tx *gorm.DB) (p models.Person, by models.By, err error) {
		p, err = n.subscriber(tx, token)
		return p, models.By{Kind: models.ActorPerson, ID: p.ID, Name: p.Name}, err
	})
}

// SetPreferences changes a person's wishes at their request; the activity says by whom,
// and they are not mailed about it. A complaint is theirs alone to take back. Needs
// auth.EditPeople. NotFound person_not_found; Invalid on what is wrong.
func (n *Notifier) SetPreferences(ctx context.Context, a auth.Actor, id string, w Wishes) error {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return err
	}
	return n.save(ctx, w, nil, func(tx *gorm.DB) (models.Person, models.By, error) {
		p, err := standing(tx, id)
		return p, a.By(), err
	})
}

// check refuses what is no wish, all of it at once.
func (w Wishes) check() error {
	var wrong []*models.Error
	for _, kind := range slices.Sorted(maps.Keys(w.Modes)) {
		mode, field := w.Modes[kind], "modes/"+kind
		if kind == models.AllKinds {
			field = kind
		} else if !slices.Contains(Choosable(), Kind(kind)) {
			wrong = append(wrong, models.BadField("modes", "followup_kind_unknown", kind))
			continue
		}
		if mode != "" && !slices.Contains(Modes(), mode) {
			wrong = append(wrong, models.BadField(field, "mode_unknown", mode))
		}
	}
	if w.DigestHour != nil && (*w.DigestHour < 0 || *w.DigestHour > 23) {
		wrong = append(wrong, models.BadField("digest_hour", "digest_hour_invalid"))
	}
	if w.DigestWeekday != nil && (*w.DigestWeekday < 0 || *w.DigestWeekday > 6) {
		wrong = append(wrong, models.BadField("digest_weekday", "digest_weekday_invalid"))
	}
	if w.QuietHours != nil && *w.QuietHours != "" && *w.QuietHours != models.QuietOff {
		if _, err := ParseHours(*w.QuietHours); err != nil {
			wrong = append(wrong, models.BadField("quiet_hours", "quiet_hours_invalid", *w.QuietHours))
		}
	}
	return models.BadFields(wrong)
}

// save writes wishes down, and lets what waits follow them in the same transaction.
func (n *Notifier) save(ctx context.Context, w Wishes, also func(context.Context) error, whose func(*gorm.DB) (models.Person, models.By, error)) error {
	if err := w.check(); err != nil {
		return err
	}
	err := n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if _, _, err := whose(tx); err != nil { // nobody waits for who is not known
			return err
		}
		// As settling does, and in its order: what it makes in this moment it makes before
		// these wishes or after them.
		if err := n.holdSettling(tx); err != nil {
			return err
		}
		p, by, err := whose(tx) // who they are now that nobody is merged
		if err != nil {
			return err
		}
		changed, err := n.follow(ctx, tx, p.ID, by, w)
		if err == nil && also != nil {
			err = also(ctx)
		}
		if err != nil || !changed {
			return err
		}
		return n.db.Record(ctx, tx, by, &models.Activity{Verb: models.PersonEdited, PersonID: p.ID})
	})
	return wrapLedger("save preferences", err)
}

// follow keeps a person's wishes and has what waits follow them; changed is false where
// they wished it before.
func (n *Notifier) follow(ctx context.Context, tx *gorm.DB, person string, by models.By, w Wishes) (changed bool, err error) {
	before, err := wishedBy(tx, person)
	if err != nil {
		return false, err
	}
	for _, step := range []func() error{
		func() error { return n.saveModes(tx, person, w) },
		func() error { return n.saveAgain(tx, person, by, w) },
		func() error { return n.saveRhythm(tx, person, w) },
		func() error { return n.saveMutes(tx, person, w) },
	} {
		if err := step(); err != nil {
			return false, err
		}
	}
	after, err := wishedBy(tx, person)
	if err != nil || slices.Equal(before, after) {
		return false, err
	}
	if err := n.dropUnwanted(tx, person); err != nil {
		return false, err
	}
	return true, n.retime(ctx, tx, person)
}

// wishedBy is all that a person wishes, to be compared.
func wishedBy(tx *gorm.DB, person string) (wishes []string, err error) {
	err = tx.Raw(`SELECT 'mode ' || kind || ' ' || mode AS w FROM preferences WHERE person_id = @person
		UNION ALL SELECT 'rhythm ' || digest_hour || ' ' || digest_weekday || ' ' || quiet_hours FROM rhythms WHERE person_id = @person
		UNION ALL SELECT 'mute ' || theme_id FROM theme_mutes WHERE person_id = @person
		UNION ALL SELECT 'complaint ' || address FROM suppressions WHERE scope = @scope AND `+ofPerson+` ORDER BY w`,
		map[string]any{"person": person, "scope": models.ScopeFollowUps}).Scan(&wishes).Error
	return wishes, err
}

func (n *Notifier) saveModes(tx *gorm.DB, person string, w Wishes) error {
	for kind, mode := range w.Modes {
		err := error(nil)
		if kind == models.AllKinds {
			err = n.keepAll(tx, person, mode)
		}
		if err == nil {
			err = n.saveMode(tx, person, kind, mode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *Notifier) saveMode(tx *gorm.DB, person, kind, mode string) error {
	if mode == "" {
		return tx.Exec("DELETE FROM preferences WHERE person_id = ? AND kind = ?", person, kind).Error
	}
	return tx.Exec(`INSERT INTO preferences (person_id, kind, mode, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id, kind) DO UPDATE SET mode = excluded.mode, updated_at = excluded.updated_at`, person, kind, mode, n.db.Now()).Error
}

// keepAll keeps what "all" is before it is off, for when it is so again.
func (n *Notifier) keepAll(tx *gorm.DB, person, mode string) error {
	if mode != models.ModeOff {
		return n.saveMode(tx, person, allBefore, "")
	}
	var now models.Preference
	if err := tx.Limit(1).Find(&now, "person_id = ? AND kind = ?", person, models.AllKinds).Error; err != nil || now.Mode == "" || now.Mode == models.ModeOff {
		return err
	}
	return n.saveMode(tx, person, allBefore, now.Mode)
}

// saveAgain lets follow-ups come as they did before they were stopped. Who had every
// kind off hears of all again, or the button would do nothing.
func (n *Notifier) saveAgain(tx *gorm.DB, person string, by models.By, w Wishes) error {
	if !w.Again {
		return nil
	}
	var all []models.Preference
	if err := tx.Find(&all, "person_id = ?", person).Error; err != nil {
		return err
	}
	r := rhythm{modes: map[string]string{}}
	for _, p := range all {
		r.modes[p.Kind] = p.Mode
	}
	heard := slices.ContainsFunc(Choosable(), func(k Kind) bool { return r.chosen(string(k)) != models.ModeOff })
	for _, k := range Choosable() {
		if !heard {
			if err := n.saveMode(tx, person, string(k), ""); err != nil {
				return err
			}
		}
	}
	if r.modes[models.AllKinds] == models.ModeOff {
		if err := n.saveModes(tx, person, Wishes{Modes: map[string]string{models.AllKinds: r.before()}}); err != nil {
			return err
		}
	}
	if by.Kind != models.ActorPerson {
		return nil
	}
	return tx.Exec("DELETE FROM suppressions WHERE scope = @scope AND "+ofPerson, map[string]any{"person": person, "scope": models.ScopeFollowUps}).Error
}

func (n *Notifier) saveRhythm(tx *gorm.DB, person string, w Wishes) error {
	if w.DigestHour == nil && w.DigestWeekday == nil && w.QuietHours == nil {
		return nil
	}
	r := models.Rhythm{PersonID: person, DigestHour: defaultDigestHour, DigestWeekday: time.Monday}
	if err := tx.Limit(1).Find(&r, "person_id = ?", person).Error; err != nil {
		return err
	}
	if w.DigestHour != nil {
		r.DigestHour = *w.DigestHour
	}
	if w.DigestWeekday != nil {
		r.DigestWeekday = *w.DigestWeekday
	}
	if w.QuietHours != nil {
		r.QuietHours = *w.QuietHours
	}
	r.UpdatedAt = n.db.Now()
	// Settling may be marking a digest at this moment: its columns are left alone.
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "person_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"digest_hour", "digest_weekday", "quiet_hours", "updated_at"})}).Create(&r).Error
}

func (n *Notifier) saveMutes(tx *gorm.DB, person string, w Wishes) error {
	for field, themes := range map[string][]string{"mute": w.Mute, "unmute": w.Unmute} {
		for _, theme := range themes {
			if err := isTheirs(tx, person, field, theme); err != nil {
				return err
			}
		}
	}
	for _, theme := range w.Unmute {
		if err := tx.Exec("DELETE FROM theme_mutes WHERE person_id = ? AND theme_id = ?", person, theme).Error; err != nil {
			return err
		}
	}
	for _, theme := range w.Mute {
		err := tx.Exec("INSERT INTO theme_mutes (person_id, theme_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", person, theme, n.db.Now()).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// isTheirs refuses a theme that the person has nothing to do with, and does not say
// whether there is one.
func isTheirs(tx *gorm.DB, person, field, theme string) error {
	var theirs bool
	err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = @theme AND v.person_id = @person)
		OR EXISTS (SELECT 1 FROM follow_up_items i WHERE i.theme_id = @theme AND i.person_id = @person AND i.theme_id <> '')
		OR EXISTS (SELECT 1 FROM theme_mutes q WHERE q.theme_id = @theme AND q.person_id = @person)`,
		map[string]any{"theme": theme, "person": person}).Scan(&theirs).Error
	if err == nil && !theirs {
		return models.BadField(field, "mute_unknown", theme)
	}
	return err
}
