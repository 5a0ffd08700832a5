package issuesync

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// joiner is a zero-width joiner: unseen by people, and GitHub no longer takes
// what it stands in for a mention or a reference.
const joiner = "\u200d"

var (
	email = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}`)
	// GitHub looks for mentions after Markdown has decoded its entities.
	entity    = regexp.MustCompile(`&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);`)
	closing   = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?[ \t]+((?:[\w.-]+/[\w.-]+)?\\?#\d|GH\\?-\d|https?://)`)
	mention   = regexp.MustCompile(`@([A-Za-z0-9])`)
	reference = regexp.MustCompile(`#([0-9])`)
	ghNumber  = regexp.MustCompile(`(?i)\b(GH\\?-)([0-9])`)
	commit    = regexp.MustCompile(`\b([0-9a-f]{6})([0-9a-f]{34})\b`)
)

// neutralise makes a text harmless on GitHub: nobody is mentioned, nothing is
// referred to or closed, no e-mail address and no marker of ours is in it. It
// looks the same to a reader.
func (s *Sync) neutralise(text string) string {
	text = plain(text)
	text = imitation.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "<!--", "&lt;!--") // an open comment would hide the rest, marker and all
	text = entity.ReplaceAllStringFunc(text, func(e string) string {
		if e == "&lt;" || e == "&gt;" || e == "&amp;" {
			return e
		}
		return "&amp;" + e[1:]
	})
	text = email.ReplaceAllString(text, "‹e-mail ···›")
	text = closing.ReplaceAllString(text, "$1")
	text = mention.ReplaceAllString(text, "@"+joiner+"$1")
	text = reference.ReplaceAllString(text, "#"+joiner+"$1")
	text = ghNumber.ReplaceAllString(text, "$1"+joiner+"$2")
	text = commit.ReplaceAllString(text, "$1"+joiner+"$2")
	return s.hosts.ReplaceAllStringFunc(text, func(m string) string { return m[:1] + joiner + m[1:] })
}

// hostsOf matches the beginning of an address on GitHub, after its scheme or
// with www, where GitHub would make a link and a reference of it.
func hostsOf(base *url.URL) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?://(?:[\w-]+\.)*|www\.)(?:github\.com|` + regexp.QuoteMeta(webHost(base)) + `)`)
}

// webHost is where the pages of an API's GitHub are.
func webHost(base *url.URL) string {
	if base.Host == "api.github.com" {
		return "github.com"
	}
	if name, is := strings.CutPrefix(base.Host, "api."); is && strings.HasSuffix(name, ".ghe.com") {
		return name
	}
	return base.Host
}

// plain is a text without what nobody sees and nobody can type.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFEFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
