package portal

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// advice is what somebody in danger reads first: in the language of the page, and
// where they wrote in the other one, in that as well.
func (p *Portal) advice(ec echo.Context, f intake.Filed) []ui.Advice {
	if f.Cause == "" {
		return nil
	}
	here := p.Printer(ec)
	out := []ui.Advice{web.Advice(here, f.Cause)}
	if l, ok := i18n.Parse(f.Suggestion.Lang); ok && f.Suggestion.Lang != "" && l != here.Locale() {
		out = append(out, web.Advice(p.s.Catalog.For(l), f.Cause))
	}
	return out
}

// looksSecret is what a form shows before it is sent: what would be removed, once
// each, and whether something reads like a phrase with a mistake.
func looksSecret(findings []models.Finding) (out []ui.Found, warned bool) {
	for _, f := range findings {
		entry := ui.Found{Rule: f.Rule, End: f.Last3, Key: intake.ExampleOf(f), Kept: f.Kind == models.FindingExample}
		switch {
		case f.Kind == models.FindingWarning:
			warned = true
		case !slices.Contains(out, entry):
			out = append(out, entry)
		}
	}
	return out, warned
}
