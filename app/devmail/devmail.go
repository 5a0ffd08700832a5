// Package devmail is the demo's post office: a real SMTP server on loopback
// that keeps what it is given, for the viewer at /dev/mail. It sends nothing
// anywhere.
package devmail

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

const (
	kept    = 1000 // mails, the newest
	maxMail = 1 << 20
)

// Mail is one kept mail.
type Mail struct {
	ID         int
	From, To   string
	Subject    string
	Text, HTML string
	Header     []Header
	At         time.Time
}

// Header is one header field, in the order it came.
type Header struct{ Name, Value string }

// Box keeps mails in memory.
type Box struct {
	server *smtp.Server
	addr   string
	mu     sync.Mutex
	mails  []Mail
	last   int
}

// Start listens on a free loopback port.
func Start() (*Box, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &Box{addr: l.Addr().String()}
	b.server = smtp.NewServer(b)
	b.server.Domain, b.server.AllowInsecureAuth, b.server.EnableSMTPUTF8, b.server.MaxMessageBytes = "localhost", true, true, maxMail
	go b.server.Serve(l)
	return b, nil
}

// URL is the relay's address as mail.smtp_url takes it.
func (b *Box) URL() string { return "smtp://" + b.addr }

// Close stops listening.
func (b *Box) Close() error {
	if err := b.server.Close(); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// Mails lists what is kept, newest first.
func (b *Box) Mails() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.mails)
	slices.Reverse(out)
	return out
}

// Mail returns one, false when it is not kept.
func (b *Box) Mail(id int) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.mails, func(m Mail) bool { return m.ID == id })
	if i < 0 {
		return Mail{}, false
	}
	return b.mails[i], true
}

// NewSession begins a conversation.
func (b *Box) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }

type session struct {
	box  *Box
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = append(s.to, to); return nil }
func (s *session) Reset()                                      { s.from, s.to = "", nil }
func (s *session) Logout() error                               { return nil }

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	env, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "unreadable message"}
	}
	m := Mail{From: s.from, Subject: env.GetHeader("Subject"), Text: env.Text, HTML: env.HTML, At: time.Now().UTC()}
	for _, name := range env.GetHeaderKeys() {
		m.Header = append(m.Header, Header{name, env.GetHeader(name)})
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	for _, to := range s.to {
		s.box.last++
		m.ID, m.To = s.box.last, to
		s.box.mails = append(s.box.mails, m)
	}
	if over := len(s.box.mails) - kept; over > 0 {
		s.box.mails = slices.Delete(s.box.mails, 0, over)
	}
	return nil
}
