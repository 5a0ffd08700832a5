package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// Problem is an error as a client sees it (RFC 9457). Code is stable; Detail
// is in the reader's language and says the way out.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail,omitempty"`
	Code      string       `json:"code"`
	RequestID string       `json:"request_id"`
	Errors    []FieldError `json:"errors,omitempty"`
	Safety    *Safety      `json:"safety,omitempty" doc:"Nothing was taken, but who wrote it is in danger: what they should do now, in their language. Tell them at once"`

	retryAfter time.Duration
}

// FieldError names one wrong field by a pointer into the body ("#/person/email"),
// or by the name of a query parameter or header.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to come back, where that is known.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	return h
}

var statuses = map[models.Kind]int{
	models.Invalid: http.StatusUnprocessableEntity, models.NotFound: http.StatusNotFound, models.Conflict: http.StatusConflict,
	models.Unauthenticated: http.StatusUnauthorized, models.Forbidden: http.StatusForbidden, models.TooLarge: http.StatusRequestEntityTooLarge,
	models.RateLimited: http.StatusTooManyRequests, models.Unavailable: http.StatusServiceUnavailable,
}

// Problems turns errors into Problems, in the reader's language.
type Problems struct {
	Catalog *i18n.Catalog
	// Unsaid is a word of what somebody sent as an error may repeat it, without what looks
	// like a secret: see intake.Unsaid. nil repeats everything.
	Unsaid func(string) string
}

// Repeat is what an error may say of what somebody sent.
func (ps Problems) Repeat(s string) string {
	if ps.Unsaid == nil {
		return s
	}
	return ps.Unsaid(s)
}

// repeatable are the arguments of a message without secrets; those given stay as they are.
func (ps Problems) repeatable(args []any) []any {
	out := slices.Clone(args)
	for i, a := range out {
		switch v := reflect.ValueOf(a); {
		case a == nil:
		case v.Kind() == reflect.String:
			out[i] = ps.Repeat(v.String())
		case v.Kind() != reflect.Slice && v.Kind() != reflect.Map && v.Kind() != reflect.Struct && v.Kind() != reflect.Pointer:
		default:
			if s := fmt.Sprint(a); ps.Repeat(s) != s {
				out[i] = ps.Repeat(s)
			}
		}
	}
	return out
}

// From converts an error. One that is not of the vocabulary is logged and told
// as "internal", without its text.
func (ps Problems) From(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	e, ok := errors.AsType[*models.Error](err)
	switch {
	case ok:
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = models.Busy("request_cancelled", time.Second, err)
	default:
		slog.Error("request failed", "request_id", RequestID(ctx), "error", err)
		return ps.Plain(ctx, http.StatusInternalServerError, "internal")
	}
	if e.Kind == models.Unavailable {
		slog.Warn("request refused", "request_id", RequestID(ctx), "error", err)
	}
	p = ps.Plain(ctx, statuses[e.Kind], e.Code, e.Args...)
	p.retryAfter = e.RetryAfter
	if e.Field != "" {
		p.Errors = []FieldError{{Pointer: "#/" + ps.Repeat(e.Field), Code: e.Code, Detail: p.Detail}}
		for _, more := range e.More {
			p.Errors = append(p.Errors, FieldError{Pointer: "#/" + ps.Repeat(more.Field), Code: more.Code, Detail: ps.Plain(ctx, p.Status, more.Code, more.Args...).Detail})
		}
	}
	return p
}

// Plain makes a Problem from a status and a code of the catalogs.
func (ps Problems) Plain(ctx context.Context, status int, code string, args ...any) *Problem {
	print := ps.Catalog.For(Locale(ctx))
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code,
		Detail: print.T("error."+code, ps.repeatable(args)...), RequestID: RequestID(ctx)}
}
