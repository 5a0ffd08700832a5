package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

const consentPurpose = "consent"

func requestOf(get func(string) string) auth.ConsentRequest {
	return auth.ConsentRequest{ResponseType: get("response_type"), ClientID: get("client_id"), RedirectURI: get("redirect_uri"), State: get("state"), Scope: get("scope"),
		Challenge: get("code_challenge"), Method: get("code_challenge_method"), Resource: get("resource")}
}

// sealed is what binds a form to the member it was shown to and to what it says:
// another site cannot make one.
func sealed(a auth.Actor, r auth.ConsentRequest) string {
	return strings.Join([]string{a.ID, r.ResponseType, r.ClientID, r.RedirectURI, r.State, r.Scope, r.Challenge, r.Method, r.Resource}, "\x1f")
}

// ask shows a member who wants access, where the answer goes and what may be
// given.
func (o *OAuth) ask(c echo.Context) error {
	actor := web.Actor(c.Request().Context())
	if actor.Kind == models.ActorAnonymous {
		return o.SignInFirst(c, web.Next(c.Request().URL.RequestURI(), "/"))
	}
	r := requestOf(c.QueryParam)
	asked, err := o.check(c, actor, r)
	if err != nil {
		return o.refuse(c, r, asked, err)
	}
	return o.show(c, http.StatusOK, actor, r, asked, "")
}

func (o *OAuth) check(c echo.Context, actor auth.Actor, r auth.ConsentRequest) (auth.Asked, error) {
	if actor.Kind != models.ActorMember || actor.TokenID != "" {
		return auth.Asked{}, models.Fail(models.Forbidden, "not_allowed", "consent")
	}
	return o.auth.CheckConsent(c.Request().Context(), r, Resource(o.PublicURL))
}

func (o *OAuth) show(c echo.Context, status int, actor auth.Actor, r auth.ConsentRequest, asked auth.Asked, problem string) error {
	p := o.Printer(c)
	to, err := url.Parse(asked.RedirectURI)
	if err != nil {
		return err
	}
	d := ui.Consent{Client: asked.Client.Name, Host: to.Host, Local: to.Scheme == "http", Member: actor.Name, Email: actor.Email, Error: problem, Seal: o.auth.Digest(consentPurpose, sealed(actor, r)),
		Hidden: []ui.Option{{Label: "response_type", Value: r.ResponseType}, {Label: "client_id", Value: r.ClientID}, {Label: "redirect_uri", Value: r.RedirectURI}, {Label: "state", Value: r.State},
			{Label: "scope", Value: r.Scope}, {Label: "code_challenge", Value: r.Challenge}, {Label: "code_challenge_method", Value: r.Method}, {Label: "resource", Value: r.Resource}}}
	for _, s := range asked.Scopes {
		d.Scopes = append(d.Scopes, ui.Option{Value: string(s), Label: p.T("scope." + string(s)), Selected: true})
	}
	v := o.View(c, p.T("consent.title"))
	v.NoIndex = true
	if c.Request().Method != http.MethodGet {
		v.Path = "/"
	}
	// A browser holds the redirect that follows a form to the form's own rule.
	h := c.Response().Header()
	csp := h.Get("Content-Security-Policy")
	h.Set("Content-Security-Policy", strings.Replace(csp, "form-action 'self'", "form-action 'self' "+to.Scheme+"://"+to.Host, 1))
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	return o.Show(c, status, v, ui.PageConsent, d)
}

// answer sends the member's word back to the program.
func (o *OAuth) answer(c echo.Context) error {
	actor := web.Actor(c.Request().Context())
	if actor.Kind == models.ActorAnonymous {
		return o.SignInFirst(c, "/")
	}
	r := requestOf(func(name string) string { return form(c, name) })
	asked, err := o.check(c, actor, r)
	if err != nil {
		return o.refuse(c, r, asked, err)
	}
	if !o.auth.IsDigest(consentPurpose, sealed(actor, r), form(c, "seal")) {
		return models.Fail(models.Forbidden, "not_allowed", "consent")
	}
	if form(c, "answer") != "allow" {
		return o.refuse(c, r, asked, &auth.GrantError{Code: "access_denied", Detail: "the member said no", Told: true})
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	chosen := []auth.Scope{}
	for _, s := range values["scopes"] {
		chosen = append(chosen, auth.Scope(s))
	}
	code, err := o.auth.Allow(c.Request().Context(), actor, asked, r, chosen, Resource(o.PublicURL))
	if models.KindOf(err) == models.Invalid {
		return o.show(c, http.StatusUnprocessableEntity, actor, r, asked, o.Message(c.Request().Context(), err))
	}
	if err != nil {
		return err
	}
	return o.send(c, o.back(asked.RedirectURI, r.State, url.Values{"code": {code}}))
}

func (o *OAuth) send(c echo.Context, to string) error {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	return c.Redirect(http.StatusSeeOther, to)
}

// refuse tells the program through the browser where that is safe, else the person.
func (o *OAuth) refuse(c echo.Context, r auth.ConsentRequest, asked auth.Asked, err error) error {
	e, ok := errors.AsType[*auth.GrantError](err)
	if !ok {
		return err
	}
	if e.Told {
		return o.send(c, o.back(asked.RedirectURI, r.State, url.Values{"error": {e.Code}, "error_description": {e.Detail}}))
	}
	p := o.Problems.Plain(c.Request().Context(), http.StatusBadRequest, "grant_wrong", e.Detail)
	return o.Failure(c, p)
}
