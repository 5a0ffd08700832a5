package notifier

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Modes are how a person can hear, the soonest first.
func Modes() []string {
	return []string{models.ModeInstant, models.ModeDaily, models.ModeWeekly, models.ModeOff}
}

// Preferences are what one person hears, and when. Modes has one for each of Choosable;
// All is what a kind without its own has. QuietHours is "" for the house's (HouseQuiet),
// models.QuietOff, or a span. Zone is where their days are, TimeZone what they said of
// it. NextDaily and NextWeekly are when digests would come, nil for a mode that no kind
// has. Email is masked.
type Preferences struct {
	PersonID, Email, Locale, TimeZone string
	HasPhrase                         bool
	All                               string
	Modes                             map[Kind]string
	DigestHour                        int
	DigestWeekday                     time.Weekday
	QuietHours, HouseQuiet            string
	Zone                              *time.Location
	NextDaily, NextWeekly             *time.Time
	Muted, Themes                     []MutableTheme
}

// MutableTheme is a theme that a person stands behind, by what the public, or they
// themselves, call it.
type MutableTheme struct {
	ID    string
	Title models.Text
}

// Wishes change preferences; nil parts stay. Modes holds the kinds to change, by their
// names, and "all" for what covers every kind; "" takes a kind's own away. Mute and
// Unmute name themes.
type Wishes struct {
	Modes         map[string]string
	DigestHour    *int
	DigestWeekday *time.Weekday
	QuietHours    *string
	Mute, Unmute  []string
}

// PreferencesPage reads the preferences behind a mail's link, and changes nothing.
// NotFound unsubscribe_unknown.
func (n *Notifier) PreferencesPage(ctx context.Context, token string) (Preferences, error) {
	db := n.db.Read(ctx)
	p, err := n.subscriber(db, token)
	if err != nil {
		return Preferences{}, wrapLedger("preferences", err)
	}
	x, err := n.preferences(db, p)
	return x, wrapLedger("preferences", err)
}

// PersonPreferences reads a person's preferences for staff. Needs auth.ReadPeople.
// NotFound person_not_found.
func (n *Notifier) PersonPreferences(ctx context.Context, a auth.Actor, id string) (Preferences, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return Preferences{}, err
	}
	p, err := standing(n.db.Read(ctx), id)
	if err != nil {
		return Preferences{}, wrapLedger("preferences", err)
	}
	x, err := n.preferences(n.db.Read(ctx), p)
	return x, wrapLedger("preferences", err)
}

// SavePreferences changes what the person behind a mail's link wishes. NotFound
// unsubscribe_unknown; Invalid on what is wrong.
func (n *Notifier) SavePreferences(ctx context.Context, token string, w Wishes) error {
	return n.save(ctx, w, func(tx *gorm.DB) (p models.Person, by models.By, err error) {
		p, err = n.subscriber(tx, token)
		return p, models.By{Kind: models.ActorPerson, ID: p.ID, Name: p.Name}, err
	})
}

// SetPreferences changes a person's wishes on their behalf; the activity says by whom.
// Needs auth.EditPeople. NotFound person_not_found; Invalid on what is wrong.
func (n *Notifier) SetPreferences(ctx context.Context, a auth.Actor, id string, w Wishes) error {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return err
	}
	return n.save(ctx, w, func(tx *gorm.DB) (models.Person, models.By, error) {
		p, err := standing(tx, id)
		return p, a.By(), err
	})
}

// standing is who a person is since merges.
func standing(tx *gorm.DB, id string) (p models.Person, err error) {
	if id, err = models.StandingPerson(tx, id); err == nil {
		err = tx.First(&p, "id = ?", id).Error
	}
	if models.IsNotFound(err) {
		err = models.Fail(models.NotFound, "person_not_found")
	}
	return p, err
}

