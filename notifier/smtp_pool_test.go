package notifier

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestConnectionsAreReusedWithoutIdleTalk(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, nil)
	for range 5 {
		if answer, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil || answer != (Answer{250, "2.0.0", "queued as 4Xk"}) {
			t.Fatal(answer, err)
		}
	}
	if total, _, _ := relay.connections(); total != 1 || len(relay.accepted()) != 5 {
		t.Errorf("%d connections for %d mails", total, len(relay.accepted()))
	}
	want := "EHLO heed.test" + strings.Repeat("|MAIL FROM:<bounce+1@acme.example>|RCPT TO:<mei@example.com>|DATA", 5)
	if got := strings.Join(relay.heard(), "|"); got != want {
		t.Errorf("commands\n%s, want\n%s", got, want)
	}
}

func TestRefusalKeepsTheConnection(t *testing.T) {
	for _, resetWorks := range []bool{true, false} {
		relay := startRelay(t, &scriptedRelay{answer: func(_ int, verb, line string) string {
			switch {
			case verb == "RCPT" && strings.Contains(line, "nobody"):
				return "550 5.1.1 no such user"
			case verb == "RSET" && !resetWorks:
				return drop
			}
			return ""
		}})
		p := relay.pool(t, nil)
		_, err := p.Send(t.Context(), Envelope{From: toMei.From, To: "nobody@example.com"}, aMessage, nil)
		if fateOf(err) != (fate{"refused", false, StageRcpt, 550, "5.1.1"}) {
			t.Errorf("the refusal was lost: %v", err)
		}
		if _, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil {
			t.Errorf("the next person's mail: %v", err)
		}
		want := map[bool]int{true: 1, false: 2}[resetWorks]
		if total, _, _ := relay.connections(); total != want {
			t.Errorf("RSET works %v: %d connections, want %d", resetWorks, total, want)
		}
	}
}

func TestStaleConnectionIsReplacedOnce(t *testing.T) {
	for name, fault := range map[string]string{"closed": drop, "said goodbye": "421 4.4.2 idle too long", "reset": reset} {
		for _, verb := range []string{"MAIL", "RCPT", "DATA"} {
			mails := 0
			relay := startRelay(t, &scriptedRelay{})
			relay.scripted(func(conn int, v, _ string) string {
				if conn == 1 && v == verb && len(relay.accepted()) == 1 {
					return fault
				}
				return ""
			})
			p := relay.pool(t, nil)
			for range 2 {
				if _, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error { mails++; return nil }); err != nil {
					t.Errorf("%s at %s: %v", name, verb, err)
				}
			}
			if total, _, _ := relay.connections(); total != 2 || len(relay.accepted()) != 2 || mails != 2 {
				t.Errorf("%s at %s: %d connections, %d accepted, %d dots", name, verb, total, len(relay.accepted()), mails)
			}
		}
	}
}

// What happens at the dot or in the content is no sign of a stale connection.
func TestGoodbyeAtTheDotIsNotTriedAgain(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	relay.scripted(func(conn int, v, _ string) string {
		if conn == 1 && v == "DOT" && len(relay.accepted()) == 1 {
			return "421 4.3.2 bye"
		}
		return ""
	})
	p := relay.pool(t, nil)
	var fates []fate
	dots := 0
	for range 3 {
		_, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error { dots++; return nil })
		fates = append(fates, fateOf(err))
	}
	want := []fate{{kind: "sent"}, {"refused", true, StageDot, 421, "4.3.2"}, {kind: "sent"}}
	if !slices.Equal(fates, want) || dots != 3 {
		t.Errorf("%+v with %d dots, want %+v with 3", fates, dots, want)
	}
	if total, _, _ := relay.connections(); total != 2 {
		t.Errorf("%d connections, want a fresh one after the goodbye", total)
	}
}

func TestStaleConnectionIsNotReplacedTwice(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	relay.scripted(func(_ int, v, _ string) string {
		if v == "MAIL" && len(relay.accepted()) == 1 {
			return drop
		}
		return ""
	})
	p := relay.pool(t, nil)
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); fateOf(err) != (fate{kind: "unavailable", stage: StageMail}) {
		t.Error(err)
	}
	if total, _, _ := relay.connections(); total != 2 {
		t.Errorf("%d connections, want 2", total)
	}
}

func TestIdleConnectionsSayGoodbye(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, func(o *Options) { o.IdleTimeout = 30 * time.Millisecond })
	for range 2 {
		if _, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the idle connection is closed", func() bool { _, open, _ := relay.connections(); return open == 0 })
	}
	if relay.heardVerb("QUIT") != 2 {
		t.Errorf("%d goodbyes, want 2", relay.heardVerb("QUIT"))
	}
}

