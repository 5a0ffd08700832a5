package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
)

// Next is where a form goes afterwards: raw when it is a path of our own, else
// fallback. Whatever a browser might read as another site is none of ours.
func Next(raw, fallback string) string {
	if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || len(raw) > 2000 {
		return fallback
	}
	for _, r := range raw {
		if r <= ' ' || r == '\\' || r == 0x7f || r == utf8.RuneError { // browsers drop or turn these
			return fallback
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return fallback
	}
	return raw
}

func escape(s string) string { return url.QueryEscape(s) }

// IDs reads a field that may be repeated and may hold several ids separated by
// spaces, each once.
func IDs(c echo.Context, name string) []string {
	values, err := c.FormParams()
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	out := []string{}
	for _, v := range values[name] {
		for _, id := range strings.Fields(v) {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

// With is a path with one query parameter set, or taken away where value is
// empty.
func With(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// clip bounds a name that the client chose.
func clip(s string) string {
	const most = 60
	if len(s) > most || !storable(s) {
		return ""
	}
	return s
}

// Doing is the work of a form as intake.Once takes it: a form pressed twice does
// it once.
func Doing(do func(context.Context) error) intake.Work {
	return intake.Work{Do: func(ctx context.Context) (intake.Answer, error) {
		return intake.Answer{Status: http.StatusSeeOther}, do(ctx)
	}}
}
