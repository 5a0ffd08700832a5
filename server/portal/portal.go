package portal

import (
	"context"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/heedhq/heed/app/devmail"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// pageRows is how many themes a list shows before "Load 50 more".
const pageRows = 50

// Options of Mount.
type Options struct {
	Pages    *web.Pages
	Services api.Services
	Auth     *auth.Auth
	// Mail is the demo's post office; nil leaves its viewer out.
	Mail *devmail.Box
	// Now tells the time; nil means the system's clock.
	Now func() time.Time
}

// Portal holds what its handlers need.
type Portal struct {
	*web.Pages
	s    api.Services
	auth *auth.Auth
	mail *devmail.Box
	now  func() time.Time
	// alarmed counts what was refused and alerted the team, by network.
	alarmed middleware.RateLimiterStore
}

// Mount adds the portal's routes.
func Mount(e *echo.Echo, o Options) {
	p := &Portal{Pages: o.Pages, s: o.Services, auth: o.Auth, mail: o.Mail, now: o.Now, alarmed: alarms.store()}
	if p.now == nil {
		p.now = time.Now
	}
	get := func(path string, h echo.HandlerFunc) { e.GET(path, h, web.Clean) }
	post := func(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
		e.POST(path, h, slices.Concat([]echo.MiddlewareFunc{p.listening}, m, []echo.MiddlewareFunc{web.Clean})...)
	}
	get("/", p.list)
	get("/t/:id", p.theme)
	post("/t/:id/vote", p.vote)
	get("/t/:id/updates.atom", p.updates)
	post("/t/:id/comments", p.comment, p.slowlyOr(filings, p.commentRefused))
	get("/solved/:token", p.solved)
	post("/solved/:token", p.solve, p.slowlyOr(filings, p.solvedRefused))
	get("/meant/:token", p.meant)
	post("/meant/:token", p.notMeant, p.slowlyOr(filings, p.meantRefused))
	get("/suggest", p.suggest)
	post("/suggest", p.send, p.slowlyOr(filings, p.sendRefused))
	get("/suggest/thanks", p.thanks)
	get("/receipt", p.receipt)
	post("/receipt", p.openReceipt, p.slowly(receipts))
	get("/s/:id", p.person)
	post("/s/:id", p.say, p.slowlyOr(filings, p.sayRefused))
	get("/attachments/:id", p.attachment)
	get("/similar-fragment", p.similar)
	get("/sign-in", p.signIn)
	post("/sign-in", p.askCode, p.slowly(signIns))
	get("/sign-in/code", p.signInCode)
	post("/sign-in/code", p.enterCode, p.slowly(signIns))
	get("/sign-in/link/:token", p.signInLink)
	post("/sign-in/link/:token", p.useLink, p.slowly(signIns))
	post("/sign-out", p.signOut)
	post("/preferences/locale", p.setLocale)
	post("/preferences/appearance", p.setAppearance)
	e.GET("/me/settings", p.me, p.Known, web.Clean)
	post("/me/settings", p.saveMe, p.Known)
	get("/preferences/:token", p.wishes)
	post("/preferences/:token", p.saveWishes)
	get("/unsubscribe/:token", p.unsubscribe)
	post("/unsubscribe/:token", p.stopMail)
	if p.mail != nil {
		get("/dev/mail", p.mailList)
		get("/dev/mail/:id", p.mailMessage)
		get("/dev/mail/:id/html", p.mailDocument)
	}
	if p.Demo {
		get("/_gallery", p.gallery)
	}
	e.GET("/assets/*", echo.WrapHandler(p.UI.Assets()))
}

func actorOf(ec echo.Context) auth.Actor { return web.Actor(ec.Request().Context()) }

func contextOf(ec echo.Context) context.Context { return ec.Request().Context() }

// reader is who the portal reads as: nobody in particular, in the language of
// the request. Staff see here what everybody sees.
func reader(ec echo.Context) auth.Actor {
	a := auth.Anonymous()
	a.Locale = string(web.Locale(contextOf(ec)))
	return a
}

// view is what surrounds a public page, with its other language.
func (p *Portal) view(ec echo.Context, title string) ui.View {
	v := p.View(ec, title)
	v.Canonical = p.PublicURL + web.With(v.Path, "lang", "")
	for _, l := range locales() {
		v.Alternates = append(v.Alternates, ui.Alternate{Locale: l, URL: p.PublicURL + web.With(v.Path, "lang", string(l))})
	}
	return v
}

// quiet is view for pages that search engines have no business with.
func (p *Portal) quiet(ec echo.Context, title string) ui.View {
	v := p.View(ec, title)
	v.NoIndex = true
	return v
}

// personOf is the person who asks, made when a member has none yet; "" for
// somebody who did not sign in.
func (p *Portal) personOf(ec echo.Context) (string, error) {
	a := actorOf(ec)
	if a.PersonID != "" || a.Email == "" {
		return a.PersonID, nil
	}
	return p.s.Intake.Person(contextOf(ec), a, intakePerson(a))
}

// cardOf is a published theme as everybody sees it.
func cardOf(th *models.Theme, locale string, voted bool) ui.PortalCard {
	title, lang := th.PublicTitle.In(locale)
	text, textLang := th.PublicText.In(locale)
	news, newsLang := th.Reason.In(locale)
	return ui.PortalCard{ThemeRef: ui.ThemeRef{ID: th.ID, URL: "/t/" + th.ID, Title: title, TitleLang: lang, Status: string(th.Status), People: th.PeopleCount},
		Text: text, TextLang: textLang, Target: th.Target, Voted: voted, Updated: th.StatusAt, News: news, NewsLang: newsLang}
}
