package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// WishField is the form's field of a kind's mode.
func WishField(k notifier.Kind) string { return "mode_" + string(k) }

// WishFields gives the form's fields to what is wrong with wishes.
func WishFields() map[string]string {
	names := map[string]string{}
	for _, k := range notifier.Choosable() {
		names["modes/"+string(k)] = WishField(k)
	}
	return names
}

// WishesForm is the form of what a person hears, as it stands or, where typed has
// something, as it was typed; staff says who reads it. A theme that is not public is
// called so.
func WishesForm(p *i18n.Printer, x notifier.Preferences, staff bool, typed notifier.Wishes, errors map[string]string) ui.PreferenceForm {
	keys := "preferences.kind."
	if staff {
		keys = "person.wishes.kind."
	}
	f := ui.PreferenceForm{Staff: staff, HouseQuiet: span(p, x.HouseQuiet), Zone: ZoneName(x.Zone, time.Now()), Errors: errors}
	x.Chosen = maps.Clone(x.Chosen)
	for k, mode := range typed.Modes {
		if mode != "" {
			x.Chosen[notifier.Kind(k)] = mode
		}
	}
	if typed.DigestHour != nil {
		x.DigestHour = *typed.DigestHour
	}
	if typed.DigestWeekday != nil {
		x.DigestWeekday = *typed.DigestWeekday
	}
	if typed.QuietHours != nil {
		x.QuietHours = *typed.QuietHours
	}
	for _, k := range notifier.Choosable() {
		row := ui.PreferenceKind{Name: WishField(k), Label: p.T(keys + string(k)), Note: p.T(keys + string(k) + ".note")}
		for _, m := range notifier.Modes() {
			row.Modes = append(row.Modes, ui.Option{Value: m, Label: p.T("preferences.mode." + m), Selected: x.Chosen[k] == m})
		}
		f.Kinds = append(f.Kinds, row)
	}
	for h := range 24 {
		f.Hours = append(f.Hours, ui.Option{Value: strconv.Itoa(h), Label: fmt.Sprintf("%02d:00", h), Selected: h == x.DigestHour})
	}
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		f.Weekdays = append(f.Weekdays, ui.Option{Value: strconv.Itoa(int(day)), Label: p.T(Weekday(day)), Selected: day == x.DigestWeekday})
	}
	fillQuiet(&f, x.QuietHours)
	if x.NextDaily != nil {
		f.NextDaily = Local(p, *x.NextDaily, x.Zone)
	}
	if x.NextWeekly != nil {
		f.NextWeekly = Local(p, *x.NextWeekly, x.Zone)
	}
	f.Muted, f.Themes = Mutable(p, x.Muted), Mutable(p, x.Themes)
	return f
}

// span is quiet hours as people of a language write them; "" stays so.
func span(p *i18n.Printer, quiet string) string {
	from, to, ok := strings.Cut(quiet, "-")
	if !ok {
		return quiet
	}
	return p.T("preferences.quiet.span", from, to)
}

func fillQuiet(f *ui.PreferenceForm, quiet string) {
	f.Quiet, f.QuietFrom, f.QuietTo = "own", "21:00", "08:00"
	switch quiet {
	case "":
		f.Quiet = "house"
	case models.QuietOff:
		f.Quiet = "off"
	default:
		f.QuietFrom, f.QuietTo, _ = strings.Cut(quiet, "-")
	}
}

// Mutable names themes for their reader.
func Mutable(p *i18n.Printer, themes []notifier.MutableTheme) []ui.PreferenceTheme {
	var out []ui.PreferenceTheme
	for _, th := range themes {
		title, lang := th.Title.In(string(p.Locale()))
		if title == "" {
			title, lang = p.T("preferences.told.private"), ""
		}
		out = append(out, ui.PreferenceTheme{ID: th.ID, Title: title, TitleLang: lang})
	}
	return out
}

// WishStops says why nothing comes to a person. whom is the keys' beginning: "stop" on
// the person's own page, "person.stop" for staff; mine says that it is the former, on
// which a complaint is taken back.
func WishStops(p *i18n.Printer, whom string, x notifier.Preferences, mine bool) []ui.PreferenceStop {
	var out []ui.PreferenceStop
	switch {
	case x.Stop.Complained:
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".complained"), Again: mine})
	case x.Off:
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".off"), Again: true})
	case !slices.ContainsFunc(notifier.Choosable(), func(k notifier.Kind) bool { return x.Modes[k] != models.ModeOff }):
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".nothing"), Again: true})
	}
	if x.Off && x.Stop.Complained && !mine {
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".off"), Again: true})
	}
	switch {
	case x.Email == "":
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".no_address")})
	case x.Stop.Bounced && x.Stop.Until != nil:
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom+".bounced", p.Date(x.Stop.Until.In(x.Zone)))})
	case x.Stop.Bounced:
		out = append(out, ui.PreferenceStop{Sentence: p.T(whom + ".bounced.for_good")})
	}
	return out
}

// Wishes reads the form, or one button of it that changes one thing alone: whole is
// false then.
func Wishes(form url.Values) (w notifier.Wishes, whole bool) {
	w.Modes = map[string]string{}
	switch {
	case form.Get("mute") != "":
		w.Mute = form["mute"][:1]
		return w, false
	case form.Get("unmute") != "":
		w.Unmute = form["unmute"][:1]
		return w, false
	case form.Get("weekly") != "":
		w.Modes[models.AllKinds] = models.ModeWeekly
		for _, k := range notifier.Choosable() {
			w.Modes[string(k)] = ""
		}
		return w, false
	case form.Get("again") != "":
		w.Again = true
		return w, false
	case form.Get("stop") != "":
		w.Modes[models.AllKinds] = models.ModeOff
		return w, false
	}
	for _, k := range notifier.Choosable() {
		if mode := form.Get(WishField(k)); mode != "" {
			w.Modes[string(k)] = mode
		}
	}
	w.DigestHour = number(form.Get("digest_hour"))
	if n := number(form.Get("digest_weekday")); n != nil {
		day := time.Weekday(*n)
		w.DigestWeekday = &day
	}
	quiet := ""
	switch form.Get("quiet") {
	case "off":
		quiet = models.QuietOff
	case "own":
		quiet = form.Get("quiet_from") + "-" + form.Get("quiet_to")
	}
	w.QuietHours = &quiet
	return w, true
}

// number is what a field says, -1 for what is none, nil for nothing.
func number(s string) *int {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		n = -1
	}
	return &n
}
