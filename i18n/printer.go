package i18n

import (
	"time"

	"golang.org/x/text/message"
)

// Printer writes sentences, dates and numbers in one locale. It is safe for
// concurrent use.
type Printer struct {
	locale  Locale
	entries map[string]entry
	out     *message.Printer
}

// Locale returns the language this printer writes.
func (p *Printer) Locale() Locale { return p.locale }

// Has reports whether the key is in the catalog.
func (p *Printer) Has(key string) bool {
	_, ok := p.entries[key]
	return ok
}

// T returns the sentence of a key with its arguments filled in; the first
// argument chooses among plural forms. An unknown key returns the key itself,
// which is visible in review and never blanks a page.
func (p *Printer) T(key string, args ...any) string {
	if !p.Has(key) {
		return key
	}
	return p.out.Sprintf(message.Key(key, key), args...)
}

// Number writes a whole number with the locale's grouping.
func (p *Printer) Number(n int) string { return p.out.Sprintf("%d", n) }

// Date writes the day of t in t's own time zone: "24 Nov 2026" or
// "2026 年 11 月 24 日".
func (p *Printer) Date(t time.Time) string {
	if p.locale == ZH {
		return t.Format("2006 年 1 月 2 日")
	}
	return t.Format("2 Jan 2006")
}

// DateTime writes day and minute of t in t's own time zone.
func (p *Printer) DateTime(t time.Time) string {
	if p.locale == ZH {
		return t.Format("2006 年 1 月 2 日 15:04")
	}
	return t.Format("2 Jan 2006, 15:04")
}

// Ago says how long before now t was, in one unit; a future t (clocks differ)
// counts as just now, and anything older than 30 days is given as its date.
func (p *Printer) Ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return p.T("time.just_now")
	case d < time.Hour:
		return p.T("time.minutes_ago", int(d/time.Minute))
	case d < 24*time.Hour:
		return p.T("time.hours_ago", int(d/time.Hour))
	case d <= 30*24*time.Hour:
		return p.T("time.days_ago", int(d/(24*time.Hour)))
	}
	return p.Date(t)
}
