package notifier

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

var (
	toMei    = Envelope{From: "bounce+1@acme.example", To: "mei@example.com"}
	aMessage = []byte("Subject: hello\r\n\r\nhello\r\n")
)

// fate is what became of a mail, as the ledger tells them apart.
type fate struct {
	kind      string // refused, in doubt, unavailable
	temporary bool
	stage     Stage
	code      int
	enhanced  string
}

func fateOf(err error) fate {
	var refused *ErrRefused
	var doubt *ErrInDoubt
	var unavailable *ErrUnavailable
	switch {
	case err == nil:
		return fate{kind: "sent"}
	case errors.As(err, &refused):
		return fate{"refused", refused.Temporary, refused.Stage, refused.Code, refused.Enhanced}
	case errors.As(err, &doubt):
		return fate{kind: "in doubt"}
	case errors.As(err, &unavailable):
		return fate{kind: "unavailable", stage: unavailable.Stage}
	}
	return fate{kind: err.Error()}
}

func TestEveryFaultHasItsOwnError(t *testing.T) {
	cases := []struct {
		name   string
		answer func(int, string, string) string
		want   fate
		dot    bool // beforeDot must have been called
	}{
		{"greeting refuses", at("GREET", "554 5.3.2 no"), fate{kind: "unavailable", stage: StageConnect}, false},
		{"greeting drops", at("GREET", drop), fate{kind: "unavailable", stage: StageConnect}, false},
		{"greeting stalls", at("GREET", stall), fate{kind: "unavailable", stage: StageConnect}, false},
		{"hello drops", at("EHLO", drop), fate{kind: "unavailable", stage: StageConnect}, false},
		{"sender deferred", at("MAIL", "451 4.3.0 later"), fate{"refused", true, StageMail, 451, "4.3.0"}, false},
		{"sender refused", at("MAIL", "550 5.7.1 no"), fate{"refused", false, StageMail, 550, "5.7.1"}, false},
		{"shutting down", at("MAIL", "421 4.3.2 bye"), fate{"refused", true, StageMail, 421, "4.3.2"}, false},
		{"mailbox full", at("RCPT", "452 4.2.2 full"), fate{"refused", true, StageRcpt, 452, "4.2.2"}, false},
		{"no such user", at("RCPT", "550-5.1.1 no such\r\n550 5.1.1 user"), fate{"refused", false, StageRcpt, 550, "5.1.1"}, false},
		{"no enhanced status", at("RCPT", "550 5 people refused"), fate{"refused", false, StageRcpt, 550, ""}, false},
		{"recipient drops", at("RCPT", drop), fate{kind: "unavailable", stage: StageRcpt}, false},
		{"recipient stalls", at("RCPT", stall), fate{kind: "unavailable", stage: StageRcpt}, false},
		{"data refused", at("DATA", "554 5.5.1 no"), fate{"refused", false, StageData, 554, "5.5.1"}, false},
		{"data answered oddly", at("DATA", "250 ok"), fate{kind: "unavailable", stage: StageData}, false},
		{"content deferred", at("DOT", "451 4.7.1 greylisted"), fate{"refused", true, StageDot, 451, "4.7.1"}, true},
		{"content refused", at("DOT", "554 5.7.1 spam"), fate{"refused", false, StageDot, 554, "5.7.1"}, true},
		{"shutting down at the dot", at("DOT", "421 4.3.2 bye"), fate{"refused", true, StageDot, 421, "4.3.2"}, true},
		{"silence after the dot", at("DOT", stall), fate{kind: "in doubt"}, true},
		{"closed after the dot", at("DOT", drop), fate{kind: "in doubt"}, true},
		{"reset after the dot", at("DOT", reset), fate{kind: "in doubt"}, true},
		{"nonsense after the dot", at("DOT", "hello there"), fate{kind: "in doubt"}, true},
		{"354 after the dot", at("DOT", "354 more"), fate{kind: "in doubt"}, true},
		{"another kind of yes", at("DOT", "252 2.5.0 taken"), fate{kind: "sent"}, true},
	}
	for _, c := range cases {
		for _, extensions := range [][]string{nil, {"PIPELINING"}} {
			t.Run(strings.Join(append([]string{c.name}, extensions...), " "), func(t *testing.T) {
				t.Parallel()
				relay := startRelay(t, &scriptedRelay{answer: c.answer, extensions: extensions})
				calls := 0
				p := relay.pool(t, func(o *Options) {
					switch c.name {
					case "greeting stalls":
						o.DialTimeout = 300 * time.Millisecond
					case "recipient stalls":
						o.CommandTimeout = time.Second
					case "silence after the dot":
						o.FinalTimeout = 300 * time.Millisecond
					}
				})
				answer, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error { calls++; return nil })
				if got := fateOf(err); got != c.want {
					t.Errorf("fate %+v, want %+v (%v)", got, c.want, err)
				}
				if (calls == 1) != c.dot || calls > 1 {
					t.Errorf("beforeDot was called %d times", calls)
				}
				if err != nil && answer != (Answer{}) {
					t.Errorf("an answer beside an error: %v", answer)
				}
				if c.dot && strings.HasPrefix(c.want.kind, "in doubt") && relay.heardVerb("DATA") != 1 {
					t.Error("a mail in doubt was tried again")
				}
			})
		}
	}
}

