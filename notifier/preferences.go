package notifier

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Modes are how a person can hear, the soonest first.
func Modes() []string {
	return []string{models.ModeInstant, models.ModeDaily, models.ModeWeekly, models.ModeOff}
}

// Preferences are what one person hears, and when. Modes has one for each of Choosable;
// All is what a kind without its own has. Who stopped all follow-ups is Off: then Chosen
// has what each kind comes back as, which is Modes for others. Stop is what else keeps
// mail from them. QuietHours is "" for the house's (HouseQuiet),
// models.QuietOff, or a span. Zone is where their days are, TimeZone what they said of
// it. NextDaily and NextWeekly are when digests would come, nil for a mode that no kind
// has. Email is masked.
type Preferences struct {
	PersonID, Email, Locale, TimeZone string
	HasPhrase                         bool
	All                               string
	Modes, Chosen                     map[Kind]string
	Off                               bool
	Stop                              Stop
	DigestHour                        int
	DigestWeekday                     time.Weekday
	QuietHours, HouseQuiet            string
	Zone                              *time.Location
	NextDaily, NextWeekly             *time.Time
	Muted, Themes                     []MutableTheme
}

// MutableTheme is a theme that a person stands behind or has muted, by what the public
// calls it: Title is empty where it is not public (any more).
type MutableTheme struct {
	ID    string
	Title models.Text
}

// Wishes change preferences; nil parts stay. Modes holds the kinds to change, by their
// names, and "all" for what covers every kind; "" takes a kind's own away. Again brings
// back what "all" had before it was off, and takes the person's own complaint back. Mute
// and Unmute name themes.
type Wishes struct {
	Modes         map[string]string
	Again         bool
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
	r := all[p.ID]
	x := Preferences{PersonID: p.ID, Email: maskEmail(r.Email), Locale: p.Locale, TimeZone: p.TimeZone, HasPhrase: p.Phrase != "", All: r.modes[models.AllKinds], Modes: map[Kind]string{}, Chosen: map[Kind]string{},
		DigestHour: r.DigestHour, DigestWeekday: r.DigestWeekday, QuietHours: r.QuietHours, HouseQuiet: n.o.QuietHours.String(), Zone: r.zone}
	if x.All == "" {
		x.All = models.ModeInstant
	}
	x.Off = x.All == models.ModeOff
	if x.Stop, err = n.stopped(db, p.ID); err != nil {
		return x, err
	}
	for _, k := range Choosable() {
		x.Modes[k], x.Chosen[k] = r.mode(string(k)), r.chosen(string(k))
		for mode, next := range map[string]**time.Time{models.ModeDaily: &x.NextDaily, models.ModeWeekly: &x.NextWeekly} {
			if x.Modes[k] == mode && *next == nil {
				at := r.nextDigest(mode, n.db.Now())
				*next = &at
			}
		}
	}
	x.Muted, x.Themes, err = mutable(db, p.ID)
	return x, err
}

// mutable lists what a person has muted, whatever became of it, and what they may mute.
func mutable(db *gorm.DB, person string) (muted, themes []MutableTheme, err error) {
	var rows []struct {
		ID    string
		Title models.Text `gorm:"column:public_title"`
		Muted bool
	}
	err = db.Raw(`SELECT t.id, CASE WHEN t.public = TRUE THEN t.public_title ELSE '' END AS public_title, q.person_id IS NOT NULL AS muted
		FROM themes t LEFT JOIN theme_mutes q ON q.person_id = @person AND q.theme_id = t.id
		WHERE q.person_id IS NOT NULL AND t.id IN (SELECT m.theme_id FROM theme_mutes m WHERE m.person_id = @person)
			OR q.person_id IS NULL AND t.public = TRUE AND t.merged_into = '' AND t.gone_at IS NULL AND t.id IN (SELECT v.theme_id FROM votes v WHERE v.person_id = @person)
		ORDER BY q.person_id IS NULL, t.id DESC LIMIT 200`, map[string]any{"person": person}).Scan(&rows).Error
	for _, row := range rows {
		if th := (MutableTheme{row.ID, row.Title}); row.Muted {
			muted = append(muted, th)
		} else {
			themes = append(themes, th)
		}
	}
	return muted, themes, err
}
