package smtpsink

import (
	"bufio"
	"encoding/json"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const message = "Subject: =?utf-8?q?Dark_mode_=E4=B8=8A=E7=BA=BF?=\r\nMessage-ID: <1@heed.test>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n.starts with a dot\r\n上线了\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>上线了</p>\r\n--b--\r\n"

// mailTo is the standard library's client, which knows nothing of go-smtp.
func mailTo(s *Sink, to ...string) error {
	return smtp.SendMail(s.Addr(), nil, "heed@example.test", to, []byte(message))
}

func TestAMailIsReadAsItsReaderSeesIt(t *testing.T) {
	s := Start(t)
	if err := mailTo(s, "a@example.test", "b@example.test"); err != nil {
		t.Fatal(err)
	}
	mails := s.Wait(t, 2, time.Second)
	if len(mails) != 2 || len(s.For("A@Example.test")) != 1 || len(s.For("c@example.test")) != 0 {
		t.Errorf("mails %v", mails)
	}
	m := mails[0]
	if m.From != "heed@example.test" || string(m.Raw) != message || m.Connection != 1 || time.Since(m.At) > time.Minute {
		t.Errorf("from %s on connection %d at %s:\n%s", m.From, m.Connection, m.At, m.Raw)
	}
	p := m.Read(t)
	if p.Subject != "Dark mode 上线" || p.HTML != "<p>上线了</p>" || !strings.HasPrefix(p.Text, ".starts with a dot") || p.Header.Get("Message-Id") != "<1@heed.test>" || p.Decoded("Subject") != p.Subject {
		t.Errorf("%q, %q, %q, %v", p.Subject, p.Text, p.HTML, p.Header)
	}
	if s.URL() != "smtp://"+s.Addr() {
		t.Error(s.URL())
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name     string
		rule     Rule
		code     int // the sender's; 0 for a broken connection
		recorded int
	}{
		{"recipient unknown", Rule{Action: Reject, Code: 550}, 550, 0},
		{"recipient busy", Rule{Action: Reject, Code: 450}, 450, 0},
		{"only somebody else is unknown", Rule{Action: Reject, To: "c@example.test", Code: 550}, 250, 1},
		{"refused after the dot", Rule{Action: RefuseData, Code: 452}, 452, 0},
		{"cut when DATA begins", Rule{Action: CutAtData}, 0, 0},
		{"cut at the dot", Rule{Action: CutAtDot}, 0, 0},
		{"taken, then cut before the 250", Rule{Action: CutAfterDot}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Start(t)
			s.Add(c.rule)
			if got := codeOf(mailTo(s, "a@example.test")); got != c.code {
				t.Errorf("the sender saw %d, want %d", got, c.code)
			}
			if got := len(s.Mails()); got != c.recorded {
				t.Errorf("%d mails on record, want %d", got, c.recorded)
			}
			if c.rule.To == "" {
				if err := mailTo(s, "a@example.test"); err != nil {
					t.Errorf("the mail after the rule: %v", err)
				}
			}
		})
	}
}

func codeOf(err error) int {
	if err == nil {
		return 250
	}
	if refused, ok := err.(*textproto.Error); ok {
		return refused.Code
	}
	return 0
}

func TestRejectAlwaysHoldsUntilCleared(t *testing.T) {
	s := Start(t)
	s.RejectAlways("gone@example.test", 550)
	for range 3 {
		if got := codeOf(mailTo(s, "GONE@example.test")); got != 550 {
			t.Errorf("the sender saw %d, want 550", got)
		}
	}
	s.ClearRules()
	if err := mailTo(s, "gone@example.test"); err != nil {
		t.Error(err)
	}
}

func TestTheFileHasTheMailBeforeThe250(t *testing.T) {
	s := Start(t)
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	if err := s.LogTo(path); err != nil {
		t.Fatal(err)
	}
	s.Stall(400 * time.Millisecond)
	start, done := time.Now(), make(chan error, 1)
	go func() { done <- mailTo(s, "a@example.test") }()
	s.Wait(t, 1, 2*time.Second)
	if len(done) != 0 {
		t.Error("answered before it was written down")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	var m Mail
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &m) != nil || m.To != "a@example.test" || string(m.Raw) != message {
		t.Errorf("the file says %q", lines.Text())
	}
	if err := <-done; err != nil || time.Since(start) < 400*time.Millisecond {
		t.Errorf("answered after %s with %v, want a stall and a 250", time.Since(start), err)
	}
	if lines.Scan() {
		t.Errorf("a second line: %s", lines.Text())
	}
}

func TestClosedRefusesAndReopenedKeepsThePort(t *testing.T) {
	s := Start(t)
	if err := mailTo(s, "a@example.test"); err != nil {
		t.Fatal(err)
	}
	address := s.Addr()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("a closed sink takes connections")
	}
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if err := mailTo(s, "a@example.test"); err != nil || s.Addr() != address || len(s.Mails()) != 2 {
		t.Errorf("reopened on %s with %d mails: %v", s.Addr(), len(s.Mails()), err)
	}
	s.Reset()
	if n := len(s.Mails()); n != 0 || s.Connections() != 2 {
		t.Errorf("%d mails after Reset, %d connections, want 0 and 2", n, s.Connections())
	}
}

func TestManySendersAtOnce(t *testing.T) {
	s := Start(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				if err := mailTo(s, "a@example.test"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(s.Mails()); n != 200 || s.Connections() != 200 {
		t.Errorf("%d mails over %d connections, want 200 over 200", n, s.Connections())
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost"} {
		if s, err := New(addr); err == nil {
			s.Close()
			t.Errorf("listens on %s", addr)
		}
	}
}
