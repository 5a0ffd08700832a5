package portal

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// advice is what somebody in danger reads first; see web.Pages.AdviceFor.
func (p *Portal) advice(ec echo.Context, f intake.Filed) []ui.Advice {
	return p.AdviceFor(contextOf(ec), f)
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
