package web

import (
	"slices"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// removedLines are the sentences for rules; what has none is "something secret".
var removedLines = map[string]string{
	"seed_phrase": "removed.seed_phrase", "private_key": "removed.private_key", "keystore": "removed.keystore", "api_key": "removed.api_key", "jwt": "removed.api_key",
	"password": "removed.password", "url_password": "removed.password", "session": "removed.session", "card": "removed.card", "identity_number": "removed.identity_number",
	"iban": "removed.iban", "email": "removed.email", "phone": "removed.phone",
}

// Removed says what was found, one line per rule: what was masked, what was kept as
// an example, and what was only warned of.
func Removed(p *i18n.Printer, findings []models.Finding) []string {
	lines := []string{}
	for _, f := range findings {
		key := removedLines[f.Rule]
		switch {
		case f.Kind == models.FindingExample:
			key = "removed.example"
		case f.Kind == models.FindingWarning:
			key = "removed.warning"
		case key == "":
			key = "removed.other"
		}
		if line := p.T(key); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ControlsFunds reports whether what was masked gives away somebody's assets.
func ControlsFunds(f models.Finding) bool {
	return f.Kind == models.FindingMasked && (f.Rule == "seed_phrase" || f.Rule == "private_key" || f.Rule == "keystore")
}
