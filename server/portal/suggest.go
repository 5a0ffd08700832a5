package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// shownSimilar is how many themes are offered before a suggestion is sent.
const shownSimilar = 3

// suggest is the empty form.
func (p *Portal) suggest(ec echo.Context) error {
	d := ui.Suggest{Title: ec.QueryParam("title"), AskEmail: asksEmail(ec), Errors: map[string]string{}, Limit: p.fileLimit()}
	return p.Show(ec, http.StatusOK, p.view(ec, p.Printer(ec).T("suggest.title")), ui.PageSuggest, d)
}

// asksEmail: who is signed in has an address already.
func asksEmail(ec echo.Context) bool { return actorOf(ec).Email == "" }

// send files a suggestion. Without script, whoever was not shown what is
// similar is shown it first.
func (p *Portal) send(ec echo.Context) error {
	d := suggestForm(ec)
	if d.Title == "" && d.Text == "" {
		d.Errors["title"] = p.Printer(ec).T("error.required")
		return p.again(ec, http.StatusUnprocessableEntity, d)
	}
	uploads, err := web.FormUploads(ec)
	if err != nil {
		return err
	}
	s := submission(ec, d)
	s.Files = uploads
	prepared, err := p.s.Intake.Prepare(contextOf(ec), actorOf(ec), s)
	// Nothing stands between an emergency and those who help, and a browser forgets
	// chosen files on the way through another page.
	if urgent := isUrgent(ec) || err == nil && prepared.Escalates(); len(uploads) == 0 && !urgent {
		if ask, err := p.mustShow(ec, &d, prepared); err != nil || ask {
			if err != nil {
				return err
			}
			return p.again(ec, http.StatusOK, d)
		}
	}
	var end web.Ending
	if err == nil {
		end, err = web.Once(ec, p.s.Intake, actorOf(ec), uploads, web.Form{Do: func(ctx context.Context) (web.Ending, error) {
			f, err := p.s.Intake.Commit(ctx, actorOf(ec), prepared)
			return p.filedEnding("/suggest/thanks", &f.Suggestion, nil), err
		}})
	}
	if err != nil {
		return p.sendRefused(ec, err)
	}
	email := d.Email
	if !d.AskEmail {
		email = actorOf(ec).Email
	}
	p.remember(ec, end, email)
	return p.Back(ec, end.Path, nil)
}

func suggestForm(ec echo.Context) ui.Suggest {
	return ui.Suggest{Title: strings.TrimSpace(ec.FormValue("title")), Text: strings.TrimSpace(ec.FormValue("text")), Kind: ec.FormValue("kind"),
		Email: strings.TrimSpace(ec.FormValue("email")), Name: strings.TrimSpace(ec.FormValue("name")), AskEmail: asksEmail(ec), Confirmed: ec.FormValue("confirmed") != "", Errors: map[string]string{}}
}

// sendRefused shows a suggestion again that was not taken, with what is wrong.
func (p *Portal) sendRefused(ec echo.Context, err error) error {
	if !p.keepsWords(ec, err) {
		return err
	}
	d, problem := suggestForm(ec), p.Problems.From(contextOf(ec), err)
	if d.Errors, _ = p.Fields(contextOf(ec), err, suggestNames); len(d.Errors) == 0 {
		field := "text"
		if problem.Status == http.StatusRequestEntityTooLarge {
			field = files.Field
		}
		d.Errors = map[string]string{field: problem.Detail}
	}
	return p.again(ec, problem.Status, d)
}

// mustShow fills in what somebody has to see before their suggestion is filed, and
// tells whether there is anything that they were not shown yet: what says the same,
// and what looks secret.
func (p *Portal) mustShow(ec echo.Context, d *ui.Suggest, prepared *intake.Prepared) (bool, error) {
	show := false
	if d.Confirmed = ec.FormValue("confirmed") != ""; !d.Confirmed {
		found, err := p.alike(ec, d.Title+"\n"+d.Text)
		if err != nil {
			return false, err
		}
		if len(found) > 0 {
			d.Similar, show = ui.Similar{Themes: found, CanVote: true, Interstitial: true}, true
		}
	}
	if prepared != nil {
		if d.Found, d.Warned = looksSecret(prepared.Findings()); len(d.Found) > 0 || d.Warned {
			show = show || ec.FormValue("seen") == ""
		}
	}
	return show, nil
}

// suggestNames: the form's fields by the paths of the door.
var suggestNames = map[string]string{"person/email": "email", "person/name": "name", "person": "email", "kind": "title"}

