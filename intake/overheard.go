package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// What somebody wrote is read even where nothing else comes of it: a form that is
// refused, an answer that was given before, a page that is gone. Whoever is in danger is
// told what to do all the same, and the team is alerted.

// Heard is what was written at a door, as it came. Words are free text, in which a
// report of stolen assets or of a weakness counts as well as a secret; Fields are what
// else was filled in, a name, a code, an address, in which only a secret does.
type Heard struct {
	Words, Fields []string
	// Person is who is named as its author, nil for nobody; Source is where it came
	// from, "" for SourcePortal; Product may be empty.
	Person          *PersonInput
	Source, Product string
	// Before is the emergency as which the same browser's last refused form was kept, ""
	// for none: it holds for who is nobody known. Callers vouch for it.
	Before string
}

// most is how much is read of what was refused, in bytes: a refusal costs no more than
// what is taken.
const most = 40 * MaxText

// listened is Heard without its secrets.
type listened struct {
	text  string // the words, with the mask of what stood in other fields
	lang  string
	found []models.Finding
	cause models.Cause
}

func (in *Intake) listen(h Heard) (l listened) {
	m, sent := masking{in: in}, strings.Join(h.Words, "\n")
	sent = strings.ReplaceAll(strings.ToValidUTF8(sent[:min(len(sent), most)], ""), "\x00", "")
	l.text = m.mask("text", sent)
	m.warn("text", l.text)
	l.lang = language(l.text, sent)
	says := alarming(l.text)
	left := most - len(sent)
	for _, f := range h.Fields {
		if left -= len(f); left < 0 {
			break
		}
		before := len(m.findings)
		m.name("field", f)
		if found := m.findings[before:]; causeOf(found) != "" {
			l.text = strings.TrimSpace(l.text + "\n" + redact.Token(found[0].Rule))
			if l.lang == "und" {
				l.lang = language("", f)
			}
		}
	}
	l.found, l.cause = m.findings, cmp.Or(causeOf(m.findings), says)
	return l
}

// Peril tells whether who wrote this is in danger, and stores nothing: the Cause, ""
// for none, the language of the words, and what was found. Sure is false where the words
// only read like a recovery phrase with a slip: their author is advised, and nobody
// alerted.
func (in *Intake) Peril(h Heard) (f Filed, sure bool) {
	l := in.listen(h)
	f.Cause, f.Findings, f.Suggestion.Lang = l.cause, l.found, l.lang
	if slices.ContainsFunc(l.found, func(x models.Finding) bool { return x.Kind == models.FindingWarning }) {
		f.Cause = cmp.Or(f.Cause, models.CauseSecret)
	}
	return f, l.cause != ""
}

// KeepAlone keeps what was heard as an emergency of its own where it is one: a
// confidential suggestion with its alarm, and nothing else. Who says the same again is
// in that one, which alerts anew if somebody took care of it. The Cause is "" where there
// is no danger, and nothing is kept. Errors: those of auth.FileSuggestion.
func (in *Intake) KeepAlone(ctx context.Context, a auth.Actor, h Heard) (f Filed, err error) {
	l := in.listen(h)
	if l.cause == "" {
		return f, nil
	}
	s := Submission{Text: cut(l.text, MaxText), Product: (&masking{in: in}).short("product", cut(h.Product, MaxShort)), Lang: l.lang, cause: l.cause}
	if p := h.Person; p != nil && p.check("person") == nil && in.noSecretHandle(p) == nil {
		s.Person = p
	}
	p, err := in.Prepare(ctx, a, s)
	if err != nil {
		return f, fmt.Errorf("keep what is urgent: %w", err)
	}
	p.row.Source, p.row.Lang, p.findings = cmp.Or((&masking{in: in}).short("source", cut(h.Source, MaxShort)), SourcePortal), l.lang, l.found
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		person := ""
		if s.Person == nil || isTrusted(a) { // what a visitor types proves no person
			if person, err = in.person(tx, a, p.person, l.lang); err != nil {
				return err
			}
		}
		if f, err = in.keptBefore(ctx, tx, a, person, h.Before, l); err != nil || f.Cause != "" {
			return err
		}
		f, err = in.Commit(ctx, a, p)
		return err
	})
	return f, err
}

// keptBefore is the emergency in which a person, an integration of nobody named, or the
// browser of nobody known (before) said the same, with the alarm raised anew where somebody
// took care; its Cause is "" for none.
func (in *Intake) keptBefore(ctx context.Context, tx *gorm.DB, a auth.Actor, person, before string, l listened) (f Filed, err error) {
	whose, args := "suggestions s CROSS JOIN emergencies e WHERE s.person_id = ?", []any{person}
	switch {
	case person == "" && a.ID != "" && isTrusted(a): // emergencies first: they are few, and much is nobody's
		whose, args = "emergencies e CROSS JOIN suggestions s WHERE s.person_id = '' AND s.filer_kind = ? AND s.filer_id = ?", []any{a.Kind, a.ID}
	case person == "" && before == "":
		return f, nil
	case person == "":
		whose, args = "suggestions s CROSS JOIN emergencies e WHERE s.id = ?", []any{before}
	}
	if err := in.db.Lock(tx, "alone:"+person+a.ID+before); err != nil {
		return f, err
	}
	digests := []string{""}
	for _, x := range l.found {
		if x.Kind == models.FindingMasked && x.Digest != "" {
			digests = append(digests, x.Digest)
		}
	}
	key := ""
	if causeOf(l.found) == "" {
		key = saidAlone(l.text)
	}
	var row models.Suggestion
	res := tx.Raw(`SELECT s.* FROM `+whose+` AND e.suggestion_id = s.id AND s.state <> 'closed'
		AND (e.text_key = ? AND e.text_key <> '' OR EXISTS (SELECT 1 FROM findings x WHERE x.suggestion_id = s.id AND x.digest <> '' AND x.digest IN ?)) ORDER BY s.id LIMIT 1`, append(args, key, digests)...).Scan(&row)
	if res.Error != nil || row.ID == "" {
		return f, res.Error
	}
	if f, err = in.filed(ctx, row); err != nil {
		return f, err
	}
	if l.lang != "und" { // they are advised in the language of what they write now
		f.Suggestion.Lang = l.lang
	}
	_, err = in.alarmAgain(ctx, tx, a, &row, l.cause)
	return f, err
}

// saidSince makes an emergency of what was filed before, where the same conversation
// brings one now: its other words are not filed twice.
func (in *Intake) saidSince(ctx context.Context, tx *gorm.DB, a auth.Actor, f *Filed, p *Prepared) error {
	if p.cause == "" || f.Cause != "" {
		return nil
	}
	s, err := in.themes.HoldSuggestion(tx, f.Suggestion.ID)
	if err != nil {
		return err
	}
	found := slices.Clone(p.findings)
	if err := in.found(tx, s, found); err != nil {
		return err
	}
	if err := in.escalate(ctx, tx, a, s, p.cause); err != nil {
		return err
	}
	f.Suggestion, f.Cause, f.Findings = *s, p.cause, append(f.Findings, found...)
	f.Locale, err = in.knownLocale(tx, s.PersonID)
	return err
}

// cut is the beginning of a text, at most n characters.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
