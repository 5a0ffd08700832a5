package smtpsink

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// session is one connection's dialogue.
type session struct {
	sink   *Sink
	conn   net.Conn
	number int
	from   string
	to     []string
}

func (s *Sink) connect(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	return &session{sink: s, conn: c.Conn(), number: s.connections}, nil
}

// Mail begins a message.
func (d *session) Mail(from string, _ *smtp.MailOptions) error {
	d.from = from
	return nil
}

// Rcpt adds a recipient, unless a rule rejects it.
func (d *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if rule := d.sink.take([]string{to}, Reject); rule != nil {
		return rule.answer()
	}
	d.to = append(d.to, to)
	return nil
}

// Data takes the message. Returning nil sends the 250.
func (d *session) Data(r io.Reader) error {
	rule := d.sink.take(d.to, CutAtData, CutAtDot, RefuseData, CutAfterDot)
	if rule != nil && rule.Action == CutAtData {
		return d.cut()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read a mail: %w", err)
	}
	if rule != nil && rule.Action == CutAtDot {
		return d.cut()
	}
	if rule != nil && rule.Action == RefuseData {
		return rule.answer()
	}
	now := time.Now()
	mails := make([]Mail, 0, len(d.to))
	for _, to := range d.to {
		mails = append(mails, Mail{From: d.from, To: to, At: now, Connection: d.number, Raw: raw})
	}
	if err := d.sink.record(mails); err != nil {
		return err // go-smtp answers 554: nothing was promised
	}
	d.sink.mu.Lock()
	stall := d.sink.stall
	d.sink.mu.Unlock()
	time.Sleep(stall)
	if rule != nil {
		return d.cut()
	}
	return nil
}

// cut resets the connection, so that no answer gets through.
func (d *session) cut() error {
	if tcp, ok := d.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it, it is an orderly close: also no answer
	}
	_ = d.conn.Close()
	return net.ErrClosed
}

// Reset forgets the message begun.
func (d *session) Reset() { d.from, d.to = "", nil }

// Logout ends the dialogue; there is nothing to free.
func (d *session) Logout() error { return nil }
