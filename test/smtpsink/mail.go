package smtpsink

import (
	"bytes"
	"fmt"
	"net/mail"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// Mail is one accepted message for one recipient.
type Mail struct {
	From       string    `json:"from"` // of the envelope
	To         string    `json:"to"`   // of the envelope
	At         time.Time `json:"at"`   // when its final dot came
	Connection int       `json:"connection"`
	Raw        []byte    `json:"raw"` // as sent, dots unstuffed, lines ended by CRLF
}

// Parsed is a mail as its reader sees it.
type Parsed struct {
	Header   mail.Header // by canonical name, still encoded; see Decoded
	Subject  string
	Text     string
	HTML     string
	Envelope *enmime.Envelope
}

// Decoded gives the header with its RFC 2047 words decoded.
func (p Parsed) Decoded(header string) string { return p.Envelope.GetHeader(header) }

// Parse reads the message; an error also for what enmime could read only by
// repairing it, since others may not.
func (m Mail) Parse() (Parsed, error) {
	plain, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return Parsed{}, fmt.Errorf("parse the mail to %s: %w", m.To, err)
	}
	e, err := enmime.ReadEnvelope(bytes.NewReader(m.Raw))
	if err != nil {
		return Parsed{}, fmt.Errorf("parse the mail to %s: %w", m.To, err)
	}
	for _, flaw := range e.Errors {
		if flaw.Severe {
			return Parsed{}, fmt.Errorf("parse the mail to %s: %w", m.To, flaw)
		}
	}
	return Parsed{Header: plain.Header, Subject: e.GetHeader("Subject"), Text: e.Text, HTML: e.HTML, Envelope: e}, nil
}

// String is the short form for messages of failing tests.
func (m Mail) String() string {
	p, err := m.Parse()
	if err != nil {
		return fmt.Sprintf("to %s (unreadable: %v)", m.To, err)
	}
	return fmt.Sprintf("to %s %q", m.To, p.Subject)
}

// Read is Parse for a test, which fails when the mail cannot be read.
func (m Mail) Read(t testing.TB) Parsed {
	t.Helper()
	p, err := m.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
