package ui

import (
	"crypto/rand"
	"errors"
	"hash/fnv"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heedhq/heed/i18n"
)

// funcs are what templates may call. Those that speak are bound to one printer,
// so that no template has to carry its language along.
func (u *UI) funcs(p *i18n.Printer) template.FuncMap {
	return template.FuncMap{
		"t":        p.T,
		"number":   p.Number,
		"date":     p.Date,
		"datetime": p.DateTime,
		"ago":      func(t time.Time) string { return p.Ago(t, u.now()) },
		"clock":    func(t time.Time) string { return clock(p, t, u.now()) },
		"machine":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"day":      func(t time.Time) string { return t.Format(time.DateOnly) },
		"icon":     u.icon,
		"asset":    u.bundle.url,
		"built":    u.bundle.built,
		"htmllang": func(l i18n.Locale) string { return l.HTMLLang() },
		"initials": initials,
		"tint":     tint,
		"statuses": Statuses,
		"dict":     dict,
		"gap":      func() string { return gap(p.Locale()) },
		"add":      func(a, b int) int { return a + b },
		"at":       at,
		"newkey":   rand.Text,
	}
}

// icon refers to one symbol of the sprite. Icons never stand alone: a word or
// an aria-label is beside each, so without a bundle nothing is lost.
func (u *UI) icon(name string) template.HTML {
	sprite := u.bundle.url("sprite.svg")
	if sprite == "" {
		return `<span class="icon" aria-hidden="true"></span>`
	}
	var b strings.Builder
	b.WriteString(`<svg class="icon" aria-hidden="true" focusable="false"><use href="`)
	template.HTMLEscape(&b, []byte(sprite))
	b.WriteString(`#`)
	template.HTMLEscape(&b, []byte(name))
	b.WriteString(`"></use></svg>`)
	return template.HTML(b.String()) // #nosec: both parts are escaped above
}

// clock is the minute of t, with its day unless that is today's.
func clock(p *i18n.Printer, t, now time.Time) string {
	if t.Format(time.DateOnly) == now.In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return p.DateTime(t)
}

// initials shortens a name for an avatar: two letters of a Latin name, the
// first character of a Chinese one.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if unicode.Is(unicode.Han, first) || len(words) == 1 {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string(unicode.ToUpper(first)) + string(unicode.ToUpper(last))
}

// tint gives each name one of five colours, the same one everywhere.
func tint(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash never fails to write
	return int(h.Sum32()%5) + 1
}

// dict hands several values to a component template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: odd number of arguments")
	}
	out := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: key is not a string")
		}
		out[key] = pairs[i+1]
	}
	return out, nil
}

// at reports whether a path lies in the section that begins at root, for the
// current item of the navigation.
func at(path, root string) bool {
	path, _, _ = strings.Cut(path, "?")
	return path == root || strings.HasPrefix(path, root+"/")
}

// gap stands between two sentences: Chinese punctuation brings its own space.
func gap(l i18n.Locale) string {
	if l == i18n.ZH {
		return ""
	}
	return " "
}
