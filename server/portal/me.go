package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/ui"
)

// me is what a person says of themselves; who did not sign in does so first, since
// a link in a mail may be anybody's.
func (p *Portal) me(ec echo.Context) error {
	actor, err := p.asPerson(ec)
	if err != nil {
		return err
	}
	r, err := p.s.People.Self(contextOf(ec), actor)
	if err != nil {
		return err
	}
	return p.showMe(ec, http.StatusOK, ui.Me{Name: r.Name, TimeZone: r.TimeZone, Phrase: r.Phrase, Locales: p.locales(ec, r.Locale)})
}

// asPerson is who asks as a person: a member is one too, made when there is none.
func (p *Portal) asPerson(ec echo.Context) (auth.Actor, error) {
	actor := actorOf(ec)
	id, err := p.personOf(ec)
	actor.PersonID = id
	return actor, err
}

func (p *Portal) showMe(ec echo.Context, status int, d ui.Me) error {
	d.Product = p.Product
	return p.Show(ec, status, p.quiet(ec, p.Printer(ec).T("me.title")), ui.PageMe, d)
}

func (p *Portal) locales(ec echo.Context, selected string) []ui.Option {
	var out []ui.Option
	for _, l := range i18n.Locales() {
		out = append(out, ui.Option{Value: string(l), Label: p.Printer(ec).T("lang." + string(l)), Selected: string(l) == selected})
	}
	return out
}

func (p *Portal) saveMe(ec echo.Context) error {
	actor, err := p.asPerson(ec)
	if err != nil {
		return err
	}
	value := func(name string) *string { v := ec.FormValue(name); return &v }
	o := people.Own{Name: value("name"), Locale: value("locale"), TimeZone: value("time_zone"), Phrase: value("phrase")}
	if err := p.s.People.SetOwn(contextOf(ec), actor, o); err != nil {
		messages, ok := p.Fields(contextOf(ec), err, nil)
		if !ok {
			return err
		}
		d := ui.Me{Name: *o.Name, TimeZone: p.typedName(ec, *o.TimeZone), Phrase: *o.Phrase, Locales: p.locales(ec, *o.Locale), Errors: messages}
		if messages["phrase"] != "" { // it may be a secret: it does not go back and forth
			d.Phrase = ""
		}
		if messages["name"] != "" {
			r, err := p.s.People.Self(contextOf(ec), actor)
			if err != nil {
				return err
			}
			d.Name = r.Name
		}
		return p.showMe(ec, http.StatusUnprocessableEntity, d)
	}
	return p.Back(ec, "/me/settings", &ui.Toast{Message: p.Printer(ec).T("me.saved")})
}
