package notifier

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"
	texttemplate "text/template"

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
	out, said, err := r.render(m, new(bytes.Buffer))
	out.Text, out.HTML = said.text.String(), said.html.String()
	return out, err
}

// render is Render without the parts before encoding, which nobody reads of a mail that is
// sent. Body lies in w, until w is used for another.
func (r *Renderer) render(m Message, w *bytes.Buffer) (Rendered, said, error) {
	if err := r.check(m); err != nil {
		return Rendered{}, said{}, fmt.Errorf("mail: %w", err)
	}
	for shrink := 1; ; shrink *= 2 {
		out, what, err := r.write(m, shrink, w)
		if err != nil {
			return Rendered{}, said{}, fmt.Errorf("mail: %w", err)
		}
		if len(out.Body) <= maxBytes || shrink == maxShrink {
			sum := sha256.Sum256(out.Body)
			out.Hash = hex.EncodeToString(sum[:])
			return out, what, nil
		}
	}
}

const (
	maxBytes  = 60 << 10
	maxShrink = 8
)

// write lays the parts out and encodes the whole.
func (r *Renderer) write(m Message, shrink int, w *bytes.Buffer) (out Rendered, what said, err error) {
	out.Envelope = Envelope{From: m.EnvelopeFrom, To: m.To.Email}
	if out.Envelope.From == "" {
		out.Envelope.From = r.from.Address
	}
	if what, err = r.parts(m, shrink); err != nil {
		return Rendered{}, said{}, err
	}
	out.Subject = what.subject
	out.Body, err = r.compose(m, what, w)
	return out, what, err
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
