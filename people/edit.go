package people

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// Limits, in characters.
const (
	MaxName    = 200
	MaxSegment = 100
	MaxPhrase  = 40
	minPhrase  = 4
)

// Patch is what staff may change of a person; nil parts stay. Account is an id, ""
// takes them out of the one they are in and keeps them out. A phrase can be taken away (a person who fears
// that it is known asks for it), never set or read.
type Patch struct {
	Name        *string
	Locale      *string
	TimeZone    *string
	Segment     *string
	Account     *string
	ClearPhrase bool
	Rev         int64 // not 0: the revision that was seen
}

// Edit changes what is known of a person. Needs auth.EditPeople. Errors: NotFound
// person_not_found; Conflict person_changed when Rev is not theirs any more.
func (p *People) Edit(ctx context.Context, a auth.Actor, id string, patch Patch) (w Whole, err error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return w, err
	}
	err = p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := p.held(tx, id)
		if err != nil {
			return err
		}
		if patch.Rev != 0 && patch.Rev != r.Rev {
			return models.Fail(models.Conflict, "person_changed")
		}
		before := *r
		if err := p.apply(tx, patch, r); err != nil {
			return err
		}
		if *r != before {
			r.Indexed, r.Rev, r.UpdatedAt = false, r.Rev+1, p.db.Now()
			if err := tx.Save(r).Error; err != nil {
				return err
			}
			if err := p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.PersonEdited, PersonID: r.ID}); err != nil {
				return err
			}
		}
		w, err = p.whole(tx, r.ID)
		return err
	})
	return w, wrap("edit person", err)
}

// held is who a person is, held until the transaction ends.
func (p *People) held(tx *gorm.DB, id string) (*models.Person, error) {
	id, err := models.StandingPerson(tx, id)
	if err != nil {
		return nil, err
	}
	var r models.Person
	if err := p.db.Hold(tx).First(&r, "id = ?", id).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.NotFound, "person_not_found")
	} else if err != nil {
		return nil, err
	}
	return &r, nil
}

func (p *People) apply(tx *gorm.DB, patch Patch, r *models.Person) error {
	for _, f := range []struct {
		field string
		to    *string
		from  *string
		most  int
	}{{"name", &r.Name, patch.Name, MaxName}, {"segment", &r.Segment, patch.Segment, MaxSegment}} {
		if f.from != nil {
			v, err := p.line(f.field, *f.from, f.most)
			if err != nil {
				return err
			}
			*f.to = v
		}
	}
	if err := setLocale(&r.Locale, patch.Locale); err != nil {
		return err
	}
	if err := setZone(&r.TimeZone, patch.TimeZone); err != nil {
		return err
	}
	if patch.ClearPhrase {
		r.Phrase = ""
	}
	if patch.Account == nil || *patch.Account == r.AccountID {
		return nil
	}
	if *patch.Account != "" {
		var n int64
		if err := tx.Model(&models.Account{}).Where("id = ?", *patch.Account).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			return models.BadField("account", "account_unknown")
		}
	}
	r.AccountID, r.AccountBy = *patch.Account, models.AccountByHand
	return nil
}

func setLocale(to, from *string) error {
	if from == nil {
		return nil
	}
	switch *from {
	case "", "en", "zh":
		*to = *from
		return nil
	}
	return models.BadField("locale", "locale_unknown", *from)
}

func setZone(to, from *string) error {
	if from == nil {
		return nil
	}
	zone := strings.TrimSpace(*from)
	if zone != "" {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			return models.BadField("time_zone", "time_zone_unknown", zone)
		}
	}
	*to = zone
	return nil
}

// line is a name of one line without what cannot be stored: nobody is called by a
// secret, or by a recovery phrase with a slip.
func (p *People) line(field, s string, most int) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", models.BadField(field, "not_utf8")
	}
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, redact.Visible(s))), " ")
	if n := utf8.RuneCountInString(s); n > most {
		return "", models.BadField(field, "too_long", most)
	}
	kept, found := p.redact.Name(s)
	if len(found) > 0 {
		return "", models.BadField(field, "secret_in_name")
	}
	return kept, nil
}

// Own is what a person may set of themselves; nil parts stay.
type Own struct {
	Name     *string
	Locale   *string
	TimeZone *string
	Phrase   *string
}

// Self returns the actor's own person, with their phrase. NotFound person_not_found
// for who is no person.
func (p *People) Self(ctx context.Context, a auth.Actor) (models.Person, error) {
	var r models.Person
	id, err := models.StandingPerson(p.db.Read(ctx), a.PersonID)
	if err != nil {
		return r, wrap("read oneself", err)
	}
	err = p.db.Read(ctx).First(&r, "id = ? AND id <> ''", id).Error
	if models.IsNotFound(err) {
		return r, models.Fail(models.NotFound, "person_not_found")
	}
	return r, wrap("read oneself", err)
}

// SetOwn changes what a person says of themselves. A phrase has 4 to 40 characters
// in one line, is no link and no secret: it will be read in mail. Errors are Invalid
// on name, locale, time_zone or phrase: secret_in_name, phrase_is_secret and others.
func (p *People) SetOwn(ctx context.Context, a auth.Actor, o Own) error {
	if a.PersonID == "" {
		return models.Fail(models.NotFound, "person_not_found")
	}
	err := p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := p.held(tx, a.PersonID)
		if err != nil {
			return err
		}
		before := *r
		if err := p.apply(tx, Patch{Name: o.Name, Locale: o.Locale, TimeZone: o.TimeZone}, r); err != nil {
			return err
		}
		if o.Phrase != nil {
			if r.Phrase, err = p.phrase(*o.Phrase); err != nil {
				return err
			}
		}
		if *r == before {
			return nil
		}
		r.Indexed, r.Rev, r.UpdatedAt = false, r.Rev+1, p.db.Now()
		if err := tx.Save(r).Error; err != nil {
			return err
		}
		return p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.PersonEdited, PersonID: r.ID})
	})
	return wrap("set one's own", err)
}

// phrase checks a phrase; "" takes it away.
func (p *People) phrase(s string) (string, error) {
	if _, found := p.redact.Name(s); len(found) > 0 {
		return "", models.BadField("phrase", "phrase_is_secret")
	}
	s, err := p.line("phrase", s, MaxPhrase)
	if err != nil || s == "" {
		return "", err
	}
	if utf8.RuneCountInString(s) < minPhrase {
		return "", models.BadField("phrase", "phrase_too_short", minPhrase)
	}
	if strings.Contains(s, "://") || strings.Contains(strings.ToLower(s), "www.") {
		return "", models.BadField("phrase", "phrase_is_link")
	}
	return s, nil
}
