package notifier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
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

// quit says goodbye within a second and closes. It must not be called while a
// message is open.
func (s *session) quit() {
	_ = s.tcp.SetDeadline(time.Now().Add(time.Second))
	_ = s.client.Quit()
	_ = s.tcp.Close()
}
