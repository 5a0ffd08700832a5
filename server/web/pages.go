package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// Pages is what the doors for people share: what surrounds a page, how it is
// sent, and how an error becomes words beside a field.
type Pages struct {
	UI       *ui.UI
	Problems Problems
	Cookies  Cookies
	// PublicURL begins the canonical addresses, without a slash at its end.
	PublicURL string
	// Product is the name shown on every page; may be empty.
	Product string
	// Demo shows the way to the mail viewer.
	Demo bool
}

// Printer speaks the reader's language.
func (p *Pages) Printer(c echo.Context) *i18n.Printer {
	return p.Problems.Catalog.For(Locale(c.Request().Context()))
}

// View is what surrounds this request's page. A toast that the request before
// left is taken along, once.
func (p *Pages) View(c echo.Context, title string) ui.View {
	r := c.Request()
	if l, ok := i18n.Parse(c.QueryParam("lang")); ok { // a language chosen by its address stays on the next page
		p.Cookies.SetChoice(c.Response(), LocaleCookie, string(l))
	}
	v := ui.View{
		Locale: Locale(r.Context()), Appearance: appearance(r), Path: r.URL.RequestURI(), Title: title,
		Product: p.Product, Demo: p.Demo, Toast: p.takeToast(c),
	}
	if a := Actor(r.Context()); a.Kind == models.ActorMember || a.Kind == models.ActorPerson {
		v.User = &ui.User{Name: a.Name, Email: a.Email, Role: string(a.Role), Staff: auth.Can(a, auth.ReadAll) == nil}
		if v.User.Name == "" {
			v.User.Name = a.Email
		}
	}
	return v
}

func appearance(r *http.Request) ui.Appearance {
	if ck, err := r.Cookie(AppearanceCookie); err == nil {
		switch a := ui.Appearance(ck.Value); a {
		case ui.Light, ui.Dark:
			return a
		}
	}
	return ui.System
}

// Show sends a whole page.
func (p *Pages) Show(c echo.Context, status int, v ui.View, page string, data any) error {
	p.advised(c.Request().Context(), status, &v)
	var out bytes.Buffer
	if err := p.UI.Render(&out, v, page, data); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	if v.User != nil || v.Private { // not even the browser's own copy outlives the session
		h.Set("Cache-Control", "no-store")
	}
	h.Add("Vary", "Cookie, Accept-Language")
	return c.HTMLBlob(status, out.Bytes())
}

// Fragment sends one part of a page.
func (p *Pages) Fragment(c echo.Context, page, fragment string, data any) error {
	var out bytes.Buffer
	v := ui.View{Locale: Locale(c.Request().Context())}
	if err := p.UI.RenderFragment(&out, v, page, fragment, data); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request, Cookie, Accept-Language")
	return c.HTMLBlob(http.StatusOK, out.Bytes())
}

// Back ends a form: the browser goes to a page of ours, which shows the toast.
func (p *Pages) Back(c echo.Context, path string, toast *ui.Toast) error {
	if toast != nil {
		p.leaveToast(c, *toast)
	}
	if r := c.Request(); IsFragment(r) && leaves(r, path) { // a swapped region would keep the other page's address
		c.Response().Header().Set("HX-Redirect", path)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// leaves reports whether path is another page than the one a script's request
// came from.
func leaves(r *http.Request, path string) bool {
	from, err := url.Parse(r.Header.Get("HX-Current-URL"))
	to, err2 := url.Parse(path)
	return err == nil && err2 == nil && from.Path != "" && from.Path != to.Path
}

// Failure shows a problem as a page.
func (p *Pages) Failure(c echo.Context, problem *Problem) error {
	d := ui.Failure{Code: problem.Status, RequestID: problem.RequestID}
	switch problem.Code {
	case "not_found", "theme_not_found", "suggestion_not_found", "not_allowed", "too_fast", "internal", "invalid":
		// the page's own words say more
	default:
		d.Message = problem.Detail
	}
	v := p.View(c, problem.Title)
	v.NoIndex = true
	if c.Request().Method != http.MethodGet {
		v.Path = "/"
	}
	return p.Show(c, problem.Status, v, ui.PageError, d)
}

// Fields returns an Invalid error as messages by the form's field names: the
// path "public_title/en" is the field public_title_en. names gives other names
// to paths. ok is false for errors that belong to no form.
func (p *Pages) Fields(ctx context.Context, err error, names map[string]string) (messages map[string]string, ok bool) {
	if models.KindOf(err) != models.Invalid {
		return nil, false
	}
	problem := p.Problems.From(ctx, err)
	messages = map[string]string{}
	for _, e := range problem.Errors {
		path := strings.TrimPrefix(e.Pointer, "#/")
		name, named := names[path]
		if !named {
			name = strings.ReplaceAll(path, "/", "_")
		}
		messages[name] = e.Detail
	}
	return messages, len(messages) > 0
}

// Message is an error in one sentence.
func (p *Pages) Message(ctx context.Context, err error) string {
	return p.Problems.From(ctx, err).Detail
}

// WantsJSON reports whether a script of ours asks and not a browser's form.
func WantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// IsFragment reports whether only a part of a page is wanted.
func IsFragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// refused is what scripts of ours are told.
type refused struct {
	Message string            `json:"message"`
	Errors  map[string]string `json:"errors,omitempty"`
}

// RefuseJSON answers a script of ours.
func (p *Pages) RefuseJSON(c echo.Context, err error, names map[string]string) error {
	ctx := c.Request().Context()
	fields, _ := p.Fields(ctx, err, names)
	problem := p.Problems.From(ctx, err)
	for k, v := range problem.GetHeaders() {
		c.Response().Header()[k] = v
	}
	return c.JSON(problem.Status, refused{Message: problem.Detail, Errors: fields})
}

// SignInFirst sends whoever must sign in to the page for it, and back to next
// afterwards. A script is told 401 and goes there itself.
func (p *Pages) SignInFirst(c echo.Context, next string) error {
	r := c.Request()
	to := "/sign-in?next=" + escape(next)
	switch {
	case WantsJSON(r):
		return p.RefuseJSON(c, models.Fail(models.Unauthenticated, "sign_in_first"), nil)
	case IsFragment(r):
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusUnauthorized)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// Known is a guard for routes that only people with a session may use.
func (p *Pages) Known(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if Actor(c.Request().Context()).Kind != models.ActorAnonymous {
			return next(c)
		}
		return p.SignInFirst(c, here(c))
	}
}

// here is where a person goes on after signing in: this page, or the one whose
// form was sent.
func here(c echo.Context) string {
	if c.Request().Method == http.MethodGet {
		return Next(c.Request().URL.RequestURI(), "/")
	}
	return Next(c.FormValue("next"), "/")
}

// Clean refuses in a form what could not be stored or compared: broken UTF-8
// and NUL. The server's own door looks at the address.
func Clean(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		values, err := FormValues(c)
		if err != nil {
			return err
		}
		for name, vs := range values {
			for _, v := range append(vs, name) {
				if !storable(v) {
					return models.BadField(clip(name), "not_utf8")
				}
			}
		}
		return next(c)
	}
}

// FormValues is what the query and the form say, or why they cannot be read.
func FormValues(c echo.Context) (url.Values, error) {
	values, err := c.FormParams()
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return nil, he // too large
	}
	if e, ok := errors.AsType[*models.Error](err); ok {
		return nil, e // the same, of a form with files
	}
	if err != nil {
		return nil, models.BadField("", "invalid")
	}
	return values, nil
}
