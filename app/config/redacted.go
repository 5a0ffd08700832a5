package config

import (
	"log/slog"
	"net/url"
	"strings"
)

// mask stands for a secret that is set.
const mask = "***"

// Redacted is the configuration for logs: every key in a group per section,
// secrets masked, URLs without their passwords.
func (c Config) Redacted() slog.Value {
	groups := map[string][]any{}
	ks := c.keys()
	for _, k := range ks {
		section, name, _ := strings.Cut(k.name, ".")
		groups[section] = append(groups[section], slog.String(name, k.shown()))
	}
	var out []slog.Attr
	for _, s := range sections(ks) {
		out = append(out, slog.Group(s, groups[s]...))
	}
	return slog.GroupValue(out...)
}

// LogValue keeps secrets out of a log that is handed the whole configuration.
func (c Config) LogValue() slog.Value { return c.Redacted() }

// String does the same for fmt.
func (c Config) String() string { return c.Redacted().String() }

func (k key) shown() string {
	v := k.get()
	switch {
	case v == "":
		return ""
	case k.secret:
		return mask
	case k.url:
		return withoutPassword(v)
	}
	return v
}

// withoutPassword masks a URL's password, also where drivers take it from the
// query.
func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return mask
	}
	if _, set := u.User.Password(); set {
		u.User = url.UserPassword(u.User.Username(), mask)
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "pass") {
			q.Set(name, mask)
			u.RawQuery = q.Encode()
		}
	}
	return strings.ReplaceAll(u.String(), url.QueryEscape(mask), mask)
}