func TestClosedPoolTakesNoMail(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, nil)
	if _, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error { p.Close(); return nil }); err != nil {
		t.Errorf("mail on its way was not finished: %v", err)
	}
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); !errors.Is(err, errClosed) {
		t.Error(err)
	}
	waitFor(t, "all is closed", func() bool { _, open, _ := relay.connections(); return open == 0 })
}

func TestNeverMoreConnectionsThanAllowed(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, nil)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 25 {
				if _, err := p.Send(context.Background(), toMei, aMessage, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	if _, _, most := relay.connections(); most > 2 || len(relay.accepted()) != 200 {
		t.Errorf("%d connections at a time, %d of 200 accepted", most, len(relay.accepted()))
	}
}

func TestContentArrivesByteForByte(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{extensions: []string{"8BITMIME"}})
	p := relay.pool(t, nil)
	cases := map[string]string{
		"a\r\n.\r\nb\r\n":                      "a\r\n.\r\nb\r\n",
		".\r\n..\r\n...x\r\n":                  ".\r\n..\r\n...x\r\n",
		"no end":                               "no end\r\n",
		"unix\n.\nlines\n":                     "unix\r\n.\r\nlines\r\n",
		"smuggled\n.\r\nMAIL FROM:<x@y.z>\r\n": "smuggled\r\n.\r\nMAIL FROM:<x@y.z>\r\n",
		"smuggled\r.\r\nRCPT TO:<x@y.z>\r\n":   "smuggled\r\n.\r\nRCPT TO:<x@y.z>\r\n",
		"smuggled\r\n.\rDATA\n":                "smuggled\r\n.\r\nDATA\r\n",
		"进度\r\n":                               "进度\r\n",
		strings.Repeat("x.\r\n.y\r\n", 2_000):  strings.Repeat("x.\r\n.y\r\n", 2_000),
		"\r\n\r\n":                             "\r\n\r\n",
	}
	sent := 0
	for in, want := range cases {
		if _, err := p.Send(t.Context(), toMei, []byte(in), nil); err != nil {
			t.Fatalf("%.40q: %v", in, err)
		}
		sent++
		got := relay.accepted()
		if len(got) != sent || got[sent-1] != want {
			t.Errorf("%.40q arrives as %.40q (%d messages)", in, got[len(got)-1], len(got))
		}
	}
	if relay.heardVerb("MAIL FROM:<X@Y.Z>")+relay.heardVerb("RCPT TO:<X@Y.Z>") > 0 {
		t.Error("content was taken for commands")
	}
}

func TestAddressesAndExtensions(t *testing.T) {
	all := []string{"8BITMIME", "SMTPUTF8"}
	cases := []struct {
		name, to string
		offers   []string
		body     string
		want     fate
		rcpt     string
		mailHas  string
		mailNot  string
	}{
		{"plain", "mei@example.com", all, "x", fate{kind: "sent"}, "<mei@example.com>", "BODY=8BITMIME", "SMTPUTF8"},
		{"domain outside ASCII", "mei@例子.公司", nil, "x", fate{kind: "sent"}, "<mei@xn--fsqu00a.xn--55qx5d>", "", "SMTPUTF8"},
		{"local part outside ASCII", "梅@例子.公司", all, "x", fate{kind: "sent"}, "<梅@xn--fsqu00a.xn--55qx5d>", "SMTPUTF8", ""},
		{"the same without SMTPUTF8", "梅@example.com", []string{"8BITMIME"}, "x", fate{"refused", false, StageAddress, 553, "5.6.7"}, "", "", ""},
		{"eight bits", "mei@example.com", all, "é", fate{kind: "sent"}, "<mei@example.com>", "BODY=8BITMIME", ""},
		{"eight bits, not offered", "mei@example.com", nil, "é", fate{"refused", false, StageAddress, 553, "5.6.3"}, "", "", ""},
		{"no address", "mei", all, "x", fate{"refused", false, StageAddress, 553, "5.1.3"}, "", "", ""},
		{"command smuggling", "mei@example.com>\r\nRCPT TO:<x@y.example", all, "x", fate{"refused", false, StageAddress, 553, "5.1.3"}, "", "", ""},
		{"parameter smuggling", "mei@example.com> NOTIFY=NEVER", all, "x", fate{"refused", false, StageAddress, 553, "5.1.3"}, "", "", ""},
		{"quoted local part", `"a b"@example.com`, all, "x", fate{"refused", false, StageAddress, 553, "5.1.3"}, "", "", ""},
		{"nothing to say", "mei@example.com", all, "", fate{"refused", false, StageAddress, 553, "5.6.0"}, "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			relay := startRelay(t, &scriptedRelay{extensions: c.offers})
			p := relay.pool(t, nil)
			_, err := p.Send(t.Context(), Envelope{To: c.to}, []byte(c.body), nil)
			if got := fateOf(err); got != c.want {
				t.Fatalf("fate %+v, want %+v", got, c.want)
			}
			heard := strings.Join(relay.heard(), "\n")
			if c.want.kind != "sent" {
				if strings.Contains(heard, "RCPT") {
					t.Error("the relay was asked")
				}
				return
			}
			if !strings.Contains(heard, "RCPT TO:"+c.rcpt) || !strings.Contains(heard, "MAIL FROM:<>") || !strings.Contains(heard, c.mailHas) {
				t.Errorf("commands: %s", heard)
			}
			if c.mailNot != "" && strings.Contains(heard, c.mailNot) {
				t.Errorf("commands hold %q: %s", c.mailNot, heard)
			}
		})
	}
}

