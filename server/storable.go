package server

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
)

const (
	idempotencyKey = "Idempotency-Key"
	maxNamed       = 60 // bytes of a client's own name that an answer repeats
)

// storableOnly refuses, outside of the body, what no store could keep or
// compare: broken UTF-8, and NUL. A person's wrong address is a page that is
// not there.
func storableOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if code := unstorable(r.URL.Path); code != "" {
			if wantsPage(r) {
				return echo.ErrNotFound
			}
			return models.BadField("", code)
		}
		if err := storableQuery(r.URL.RawQuery); err != nil {
			return err
		}
		if code := unstorable(r.Header.Get(idempotencyKey)); code != "" {
			return models.BadField(idempotencyKey, code)
		}
		return next(c)
	}
}

// storableQuery also refuses a query that cannot be decoded, of which handlers
// would see a part only.
func storableQuery(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return models.BadField("", "invalid")
	}
	for name, vs := range values {
		if code := unstorable(name); code != "" {
			return models.BadField("", code)
		}
		for _, v := range vs {
			if code := unstorable(v); code != "" {
				if len(name) > maxNamed {
					name = ""
				}
				return models.BadField(name, code)
			}
		}
	}
	return nil
}

// unstorable is the code of what is wrong with s, "" for nothing.
func unstorable(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "not_utf8"
	case strings.IndexByte(s, 0) >= 0:
		return "nul_character"
	}
	return ""
}
