package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// codeMinutes is what auth gives a code.
const codeMinutes = 10

// signIn asks for an address.
func (p *Portal) signIn(ec echo.Context) error {
	return p.showSignIn(ec, http.StatusOK, ui.SignIn{Next: web.Next(ec.QueryParam("next"), "")})
}

func (p *Portal) showSignIn(ec echo.Context, status int, d ui.SignIn) error {
	v := p.quiet(ec, p.Printer(ec).T("sign_in.title"))
	if ec.Request().Method != http.MethodGet {
		v.Path = "/sign-in"
	}
	return p.Show(ec, status, v, ui.PageSignIn, d)
}

// askCode mails a code; the answer is the same for every address.
func (p *Portal) askCode(ec echo.Context) error {
	d := ui.SignIn{Email: ec.FormValue("email"), Next: web.Next(ec.FormValue("next"), "")}
	secret, err := p.auth.Ask(contextOf(ec), d.Email, ec.RealIP(), string(web.Locale(contextOf(ec))))
	switch models.KindOf(err) {
	case models.Invalid, models.RateLimited:
		problem := p.Problems.From(contextOf(ec), err)
		for k, v := range problem.GetHeaders() {
			ec.Response().Header()[k] = v
		}
		d.Email, d.Error = p.typedName(ec, d.Email), problem.Detail
		return p.showSignIn(ec, problem.Status, d)
	}
	if err != nil {
		return err
	}
	p.Cookies.SetBrowser(ec.Response(), secret)
	p.Cookies.SetAsked(ec.Response(), web.Asked{Email: d.Email, Next: d.Next})
	return p.Back(ec, "/sign-in/code", nil)
}

// signInCode asks for the code.
func (p *Portal) signInCode(ec echo.Context) error {
	asked := web.AskedCookie(ec.Request())
	if asked.Email == "" {
		return p.Back(ec, "/sign-in", nil)
	}
	return p.showCode(ec, http.StatusOK, ui.SignInCode{Email: asked.Email, Next: web.Next(asked.Next, "")})
}

func (p *Portal) showCode(ec echo.Context, status int, d ui.SignInCode) error {
	d.Minutes = codeMinutes
	v := p.quiet(ec, p.Printer(ec).T("sign_in.code.title"))
	v.Path = "/sign-in/code"
	return p.Show(ec, status, v, ui.PageSignInCode, d)
}

// enterCode signs in with the code.
func (p *Portal) enterCode(ec echo.Context) error {
	r := ec.Request()
	asked := web.AskedCookie(r)
	if asked.Email == "" {
		return p.Back(ec, "/sign-in", nil)
	}
	next := web.Next(ec.FormValue("next"), web.Next(asked.Next, ""))
	secret, actor, err := p.auth.Confirm(contextOf(ec), asked.Email, ec.FormValue("code"), p.Cookies.BrowserCookie(r))
	if models.KindOf(err) == models.Invalid {
		return p.showCode(ec, http.StatusUnprocessableEntity, ui.SignInCode{Email: asked.Email, Next: next, Error: p.Message(contextOf(ec), err)})
	}
	if err != nil {
		return err
	}
	return p.enter(ec, secret, actor, next)
}

// enter gives the browser its session and sends it on.
func (p *Portal) enter(ec echo.Context, secret string, actor auth.Actor, next string) error {
	w := ec.Response()
	p.Cookies.SetSession(w, secret)
	p.Cookies.SetBrowser(w, "")
	p.Cookies.SetAsked(w, web.Asked{})
	if next == "" {
		next = "/"
		if actor.IsStaff() {
			next = "/inbox"
		}
	}
	return p.Back(ec, next, nil)
}

// signInLink shows whose link it is. Opening it signs nobody in: mail scanners
// open links.
func (p *Portal) signInLink(ec echo.Context) error {
	link, err := p.auth.PeekLink(contextOf(ec), ec.Param("token"))
	if models.KindOf(err) == models.Unauthenticated {
		return p.showLink(ec, http.StatusGone, ui.SignInLink{Expired: true})
	}
	if err != nil {
		return err
	}
	return p.showLink(ec, http.StatusOK, ui.SignInLink{Token: ec.Param("token"), Email: link.Email})
}

func (p *Portal) showLink(ec echo.Context, status int, d ui.SignInLink) error {
	v := p.quiet(ec, p.Printer(ec).T("sign_in.link.title"))
	if d.Expired {
		v.Path = "/sign-in"
	}
	return p.Show(ec, status, v, ui.PageSignInLink, d)
}

// useLink signs in with the link, once.
func (p *Portal) useLink(ec echo.Context) error {
	secret, actor, err := p.auth.UseLink(contextOf(ec), ec.Param("token"))
	if models.KindOf(err) == models.Unauthenticated {
		return p.showLink(ec, http.StatusGone, ui.SignInLink{Expired: true})
	}
	if err != nil {
		return err
	}
	return p.enter(ec, secret, actor, "")
}

// signOut ends this browser's session.
func (p *Portal) signOut(ec echo.Context) error {
	if secret := p.Cookies.SessionCookie(ec.Request()); secret != "" {
		if err := p.auth.SignOut(contextOf(ec), secret); err != nil {
			return err
		}
	}
	p.Cookies.SetSession(ec.Response(), "")
	return p.Back(ec, "/", nil)
}
