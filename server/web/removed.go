package web

import (
	"slices"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// Removed says what was masked, one line per rule.
func Removed(p *i18n.Printer, findings []models.Finding) []string {
	lines := []string{}
	for _, f := range findings {
		line := p.T("removed.other")
		switch f.Rule {
		case "seed_phrase":
			line = p.T("removed.seed_phrase")
		case "private_key":
			line = p.T("removed.private_key")
		case "keystore":
			line = p.T("removed.keystore")
		case "api_key", "jwt":
			line = p.T("removed.api_key")
		case "password", "url_password":
			line = p.T("removed.password")
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ControlsFunds reports whether what was masked gives away somebody's assets.
func ControlsFunds(f models.Finding) bool {
	return f.Rule == "seed_phrase" || f.Rule == "private_key" || f.Rule == "keystore"
}
