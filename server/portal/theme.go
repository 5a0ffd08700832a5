package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// theme is a published theme's page. The address of one that was merged leads
// to where it went, for good.
func (p *Portal) theme(ec echo.Context) error {
	ctx, who := contextOf(ec), reader(ec)
	th, err := p.s.Themes.Get(ctx, who, ec.Param("id"))
	if err != nil {
		return err
	}
	if th.ID != ec.Param("id") {
		return ec.Redirect(http.StatusMovedPermanently, "/t/"+th.ID)
	}
	return p.showTheme(ec, http.StatusOK, th, nil)
}

// showTheme shows it; refused is a comment that was not made, nil for none.
func (p *Portal) showTheme(ec echo.Context, status int, th *models.Theme, refused *ui.Talk) error {
	ctx, who := contextOf(ec), reader(ec)
	voted, err := p.s.Themes.Voted(ctx, actorOf(ec).PersonID, []string{th.ID})
	if err != nil {
		return err
	}
	steps, err := p.s.Themes.Steps(ctx, th.ID)
	if err != nil {
		return err
	}
	d := ui.PortalTheme{Card: cardOf(th, who.Locale, voted[th.ID]), CanVote: true, Version: th.Version, History: historyOf(steps, who.Locale)}
	if th.PromiseDate != nil && th.Status.IsOpen() && th.PromiseDate.After(p.now()) {
		d.Promise = *th.PromiseDate
	}
	if err := p.readTold(ec, th, &d); err != nil {
		return err
	}
	v := p.view(ec, d.Card.Title)
	if refused != nil {
		d.Talk.Draft, d.Talk.ReplyTo, d.Talk.Error, d.Talk.SignedOut, d.Talk.CanSay = refused.Draft, refused.ReplyTo, refused.Error, refused.SignedOut, true
		if !slices.ContainsFunc(d.Talk.Comments, func(c ui.TalkComment) bool { return c.ID == d.Talk.ReplyTo }) {
			d.Talk.ReplyTo = ""
		}
		v = p.private(ec, d.Card.Title)
		v.Path = "/t/" + th.ID
	}
	v.Description = themes.Headline(d.Card.Text, 160)
	return p.Show(ec, status, v, ui.PagePortalTheme, d)
}

func historyOf(steps []themes.Step, locale string) []ui.PortalEvent {
	out := make([]ui.PortalEvent, 0, len(steps))
	for _, s := range steps {
		reason, lang := s.Reason.In(locale)
		out = append(out, ui.PortalEvent{At: s.At, Status: string(s.Status), Reason: reason, ReasonLang: lang})
	}
	return out
}

// vote stands behind a theme, or takes that back. Whoever is not known signs in
// first and comes back to the theme.
func (p *Portal) vote(ec echo.Context) error {
	id := ec.Param("id")
	if !models.IsID(models.PrefixTheme, id) {
		return echo.ErrNotFound
	}
	if actorOf(ec).Kind == models.ActorAnonymous {
		return p.SignInFirst(ec, "/t/"+id)
	}
	if _, err := p.s.Themes.Get(contextOf(ec), reader(ec), id); err != nil {
		return err // staff vote here for what is published, too
	}
	person, err := p.personOf(ec)
	if err != nil {
		return err
	}
	do := p.s.Themes.Vote
	if ec.FormValue("on") == "0" {
		do = p.s.Themes.Unvote
	}
	if _, err := do(contextOf(ec), voter(ec, person), id, person); err != nil {
		return err
	}
	return p.Back(ec, web.Next(ec.FormValue("next"), "/t/"+id), nil)
}

// voter is the actor as the person they are, whom a first vote may have made.
func voter(ec echo.Context, person string) auth.Actor {
	a := actorOf(ec)
	a.PersonID = person
	return a
}