func (n *Notifier) preferences(db *gorm.DB, p models.Person) (Preferences, error) {
	all, err := n.rhythms(db, []string{p.ID})
	if err != nil {
		return Preferences{}, err
	}
	emails, _, err := reach(db, []string{p.ID})
	if err != nil {
		return Preferences{}, err
	}
	r := all[p.ID]
	x := Preferences{PersonID: p.ID, Email: maskEmail(emails[p.ID]), Locale: p.Locale, TimeZone: p.TimeZone, HasPhrase: p.Phrase != "", All: r.modes[models.AllKinds], Modes: map[Kind]string{},
		DigestHour: r.DigestHour, DigestWeekday: r.DigestWeekday, QuietHours: r.QuietHours, HouseQuiet: n.o.QuietHours.String(), Zone: r.zone}
	if x.All == "" {
		x.All = models.ModeInstant
	}
	for _, k := range Choosable() {
		x.Modes[k] = r.mode(string(k))
		for mode, next := range map[string]**time.Time{models.ModeDaily: &x.NextDaily, models.ModeWeekly: &x.NextWeekly} {
			if x.Modes[k] == mode && *next == nil {
				at := r.nextDigest(mode, n.db.Now())
				if from := r.quiet.over(at, r.zone); r.quiet != (Hours{}) {
					at = from
				}
				*next = &at
			}
		}
	}
	var rows []struct {
		ID    string
		Title models.Text `gorm:"column:public_title"`
		Muted bool
	}
	err = db.Raw(`SELECT t.id, t.public_title, EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = ? AND q.theme_id = t.id) AS muted
		FROM themes t WHERE t.public = TRUE AND t.merged_into = '' AND t.gone_at IS NULL AND (t.id IN (SELECT v.theme_id FROM votes v WHERE v.person_id = ?)
			OR t.id IN (SELECT q.theme_id FROM theme_mutes q WHERE q.person_id = ?)) ORDER BY t.id DESC LIMIT 200`, p.ID, p.ID, p.ID).Scan(&rows).Error
	for _, row := range rows {
		th := MutableTheme{row.ID, row.Title}
		if row.Muted {
			x.Muted = append(x.Muted, th)
		} else {
			x.Themes = append(x.Themes, th)
		}
	}
	return x, err
}

// check refuses what is no wish.
func (w Wishes) check() error {
	for kind, mode := range w.Modes {
		if kind != models.AllKinds && !slices.Contains(Choosable(), Kind(kind)) {
			return models.BadField("modes", "followup_kind_unknown", kind)
		}
		if mode != "" && !slices.Contains(Modes(), mode) {
			return models.BadField("mode_"+kind, "mode_unknown", mode)
		}
	}
	if w.DigestHour != nil && (*w.DigestHour < 0 || *w.DigestHour > 23) {
		return models.BadField("digest_hour", "digest_hour_invalid")
	}
	if w.DigestWeekday != nil && (*w.DigestWeekday < 0 || *w.DigestWeekday > 6) {
		return models.BadField("digest_weekday", "digest_weekday_invalid")
	}
	if w.QuietHours != nil && *w.QuietHours != "" && *w.QuietHours != models.QuietOff {
		if _, err := ParseHours(*w.QuietHours); err != nil {
			return models.BadField("quiet_hours", "quiet_hours_invalid", *w.QuietHours)
		}
	}
	return nil
}

// save writes wishes down, and lets what waits follow them in the same transaction.
func (n *Notifier) save(ctx context.Context, w Wishes, whose func(*gorm.DB) (models.Person, models.By, error)) error {
	if err := w.check(); err != nil {
		return err
	}
	err := n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := n.db.LockShared(tx, models.LockPeople); err != nil {
			return err
		}
		p, by, err := whose(tx)
		if err != nil {
			return err
		}
		for _, step := range []func() error{
			func() error { return n.saveModes(tx, p.ID, w) },
			func() error { return n.saveRhythm(tx, p.ID, w) },
			func() error { return n.saveMutes(tx, p.ID, w) },
			func() error { return n.dropUnwanted(tx, p.ID) },
			func() error { return n.retime(ctx, tx, p.ID) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return n.db.Record(ctx, tx, by, &models.Activity{Verb: models.PersonEdited, PersonID: p.ID})
	})
	return wrapLedger("save preferences", err)
}

func (n *Notifier) saveModes(tx *gorm.DB, person string, w Wishes) error {
	for kind, mode := range w.Modes {
		var err error
		if mode == "" {
			err = tx.Exec("DELETE FROM preferences WHERE person_id = ? AND kind = ?", person, kind).Error
		} else {
			err = tx.Exec(`INSERT INTO preferences (person_id, kind, mode, updated_at) VALUES (?, ?, ?, ?)
				ON CONFLICT (person_id, kind) DO UPDATE SET mode = excluded.mode, updated_at = excluded.updated_at`, person, kind, mode, n.db.Now()).Error
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	for _, theme := range w.Unmute {
		if err := tx.Exec("DELETE FROM theme_mutes WHERE person_id = ? AND theme_id = ?", person, theme).Error; err != nil {
			return err
		}
	}
	for _, theme := range w.Mute { // a theme they have nothing to do with is none of theirs
		err := tx.Exec(`INSERT INTO theme_mutes (person_id, theme_id, created_at) SELECT ?, t.id, ? FROM themes t WHERE t.id = ?
			AND (EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = t.id AND v.person_id = ?) OR EXISTS (SELECT 1 FROM follow_up_items i WHERE i.theme_id = t.id AND i.person_id = ?))
			ON CONFLICT DO NOTHING`, person, n.db.Now(), theme, person, person).Error
		if err != nil {
			return err
		}
	}
	return nil
}
