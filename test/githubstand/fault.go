//go:build unix

package githubstand

import (
	"net/http"
	"regexp"
	"time"
)

// FaultKind is what goes wrong with a request.
type FaultKind string

// The kinds. "Acts" says that emulate carried the request out all the same, which
// is what makes an end ambiguous for the caller.
const (
	DropBefore   FaultKind = "drop_before"  // connection reset; does not act
	DropAfter    FaultKind = "drop_after"   // acts, then connection reset
	Status       FaultKind = "status"       // answers Fault.Status; does not act
	HTML502      FaultKind = "html502"      // a load balancer's 502 page; does not act
	CutJSON      FaultKind = "cut_json"     // acts, answers half of the JSON
	Delay        FaultKind = "delay"        // acts, answers after Fault.Delay
	Unauthorized FaultKind = "unauthorized" // 401 Bad credentials; does not act
)

// Fault is one scripted misfortune. The first fault that matches a request and is
// not used up hits it; the others do not see that request.
type Fault struct {
	Method     string         // "" matches every method
	Path       *regexp.Regexp // against the URL path; nil matches every path
	Kind       FaultKind
	Status     int           // for Status: the code, e.g. 403, 429, 503, 301
	RetryAfter int           // for Status: seconds; 0 sends no Retry-After
	Location   string        // for Status: where a 301 or 307 points
	Message    string        // for Status: "" sends GitHub's text for a secondary limit
	DocURL     string        // for Status: "" sends GitHub's page on rate limits
	Delay      time.Duration // how late the answer, or the failure, comes
	Count      int           // how many requests it hits; 0 means one, below 0 all
	Skip       int           // how many matching requests pass before the first hit
}

// Fail adds a fault after those already waiting.
func (s *Stand) Fail(f Fault) {
	if f.Count == 0 {
		f.Count = 1
	}
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.faults = append(s.proxy.faults, &f)
}

// ClearFaults forgets every fault that has not hit yet.
func (s *Stand) ClearFaults() {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.faults = nil
}

// takeFault gives the fault that hits this request, counted down; nil for none.
func (p *proxy) takeFault(method, path string) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.Count == 0 || (f.Method != "" && f.Method != method) || (f.Path != nil && !f.Path.MatchString(path)) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Count > 0 {
			f.Count--
		}
		p.stats.Faults[f.Kind]++
		hit := *f
		return &hit
	}
	return nil
}

// before plays a fault that keeps the request from emulate. ok is false when the
// request goes on; a zero reply means the connection is cut.
func (f *Fault) before(r *http.Request) (rep reply, ok bool) {
	if f == nil || f.Kind == DropAfter || f.Kind == CutJSON || f.Kind == Delay {
		return reply{}, false
	}
	wait(r, f.Delay)
	switch f.Kind {
	case Unauthorized:
		return refusal(http.StatusUnauthorized, "Bad credentials", docREST), true
	case HTML502:
		rep = reply{status: http.StatusBadGateway, header: http.Header{}, body: []byte("<html><title>502 Bad Gateway</title></html>\n")}
		rep.header.Set("Content-Type", "text/html")
		return rep, true
	case Status:
		return f.answer(), true
	}
	return reply{}, true
}

// answer is GitHub's usual refusal with the status the fault asks for.
func (f *Fault) answer() reply {
	message, doc := f.Message, f.DocURL
	if message == "" {
		message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	}
	if doc == "" {
		doc = docSecondaryLimit
	}
	rep := refusal(f.Status, message, doc)
	if f.RetryAfter > 0 {
		rep.header.Set("Retry-After", itoa(f.RetryAfter))
	}
	if f.Location != "" {
		rep.header.Set("Location", f.Location)
	}
	return rep
}

// after spoils the answer to a request that emulate has carried out. The zero
// reply means the connection is cut.
func (f *Fault) after(r *http.Request, rep reply) reply {
	if f == nil {
		return rep
	}
	wait(r, f.Delay)
	switch f.Kind {
	case DropAfter:
		return reply{}
	case CutJSON:
		rep.body = rep.body[:len(rep.body)/2]
	}
	return rep
}

// wait ends early when the caller hangs up.
func wait(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}
