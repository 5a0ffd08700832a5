package console

import (
	"slices"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// sourceName is a channel in the reader's language; one we do not know keeps
// the name that its integration gave.
func sourceName(p *i18n.Printer, source string) string {
	switch source {
	case "portal":
		return p.T("source.portal")
	case intake.SourceFollowUp:
		return p.T("source.follow_up")
	case "api":
		return p.T("source.api")
	case "email":
		return p.T("source.email")
	case sourceCapture:
		return p.T("source.capture")
	case "mcp":
		return "MCP"
	case "import":
		return p.T("source.import")
	}
	if name := intake.SourceName(source); name != "" {
		return name
	}
	return source
}

// urgent: a secret that controls funds was sent, so somebody's assets may be
// at risk.
func urgent(findings []models.Finding) bool {
	return slices.ContainsFunc(findings, web.ControlsFunds)
}

// refOf is a theme as staff choose it.
func refOf(th *models.Theme, locale string) ui.ThemeRef {
	r := ui.ThemeRef{ID: th.ID, URL: "/themes/" + th.ID, Title: th.Title, Status: string(th.Status), People: th.PeopleCount}
	if title, lang := th.PublicTitle.In(locale); title != "" {
		r.Title, r.TitleLang = title, lang
	}
	return r
}

func refsOf(ths []models.Theme, locale string) []ui.ThemeRef {
	out := make([]ui.ThemeRef, 0, len(ths))
	for i := range ths {
		out = append(out, refOf(&ths[i], locale))
	}
	return out
}

// likelyOf is a proposed theme with the words it shares and where it differs.
func likelyOf(p *i18n.Printer, f themes.Found) ui.ThemeRef {
	r := ui.ThemeRef{ID: f.Theme, URL: "/themes/" + f.Theme, Title: f.Title, Status: string(f.Status), People: f.People}
	for _, why := range f.Reasons {
		if why.Kind == models.ReasonSense && p != nil {
			r.Reasons = append(r.Reasons, p.T("reason.sense.word"))
		}
		for i, w := range why.Words {
			if why.Kind == models.ReasonMeaning {
				w += " = " + why.Said(i)
			}
			switch {
			case why.Kind == models.ReasonDiffers:
				r.Mismatch = append(r.Mismatch, p.T("reason.mismatch."+w))
			case !slices.Contains(r.Reasons, w):
				r.Reasons = append(r.Reasons, w)
			}
		}
	}
	return r
}

// said is the provenance line of a suggestion.
func said(p *i18n.Printer, s *models.Suggestion, people map[string]models.Person, where map[string]string) ui.Provenance {
	v := ui.Provenance{Source: sourceName(p, s.Source), SourceURL: s.SourceURL, Filer: filerOf(p, s), Lang: langOf(s.Lang), At: s.CreatedAt}
	if who, ok := people[s.PersonID]; ok {
		v.Person, v.Segment, v.PersonURL = who.Name, who.Segment, "/people/"+who.ID
		if v.Person == "" {
			v.Person = where[who.ID]
		} else if at := where[who.ID]; at != "" {
			v.Account = at
		}
	}
	return v
}

// filerOf is who filed, with the member behind an agent.
func filerOf(p *i18n.Printer, s *models.Suggestion) string {
	if s.FilerName == "" || s.FilerFor == "" {
		return s.FilerName
	}
	return p.T("provenance.filer_for", s.FilerName, s.FilerFor)
}

// langOf reduces what is stored to what the catalogs have a word for.
func langOf(lang string) string {
	switch lang {
	case "en", "zh", "mixed", "":
		return lang
	}
	return "other"
}

// wordsOf is what the person said: an agent's quote stands for missing text.
func wordsOf(s *models.Suggestion) string {
	if s.Text != "" {
		return s.Text
	}
	return s.Quote
}

// titleOf is a suggestion in one line.
func titleOf(s *models.Suggestion) string {
	if s.Title != "" {
		return s.Title
	}
	return themes.Headline(wordsOf(s), 100)
}

// skipReason says in words why people are not told.
func skipReason(p *i18n.Printer, code string) string {
	if p.Has("skip." + code) {
		return p.T("skip." + code)
	}
	return code
}
