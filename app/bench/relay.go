package bench

import (
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

// relay is who takes the mail: a server of our own that throws it away, or another's.
type relay struct {
	url    string
	server *smtp.Server
	mails  atomic.Int64
	bytes  atomic.Int64
}

// newRelay returns another's relay, or begins our own on a free loopback port.
func newRelay(url string) (*relay, error) {
	if url != "" {
		return &relay{url: url}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{url: "smtp://" + l.Addr().String()}
	r.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return taker{r}, nil }))
	r.server.Domain, r.server.EnableSMTPUTF8, r.server.ErrorLog = "localhost", true, silent{}
	go r.server.Serve(l)
	return r, nil
}

func (r *relay) close() error {
	if r.server == nil {
		return nil
	}
	if err := r.server.Close(); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// average is the size of a mail that our own relay took, 0 with another's.
func (r *relay) average() int64 { return r.bytes.Load() / max(1, r.mails.Load()) }

// taker takes everything.
type taker struct{ r *relay }

func (taker) Reset()                               {}
func (taker) Logout() error                        { return nil }
func (taker) Mail(string, *smtp.MailOptions) error { return nil }
func (taker) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data reads a mail and counts it.
func (t taker) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	t.r.mails.Add(1)
	t.r.bytes.Add(n)
	return err
}

// silent says nothing of connections that end in the middle: ours do.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
