package notifier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one open connection to the relay, ready for a mail.
type session struct {
	// tcp takes deadlines and hard closing: the client's own Close waits for
	// the lock that a blocked read holds.
	tcp    net.Conn
	client *smtp.Client
	broken bool // must not be used again
	idle   *time.Timer
}

var longAgo = time.Unix(1, 0)

// guard gives everything on the connection until release a deadline, earlier
// if ctx ends. release reports whether ctx was still good.
func (s *session) guard(ctx context.Context, limit time.Duration) (release func() bool) {
	_ = s.tcp.SetDeadline(time.Now().Add(limit))
	return context.AfterFunc(ctx, func() { _ = s.tcp.SetDeadline(longAgo) })
}

// open connects, greets, encrypts and signs in. Its error is ErrUnavailable.
func open(ctx context.Context, r relay, o Options) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, o.DialTimeout)
	defer cancel()
	tcp, err := o.Dial(ctx, "tcp", r.address)
	if err != nil {
		return nil, &ErrUnavailable{Stage: StageConnect, Err: err}
	}
	s := &session{tcp: tcp}
	release := s.guard(ctx, o.DialTimeout)
	err = s.establish(ctx, r, o)
	if !release() && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = tcp.Close()
		return nil, &ErrUnavailable{Stage: StageConnect, Err: err}
	}
	return s, nil
}

func (s *session) establish(ctx context.Context, r relay, o Options) error {
	conn := s.tcp
	if r.security == implicitTLS {
		encrypted := tls.Client(conn, o.tlsConfig(r.host))
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return err
		}
		conn = encrypted
	}
	client, err := smtp.NewClient(conn, r.host)
	if err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	s.client = client
	if err := client.Hello(o.HelloName); err != nil {
		return err
	}
	if r.security == startTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return errors.New("the relay does not offer STARTTLS")
		}
		if err := client.StartTLS(o.tlsConfig(r.host)); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if r.user == "" {
		return nil
	}
	return s.signIn(r)
}

// signIn authenticates by PLAIN or LOGIN, over TLS or to this very host only.
// It looks at the address that was dialled, not at a name, which may resolve
// to anything.
func (s *session) signIn(r relay) error {
	if _, encrypted := s.client.TLSConnectionState(); !encrypted {
		host, _, err := net.SplitHostPort(s.tcp.RemoteAddr().String())
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return errCleartextAuth
		}
	}
	offered, mechanisms := s.client.Extension("AUTH")
	list := strings.Fields(strings.ToUpper(mechanisms))
	var auth smtp.Auth
	switch {
	case offered && slices.Contains(list, "PLAIN"):
		auth = smtp.PlainAuth("", r.user, r.password, r.host, true)
	case offered && slices.Contains(list, "LOGIN"):
		auth = smtp.LoginAuth(r.user, r.password, r.host, true)
	default:
		return errors.New("the relay offers neither AUTH PLAIN nor LOGIN")
	}
	if err := s.client.Auth(auth); err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	return nil
}

// send transmits one mail. See Pool.Send for what its errors mean.
func (s *session) send(ctx context.Context, t transmission, beforeDot func(context.Context) error, o Options) (Answer, error) {
	if err := s.supports(t); err != nil {
		return Answer{}, err
	}
	release := s.guard(ctx, o.CommandTimeout)
	content, err := s.begin(t)
	if err == nil {
		err = s.write(content, t.body)
	}
	if !release() && ctx.Err() != nil {
		s.broken = true
		err = &ErrUnavailable{Stage: StageContent, Err: ctx.Err()}
	}
	if err != nil {
		return Answer{}, err
	}
	if beforeDot != nil {
		if err := beforeDot(ctx); err != nil {
			// Any further command would make textproto close the
			// message with a final dot first.
			s.broken = true
			return Answer{}, fmt.Errorf("smtp: stopped before the final dot: %w", err)
		}
	}
	return s.finish(content, o)
}

// supports compares what the mail needs with what the relay offers.
func (s *session) supports(t transmission) error {
	s.client.SkipSMTPUTF8(!t.utf8)
	if t.utf8 {
		if offered, _ := s.client.Extension("SMTPUTF8"); !offered {
			return refusedHere("5.6.7", "the address needs SMTPUTF8, which the relay does not offer")
		}
	}
	if t.eightBit {
		if offered, _ := s.client.Extension("8BITMIME"); !offered {
			return refusedHere("5.6.3", "the message needs 8BITMIME, which the relay does not offer")
		}
	}
	return nil
}

// begin goes as far as the relay's invitation to send the content.
func (s *session) begin(t transmission) (io.WriteCloser, error) {
	if err := s.client.Mail(t.from); err != nil {
		return nil, s.failed(StageMail, err)
	}
	if err := s.client.Rcpt(t.to); err != nil {
		return nil, s.failed(StageRcpt, err)
	}
	content, err := s.client.Data()
	if err != nil {
		return nil, s.failed(StageData, err)
	}
	return content, nil
}

// write sends all of the content, down to the network, but not the dot.
func (s *session) write(content io.Writer, body []byte) error {
	_, err := content.Write(body)
	if err == nil {
		err = s.client.Text.W.Flush()
	}
	if err != nil {
		s.broken = true
		return &ErrUnavailable{Stage: StageContent, Err: err}
	}
	return nil
}

// finish writes the final dot and waits for the answer. It no longer listens
// to any context: stopping here would only leave the mail in doubt.
func (s *session) finish(content io.WriteCloser, o Options) (Answer, error) {
	_ = s.tcp.SetDeadline(time.Now().Add(o.FinalTimeout))
	err := content.Close()
	if err == nil {
		text := ""
		if reply, ok := content.(*smtp.DataCloser); ok {
			text = reply.ServerResponse()
		}
		return parseAnswer(250, text), nil
	}
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		s.broken = true
		return Answer{}, &ErrInDoubt{Err: err}
	}
	switch {
	case reply.Code >= 200 && reply.Code < 300:
		return parseAnswer(reply.Code, reply.Msg), nil
	case reply.Code >= 400 && reply.Code < 600:
		s.broken = reply.Code == 421
		return Answer{}, refusal(StageDot, reply)
	default:
		s.broken = true
		return Answer{}, &ErrInDoubt{Err: err}
	}
}

// failed types an error of the commands and clears the transaction where the
// connection can still be used.
func (s *session) failed(stage Stage, err error) error {
	typed := classify(stage, err)
	var refused *ErrRefused
	if !errors.As(typed, &refused) || refused.Code == 421 {
		s.broken = true
		return typed
	}
	if err := s.client.Reset(); err != nil {
		s.broken = true
	}
	return typed
}

// quit says goodbye within a second and closes. It must not be called while a
// message is open.
func (s *session) quit() {
	_ = s.tcp.SetDeadline(time.Now().Add(time.Second))
	_ = s.client.Quit()
	_ = s.tcp.Close()
}
