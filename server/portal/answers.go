package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// solved asks whether what shipped solves it; scanners open links, so that nothing is
// answered by opening it.
func (p *Portal) solved(ec echo.Context) error {
	page, err := p.s.Solved(contextOf(ec), ec.Param("token"))
	if err != nil {
		return p.noSolved(ec, err)
	}
	return p.showSolved(ec, http.StatusOK, page, ui.SolvedPage{Answer: ec.QueryParam("answer")})
}

// solve answers it.
func (p *Portal) solve(ec echo.Context) error {
	answer, words := ec.FormValue("answer"), ec.FormValue("words")
	page, err := p.s.Solved(contextOf(ec), ec.Param("token"))
	if err != nil {
		return p.noSolved(ec, err)
	}
	if page.Answer != nil && answer == "" { // more words alone
		answer = map[bool]string{true: "yes", false: "no"}[page.Answer.Solved]
	}
	p.knownAs(ec, page.Person)
	if answer != "yes" && answer != "no" {
		return p.showSolved(ec, http.StatusUnprocessableEntity, page, ui.SolvedPage{Words: words, Choose: p.Printer(ec).T("solved.choose")})
	}
	title, _ := p.nameOf(ec, page.Theme)
	page, err = p.s.Solve(contextOf(ec), ec.Param("token"), answer == "yes", words, p.Printer(ec).T("solved.report", title))
	if err != nil {
		return p.solvedRefused(ec, err)
	}
	return p.showSolved(ec, http.StatusOK, page, ui.SolvedPage{})
}

// solvedRefused shows an answer again that was not taken, with its words.
func (p *Portal) solvedRefused(ec echo.Context, err error) error {
	if !p.keepsWords(ec, err) {
		return p.noSolved(ec, err)
	}
	page, gone := p.s.Solved(contextOf(ec), ec.Param("token"))
	if gone != nil {
		return p.noSolved(ec, gone)
	}
	return p.showSolved(ec, p.Problems.From(contextOf(ec), err).Status, page, ui.SolvedPage{Answer: ec.FormValue("answer"), Words: p.typed(ec, ec.FormValue("words")), Error: p.Message(contextOf(ec), err)})
}

// nameOf is what a theme is called for the public, or that it has no name.
func (p *Portal) nameOf(ec echo.Context, th *models.Theme) (title, lang string) {
	if title, lang = th.PublicTitle.In(reader(ec).Locale); title == "" {
		title, lang = p.Printer(ec).T("mail.unnamed"), ""
	}
	return title, lang
}

func (p *Portal) showSolved(ec echo.Context, status int, page api.SolvedPage, d ui.SolvedPage) error {
	d.Words = p.typed(ec, d.Words)
	d.Token, d.Version, d.Over = ec.Param("token"), page.Theme.Version, page.Over
	d.Title, d.TitleLang = p.nameOf(ec, page.Theme)
	d.Advice, d.Found, d.Again, d.More = p.advice(ec, page.Danger), web.Removed(p.Printer(ec), page.Found), page.Again, page.More
	if page.Answer != nil {
		d.At = page.Answer.CreatedAt
		if d.Done = "no"; page.Answer.Solved {
			d.Done = "yes"
		}
		if page.Answer.SuggestionID != "" {
			d.SaidURL = "/s/" + page.Answer.SuggestionID
		}
	}
	v := p.quiet(ec, p.Printer(ec).T("solved.title"))
	v.Path, v.Private = "/solved/"+d.Token, d.Words != ""
	return p.Show(ec, status, v, ui.PageSolved, d)
}

func (p *Portal) noSolved(ec echo.Context, err error) error {
	if models.KindOf(err) != models.NotFound {
		return err
	}
	return p.Show(ec, http.StatusNotFound, p.quiet(ec, p.Printer(ec).T("solved.title")), ui.PageSolved, ui.SolvedPage{Invalid: true})
}

// meant shows what of a person's was put together with others, to be taken out.
func (p *Portal) meant(ec echo.Context) error { return p.showMeant(ec, http.StatusOK, ui.MeantPage{}) }

// notMeant takes one out.
func (p *Portal) notMeant(ec echo.Context) error {
	if _, who, err := p.s.Meant(contextOf(ec), ec.Param("token")); err == nil {
		p.knownAs(ec, who)
	}
	danger, err := p.s.NotMeant(contextOf(ec), ec.Param("token"), ec.FormValue("suggestion"), ec.FormValue("words"))
	if err != nil {
		return p.meantRefused(ec, err)
	}
	return p.showMeant(ec, http.StatusOK, ui.MeantPage{Done: true, Advice: p.advice(ec, danger), Found: web.Removed(p.Printer(ec), danger.Findings)})
}

// meantRefused shows the words again that were not taken, beside the suggestion that they
// are about.
func (p *Portal) meantRefused(ec echo.Context, err error) error {
	if !p.keepsWords(ec, err) && models.KindOf(err) != models.NotFound {
		return err
	}
	status := http.StatusUnprocessableEntity
	if models.KindOf(err) == models.RateLimited {
		status = http.StatusTooManyRequests
	}
	return p.showMeant(ec, status, ui.MeantPage{Error: p.Message(contextOf(ec), err), Words: p.typed(ec, ec.FormValue("words")), Chosen: ec.FormValue("suggestion")})
}

func (p *Portal) showMeant(ec echo.Context, status int, d ui.MeantPage) error {
	joined, _, err := p.s.Meant(contextOf(ec), ec.Param("token"))
	v := p.quiet(ec, p.Printer(ec).T("meant.title"))
	if models.KindOf(err) == models.NotFound {
		return p.Show(ec, http.StatusNotFound, v, ui.PageMeant, ui.MeantPage{Invalid: true})
	}
	if err != nil {
		return err
	}
	d.Token = ec.Param("token")
	v.Path, v.Private = "/meant/"+d.Token, d.Words != ""
	for _, j := range joined {
		row := ui.MeantRow{ID: j.Suggestion.ID, Text: themes.Headline(j.Suggestion.Title+"\n"+j.Suggestion.Text, 300)}
		if j.Theme.Public {
			row.Theme, row.ThemeLang = j.Theme.PublicTitle.In(reader(ec).Locale)
		}
		d.Rows = append(d.Rows, row)
	}
	return p.Show(ec, status, v, ui.PageMeant, d)
}