// Commands that go in one go are heard out: what the relay says of one mail is never taken
// for an answer to the next, and a relay that invites content for nobody gets none.
func TestRefusedInAPipeline(t *testing.T) {
	for name, c := range map[string]struct {
		data        string // the answer to DATA behind a refused recipient
		connections int
	}{
		"the relay refuses the rest": {"503 5.5.1 no recipients", 1},
		"the relay invites content":  {"", 2},
		"the relay goes":             {drop, 2},
	} {
		t.Run(name, func(t *testing.T) {
			refused := false
			relay := startRelay(t, &scriptedRelay{extensions: []string{"PIPELINING"}, answer: func(_ int, verb, line string) string {
				switch {
				case verb == "RCPT" && strings.Contains(line, "mei@"):
					refused = true
					return "550 5.1.1 no such user"
				case verb == "DATA" && refused:
					refused = false
					return c.data
				}
				return ""
			}})
			p := relay.pool(t, nil)
			for range 3 {
				if _, err := p.Send(t.Context(), toMei, aMessage, nil); fateOf(err) != (fate{"refused", false, StageRcpt, 550, "5.1.1"}) {
					t.Fatal(err)
				}
			}
			other := Envelope{From: toMei.From, To: "ann@example.com"}
			if _, err := p.Send(t.Context(), other, []byte("Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n"), nil); err != nil {
				t.Fatal(err)
			}
			if got := relay.accepted(); len(got) != 1 || got[0] != "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n" {
				t.Errorf("%q", got)
			}
			if total, _, _ := relay.connections(); (total == 1) != (c.connections == 1) {
				t.Errorf("%d connections", total)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, func(o *Options) { o.URL = "smtp://127.0.0.1:1" })
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); fateOf(err) != (fate{kind: "unavailable", stage: StageConnect}) {
		t.Error(err)
	}
}

func TestRelayLostInTheMiddleOfTheContent(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	relay.scripted(func(_ int, verb, _ string) string {
		if verb == "DATA" && len(relay.accepted()) == 1 {
			return "354 go ahead" + stall
		}
		return ""
	})
	p := relay.pool(t, func(o *Options) { o.CommandTimeout = time.Second })
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil {
		t.Fatal(err)
	}
	large := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 300_000))
	_, err := p.Send(t.Context(), toMei, large, func(context.Context) error {
		t.Error("the dot was near although content was missing")
		return nil
	})
	if fateOf(err) != (fate{kind: "unavailable", stage: StageContent}) {
		t.Error(err)
	}
	if total, _, _ := relay.connections(); total != 1 || len(relay.accepted()) != 1 {
		t.Errorf("%d connections, %d accepted: it was tried again", total, len(relay.accepted()))
	}
}

func TestBeforeDotStandsBetweenContentAndDot(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, nil)
	_, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error {
		waitFor(t, "all of the content is at the relay", func() bool {
			relay.mu.Lock()
			defer relay.mu.Unlock()
			return relay.partial == string(aMessage)
		})
		if n := len(relay.accepted()); n != 0 {
			t.Errorf("%d messages accepted before the dot", n)
		}
		return nil
	})
	if err != nil || len(relay.accepted()) != 1 {
		t.Errorf("%v, %d accepted", err, len(relay.accepted()))
	}
}

