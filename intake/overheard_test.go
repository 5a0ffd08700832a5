package intake_test

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// What nothing else came of is kept as an emergency of its own: once for each person and
// danger, and never for somebody else's sake.
func TestWhatWasRefusedIsKeptOnceForEachPerson(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		a := d.file(t, intake.Submission{Text: "A dark mode", Person: &intake.PersonInput{Email: "ann@example.com", Locale: "zh"}})
		b := d.file(t, intake.Submission{Text: "A dark mode, too", Person: &intake.PersonInput{Email: "bob@example.com"}})
		phrase := seed(t)
		keep := func(who auth.Actor, h intake.Heard) intake.Filed {
			t.Helper()
			f, err := d.KeepAlone(ctx, who, h)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		ann, bob := their(a), their(b)
		first := keep(ann, intake.Heard{Words: []string{"mine is " + phrase}})
		s := d.read(t, first.Suggestion.ID)
		if first.Cause != models.CauseSecret || first.Locale != "zh" || !s.Confidential || s.PersonID != ann.PersonID || s.ThemesCount != 0 || s.Text != "mine is ‹seed_phrase ···›" || s.Source != intake.SourcePortal {
			t.Fatalf("%+v %+v", first, s)
		}
		if e := d.emergency(t, s.ID); e.Alerts == 0 {
			t.Errorf("nobody is alerted: %+v", e)
		}
		if again := keep(ann, intake.Heard{Fields: []string{phrase}}); again.Suggestion.ID != s.ID {
			t.Errorf("kept twice: %s and %s", s.ID, again.Suggestion.ID)
		}
		if other := keep(ann, intake.Heard{Words: []string{"mine is " + seed(t)}}); other.Suggestion.ID == s.ID {
			t.Error("another phrase is the same to us")
		}
		if bobs := keep(bob, intake.Heard{Words: []string{"mine is " + phrase}}); bobs.Suggestion.ID == s.ID || bobs.Suggestion.PersonID != bob.PersonID {
			t.Errorf("in somebody else's: %+v", bobs.Suggestion)
		}
		nobody := keep(auth.Anonymous(), intake.Heard{Words: []string{"mine is " + phrase}})
		if next := keep(auth.Anonymous(), intake.Heard{Words: []string{"mine is " + phrase}}); nobody.Suggestion.ID == s.ID || next.Suggestion.ID == nobody.Suggestion.ID {
			t.Error("who is not known is let into what another wrote")
		}
		typed := keep(auth.Anonymous(), intake.Heard{Words: []string{"mine is " + phrase}, Person: &intake.PersonInput{Email: "ann@example.com"}})
		if typed.Suggestion.ID == s.ID {
			t.Error("who types an address is let into what its person wrote")
		}
		one := keep(token, intake.Heard{Words: []string{"My wallet was drained"}})
		if two := keep(token, intake.Heard{Words: []string{"My wallet was drained"}}); one.Cause != models.CauseStolen || two.Suggestion.ID != one.Suggestion.ID {
			t.Errorf("an integration that tries again: %+v, %+v", one.Suggestion.ID, two.Suggestion.ID)
		}
	})
}

// Who is in danger again alerts anew once somebody took care.
func TestWhatIsKeptAgainAlertsAnew(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		a := d.file(t, intake.Submission{Text: "A dark mode", Person: &intake.PersonInput{Email: "ann@example.com"}})
		h := intake.Heard{Fields: []string{seed(t)}}
		f, err := d.KeepAlone(ctx, their(a), h)
		d.must(t, err)
		d.must(t, d.Acknowledge(ctx, sam, f.Suggestion.ID))
		_, err = d.KeepAlone(ctx, their(a), h)
		d.must(t, err)
		if e := d.emergency(t, f.Suggestion.ID); e.AcknowledgedAt != nil {
			t.Errorf("%+v", e)
		}
		if n := len(d.alarms(t)); n != 2 {
			t.Errorf("%d alerts", n)
		}
	})
}

// Only what is dangerous is kept, and of that nothing secret, however it is written.
func TestNothingHarmlessIsKeptAndNothingSecret(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		phrase := seed(t)
		slip := strings.Replace(phrase, " ", " zzebra ", 1)
		for name, h := range map[string]intake.Heard{
			"nothing": {}, "a wish": {Words: []string{"A dark mode"}}, "a password": {Words: []string{"password=hunter2hunter2"}}, "an alarming name": {Fields: []string{"My wallet was drained"}},
		} {
			if f, err := d.KeepAlone(ctx, auth.Anonymous(), h); err != nil || f.Cause != "" || f.Suggestion.ID != "" {
				t.Errorf("%s: %+v, %v", name, f, err)
			}
			if f, sure := d.Peril(h); sure || f.Cause != "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		for name, h := range map[string]intake.Heard{
			"words": {Words: []string{"x", phrase}}, "field": {Fields: []string{"a", phrase, "b"}}, "both": {Words: []string{phrase}, Fields: []string{phrase}},
			"split by nothing": {Words: []string{strings.Repeat("x ", 30_000) + phrase}}, "NUL and no UTF-8": {Words: []string{"\x00\xff " + phrase + "\x00"}, Fields: []string{"\xff\x00"}},
			"product": {Words: []string{phrase}, Product: phrase}, "name": {Words: []string{phrase}, Person: &intake.PersonInput{Email: "x@example.com", Name: slip}},
		} {
			f, err := d.KeepAlone(ctx, auth.Anonymous(), h)
			if err != nil || f.Cause != models.CauseSecret {
				t.Fatalf("%s: %+v, %v", name, f.Cause, err)
			}
			s := d.read(t, f.Suggestion.ID)
			if found := d.Findings(s.Text + "\n" + s.Product); len(found) > 0 || strings.Contains(s.Text, phrase[:12]) {
				t.Errorf("%s: %q", name, s.Text)
			}
		}
	})
}

// What a conversation brings later, under the same external id, is not filed twice; the
// danger in it is not lost.
func TestASecretUnderAKnownIDIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		s := intake.Submission{Text: "Importing fails", Source: "zendesk", ExternalID: "c-1", Person: &intake.PersonInput{Email: "ann@example.com", Locale: "zh"}}
		first := d.file(t, s)
		s.Text = "Importing fails, with " + seed(t)
		for i := range 2 {
			f := d.file(t, s)
			if !f.Again || f.Suggestion.ID != first.Suggestion.ID || f.Cause != models.CauseSecret || f.Locale != "zh" {
				t.Fatalf("%d: %+v", i, f)
			}
		}
		if row := d.read(t, first.Suggestion.ID); row.Text != "Importing fails" || row.Urgency != models.UrgencyCritical {
			t.Errorf("%+v", row)
		}
		if n := len(d.alarms(t)); n != 1 {
			t.Errorf("%d alerts", n)
		}
	})
}
