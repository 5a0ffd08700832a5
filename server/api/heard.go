package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// freeText are the fields of a body in which somebody's words stand; see intake.Heard.
var freeText = []string{"text", "title", "quote", "summary"}

// HeardIn is what a body in JSON says, read for its danger alone: every string of it,
// whatever its shape. It is read leniently, for the body may be what was refused.
func HeardIn(body []byte) (h intake.Heard) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return intake.Heard{Fields: []string{string(body)}}
	}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch x := v.(type) {
		case string:
			if slices.Contains(freeText, name) {
				h.Words = append(h.Words, x)
			} else {
				h.Fields = append(h.Fields, x)
			}
		case []any:
			all := ""
			for _, e := range x {
				walk(name, e)
				if s, ok := e.(string); ok {
					all += " " + s
				}
			}
			if len(x) > 1 { // a phrase word by word
				h.Fields = append(h.Fields, all)
			}
		case map[string]any:
			for k, e := range x {
				h.Fields = append(h.Fields, k)
				walk(k, e)
			}
		}
	}
	walk("", v)
	var said struct {
		Person          *PersonBody `json:"person"`
		Product, Source string
	}
	if json.Unmarshal(body, &said) == nil {
		h.Person, h.Product, h.Source = said.Person.Input(), said.Product, said.Source
	}
	return h
}

// Refused reads a body that was refused. Who wrote it is told what to do where they are
// in danger; and where somebody's words come in (said), they are kept as an emergency of
// their own. It returns the advice, nil for none.
func (a Services) Refused(ctx context.Context, status int, said bool, body []byte) *web.Safety {
	if len(body) == 0 {
		return nil
	}
	h := HeardIn(body)
	f, _ := a.Intake.Peril(h)
	if f.Cause == "" {
		return nil
	}
	if h.Person != nil {
		f.Locale = h.Person.Locale
	}
	known := status != http.StatusUnauthorized && status != http.StatusForbidden && status != http.StatusTooManyRequests
	if who := web.Actor(ctx); known && (said || h.Person != nil) && auth.Can(who, auth.OnBehalf) == nil {
		kept, err := a.Intake.KeepAlone(ctx, who, h)
		switch {
		case err == nil && kept.Cause != "":
			f.Locale = kept.Locale
		case err != nil && models.KindOf(err) != models.RateLimited:
			slog.Error("an emergency could not be kept", "request_id", web.RequestID(ctx), "error", err)
		}
	}
	return a.Safety(ctx, f)
}

// refusedBody is Refused for a request to this API.
func (a *API) refusedBody(ctx context.Context, status int) *web.Safety {
	line, body, _ := bytes.Cut(requestOf(ctx), []byte("\n"))
	return a.Refused(ctx, status, strings.HasSuffix(string(line), "/suggestions"), body)
}
