package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// person is one person's page. Who was merged leads to who they are.
func (c *Console) person(ec echo.Context) error {
	d, w, err := c.personPage(ec)
	if err != nil {
		return err
	}
	if w.ID != ec.Param("id") {
		return ec.Redirect(http.StatusSeeOther, "/people/"+w.ID)
	}
	return c.showPerson(ec, http.StatusOK, d)
}

func (c *Console) showPerson(ec echo.Context, status int, d *ui.Person) error {
	return c.Show(ec, status, c.view(ec, d.Name), ui.PagePerson, *d)
}

func (c *Console) personPage(ec echo.Context) (*ui.Person, people.Whole, error) {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	w, err := c.s.People.Get(ctx, actor, ec.Param("id"))
	if err != nil {
		return nil, w, err
	}
	d := &ui.Person{ID: w.ID, Name: nameOf(p, w), Since: w.CreatedAt, HasPhrase: w.HasPhrase, Segment: w.Segment, CanEdit: auth.Can(actor, auth.EditPeople) == nil}
	d.Addresses = addressesOf(p, w.Addresses)
	for i := range d.Addresses {
		d.Addresses[i].CanRemove = d.CanEdit && len(d.Addresses) > 1
	}
	accounts, err := c.s.People.Accounts(ctx, actor)
	if err != nil {
		return nil, w, err
	}
	segments, err := c.s.People.Segments(ctx, actor)
	if err != nil {
		return nil, w, err
	}
	d.Form = ui.PersonForm{Name: w.Name, TimeZone: w.TimeZone, Segment: w.Segment, Revision: w.Rev, Locales: localeOptions(p, w.Locale, p.T("person.locale.unknown")),
		Accounts: accountOptions(accounts, w.AccountID, p.T("person.account.none"))}
	for _, s := range segments {
		d.Form.Segments = append(d.Form.Segments, s.Name)
	}
	if w.Account != nil {
		d.Account = w.Account.Name
	}
	for _, read := range []func(echo.Context, *ui.Person) error{c.readSaid, c.readVotes, c.readTold, c.readMerged, c.readWishes, c.fillPersonMerge} {
		if err := read(ec, d); err != nil {
			return nil, w, err
		}
	}
	return d, w, nil
}

// nameOf is a person's name, or where they are.
func nameOf(p *i18n.Printer, w people.Whole) string {
	switch {
	case w.Name != "":
		return w.Name
	case len(w.Addresses) > 0:
		return w.Addresses[0].Value
	}
	return p.T("person.unnamed")
}

func addressesOf(p *i18n.Printer, as []models.Address) []ui.PersonAddress {
	var out []ui.PersonAddress
	for _, a := range as {
		v := ui.PersonAddress{Channel: a.Channel, ChannelName: a.Channel, Value: a.Value, Verified: a.VerifiedAt != nil}
		if a.Channel == models.ChannelEmail {
			v.ChannelName = p.T("person.channel.email")
		}
		out = append(out, v)
	}
	return out
}

func localeOptions(p *i18n.Printer, selected, none string) []ui.Option {
	out := []ui.Option{{Label: none, Selected: selected == ""}}
	for _, l := range i18n.Locales() {
		out = append(out, ui.Option{Value: string(l), Label: p.T("lang." + string(l)), Selected: string(l) == selected})
	}
	return out
}

func (c *Console) readSaid(ec echo.Context, d *ui.Person) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	rows, next, err := c.s.People.Said(ctx, actor, d.ID, ec.QueryParam("cursor"))
	if err != nil {
		return err
	}
	filed, err := c.s.Intake.Complete(ctx, actor, rows)
	if err != nil {
		return err
	}
	for i := range filed {
		s := &filed[i].Suggestion
		d.Suggestions = append(d.Suggestions, ui.PersonSuggestion{URL: "/inbox/" + s.ID, Title: titleOf(s), Lang: langOfWords(s.Lang), State: string(s.State), At: s.CreatedAt,
			Themes: refsOf(filed[i].Themes, actor.Locale)})
	}
	if next != "" {
		d.MoreURL = "/people/" + d.ID + "?" + url.Values{"cursor": {next}}.Encode()
	}
	return nil
}

