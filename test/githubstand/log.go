//go:build unix

package githubstand

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Request is one request of the product under test, as the proxy saw it.
type Request struct {
	At          time.Time
	Method      string
	Path        string
	Query       string
	Token       string // as sent, without the scheme
	Body        []byte
	ContentType string
	Status      int       // what was answered; 0 when the connection was cut
	Acted       bool      // whether the stand carried it out, answered or not
	Fault       FaultKind // the fault that hit it, or ""

	escaped string // Path as it was sent
}

// Write says whether the request was meant to change something.
func (r Request) Write() bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// Stats are counts since Start or the last ResetLog.
type Stats struct {
	Requests, Writes  int
	Counted           int // requests that cost budget
	NotModified       int // 304
	PrimaryLimited    int
	SecondaryLimited  int
	Faults            map[FaultKind]int
	HooksSeen         int // events that emulate raised
	HooksSent         int // deliveries made, doubles and redeliveries included
	HooksLost         int
	HooksDoubled      int
	HooksForged       int
	HooksUnsubscribed int // events no hook asked for
}

// Requests gives the product's requests so far, in the order they arrived.
func (s *Stand) Requests() []Request {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	out := make([]Request, 0, len(s.proxy.log))
	for _, r := range s.proxy.log {
		one := *r
		one.Body = bytes.Clone(r.Body)
		out = append(out, one)
	}
	return out
}

// Writes gives only the requests that were meant to change something.
func (s *Stand) Writes() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return !r.Write() })
}

// Stats gives the counts so far.
func (s *Stand) Stats() Stats {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	out := s.proxy.stats
	out.Faults = maps.Clone(out.Faults)
	return out
}

// ResetLog forgets the requests and counts so far; budgets and faults stay.
func (s *Stand) ResetLog() {
	s.proxy.mu.Lock()
	forgotten := s.proxy.log
	s.proxy.log, s.proxy.stats = nil, newStats()
	s.proxy.mu.Unlock()
	if s.judge != nil {
		s.judge.hear(forgotten)
	}
}

func newStats() Stats { return Stats{Faults: map[FaultKind]int{}} }

// enter writes the request down before anything is done about it.
func (p *proxy) enter(r *http.Request, token string, body []byte) *Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	entry := &Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Token: token, Body: body,
		ContentType: r.Header.Get("Content-Type"), escaped: r.URL.EscapedPath()}
	p.log = append(p.log, entry)
	p.stats.Requests++
	if entry.Write() {
		p.stats.Writes++
	}
	return entry
}

// finish completes the entry before the answer leaves.
func (p *proxy) finish(entry *Request, rep reply, fault *Fault, acted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	entry.Status, entry.Acted = rep.status, acted
	if fault != nil {
		entry.Fault = fault.Kind
	}
}
