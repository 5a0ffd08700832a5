package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// wishes shows what a person hears, and when. The link in their mail is enough; it
// changes nothing, since scanners open links, and does not show the phrase, since mails
// are forwarded.
func (p *Portal) wishes(ec echo.Context) error {
	return p.showWishes(ec, http.StatusOK, notifier.Wishes{}, nil)
}

func (p *Portal) showWishes(ec echo.Context, status int, typed notifier.Wishes, errors map[string]string) error {
	ctx, pr, token := contextOf(ec), p.Printer(ec), ec.Param("token")
	x, err := p.s.Notifier.PreferencesPage(ctx, token)
	if err != nil {
		return p.noSuchWishes(ec, err)
	}
	told, err := p.s.Notifier.ToldPage(ctx, token)
	if err != nil {
		return err
	}
	d := ui.Preferences{Token: token, Email: x.Email, Product: p.Product, PreferenceForm: web.WishesForm(pr, x, false, typed, errors), Stops: web.WishStops(pr, "stop", x, true),
		TimeZone: x.TimeZone, HasPhrase: x.HasPhrase, Locales: p.locales(ec, x.Locale), Told: toldRows(pr, told, x.Zone)}
	v := p.quiet(ec, pr.T("preferences.title"))
	if ec.Request().Method != http.MethodGet {
		d.TimeZone, d.Locales = p.typedName(ec, ec.FormValue("time_zone")), p.locales(ec, ec.FormValue("locale"))
		v.Path = "/"
	}
	return p.Show(ec, status, v, ui.PagePreferences, d)
}

func (p *Portal) noSuchWishes(ec echo.Context, err error) error {
	switch models.KindOf(err) {
	case models.NotFound, models.Invalid, models.Unauthenticated:
		v := p.quiet(ec, p.Printer(ec).T("preferences.title"))
		v.Path = "/"
		return p.Show(ec, http.StatusNotFound, v, ui.PagePreferences, ui.Preferences{Invalid: true})
	}
	return err
}

// toldRows says of each thing what became of it, in words. A theme that is not public
// has no name here.
func toldRows(p *i18n.Printer, told []notifier.Told, zone *time.Location) []ui.PreferenceTold {
	var out []ui.PreferenceTold
	for _, t := range told[:min(len(told), pageRows)] {
		row := ui.PreferenceTold{Status: t.Status, Kind: t.Kind, At: t.At.In(zone)}
		row.Title, row.TitleLang = t.PublicTitle.In(string(p.Locale()))
		if row.Title == "" {
			row.Title, row.TitleLang = p.T("preferences.told.private"), ""
		} else {
			row.URL = "/t/" + t.ThemeID
		}
		if t.Kind != string(notifier.KindStatus) {
			row.Status = ""
		}
		row.Sentence = toldSentence(p, t, zone)
		out = append(out, row)
	}
	return out
}

func toldSentence(p *i18n.Printer, t notifier.Told, zone *time.Location) string {
	if next := web.Waits(p, web.WaitsForThem, t, zone); next != "" {
		return next
	}
	switch {
	case t.ToldAt != nil:
		return p.T("preferences.told.by_hand")
	case t.SkipReason != "":
		if key := "preferences.why." + t.SkipReason; p.Has(key) {
			return p.T(key)
		}
		return p.T("preferences.why.other")
	case t.SentAt != nil:
		return p.T("preferences.told.sent", web.Local(p, *t.SentAt, zone))
	}
	switch models.DeliveryState(t.State) {
	case models.DeliveryReady, models.DeliveryLeased, models.DeliverySending, models.DeliveryInDoubt:
		return p.T("preferences.told.underway")
	}
	return p.T("preferences.told.failed")
}

// saveWishes keeps what the form says, a switch alone or all of it, or nothing where
// something is wrong.
func (p *Portal) saveWishes(ec echo.Context) error {
	ctx, token := contextOf(ec), ec.Param("token")
	x, err := p.s.Notifier.PreferencesPage(ctx, token)
	if err != nil {
		return p.noSuchWishes(ec, err)
	}
	form, err := ec.FormParams()
	if err != nil {
		return err
	}
	me := auth.Actor{Kind: models.ActorPerson, ID: x.PersonID, PersonID: x.PersonID}
	p.knownAs(ec, me)
	var also func(context.Context) error
	w, whole := web.Wishes(form)
	if whole {
		own := ownOf(ec)
		also = func(ctx context.Context) error { return p.s.People.SetOwn(ctx, me, own) }
	}
	if err := p.s.Notifier.SavePage(ctx, token, w, also); err != nil {
		messages, ok := p.Fields(ctx, err, web.WishFields())
		if !ok {
			return err
		}
		return p.showWishes(ec, http.StatusUnprocessableEntity, w, messages)
	}
	return p.Back(ec, "/preferences/"+token, &ui.Toast{Message: p.Printer(ec).T("preferences.saved")})
}

// ownOf is what else the form says of its person. A phrase that is left empty stays.
func ownOf(ec echo.Context) people.Own {
	value := func(name string) *string { v := ec.FormValue(name); return &v }
	own := people.Own{Locale: value("locale"), TimeZone: value("time_zone")}
	if *value("phrase") != "" || ec.FormValue("clear_phrase") != "" {
		own.Phrase = value("phrase")
	}
	return own
}
