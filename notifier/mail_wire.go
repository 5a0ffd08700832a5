package notifier

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// said is what a mail says, before it is put on the wire.
type said struct {
	subject    string
	text, html filled
}

// filled is a text: what everybody gets, and, in between, what is each person's own.
type filled []piece

// piece is a part of a text. What everybody gets is prepared for the wire once in a mailing
// and not for everyone: quoted is it in quoted-printable, where a soft line break stands
// between each two pieces, lines with the ends of lines that mail has, and outside how many
// of its bytes are outside of ASCII.
type piece struct {
	text, quoted, lines string
	outside             int
}

// prepared is a piece that everybody gets.
func prepared(text string) piece {
	var w bytes.Buffer
	writeQuoted(&w, text)
	return piece{text, w.String(), crlf(text), outsideASCII(text)}
}

func (f filled) String() string {
	var w strings.Builder
	w.Grow(f.size())
	for _, p := range f {
		w.WriteString(p.text)
	}
	return w.String()
}

func (f filled) size() (bytes int) {
	for _, p := range f {
		bytes += len(p.text)
	}
	return bytes
}

// needsBase64 reports whether quoted-printable, which triples each byte outside
// ASCII, would be the larger encoding.
func (f filled) needsBase64() bool {
	outside := 0
	for _, p := range f {
		if p.quoted == "" {
			p.outside = outsideASCII(p.text)
		}
		outside += p.outside
	}
	return 6*outside > f.size()
}

func outsideASCII(s string) (bytes int) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			bytes++
		}
	}
	return bytes
}

// compose puts headers and parts together. Everything in it follows from the
// message, boundaries too, so that a second rendering gives the same bytes.
func (r *Renderer) compose(m Message, s said, w *bytes.Buffer) ([]byte, error) {
	local, domain, err := splitAddress(m.To.Email)
	if err != nil {
		return nil, err
	}
	to := mail.Address{Name: clip(oneLine(m.To.Name), 64), Address: local + "@" + domain}
	if m.ReplyTo != "" {
		if _, err := mail.ParseAddress(m.ReplyTo); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256([]byte(m.MessageID))
	boundary := "heed_" + hex.EncodeToString(sum[:12])
	w.Reset()
	w.Grow(len(s.html)*8 + 3*(s.text.size()+s.html.size())/2 + 2048)
	for _, h := range append(r.headers(m), [][2]string{
		{"Subject", encodeSubject(s.subject)}, {"From", r.from.String()}, {"To", to.String()},
		{"MIME-Version", "1.0"}, {"Content-Type", "multipart/alternative; boundary=" + boundary},
	}...) {
		writeHeader(w, h[0], h[1])
	}
	inBase64 := s.text.needsBase64() || s.html.needsBase64()
	for _, p := range []struct {
		kind string
		filled
	}{{"text/plain", s.text}, {"text/html", s.html}} {
		w.WriteString("\r\n--" + boundary + "\r\n")
		writeHeader(w, "Content-Type", p.kind+"; charset=UTF-8")
		if inBase64 {
			writeHeader(w, "Content-Transfer-Encoding", "base64")
			w.WriteString("\r\n")
			p.writeBase64(w)
		} else {
			writeHeader(w, "Content-Transfer-Encoding", "quoted-printable")
			w.WriteString("\r\n")
			p.writeQuoted(w)
		}
	}
	w.WriteString("\r\n--" + boundary + "--\r\n")
	return w.Bytes(), nil
}

// headers are what other machines go by.
func (r *Renderer) headers(m Message) [][2]string {
	all := [][2]string{
		{"Date", m.Date.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + m.MessageID + ">"},
		{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"},
		{"Content-Language", r.catalog.For(m.Locale).Locale().HTMLLang()},
	}
	if m.ReplyTo != "" {
		all = append(all, [2]string{"Reply-To", "<" + m.ReplyTo + ">"})
	}
	if m.ThreadRoot != "" && m.ThreadRoot != m.MessageID {
		all = append(all, [2]string{"In-Reply-To", "<" + m.ThreadRoot + ">"}, [2]string{"References", "<" + m.ThreadRoot + ">"})
	}
	if m.UnsubscribeURL != "" {
		all = append(all, [2]string{"List-Id", "<follow-ups." + r.hostname + ">"},
			[2]string{"List-Unsubscribe", "<" + m.UnsubscribeURL + ">"}, [2]string{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	return all
}

// foldAt is where a header goes on in another line, at the last blank before it.
const foldAt = 76

// unbroken: a line break in a value would begin another header.
var unbroken = strings.NewReplacer("\r", " ", "\n", " ")

func writeHeader(w *bytes.Buffer, name, value string) {
	w.WriteString(name + ":")
	length := len(name) + 1
	for i, word := range strings.Split(unbroken.Replace(value), " ") {
		if i > 0 && word != "" && length+1+len(word) > foldAt {
			w.WriteString("\r\n")
			length = 0
		}
		w.WriteString(" " + word)
		length += 1 + len(word)
	}
	w.WriteString("\r\n")
}

func (f filled) writeQuoted(w *bytes.Buffer) {
	for i, p := range f {
		if i > 0 && !bytes.HasSuffix(w.Bytes(), []byte("\r\n")) {
			w.WriteString("=\r\n")
		}
		if p.quoted != "" {
			w.WriteString(p.quoted)
		} else {
			writeQuoted(w, p.text)
		}
	}
}

func writeQuoted(w *bytes.Buffer, s string) {
	q := quotedprintable.NewWriter(w)
	_, _ = q.Write([]byte(crlf(s))) // a buffer takes everything
	_ = q.Close()
}

func (f filled) writeBase64(w *bytes.Buffer) {
	var line [foldAt / 4 * 3]byte
	n := 0
	end := func() {
		w.Write(base64.StdEncoding.AppendEncode(w.AvailableBuffer(), line[:n]))
		w.WriteString("\r\n")
		n = 0
	}
	for _, p := range f {
		if p.lines == "" {
			p.lines = crlf(p.text)
		}
		for rest := p.lines; rest != ""; {
			took := copy(line[n:], rest)
			if n, rest = n+took, rest[took:]; n == len(line) {
				end()
			}
		}
	}
	if n > 0 {
		end()
	}
}

// encodedBytes is how much text an encoded word of a subject holds: the first then fits
// beside the header's name.
const encodedBytes = 36

// encodeSubject writes a subject in the words of RFC 2047, each short enough to stand beside
// "Subject:": some readers take a fold there for a space.
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
