package intake

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// Intake is the service. Its methods are safe for concurrent use.
type Intake struct {
	db     *models.DB
	themes *themes.Themes
	redact *redact.Redactor
	locale string // for people of whom nothing is known
	limits FileLimits
	alarms Alarms
	cached cachedPlan
}

// New returns the door. defaultLocale is "en" or "zh".
func New(db *models.DB, th *themes.Themes, r *redact.Redactor, defaultLocale string) *Intake {
	in := &Intake{db: db, themes: th, redact: r, locale: defaultLocale, limits: DefaultFileLimits(), alarms: Alarms{ReplyWithin: 15 * time.Minute, Realert: 10 * time.Minute}}
	for _, verb := range []models.Verb{models.RuleChanged, models.TeamChanged, models.ClocksChanged} {
		th.UndoWith(verb, in.takeBackRouting)
	}
	return in
}

// Filed is what became of a submission. Again is true when the same external
// id had been filed before; Theme is nil while a person must decide.
type Filed struct {
	Suggestion models.Suggestion
	Theme      *models.Theme
	Themes     []models.Theme
	Findings   []models.Finding
	Again      bool
	Cause      models.Cause // why it is an emergency, "" for none
	Locale     string       // of an emergency's person, as it is known of them; "" for nobody known
}

// Prepared is a submission that is clean, checked and matched, ready to be
// committed.
type Prepared struct {
	row      models.Suggestion
	person   *PersonInput
	findings []models.Finding
	match    themes.Matched
	files    Ready
	cause    models.Cause // why it is an emergency, "" for none
	plan     *plan
}

// Escalates reports whether the submission is an emergency: nothing may hold it up.
func (p *Prepared) Escalates() bool { return p.cause != "" }

// Findings is what was found in the submission.
func (p *Prepared) Findings() []models.Finding { return p.findings }

// File takes a submission in: Prepare, then Commit.
func (in *Intake) File(ctx context.Context, a auth.Actor, s Submission) (Filed, error) {
	p, err := in.Prepare(ctx, a, s)
	if err != nil {
		return Filed{}, err
	}
	return in.Commit(ctx, a, p)
}

// Prepare does everything that needs no transaction: checks, redaction,
// language, kind, and the search for likely themes.
func (in *Intake) Prepare(ctx context.Context, a auth.Actor, s Submission) (*Prepared, error) {
	if err := auth.Can(a, auth.FileSuggestion); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Person != nil && a.Kind != models.ActorPerson && a.Kind != models.ActorAnonymous {
		if err := auth.Can(a, auth.OnBehalf); err != nil {
			return nil, err
		}
	}
	if !isTrusted(a) { // ids of other systems are their integrations' to give
		s.Source, s.ExternalID = SourcePortal, ""
	}
	if err := in.noSecretIDs(s); err != nil {
		return nil, err
	}
	p := &Prepared{}
	var err error
	if p.files, err = in.Ready(s.Files); err != nil {
		return nil, err
	}
	p.row, p.person, p.findings = in.row(a, s)
	if err := in.route(ctx, a, s, p); err != nil {
		return nil, err
	}
	if p.cause, err = in.causeFor(ctx, s, p); err != nil {
		return nil, err
	}
	if p.cause == "" { // an emergency is compared with nothing, and read by no model
		p.match = in.themes.Meet(ctx, &p.row)
	}
	return p, nil
}