func (c *Console) readVotes(ec echo.Context, d *ui.Person) error {
	votes, err := c.s.People.Votes(contextOf(ec), actorOf(ec), d.ID)
	for i := range votes {
		d.Votes = append(d.Votes, ui.PersonVote{Theme: refOf(&votes[i].Theme, actorOf(ec).Locale), Said: votes[i].Origin == models.VoteBySuggestion, At: votes[i].At})
	}
	return err
}

// readTold shows what a person was told and why not, to who may read deliveries.
func (c *Console) readTold(ec echo.Context, d *ui.Person) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	if auth.Can(actor, auth.ReadDeliveries) != nil || auth.Can(actor, auth.ReadPeople) != nil {
		return nil
	}
	told, err := c.s.Notifier.WhyTold(ctx, actor, d.ID)
	if err != nil {
		return err
	}
	prefs, err := c.s.Notifier.PersonPreferences(ctx, actor, d.ID)
	if err != nil {
		return err
	}
	zone := prefs.Zone
	for _, t := range told {
		v := ui.PersonTold{Theme: ui.ThemeRef{ID: t.ThemeID, URL: "/themes/" + t.ThemeID, Title: t.ThemeTitle}, Status: t.Status, At: t.At, State: t.State}
		if t.Kind != string(notifier.KindStatus) {
			v.Kind = t.Kind
		}
		switch {
		case t.ToldAt != nil:
			v.State, v.At = "by_hand", *t.ToldAt
		case t.SkipReason != "":
			v.Why = skipReason(p, t.SkipReason)
		default:
			v.Next = web.Waits(p, web.WaitsForStaff, t, zone)
		}
		d.Told = append(d.Told, v)
	}
	return nil
}

// readMerged shows who is this person since a merge, to be taken back.
func (c *Console) readMerged(ec echo.Context, d *ui.Person) error {
	rows, err := c.s.People.Merges(contextOf(ec), actorOf(ec), d.ID)
	for _, m := range rows {
		v := ui.PersonMerged{Activity: m.Activity.ID, Name: m.Person.Name, Actor: m.Activity.ActorName, At: m.Activity.CreatedAt, CanUndo: m.CanUndo}
		for _, ad := range m.Addresses {
			if _, value, _ := strings.Cut(ad, " "); v.Name == "" {
				v.Name = value
			}
		}
		if v.Name == "" {
			v.Name = c.Printer(ec).T("person.unnamed")
		}
		d.Merged = append(d.Merged, v)
	}
	return err
}

// fillPersonMerge adds what the query asks for: people to merge with, or what a
// merge would move.
func (c *Console) fillPersonMerge(ec echo.Context, d *ui.Person) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	d.Merge = ui.PersonMerge{PersonID: d.ID, Query: ec.QueryParam("merge_q")}
	if into := ec.QueryParam("merge_into"); into != "" {
		would, err := c.s.People.Foresee(ctx, actor, d.ID, into)
		if kind := models.KindOf(err); kind == models.Invalid || kind == models.Conflict { // they went meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		w, err := c.s.People.Get(ctx, actor, into)
		if err != nil {
			return err
		}
		row := ui.PersonRow{ID: w.ID, Name: nameOf(p, w)}
		if len(w.Addresses) > 0 {
			row.Address = w.Addresses[0].Value
		}
		d.Merge.Preview = &ui.PersonMergePreview{Into: row, Suggestions: would.Suggestions, Votes: would.Votes, Both: would.InCommon, Addresses: would.Addresses}
		return nil
	}
	if d.Merge.Query == "" {
		return nil
	}
	found, err := c.s.People.SearchPeople(ctx, actor, d.Merge.Query, 10)
	for _, h := range found {
		if h.ID != d.ID {
			d.Merge.Matches = append(d.Merge.Matches, hitOf(p, h))
		}
	}
	return err
}

