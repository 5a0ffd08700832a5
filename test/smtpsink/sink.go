package smtpsink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is a running mail server. Its methods may be called while it serves.
type Sink struct {
	addr string

	mu          sync.Mutex
	mails       []Mail
	arrived     chan struct{} // closed and replaced at each mail
	connections int
	rules       []*Rule
	stall       time.Duration
	file        *os.File
	server      *smtp.Server // nil while refusing connections
	served      chan struct{}
}

// Start gives a test a sink of its own on a free port, closed at the test's end.
func Start(t testing.TB) *Sink {
	t.Helper()
	s, err := New("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the SMTP sink: %v", err)
		}
	})
	return s
}

// New listens on addr, which must be on loopback; port 0 picks a free one.
func New(addr string) (*Sink, error) {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("SMTP sink on %q: only loopback is allowed", addr)
	}
	s := &Sink{addr: addr, arrived: make(chan struct{})}
	if err := s.Reopen(); err != nil {
		return nil, err
	}
	return s, nil
}

// Addr is host:port, the same after Close and Reopen.
func (s *Sink) Addr() string { return s.addr }

// URL is Addr in the form of mail.smtp_url.
func (s *Sink) URL() string { return "smtp://" + s.addr }

// Reopen accepts connections again on the same port.
func (s *Sink) Reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return errors.New("the SMTP sink is open already")
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("open the SMTP sink: %w", err)
	}
	s.addr = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(s.connect))
	server.Domain, server.EnableSMTPUTF8 = "sink.test", true
	server.ErrorLog = log.New(io.Discard, "", 0) // cut connections are wanted here
	s.server, s.served = server, make(chan struct{})
	go func(served chan struct{}) {
		defer close(served)
		_ = server.Serve(listener) // says only that it was closed
	}(s.served)
	return nil
}

// Close refuses connections until Reopen and cuts those that are open. What was
// received stays on record. Closing twice is fine.
func (s *Sink) Close() error {
	s.mu.Lock()
	server, served := s.server, s.served
	s.server = nil
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the SMTP sink: %w", err)
	}
	return nil
}

// LogTo appends every mail from now on to the file as a line of JSON, synced before
// the 250, so that the truth outlives the test's own process.
func (s *Sink) LogTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the SMTP log: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		err = s.file.Close()
	}
	s.file = f
	return err
}

// Connections is how many connections were accepted so far.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Count is how many mails were accepted so far, one per recipient.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// Mails gives what was accepted so far, one per recipient, in order.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// For gives the mails to one address, letter case aside.
func (s *Sink) For(address string) []Mail {
	var out []Mail
	for _, m := range s.Mails() {
		if strings.EqualFold(m.To, address) {
			out = append(out, m)
		}
	}
	return out
}

// Wait gives the mails once there are at least n, or fails the test after the
// timeout with what did arrive.
func (s *Sink) Wait(t testing.TB, n int, timeout time.Duration) []Mail {
	t.Helper()
	deadline := time.After(timeout)
	for {
		s.mu.Lock()
		arrived := s.arrived
		s.mu.Unlock()
		mails := s.Mails()
		if len(mails) >= n {
			return mails
		}
		select {
		case <-arrived:
		case <-deadline:
			t.Fatalf("%d mails within %s, want %d: %v", len(mails), timeout, n, mails)
		}
	}
}

// Reset forgets the mails so far; the file, rules and connection count stay.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = nil
}

// record keeps one message, once for each recipient, before the 250.
func (s *Sink) record(mails []Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		encoder := json.NewEncoder(s.file)
		for _, m := range mails {
			if err := encoder.Encode(m); err != nil {
				return fmt.Errorf("write the SMTP log: %w", err)
			}
		}
		if err := s.file.Sync(); err != nil {
			return fmt.Errorf("write the SMTP log: %w", err)
		}
	}
	s.mails = append(s.mails, mails...)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return nil
}