// elsewhere pretends that a loopback connection leads to another host.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 25}
}

func TestPasswordsAndEncryption(t *testing.T) {
	const secret = "s3cret-pass"
	away := func(o *Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return elsewhere{conn}, err
		}
	}
	cases := []struct {
		name, scheme string
		relay        *scriptedRelay
		change       func(*Options)
		sent, auth   bool
	}{
		{"plain to this host", "smtp", &scriptedRelay{extensions: []string{"AUTH LOGIN PLAIN"}}, nil, true, true},
		{"plain to another host", "smtp", &scriptedRelay{extensions: []string{"AUTH PLAIN LOGIN"}}, away, false, false},
		{"STARTTLS to another host", "smtp+starttls", &scriptedRelay{extensions: []string{"STARTTLS", "AUTH PLAIN"}}, away, true, true},
		{"TLS to another host", "smtps", &scriptedRelay{implicit: true, extensions: []string{"AUTH PLAIN"}}, away, true, true},
		{"STARTTLS stripped", "smtp+starttls", &scriptedRelay{extensions: []string{"AUTH PLAIN"}}, nil, false, false},
		{"STARTTLS refused", "smtp+starttls", &scriptedRelay{extensions: []string{"STARTTLS", "AUTH PLAIN"}, answer: at("STARTTLS", "454 4.7.0 no")}, nil, false, false},
		{"unknown authority", "smtps", &scriptedRelay{implicit: true, extensions: []string{"AUTH PLAIN"}}, func(o *Options) { o.TLS = nil }, false, false},
		{"wrong password", "smtps", &scriptedRelay{implicit: true, extensions: []string{"AUTH PLAIN"}, answer: at("AUTH", "535 5.7.8 no")}, nil, false, true},
		{"no way to sign in", "smtps", &scriptedRelay{implicit: true, extensions: []string{"AUTH GSSAPI"}}, nil, false, false},
		{"TLS 1.1 only", "smtps", &scriptedRelay{implicit: true, extensions: []string{"AUTH PLAIN"}, tls: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}, nil, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			relay := startRelay(t, c.relay)
			p := relay.pool(t, func(o *Options) {
				o.URL = c.scheme + "://heed:" + secret + "@" + relay.address
				if c.change != nil {
					c.change(o)
				}
			})
			_, err := p.Send(t.Context(), toMei, aMessage, nil)
			if (err == nil) != c.sent {
				t.Errorf("sent %v, want %v: %v", err == nil, c.sent, err)
			}
			if err != nil {
				if fateOf(err) != (fate{kind: "unavailable", stage: StageConnect}) {
					t.Errorf("fate %+v: the address is not to blame", fateOf(err))
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells the password: %v", err)
				}
				if relay.heardVerb("MAIL") > 0 {
					t.Error("mail was begun")
				}
			}
			if (relay.heardVerb("AUTH") > 0) != c.auth {
				t.Errorf("AUTH %v, want %v: %q", !c.auth, c.auth, relay.heard())
			}
		})
	}
}

func TestRelayURLs(t *testing.T) {
	good := map[string]relay{
		"smtp://127.0.0.1:2525":          {host: "127.0.0.1", address: "127.0.0.1:2525"},
		"smtp://relay":                   {host: "relay", address: "relay:25"},
		"smtp+starttls://u:p%40ss@relay": {host: "relay", address: "relay:587", security: startTLS, user: "u", password: "p@ss"},
		"smtps://[::1]/":                 {host: "::1", address: "[::1]:465", security: implicitTLS},
		"smtp://u:p@127.0.0.1":           {host: "127.0.0.1", address: "127.0.0.1:25", user: "u", password: "p"},
	}
	for raw, want := range good {
		if got, err := parseRelay(raw); err != nil || got != want {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "relay:25", "http://relay", "smtp://", "smtp://relay/path", "smtp://relay?x=1", "smtp://u:topsecret@203.0.113.9", "smtp://u:topsecret@relay:port"} {
		_, err := NewPool(Options{URL: raw})
		if err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v, want an error without the password", raw, err)
		}
	}
}
