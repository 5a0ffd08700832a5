package intake

import (
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// row is the suggestion as it will be stored, and its person: redacted, its
// language and kind told. What the caller gave stays as it is.
func (in *Intake) row(a auth.Actor, s Submission) (models.Suggestion, *PersonInput, []models.Finding) {
	m := masking{in: in}
	r := models.Suggestion{
		Title: m.mask("title", s.Title), Text: m.mask("text", s.Text), Quote: m.mask("quote", s.Quote), Summary: m.mask("summary", s.Summary),
		Product: m.mask("product", s.Product), Source: m.mask("source", s.Source), SourceURL: m.mask("source_url", PlainURL(s.SourceURL)), ExternalID: s.ExternalID,
		Version: m.mask("version", s.Version), Lang: locale(s.Lang), State: models.StateNew, Rev: 1,
	}
	if s.Context != nil {
		ctx, _ := m.value("context", s.Context).(map[string]any)
		r.Context = models.AsJSON(ctx)
	}
	person := m.person(s.Person)
	if r.Lang == "" {
		r.Lang = dedup.Language(r.Title + "\n" + r.Text)
	}
	r.Kind, _ = ParseKind(s.Kind)
	r.ExactHash = dedup.ExactKey(r.Title, r.Text)
	if len(m.findings) > 0 {
		r.ExactHash = "" // two people's secrets are not the same words
	}
	if a.Kind != models.ActorPerson && a.Kind != models.ActorAnonymous {
		r.FilerKind, r.FilerID, r.FilerName = a.Kind, a.ID, a.Name
	}
	return r, person, m.findings
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
	_, found := in.redact.Mask(s)
	return len(found) > 0
}

// masking redacts the fields of one submission.
type masking struct {
	in       *Intake
	findings []models.Finding
}

func (m *masking) mask(field, s string) string {
	if s == "" {
		return s
	}
	masked, found := m.in.redact.Mask(s)
	for _, f := range found {
		m.findings = append(m.findings, models.Finding{Rule: f.Rule, Field: field, Last3: f.Last3, Digest: f.Digest})
	}
	return masked
}

// person is p with what is free text redacted; nil stays nil.
func (m *masking) person(p *PersonInput) *PersonInput {
	if p == nil {
		return nil
	}
	out := *p
	out.Name, out.Segment = m.mask("person/name", p.Name), m.mask("person/segment", p.Segment)
	return &out
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
