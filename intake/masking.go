package intake

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// row is the suggestion as it will be stored, and its person: redacted, its
// language and kind told. What the caller gave stays as it is.
func (in *Intake) row(a auth.Actor, s Submission) (models.Suggestion, *PersonInput, []models.Finding) {
	m := masking{in: in, examples: s.Examples}
	r := models.Suggestion{
		Title: m.mask("title", s.Title), Text: m.mask("text", s.Text), Quote: m.mask("quote", s.Quote), Summary: m.mask("summary", s.Summary),
		Product: m.short("product", s.Product), Source: cmp.Or(m.short("source", s.Source), sourceUnsaid), SourceURL: m.mask("source_url", PlainURL(s.SourceURL)), ExternalID: s.ExternalID,
		Version: m.short("version", s.Version), Lang: locale(s.Lang), State: models.StateNew, Rev: 1,
	}
	if s.Context != nil {
		ctx, _ := m.value("context", s.Context).(map[string]any)
		r.Context = models.AsJSON(ctx)
	}
	person := m.person(s.Person)
	if r.Lang == "" {
		r.Lang = language(r.Title+"\n"+r.Text, s.Title+"\n"+s.Text)
	}
	r.Kind, _ = ParseKind(s.Kind)
	r.ExactHash = dedup.ExactKey(r.Title, r.Text)
	m.warn("title", r.Title)
	m.warn("text", r.Text)
	m.warn("quote", r.Quote)
	m.warn("summary", r.Summary)
	if slices.ContainsFunc(m.findings, func(f models.Finding) bool { return f.Kind == models.FindingMasked }) {
		r.ExactHash = "" // two people's secrets are not the same words
	}
	if a.Kind != models.ActorPerson && a.Kind != models.ActorAnonymous {
		r.FilerKind, r.FilerID, r.FilerName, r.FilerFor = a.Kind, a.ID, a.Name, a.For
	}
	return r, person, m.findings
}

var maskForm = regexp.MustCompile(`‹[a-z_]+ ···›`)

// language is that of the words around what was masked; of what was sent where
// there are none.
func language(masked, sent string) string {
	if l := dedup.Language(maskForm.ReplaceAllString(masked, "")); l != "und" {
		return l
	}
	return dedup.Language(sent)
}

// noSecretIDs refuses ids that hold a secret: masked, they would be the same for
// everybody.
func (in *Intake) noSecretIDs(s Submission) error {
	if in.isSecret(s.ExternalID) {
		return models.BadField("external_id", "secret_in_id")
	}
	return in.noSecretHandle(s.Person)
}

func (in *Intake) noSecretHandle(p *PersonInput) error {
	if p != nil && p.Handle != nil && in.isSecret(p.Handle.ID) {
		return models.BadField("person/handle/id", "secret_in_id")
	}
	return nil
}

func (in *Intake) isSecret(s string) bool {
	_, found := in.redact.Name(s)
	return slices.ContainsFunc(found, func(f redact.Finding) bool { return f.Rule != "email" && f.Rule != "phone" }) // an id may be either
}

// Chips finds in a text what staff read and what never leaves the console.
func Chips(text string) []redact.Chip { return redact.Chips(text) }

// masking redacts the fields of one submission.
type masking struct {
	in       *Intake
	examples []string
	findings []models.Finding
}

// ExampleOf is how a submission names a finding of an earlier try as an example.
func ExampleOf(f models.Finding) string { return f.Rule + ":" + f.Last3 }

func (m *masking) mask(field, s string) string {
	if s == "" {
		return s
	}
	masked, found := m.in.redact.MaskBut(s, func(f redact.Finding) bool { return slices.Contains(m.examples, f.Rule+":"+f.Last3) })
	for _, f := range found {
		row := models.Finding{Rule: f.Rule, Field: field, Last3: f.Last3, Digest: f.Digest}
		if f.Example {
			row.Kind = models.FindingExample
		}
		m.findings = append(m.findings, row)
	}
	return masked
}

// sourceUnsaid is the source of what came without one that may be kept.
const sourceUnsaid = "api"

// short masks a field of few words, which is empty where that reads like a recovery
// phrase with a slip: there is no text in which it could be anything else.
func (m *masking) short(field, s string) string {
	masked := m.mask(field, s)
	if len(m.in.redact.Warn(masked)) > 0 {
		return m.name(field, masked)
	}
	return masked
}

// warn notes what in a clean text only looks like a recovery phrase.
func (m *masking) warn(field, clean string) {
	for _, f := range m.in.redact.Warn(clean) {
		m.findings = append(m.findings, models.Finding{Rule: f.Rule, Field: field, Kind: models.FindingWarning})
	}
}

// person is p with what they are called, which is nothing where that is a secret or a
// phrase with a slip: what was known of them stays. nil stays nil.
func (m *masking) person(p *PersonInput) *PersonInput {
	if p == nil {
		return nil
	}
	out := *p
	out.Name, out.Segment = m.name("person/name", p.Name), m.name("person/segment", p.Segment)
	return &out
}

func (m *masking) name(field, s string) string {
	kept, found := m.in.redact.Name(s)
	for _, f := range found {
		m.findings = append(m.findings, models.Finding{Rule: f.Rule, Field: field, Last3: f.Last3, Digest: f.Digest})
	}
	return kept
}

// value redacts every string inside a context value, keys included.
func (m *masking) value(field string, v any) any {
	switch x := v.(type) {
	case string:
		return m.mask(field, x)
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			name := m.mask(field, k)
			out[name] = m.value(field+"/"+name, e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = m.value(field, e)
		}
		return out
	}
	return v
}