func TestFailingBeforeDotSendsNothing(t *testing.T) {
	relay := startRelay(t, &scriptedRelay{})
	p := relay.pool(t, nil)
	lost := errors.New("the lease was lost")
	_, err := p.Send(t.Context(), toMei, aMessage, func(context.Context) error { return lost })
	if !errors.Is(err, lost) {
		t.Errorf("error %v, want the one of beforeDot", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = p.Send(t.Context(), toMei, aMessage, func(context.Context) error { panic("bug") })
	}()
	waitFor(t, "both connections are closed", func() bool { _, open, _ := relay.connections(); return open == 0 })
	if got := relay.accepted(); len(got) != 0 {
		t.Fatalf("%d messages were sent", len(got))
	}
	if _, err := p.Send(t.Context(), toMei, aMessage, nil); err != nil {
		t.Errorf("the next mail: %v", err)
	}
	if total, _, _ := relay.connections(); total != 3 {
		t.Errorf("%d connections, want a fresh one each time", total)
	}
}

func TestEndOfContext(t *testing.T) {
	t.Run("before the dot stops at once and sends nothing", func(t *testing.T) {
		relay := startRelay(t, &scriptedRelay{answer: at("RCPT", stall)})
		p := relay.pool(t, func(o *Options) { o.CommandTimeout = time.Minute })
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := p.Send(ctx, toMei, aMessage, nil)
		if !errors.Is(err, context.DeadlineExceeded) || fateOf(err).kind != "unavailable" || time.Since(start) > 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if total, _, _ := relay.connections(); total != 1 {
			t.Errorf("%d connections: a mail whose time is over was tried again", total)
		}
	})
	t.Run("after the dot waits for the answer", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		relay := startRelay(t, &scriptedRelay{answer: func(_ int, verb, _ string) string {
			if verb == "DOT" {
				cancel()
				time.Sleep(50 * time.Millisecond)
			}
			return ""
		}})
		answer, err := relay.pool(t, nil).Send(ctx, toMei, aMessage, nil)
		if err != nil || answer.Code != 250 {
			t.Errorf("%v, %v", answer, err)
		}
	})
	t.Run("during beforeDot, which succeeded, sends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		relay := startRelay(t, &scriptedRelay{})
		_, err := relay.pool(t, nil).Send(ctx, toMei, aMessage, func(context.Context) error { cancel(); return nil })
		if err != nil || len(relay.accepted()) != 1 {
			t.Errorf("%v, %d accepted", err, len(relay.accepted()))
		}
	})
	t.Run("while all connections are busy", func(t *testing.T) {
		relay := startRelay(t, &scriptedRelay{answer: at("DOT", stall)})
		p := relay.pool(t, func(o *Options) { o.Connections = 1; o.FinalTimeout = 500 * time.Millisecond })
		busy, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			_, _ = p.Send(context.Background(), toMei, aMessage, func(context.Context) error { close(busy); return nil })
		}()
		<-busy
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if _, err := p.Send(ctx, toMei, aMessage, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		<-done
	})
}

func TestAnswersAreReadWithoutTrust(t *testing.T) {
	cases := []struct {
		code int
		msg  string
		want Answer
	}{
		{250, "2.0.0 Ok: queued as 4Xk", Answer{250, "2.0.0", "Ok: queued as 4Xk"}},
		{550, "5.1.1 no such\n5.1.1 user", Answer{550, "5.1.1", "no such user"}},
		{550, "no status here", Answer{550, "", "no status here"}},
		{554, "5.7.1", Answer{554, "5.7.1", ""}},
		{550, "5.1.1 \x1b[31mred\u202e\xff", Answer{550, "5.1.1", " [31mred ?"}},
		{550, strings.Repeat("x", 999), Answer{550, "", strings.Repeat("x", 300)}},
	}
	for _, c := range cases {
		if got := parseAnswer(c.code, c.msg); got != c.want {
			t.Errorf("%q: %#v, want %#v", c.msg, got, c.want)
		}
	}
}
