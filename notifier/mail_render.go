package notifier

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/heedhq/heed/i18n"
)

//go:embed templates/*.tmpl
var templates embed.FS

// arithmetic is what templates count with.
var arithmetic = map[string]any{"add": func(a, b int) int { return a + b }}

// RenderOptions say who the mail comes from.
type RenderOptions struct {
	// From is the sender's address; its name defaults to Product.
	From mail.Address
	// Product is the name people know the sender by.
	Product string
	// PublicURL is the root of the pages; no mail links anywhere else.
	PublicURL string
}

// Renderer writes mail. It is safe for concurrent use.
type Renderer struct {
	molds                  *molds
	catalog                *i18n.Catalog
	html                   *template.Template
	text                   *texttemplate.Template
	from                   mail.Address
	product                string
	scheme, host, hostname string
}

// Rendered is a mail ready for Pool.Send. Text and HTML are the two parts
// before encoding, for previews; Body is all of it, headers first, in at most
// 60 KB. Hash is the SHA-256 of Body in hex.
type Rendered struct {
	Envelope Envelope
	Subject  string
	Text     string
	HTML     string
	Body     []byte
	Hash     string
}

// NewRenderer parses the templates and checks the sender.
func NewRenderer(catalog *i18n.Catalog, o RenderOptions) (*Renderer, error) {
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("mail: public url %q", o.PublicURL)
	}
	local, domain, err := splitAddress(o.From.Address)
	if err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	r := &Renderer{molds: newMolds(), catalog: catalog, product: oneLine(o.Product), scheme: u.Scheme, host: u.Host, hostname: u.Hostname()}
	if r.product == "" {
		return nil, errors.New("mail: no product name")
	}
	r.from = mail.Address{Name: oneLine(o.From.Name), Address: local + "@" + domain}
	if r.from.Name == "" {
		r.from.Name = r.product
	}
	if r.html, err = template.New("").Funcs(arithmetic).ParseFS(templates, "templates/*.html.tmpl"); err != nil {
		return nil, fmt.Errorf("mail: templates: %w", err)
	}
	if r.text, err = texttemplate.New("").Funcs(arithmetic).ParseFS(templates, "templates/*.txt.tmpl"); err != nil {
		return nil, fmt.Errorf("mail: templates: %w", err)
	}
	return r, nil
}

// Render writes one mail. An error is a mistake of the caller (a link to
// another host, a kind without its content), never of what users wrote.
func (r *Renderer) Render(m Message) (Rendered, error) {
	if err := r.check(m); err != nil {
		return Rendered{}, fmt.Errorf("mail: %w", err)
	}
	for shrink := 1; ; shrink *= 2 {
		out, err := r.write(m, shrink)
		if err != nil {
			return Rendered{}, fmt.Errorf("mail: %w", err)
		}
		if len(out.Body) <= maxBytes || shrink == maxShrink {
			sum := sha256.Sum256(out.Body)
			out.Hash = hex.EncodeToString(sum[:])
			return out, nil
		}
	}
}

const (
	maxBytes  = 60 << 10
	maxShrink = 8
)

// write lays the parts out and encodes the whole.
func (r *Renderer) write(m Message, shrink int) (out Rendered, err error) {
	out.Envelope = Envelope{From: m.EnvelopeFrom, To: m.To.Email}
	if out.Envelope.From == "" {
		out.Envelope.From = r.from.Address
	}
	if out.Subject, out.Text, out.HTML, err = r.parts(m, shrink); err != nil {
		return Rendered{}, err
	}
	out.Body, err = r.compose(m, out)
	return out, err
}

// fill fills the templates.
func (r *Renderer) fill(m Message, shrink int) (subject, text, html string, err error) {
	var inHTML, inText bytes.Buffer
	v := r.view(m, shrink)
	if err := r.html.ExecuteTemplate(&inHTML, "frame", v); err != nil {
		return "", "", "", fmt.Errorf("html: %w", err)
	}
	if err := r.text.ExecuteTemplate(&inText, "text", v); err != nil {
		return "", "", "", fmt.Errorf("text: %w", err)
	}
	return v.Subject, strings.TrimSpace(blankLines.ReplaceAllString(inText.String(), "\n\n")) + "\n", inHTML.String(), nil
}

// compose puts headers and parts together. Everything in it follows from the
// message, boundaries too, so that a second rendering gives the same bytes.
func (r *Renderer) compose(m Message, out Rendered) ([]byte, error) {
	encoding := gomail.EncodingQP
	if needsBase64(out.Text) || needsBase64(out.HTML) {
		encoding = gomail.EncodingB64
	}
	sum := sha256.Sum256([]byte(m.MessageID))
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(encoding),
		gomail.WithBoundary("heed_"+hex.EncodeToString(sum[:12])))
	local, domain, err := splitAddress(m.To.Email)
	if err != nil {
		return nil, err
	}
	msg.FromMailAddress(&r.from)
	msg.ToMailAddress(&mail.Address{Name: clip(oneLine(m.To.Name), 64), Address: local + "@" + domain})
	if m.ReplyTo != "" {
		if err := msg.ReplyTo(m.ReplyTo); err != nil {
			return nil, err
		}
	}
	msg.Subject(encodeSubject(out.Subject))
	msg.SetDateWithValue(m.Date.UTC())
	msg.SetMessageIDWithValue(m.MessageID)
	r.setHeaders(msg, m)
	msg.SetBodyString(gomail.TypeTextPlain, crlf(out.Text))
	msg.AddAlternativeString(gomail.TypeTextHTML, crlf(out.HTML))
	var body bytes.Buffer
	body.Grow(2 * len(out.HTML))
	if _, err := msg.WriteTo(&body); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// setHeaders adds what other machines go by. Preformatted headers are avoided:
// go-mail writes them in the random order of a map.
func (r *Renderer) setHeaders(msg *gomail.Msg, m Message) {
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader(gomail.HeaderContentLang, r.catalog.For(m.Locale).Locale().HTMLLang())
	if m.ThreadRoot != "" && m.ThreadRoot != m.MessageID {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.ThreadRoot+">")
		msg.SetGenHeader(gomail.HeaderReferences, "<"+m.ThreadRoot+">")
	}
	if m.UnsubscribeURL == "" {
		return
	}
	msg.SetGenHeader("List-Id", "<follow-ups."+r.hostname+">")
	msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.UnsubscribeURL+">")
	msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
}

// needsBase64 reports whether quoted-printable, which triples each byte outside
// ASCII, would be the larger encoding.
func needsBase64(s string) bool {
	outside := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			outside++
		}
	}
	return 6*outside > len(s)
}

// encodedBytes is how much text an encoded word of a subject holds: the first then fits
// beside the header's name.
const encodedBytes = 36

// encodeSubject writes a subject in the words of RFC 2047. Left to go-mail, the first would be
// too long to stand beside "Subject:", and some readers take the fold there for a space.
func encodeSubject(s string) string {
	if isASCII(s) {
		return s
	}
	var words []string
	var word []byte
	flush := func() { words = append(words, "=?UTF-8?b?"+base64.StdEncoding.EncodeToString(word)+"?=") }
	for _, r := range s {
		if len(word)+utf8.RuneLen(r) > encodedBytes {
			flush()
			word = word[:0]
		}
		word = utf8.AppendRune(word, r)
	}
	flush()
	return strings.Join(words, " ")
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
