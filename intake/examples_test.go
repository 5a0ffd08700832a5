package intake_test

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// What its author calls an example is kept and written down as such; what proves
// itself is masked whatever anybody says.
func TestAnExampleIsKeptButNeverAPhrase(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		const key = "AKIAIOSFODNN7EXAMPLE"
		text := "Your page shows " + key + " and password=hunter2hunter2 as an example"
		first := d.file(t, intake.Submission{Text: text})
		if len(first.Findings) != 2 || strings.Contains(first.Suggestion.Text, key) {
			t.Fatalf("%+v %q", first.Findings, first.Suggestion.Text)
		}
		again := d.file(t, intake.Submission{Text: text, Examples: []string{intake.ExampleOf(first.Findings[0])}})
		if !strings.Contains(again.Suggestion.Text, key) || strings.Contains(again.Suggestion.Text, "hunter2") {
			t.Errorf("kept the wrong one: %q", again.Suggestion.Text)
		}
		if again.Findings[0].Kind != models.FindingExample || again.Findings[1].Kind != models.FindingMasked {
			t.Errorf("%+v", again.Findings)
		}
		phrase := seed(t)
		for _, s := range []string{phrase, "private key 0x" + strings.Repeat("ab12", 16)} {
			last := s[len(s)-3:]
			f := d.file(t, intake.Submission{Text: "for example " + s, Examples: []string{"seed_phrase:" + last, "private_key:" + last}})
			if strings.Contains(f.Suggestion.Text, s) || f.Cause != models.CauseSecret {
				t.Errorf("kept %q", f.Suggestion.Text)
			}
		}
		if _, err := d.File(ctx, token, intake.Submission{Text: "x", Examples: []string{"none"}}); models.KindOf(err) != models.Invalid {
			t.Errorf("%v", err)
		}
	})
}

// A phrase with a slip is kept, noted and no emergency.
func TestAPhraseWithASlipIsNoted(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		words := strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow")
		words[5] = "sausge"
		text := "my words are:\n" + strings.Join(words, " ")
		f := d.file(t, intake.Submission{Text: text})
		if f.Suggestion.Text != text || f.Cause != "" || len(f.Findings) != 1 || f.Findings[0].Kind != models.FindingWarning {
			t.Errorf("%q %+v %q", f.Suggestion.Text, f.Findings, f.Cause)
		}
	})
}