func (p *Portal) again(ec echo.Context, status int, d ui.Suggest) error {
	v := p.quiet(ec, p.Printer(ec).T("suggest.title"))
	v.Path, v.Private = "/suggest", true
	d.Title, d.Text, d.Email, d.Name = p.typed(ec, d.Title), p.typed(ec, d.Text), p.typedName(ec, d.Email), p.typedName(ec, d.Name)
	d.Limit = p.fileLimit()
	return p.Show(ec, status, v, ui.PageSuggest, d)
}

// submission is the form as the door takes it. One line alone is the text.
func submission(ec echo.Context, d ui.Suggest) intake.Submission {
	s := intake.Submission{Title: d.Title, Text: d.Text, Kind: d.Kind, Source: intake.SourcePortal}
	if form, err := ec.FormParams(); err == nil {
		s.Examples = form["example"]
	}
	if s.Text == "" {
		s.Title, s.Text = "", d.Title
	}
	a := actorOf(ec)
	switch {
	case a.PersonID != "":
	case a.Email != "": // a member who was no person yet
		who := intakePerson(a)
		s.Person = &who
	case d.Email != "":
		s.Person = &intake.PersonInput{Email: d.Email, Name: d.Name, Locale: reader(ec).Locale}
	}
	return s
}

func intakePerson(a auth.Actor) intake.PersonInput {
	return intake.PersonInput{Email: a.Email, Name: a.Name, Locale: a.Locale}
}

// similar is what is already there, asked for while a suggestion is written.
func (p *Portal) similar(ec echo.Context) error {
	found, err := p.alike(ec, ec.QueryParam("text"))
	if err != nil {
		return err
	}
	return p.Fragment(ec, ui.PageSuggest, ui.FragmentSimilar, ui.Similar{Themes: found, CanVote: true})
}

// leastShown is how likely a theme must be to be shown to who writes.
const leastShown = .1

// alike finds published themes for a text, as nobody in particular would.
func (p *Portal) alike(ec echo.Context, text string) ([]ui.ThemeRef, error) {
	if r := []rune(text); len(r) > 2000 {
		text = string(r[:2000])
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	found, err := p.s.Themes.Similar(contextOf(ec), reader(ec), text, shownSimilar)
	if err != nil {
		return nil, err
	}
	out := make([]ui.ThemeRef, 0, len(found))
	for _, f := range found {
		// What only private words explain would show that somebody wrote them; the
		// published text explains itself, whatever its words. What is hardly likely
		// only leads astray.
		if ref := refOf(f); f.Public && f.Score >= leastShown && (len(ref.Reasons) > 0 || f.Own) {
			out = append(out, ref)
		}
	}
	return out, nil
}

func refOf(f themes.Found) ui.ThemeRef {
	r := ui.ThemeRef{ID: f.Theme, URL: "/t/" + f.Theme, Title: f.Title, Status: string(f.Status), People: f.People}
	for _, why := range f.Reasons {
		if why.Kind != "differs" {
			for _, w := range why.Words {
				if !slices.Contains(r.Reasons, w) {
					r.Reasons = append(r.Reasons, w)
				}
			}
		}
	}
	return r
}

// thanks confirms what this browser has just filed. It shows the receipt, a
// published theme and what was removed, and none of the words.
func (p *Portal) thanks(ec echo.Context) error {
	opened := p.opener(ec).Opened
	f, err := p.s.Intake.Opened(contextOf(ec), p.opener(ec))
	if models.KindOf(err) == models.NotFound {
		return p.Back(ec, "/receipt", nil)
	}
	if err != nil {
		return err
	}
	d := ui.Thanks{URL: "/s/" + opened, Receipt: f.Suggestion.Receipt, Redacted: web.Removed(p.Printer(ec), f.Findings)}
	d.Advice = p.advice(ec, f)
	if sent := web.SentCookie(ec.Request()); sent.Receipt == d.Receipt {
		d.Email = sent.Email
	}
	for i := range f.Themes {
		if th := &f.Themes[i]; th.Public && th.IsLive() && d.Theme == nil {
			ref := cardOf(th, reader(ec).Locale, false).ThemeRef
			d.Theme = &ref
		}
	}
	return p.Show(ec, http.StatusOK, p.private(ec, p.Printer(ec).T("thanks.title")), ui.PageThanks, d)
}

// fileLimit is how large a file may be, in megabytes.
func (p *Portal) fileLimit() int { return files.Megabytes(p.s.Intake.FileLimits().Size) }
