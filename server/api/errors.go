package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// fail converts a service's error for huma.
func (a *API) fail(ctx context.Context, err error) error {
	p := a.problems.From(ctx, err)
	p.Safety = a.refusedBody(ctx, p.Status)
	return huma.ErrorWithHeaders(p, p.GetHeaders())
}

// ownErrors makes huma's own refusals Problems too. They are package variables
// of huma's; there is one API in a process.
func (a *API) ownErrors() {
	huma.NewErrorWithContext = func(hc huma.Context, status int, _ string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if hc != nil {
			ctx = hc.Context()
		}
		return a.refused(ctx, status, errs)
	}
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return a.refused(context.Background(), status, errs)
	}
}

// refused describes what validation found. Only where and what is wanted is
// told, never the value that was sent.
func (a *API) refused(ctx context.Context, status int, errs []error) *web.Problem {
	code := map[int]string{http.StatusBadRequest: "body_unreadable", http.StatusRequestEntityTooLarge: "body_too_large",
		http.StatusUnsupportedMediaType: "media_type", http.StatusNotAcceptable: "media_type"}[status]
	if code == "" {
		code = "invalid"
	}
	if status >= 500 {
		code = "internal"
	}
	p := a.problems.Plain(ctx, status, code)
	for _, err := range errs {
		if e, ok := errors.AsType[*models.Error](err); ok { // a field's own reader refused it
			p.Errors = append(p.Errors, web.FieldError{Pointer: "#/" + a.problems.Repeat(e.Field), Code: e.Code, Detail: a.problems.Plain(ctx, status, e.Code, e.Args...).Detail})
			continue
		}
		d, ok := err.(huma.ErrorDetailer)
		if !ok || status >= 500 {
			continue
		}
		detail := d.ErrorDetail()
		p.Errors = append(p.Errors, web.FieldError{Pointer: a.pointer(detail.Location), Code: code, Detail: clip(a.problems.Repeat(detail.Message))})
	}
	if len(p.Errors) == 1 {
		p.Detail = p.Errors[0].Detail
	}
	p.Safety = a.refusedBody(ctx, status)
	return p
}

// pointer turns huma's "body.person.email" or "body.themes[0]" into
// "#/person/email", "#/themes/0".
func (a *API) pointer(location string) string {
	rest, isBody := strings.CutPrefix(location, "body")
	if !isBody {
		_, name, _ := strings.Cut(location, ".")
		return clip(a.problems.Repeat(name))
	}
	rest = strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(rest)
	return "#/" + clip(a.problems.Repeat(strings.TrimPrefix(rest, "/")))
}

// clip bounds what may echo a name the client chose.
func clip(s string) string {
	const most = 120
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// operationID is a stable name for generated clients: "post-themes-id-status".
func operationID(method, path string) string {
	return strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path)
}