// Commit stores a prepared submission and all that follows from it, in one
// transaction.
func (in *Intake) Commit(ctx context.Context, a auth.Actor, p *Prepared) (Filed, error) {
	var f Filed
	err := in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		f = Filed{Suggestion: p.row}
		s := &f.Suggestion
		if again, err := in.again(ctx, tx, a, s); err != nil || again != nil {
			if again != nil {
				f = *again
				err = in.saidSince(ctx, tx, a, &f, p)
			}
			return err
		}
		if err := auth.Spend(tx, in.db.Now(), a, 1); err != nil {
			return err
		}
		person, err := in.person(tx, a, p.person, s.Lang)
		if err != nil {
			return err
		}
		s.ID, s.PersonID, s.CreatedAt = models.NewID(models.PrefixSuggestion), person, in.db.Now()
		s.UpdatedAt, s.Receipt = s.CreatedAt, receipt()
		p.plan.wind(s)
		if f.Cause = p.cause; f.Cause != "" {
			in.guard(s, f.Cause)
		} else if f.Theme, err = in.themes.Place(ctx, tx, a, s, p.match); err != nil {
			return err
		}
		if err := in.store(ctx, tx, a, s, p.findings); err != nil {
			return err
		}
		f.Findings = p.findings
		if err := in.attachOwn(ctx, a, &f, p.files); err != nil {
			return err
		}
		if f.Cause != "" {
			if f.Locale, err = in.knownLocale(tx, person); err != nil {
				return err
			}
			return in.alarm(ctx, tx, a, s, f.Cause)
		}
		if f.Theme != nil {
			f.Themes, err = in.themes.Of(ctx, s.ID)
		}
		return err
	})
	if err != nil {
		return Filed{}, fmt.Errorf("file suggestion: %w", err)
	}
	return f, nil
}

func (in *Intake) store(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, findings []models.Finding) error {
	if err := tx.Create(s).Error; err != nil {
		return err
	}
	for i := range findings {
		findings[i].SuggestionID, findings[i].N = s.ID, i
	}
	if len(findings) > 0 {
		if err := tx.Create(findings).Error; err != nil {
			return err
		}
	}
	act := &models.Activity{Verb: models.SuggestionFiled, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: models.Change{Action: s.Action}.Encode()}
	return in.db.Record(ctx, tx, a.By(), act)
}

// again returns what was filed before under the same source and external id, to
// who filed it and to who may read all; Conflict for others.
func (in *Intake) again(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion) (*Filed, error) {
	if s.ExternalID == "" {
		return nil, nil
	}
	if err := in.db.Lock(tx, "external:"+s.Source+"\x1f"+s.ExternalID); err != nil {
		return nil, err
	}
	var row models.Suggestion
	res := tx.Where("source = ? AND external_id = ?", s.Source, s.ExternalID).Limit(1).Find(&row)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, res.Error
	}
	own := a.ID != "" && row.FilerKind == a.Kind && row.FilerID == a.ID
	if !own && auth.Can(a, auth.ReadAll) != nil {
		return nil, models.Fail(models.Conflict, "external_id_taken", s.ExternalID)
	}
	f, err := in.filed(ctx, row)
	return &f, err
}

// filed reads what became of a stored suggestion.
func (in *Intake) filed(ctx context.Context, row models.Suggestion) (f Filed, err error) {
	f = Filed{Suggestion: row, Again: true}
	var e models.Emergency // also of one that stands in a theme, and is not confidential
	if err := in.db.Read(ctx).Limit(1).Find(&e, "suggestion_id = ?", row.ID).Error; err != nil {
		return f, err
	}
	if f.Cause = e.Cause; f.Cause != "" {
		if f.Locale, err = in.knownLocale(in.db.Read(ctx), row.PersonID); err != nil {
			return f, err
		}
	}
	if err := in.db.Read(ctx).Order("n").Find(&f.Findings, "suggestion_id = ?", row.ID).Error; err != nil {
		return f, err
	}
	ths, err := in.themes.Of(ctx, row.ID)
	if err != nil {
		return f, err
	}
	f.Themes = ths
	if len(ths) > 0 {
		f.Theme = &ths[0]
	}
	return f, nil
}

