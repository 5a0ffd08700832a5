package notifier

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/heedhq/heed/i18n"
)

// quoted is a text that somebody wrote, made harmless and ready to be shown.
type quoted struct {
	// Shown is one line, in quotation marks where the words are not ours.
	Shown string
	// Display is Shown with its language named where it is not the reader's.
	Display string
	// Lines are the text's lines (Reason only).
	Lines []string
	// Lang is the value of the lang attribute, "" for the mail's own.
	Lang string
	// LangNote names the language, "" for the mail's own.
	LangNote string
}

// foreign returns the language of a text that is not the reader's, "" when it
// is or when nobody can tell.
func foreign(text, lang string, reader i18n.Locale) string {
	if lang == "" && reader != i18n.ZH && hasHan(text) && !strings.ContainsFunc(text, isKana) {
		lang = string(i18n.ZH)
	}
	if lang == "" {
		return ""
	}
	if l, ok := i18n.Parse(lang); ok {
		if l == reader {
			return ""
		}
		return string(l)
	}
	return "other"
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

// quoteTitle shows a theme's title, or the person's own first words.
func (r *Renderer) quoteTitle(p *i18n.Printer, t ThemeChange, limit int) quoted {
	text := clip(r.delink(oneLine(t.Title)), limit)
	lang := foreign(t.Title, t.TitleLang, p.Locale())
	q := quoted{Shown: text, Lang: htmlLang(lang)}
	if lang == "" && !t.OwnWords {
		q.Display = q.Shown
		return q
	}
	q.Shown = p.T("mail.quoted", text)
	q.Display = q.Shown
	if lang != "" {
		q.LangNote = p.T("mail.in_lang", p.T("mail.lang."+lang))
		q.Display = p.T("mail.quoted.lang", text, p.T("mail.lang."+lang))
	}
	return q
}

// quoteReason shows a text of several lines.
func (r *Renderer) quoteReason(p *i18n.Printer, text, lang string, limit int) quoted {
	var q quoted
	text = clip(r.delink(clean(text)), limit)
	if text == "" {
		return q
	}
	q.Lines = strings.Split(text, "\n")
	if lang = foreign(text, lang, p.Locale()); lang != "" {
		q.Lang = htmlLang(lang)
		q.LangNote = p.T("mail.original_lang", p.T("mail.lang."+lang))
	}
	return q
}

func htmlLang(lang string) string {
	if l, ok := i18n.Parse(lang); ok {
		return l.HTMLLang()
	}
	return ""
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// clean drops what could hide or reorder text (controls, direction marks,
// invisible separators) and keeps line breaks, at most one blank line at a
// time.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
			return '\n'
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), isInvisible(r):
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

// isInvisible covers format characters but the two joiners, without which
// Persian, Indic scripts and emoji fall apart.
func isInvisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// oneLine is clean for what must fit a header.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// clip shortens to at most limit runes, the last of which is then an ellipsis.
func clip(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return strings.TrimRightFunc(string(runes[:limit-1]), unicode.IsSpace) + "…"
}

// What mail programs turn into links by themselves: anything with a scheme,
// mailboxes, and names under a public top-level domain. Bare names are looked
// for in ASCII apart from the rest, because Chinese has no spaces around them.
var (
	schemed     = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]{0,20}):/{1,3}([\p{L}\p{N}._~%!$&'*+;=:@\[\]-]+)`)
	barePlain   = regexp.MustCompile(`(?i)(?:[a-z0-9._%+-]{1,64}@)?(?:[a-z0-9][a-z0-9-]{0,62}\.)+[a-z][a-z0-9-]{1,62}`)
	bareForeign = regexp.MustCompile(`(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}\.)+\p{Han}{2,20}`)
	otherScheme = regexp.MustCompile(`(?i)\b(mailto|tel|sms|javascript|data):`)
)

// delink breaks addresses up, so that nothing that a user wrote becomes a link
// in a mail of ours: "https://evil.com/a" becomes "evil[.]com/a". Links to the
// configured host stay.
func (r *Renderer) delink(s string) string {
	if !strings.ContainsAny(s, ".:@") {
		return s
	}
	ours := r.scheme + "://" + r.host
	s = schemed.ReplaceAllStringFunc(s, func(match string) string {
		if match == ours {
			return match
		}
		return breakUp(schemed.FindStringSubmatch(match)[2])
	})
	s = barePlain.ReplaceAllStringFunc(s, func(match string) string {
		if match == r.host || !isLinkedByItself(match) {
			return match
		}
		return breakUp(match)
	})
	s = bareForeign.ReplaceAllStringFunc(s, func(match string) string {
		if name, err := idna.Lookup.ToASCII(match); err != nil || !isLinkedByItself(name) {
			return match
		}
		return breakUp(match)
	})
	return otherScheme.ReplaceAllString(s, "$1 ")
}

// breakUp makes a name readable and dead. A full stop after it stays one.
func breakUp(name string) string {
	whole := strings.TrimRight(name, ".")
	return strings.NewReplacer(".", "[.]", "@", "[at]").Replace(whole) + name[len(whole):]
}

// isLinkedByItself reports whether mail programs link a name that has no
// scheme. It leaves "Node.js" and "3.2" alone.
func isLinkedByItself(name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(name, "@") || strings.HasPrefix(name, "www.") {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	return icann || strings.Contains(suffix, ".")
}
