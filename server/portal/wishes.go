package portal

import (
	"fmt"
	"net/http"
	"strconv"
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
func (p *Portal) wishes(ec echo.Context) error { return p.showWishes(ec, http.StatusOK, nil) }

func (p *Portal) showWishes(ec echo.Context, status int, errors map[string]string) error {
	ctx, pr, token := contextOf(ec), p.Printer(ec), ec.Param("token")
	x, err := p.s.Notifier.PreferencesPage(ctx, token)
	if err != nil {
		return p.noSuchWishes(ec, err)
	}
	told, err := p.s.Notifier.ToldPage(ctx, token)
	if err != nil {
		return err
	}
	d := ui.Preferences{Token: token, Email: x.Email, Product: p.Product, Off: x.All == models.ModeOff, HouseQuiet: x.HouseQuiet, Zone: x.Zone.String(),
		TimeZone: x.TimeZone, HasPhrase: x.HasPhrase, Locales: p.locales(ec, x.Locale), Errors: errors}
	for _, k := range notifier.Choosable() {
		row := ui.PreferenceKind{Name: "mode_" + string(k), Label: pr.T("preferences.kind." + string(k)), Note: pr.T("preferences.kind." + string(k) + ".note")}
		for _, m := range notifier.Modes() {
			row.Modes = append(row.Modes, ui.Option{Value: m, Label: pr.T("preferences.mode." + m), Selected: x.Modes[k] == m})
		}
		d.Kinds = append(d.Kinds, row)
	}
	for h := range 24 {
		d.Hours = append(d.Hours, ui.Option{Value: strconv.Itoa(h), Label: fmt.Sprintf("%02d:00", h), Selected: h == x.DigestHour})
	}
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		d.Weekdays = append(d.Weekdays, ui.Option{Value: strconv.Itoa(int(day)), Label: pr.T(web.Weekday(day)), Selected: day == x.DigestWeekday})
	}
	fillQuiet(&d, x)
	if x.NextDaily != nil {
		d.NextDaily = web.Local(pr, *x.NextDaily, x.Zone)
	}
	if x.NextWeekly != nil {
		d.NextWeekly = web.Local(pr, *x.NextWeekly, x.Zone)
	}
	d.Muted, d.Themes, d.Told = mutable(pr, x.Muted), mutable(pr, x.Themes), toldRows(pr, told, x.Zone)
	v := p.quiet(ec, pr.T("preferences.title"))
	if ec.Request().Method != http.MethodGet {
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

func fillQuiet(d *ui.Preferences, x notifier.Preferences) {
	d.QuietFrom, d.QuietTo = "21:00", "08:00"
	switch x.QuietHours {
	case "":
		d.Quiet = "house"
	case models.QuietOff:
		d.Quiet = "off"
	default:
		d.Quiet = "own"
		if len(x.QuietHours) == len("21:00-08:00") {
			d.QuietFrom, d.QuietTo = x.QuietHours[:5], x.QuietHours[6:]
		}
	}
}

func mutable(p *i18n.Printer, themes []notifier.MutableTheme) []ui.PreferenceTheme {
	var out []ui.PreferenceTheme
	for _, th := range themes {
		title, lang := th.Title.In(string(p.Locale()))
		out = append(out, ui.PreferenceTheme{ID: th.ID, Title: title, TitleLang: lang})
	}
	return out
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

// saveWishes keeps what the form says: a switch alone, or the whole form.
func (p *Portal) saveWishes(ec echo.Context) error {
	ctx, token := contextOf(ec), ec.Param("token")
	x, err := p.s.Notifier.PreferencesPage(ctx, token)
	if err != nil {
		return p.noSuchWishes(ec, err)
	}
	w, whole := p.wishesOf(ec)
	if whole {
		me := auth.Actor{Kind: models.ActorPerson, ID: x.PersonID, PersonID: x.PersonID}
		value := func(name string) *string { v := ec.FormValue(name); return &v }
		own := people.Own{Locale: value("locale"), TimeZone: value("time_zone")}
		if phrase := ec.FormValue("phrase"); phrase != "" {
			own.Phrase = &phrase
		} else if ec.FormValue("clear_phrase") != "" {
			own.Phrase = &phrase
		}
		err = p.s.People.SetOwn(ctx, me, own)
	}
	if err == nil {
		err = p.s.Notifier.SavePreferences(ctx, token, w)
	}
	if err != nil {
		messages, ok := p.Fields(ctx, err, nil)
		if !ok {
			return err
		}
		return p.showWishes(ec, http.StatusUnprocessableEntity, messages)
	}
	return p.Back(ec, "/preferences/"+token, &ui.Toast{Message: p.Printer(ec).T("preferences.saved")})
}

// wishesOf reads a form. A button that names one thing changes that alone.
func (p *Portal) wishesOf(ec echo.Context) (w notifier.Wishes, whole bool) {
	w.Modes = map[string]string{}
	switch {
	case ec.FormValue("mute") != "":
		w.Mute = []string{ec.FormValue("mute")}
		return w, false
	case ec.FormValue("unmute") != "":
		w.Unmute = []string{ec.FormValue("unmute")}
		return w, false
	case ec.FormValue("weekly") != "":
		w.Modes[models.AllKinds] = models.ModeWeekly
		for _, k := range notifier.Choosable() {
			w.Modes[string(k)] = ""
		}
		return w, false
	case ec.FormValue("again") != "":
		w.Modes[models.AllKinds] = models.ModeInstant
		return w, false
	}
	for _, k := range notifier.Choosable() {
		if mode := ec.FormValue("mode_" + string(k)); mode != "" {
			w.Modes[string(k)] = mode
		}
	}
	if hour, err := strconv.Atoi(ec.FormValue("digest_hour")); err == nil {
		w.DigestHour = &hour
	}
	if n, err := strconv.Atoi(ec.FormValue("digest_weekday")); err == nil {
		day := time.Weekday(n)
		w.DigestWeekday = &day
	}
	quiet := ""
	switch ec.FormValue("quiet") {
	case "off":
		quiet = models.QuietOff
	case "own":
		quiet = ec.FormValue("quiet_from") + "-" + ec.FormValue("quiet_to")
	}
	w.QuietHours = &quiet
	return w, true
}
