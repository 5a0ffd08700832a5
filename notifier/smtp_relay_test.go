package notifier

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a scripted relay does instead of answering.
const (
	stall = "\x00stall" // reads nothing more, keeps the connection; may follow an answer
	drop  = "\x00drop"  // closes
	reset = "\x00reset" // closes with a TCP reset
)

// scriptedRelay speaks SMTP on a real socket and does at each step what its
// script says. It remembers what it was told.
type scriptedRelay struct {
	address string
	// answer returns the reply to a command ("" is the usual one). conn
	// counts connections from 1; verb is GREET, EHLO, MAIL, RCPT, DATA, DOT,
	// RSET, QUIT, AUTH, STARTTLS.
	answer     func(conn int, verb, line string) string
	extensions []string
	tls        *tls.Config // for STARTTLS, or from the start with implicit
	implicit   bool
	roots      *x509.CertPool

	mu       sync.Mutex
	commands []string // as received, of all connections
	messages []string // accepted by their dot, unstuffed
	partial  string   // content of the last message, as it comes in
	conns    int
	open     int
	mostOpen int
	stop     chan struct{}
}

// startRelay runs a relay until the test ends.
func startRelay(t *testing.T, s *scriptedRelay) *scriptedRelay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	certified := httptest.NewTLSServer(nil)
	if s.tls == nil {
		s.tls = &tls.Config{}
	}
	s.tls.Certificates = certified.TLS.Certificates
	s.roots = x509.NewCertPool()
	s.roots.AddCert(certified.Certificate())
	certified.Close()
	s.address, s.stop = listener.Addr().String(), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		close(s.stop)
		_ = listener.Close()
		running.Wait()
	})
	return s
}

func (s *scriptedRelay) serve(conn net.Conn) {
	s.mu.Lock()
	s.conns++
	s.open++
	s.mostOpen = max(s.mostOpen, s.open)
	n := s.conns
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { // nothing outlives the test
		select {
		case <-s.stop:
			_ = conn.Close()
		case <-done:
		}
	}()
	defer func() {
		close(done)
		_ = conn.Close()
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	var wire net.Conn = conn
	if s.implicit {
		wire = tls.Server(conn, s.tls)
	}
	s.converse(n, conn, wire)
}

// script asks the script once; "" is the usual answer.
func (s *scriptedRelay) script(n int, verb, line string) string {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return ""
	}
	return answer(n, verb, line)
}

// scripted changes the script while the relay runs.
func (s *scriptedRelay) scripted(answer func(conn int, verb, line string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// reply writes the scripted or usual answer and reports whether to go on.
func (s *scriptedRelay) reply(tcp, wire net.Conn, text, usual string) bool {
	switch text {
	case "":
		text = usual
	case stall:
		<-s.stop
		return false
	case drop:
		return false
	case reset:
		_ = tcp.(*net.TCPConn).SetLinger(0)
		return false
	}
	text, silent := strings.CutSuffix(text, stall)
	_, err := wire.Write([]byte(text + "\r\n"))
	if silent {
		<-s.stop
		return false
	}
	return err == nil
}

func (s *scriptedRelay) converse(n int, tcp, wire net.Conn) {
	if !s.reply(tcp, wire, s.script(n, "GREET", ""), "220 relay.test ESMTP") {
		return
	}
	in := bufio.NewReader(wire)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		text := s.script(n, verb, line)
		if !s.reply(tcp, wire, text, s.usual(verb)) || verb == "QUIT" {
			return
		}
		switch verb {
		case "STARTTLS":
			wire = tls.Server(wire, s.tls)
			in = bufio.NewReader(wire)
		case "DATA":
			if text != "" {
				continue
			}
			message, ok := s.readContent(in)
			if !ok {
				return
			}
			scripted := s.script(n, "DOT", "")
			if scripted == "" || strings.HasPrefix(scripted, "2") {
				s.mu.Lock()
				s.messages = append(s.messages, message)
				s.mu.Unlock()
			}
			if !s.reply(tcp, wire, scripted, "250 2.0.0 queued as 4Xk") {
				return
			}
		}
	}
}

// usual is what a relay answers that has nothing against anything.
func (s *scriptedRelay) usual(verb string) string {
	switch verb {
	case "EHLO":
		lines := append([]string{"relay.test"}, s.extensions...)
		return "250-" + strings.Join(lines, "\r\n250-") + "\r\n250 ENHANCEDSTATUSCODES"
	case "DATA":
		return "354 go ahead"
	case "QUIT":
		return "221 2.0.0 bye"
	case "AUTH":
		return "235 2.7.0 welcome"
	case "STARTTLS":
		return "220 2.0.0 go"
	}
	return "250 2.0.0 ok"
}

// readContent reads up to the final dot, undoing dot stuffing. Only CRLF ends
// a line.
func (s *scriptedRelay) readContent(in *bufio.Reader) (string, bool) {
	s.mu.Lock()
	s.partial = ""
	s.mu.Unlock()
	for {
		line, err := in.ReadString('\n')
		s.mu.Lock()
		if line == ".\r\n" && (s.partial == "" || strings.HasSuffix(s.partial, "\r\n")) {
			defer s.mu.Unlock()
			return s.partial, true
		}
		s.partial += strings.TrimPrefix(line, ".")
		s.mu.Unlock()
		if err != nil {
			return "", false
		}
	}
}

func (s *scriptedRelay) accepted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.messages...)
}

func (s *scriptedRelay) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

func (s *scriptedRelay) heardVerb(verb string) int {
	count := 0
	for _, line := range s.heard() {
		if strings.HasPrefix(strings.ToUpper(line), verb) {
			count++
		}
	}
	return count
}

func (s *scriptedRelay) connections() (total, open, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns, s.open, s.mostOpen
}

// pool returns a Pool to the relay. Its limits are longer than a busy machine
// needs; tests of silence shorten the one that they wait for.
func (s *scriptedRelay) pool(t *testing.T, change func(*Options)) *Pool {
	t.Helper()
	o := Options{
		URL: "smtp://" + s.address, HelloName: "heed.test", TLS: &tls.Config{RootCAs: s.roots},
		DialTimeout: 20 * time.Second, CommandTimeout: 20 * time.Second, FinalTimeout: 20 * time.Second,
		IdleTimeout: time.Minute,
	}
	if change != nil {
		change(&o)
	}
	p, err := NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// at answers one verb and leaves the rest as usual.
func at(verb, reply string) func(int, string, string) string {
	return func(_ int, v, _ string) string {
		if v == verb {
			return reply
		}
		return ""
	}
}

// waitFor polls until the condition holds, at most ten seconds.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
	}
}