// receiptAlphabet leaves out what people mix up when they read it aloud.
const receiptAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// receipt is the code by which somebody without an address looks their
// suggestion up: ten characters, some 49 bits.
func receipt() string {
	b := make([]byte, 10)
	for i := range b {
		for {
			rand.Read(b[i : i+1])
			if int(b[i]) < 256-256%len(receiptAlphabet) { // no character likelier than another
				break
			}
		}
		b[i] = receiptAlphabet[int(b[i])%len(receiptAlphabet)]
	}
	return string(b[:5]) + "-" + string(b[5:])
}

// person finds or makes the person behind a submission and keeps what is
// newly known of them. "" is somebody unknown.
func (in *Intake) person(tx *gorm.DB, a auth.Actor, p *PersonInput, lang string) (string, error) {
	if p == nil {
		return models.StandingPerson(tx, a.PersonID)
	}
	fresh := models.Person{Name: p.Name, Locale: p.locale(lang, in.locale), TimeZone: p.TimeZone, Segment: p.Segment}
	channel, value := models.ChannelEmail, p.Email
	if value == "" {
		channel, value = p.Handle.Channel, p.Handle.ID
	}
	row, err := models.PersonAt(tx, in.db.Now(), channel, value, fresh)
	if err != nil {
		return "", err
	}
	if !isTrusted(a) {
		return row.ID, nil
	}
	if p.Email != "" && p.Handle != nil { // one submission that names both ties them
		link := models.Address{Channel: p.Handle.Channel, Value: p.Handle.ID, PersonID: row.ID, CreatedAt: in.db.Now()}
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&link)
		if made.Error != nil {
			return "", made.Error
		}
		if made.RowsAffected > 0 { // they are found by it from now on
			if err := tx.Model(row).Update("indexed", false).Error; err != nil {
				return "", err
			}
		}
	}
	return row.ID, learn(tx, row, p)
}

// knownLocale is the language in which a person is written to, "" for nobody.
func (in *Intake) knownLocale(tx *gorm.DB, person string) (locale string, err error) {
	if person == "" {
		return "", nil
	}
	if err := tx.Model(&models.Person{}).Limit(1).Where("id = ?", person).Pluck("locale", &locale).Error; err != nil {
		return "", fmt.Errorf("read the person's language: %w", err)
	}
	return locale, nil
}

// isTrusted: what a visitor types into a form says nothing about the person
// whose address they typed.
func isTrusted(a auth.Actor) bool { return auth.Can(a, auth.OnBehalf) == nil }

// learn keeps what staff and integrations newly tell about a person; what is
// known stays unless told otherwise.
func learn(tx *gorm.DB, row *models.Person, p *PersonInput) error {
	news := map[string]any{}
	for col, v := range map[string][2]string{
		"name": {row.Name, p.Name}, "time_zone": {row.TimeZone, p.TimeZone}, "segment": {row.Segment, p.Segment}, "locale": {row.Locale, p.told()},
	} {
		if v[1] != "" && v[1] != v[0] {
			news[col] = v[1]
		}
	}
	if len(news) == 0 {
		return nil
	}
	news["indexed"], news["rev"] = false, gorm.Expr("rev + 1")
	return tx.Model(row).Updates(news).Error
}

// Person finds or makes a person: for votes on behalf, and the actor's own by
// their own e-mail address.
func (in *Intake) Person(ctx context.Context, a auth.Actor, p PersonInput) (string, error) {
	if err := p.check("person"); err != nil {
		return "", err
	}
	own := p.Handle == nil && a.Email != "" && strings.EqualFold(p.Email, a.Email)
	if err := auth.Can(a, auth.OnBehalf); err != nil && !own {
		return "", err
	}
	if err := in.noSecretHandle(&p); err != nil {
		return "", err
	}
	m := masking{in: in} // a vote has no place for what was found
	known := m.person(&p)
	if causeOf(m.findings) != "" {
		return "", models.BadField("person/name", "secret_in_name")
	}
	var id string
	err := in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		id, err = in.person(tx, a, known, "")
		return err
	})
	return id, err
}