// editPerson keeps what staff changed.
func (c *Console) editPerson(ec echo.Context) error {
	value := func(name string) *string { v := ec.FormValue(name); return &v }
	rev, _ := strconv.ParseInt(ec.FormValue("revision"), 10, 64)
	patch := people.Patch{Name: value("name"), Locale: value("locale"), TimeZone: value("time_zone"), Segment: value("segment"), Account: value("account"),
		ClearPhrase: ec.FormValue("clear_phrase") != "", Rev: rev}
	_, err := c.s.People.Edit(contextOf(ec), actorOf(ec), ec.Param("id"), patch)
	if err == nil {
		return c.Back(ec, "/people/"+ec.Param("id"), &ui.Toast{Message: c.Printer(ec).T("toast.person.saved")})
	}
	messages, ok := c.formErrors(ec, err)
	if !ok {
		return err
	}
	d, w, err := c.personPage(ec)
	if err != nil {
		return err
	}
	d.Form.Name, d.Form.TimeZone, d.Form.Segment, d.Form.Errors = *patch.Name, *patch.TimeZone, *patch.Segment, messages
	d.Form.Locales = localeOptions(c.Printer(ec), *patch.Locale, c.Printer(ec).T("person.locale.unknown"))
	d.Form.Revision = w.Rev
	return c.showPerson(ec, http.StatusUnprocessableEntity, d)
}

// formErrors is Fields, and a change by somebody else under "rev".
func (c *Console) formErrors(ec echo.Context, err error) (map[string]string, bool) {
	if models.KindOf(err) == models.Conflict {
		return map[string]string{"rev": c.Message(contextOf(ec), err)}, true
	}
	return c.Fields(contextOf(ec), err, nil)
}

// addressNames: the form has one field for what an address is.
var addressNames = map[string]string{"email": "value", "handle": "value"}

func (c *Console) addAddress(ec echo.Context) error {
	channel, value := ec.FormValue("channel"), ec.FormValue("value")
	_, err := c.s.People.AddAddress(contextOf(ec), actorOf(ec), ec.Param("id"), channel, value)
	if err == nil {
		return c.Back(ec, "/people/"+ec.Param("id"), &ui.Toast{Message: c.Printer(ec).T("toast.person.saved")})
	}
	messages, ok := c.Fields(contextOf(ec), err, addressNames)
	if models.KindOf(err) == models.Conflict {
		messages, ok = map[string]string{"value": c.Message(contextOf(ec), err)}, true
	}
	if !ok {
		return err
	}
	d, _, err := c.personPage(ec)
	if err != nil {
		return err
	}
	d.AddressForm = ui.AddressForm{Channel: channel, Value: value, Errors: messages}
	return c.showPerson(ec, http.StatusUnprocessableEntity, d)
}

func (c *Console) removeAddress(ec echo.Context) error {
	next := "/people/" + ec.Param("id")
	if _, err := c.s.People.RemoveAddress(contextOf(ec), actorOf(ec), ec.Param("id"), ec.FormValue("channel"), ec.FormValue("value")); err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("toast.person.saved")})
}

// mergePerson makes two people one, with undo.
func (c *Console) mergePerson(ec echo.Context) error {
	act, kept, err := c.s.People.Merge(contextOf(ec), actorOf(ec), ec.Param("id"), ec.FormValue("into"))
	if err != nil {
		return c.sorry(ec, "/people/"+ec.Param("id"), err)
	}
	w, err := c.s.People.Get(contextOf(ec), actorOf(ec), kept.ID)
	if err != nil {
		return err
	}
	return c.Back(ec, "/people/"+kept.ID, &ui.Toast{Message: c.Printer(ec).T("toast.person.merged", nameOf(c.Printer(ec), w)), Activity: act})
}
