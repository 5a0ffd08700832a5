package web

import (
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// Advice is what the person of an emergency should do, in the printer's language.
func Advice(p *i18n.Printer, c models.Cause) ui.Advice {
	title, steps := notifier.Advice(p, c)
	if len(steps) == 0 {
		return ui.Advice{}
	}
	return ui.Advice{Lang: string(p.Locale()), Title: title, Steps: steps, Team: p.T("safety.team")}
}
