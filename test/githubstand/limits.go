//go:build unix

package githubstand

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits are the budgets the proxy holds callers to, per token.
type Limits struct {
	Primary   int           // counted requests per Window; 0 means GitHub's 5000
	Window    time.Duration // 0 means an hour
	PerMinute int           // issues and comments created in a minute; 0 means no limit (GitHub: 80)
	PerHour   int           // the same in an hour; 0 means no limit (GitHub: 500)
}

// budget is what one token has used up.
type budget struct {
	used    int
	reset   time.Time
	created []time.Time
}

// SetLimits replaces the limits and starts every token's budget anew.
func (s *Stand) SetLimits(l Limits) {
	if l.Primary == 0 {
		l.Primary = 5000
	}
	if l.Window == 0 {
		l.Window = time.Hour
	}
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.limits, s.proxy.budgets = l, map[string]*budget{}
}

// ExhaustPrimary leaves the token (BotToken, as a rule) no request until now + d.
func (s *Stand) ExhaustPrimary(token string, d time.Duration) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	b := s.proxy.budgetOf(token)
	b.used, b.reset = s.proxy.limits.Primary, time.Now().Add(d)
}

// budgetOf gives the token's current budget; the caller holds the lock.
func (p *proxy) budgetOf(token string) *budget {
	now := time.Now()
	b := p.budgets[token]
	if b == nil {
		b = &budget{}
		p.budgets[token] = b
	}
	if !now.Before(b.reset) {
		b.used, b.reset = 0, now.Add(p.limits.Window)
	}
	return b
}

var createsContent = regexp.MustCompile(`^/repos/[^/]+/[^/]+/(issues|issues/\d+/comments)$`)

// overLimit refuses a request whose token has no budget left. It does not act.
func (p *proxy) overLimit(r *http.Request, token string) (reply, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budgetOf(token)
	if b.used >= p.limits.Primary {
		p.stats.PrimaryLimited++
		return refusal(http.StatusForbidden, "API rate limit exceeded for user.", docPrimaryLimit), true
	}
	if r.Method != http.MethodPost || !createsContent.MatchString(r.URL.Path) {
		return reply{}, false
	}
	now := time.Now()
	inMinute, inHour := 0, 0
	for _, at := range b.created {
		if now.Sub(at) < time.Minute {
			inMinute++
		}
		if now.Sub(at) < time.Hour {
			inHour++
		}
	}
	if (p.limits.PerMinute > 0 && inMinute >= p.limits.PerMinute) || (p.limits.PerHour > 0 && inHour >= p.limits.PerHour) {
		p.stats.SecondaryLimited++
		rep := refusal(http.StatusForbidden, "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.", docSecondaryLimit)
		rep.header.Set("Retry-After", "60")
		return rep, true
	}
	b.created = append(b.created, now)
	return reply{}, false
}

// account counts the answer (a 304 is free) and adds GitHub's headers.
func (p *proxy) account(rep reply, token string) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budgetOf(token)
	switch {
	case rep.status == http.StatusNotModified:
		p.stats.NotModified++
	case b.used < p.limits.Primary:
		b.used++
		p.stats.Counted++
	}
	h := rep.header
	h.Set("X-RateLimit-Limit", itoa(p.limits.Primary))
	h.Set("X-RateLimit-Used", itoa(b.used))
	h.Set("X-RateLimit-Remaining", itoa(p.limits.Primary-b.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(b.reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
	h.Set("X-GitHub-Request-Id", strings.ToUpper(guid()[:18]))
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	return rep
}

// tooLong applies the lengths and values GitHub enforces and emulate does not.
// Lengths are in characters.
func tooLong(r *http.Request, body []byte) (reply, bool) {
	if r.Method != http.MethodPost && r.Method != http.MethodPatch {
		return reply{}, false
	}
	var m map[string]any
	if json.Unmarshal(body, &m) != nil {
		return reply{}, false
	}
	resource, name := "Issue", 0
	switch {
	case strings.Contains(r.URL.Path, "/labels"):
		resource, name = "Label", 50
	case strings.Contains(r.URL.Path, "/comments"):
		resource = "IssueComment"
	}
	for field, most := range map[string]int{"title": 256, "body": 65536, "name": name} {
		text, ok := m[field].(string)
		if ok && most > 0 && utf8.RuneCountInString(text) > most {
			return invalid(resource, field, "custom"), true
		}
	}
	labels, _ := m["labels"].([]any)
	for _, l := range labels {
		if text, ok := l.(string); ok && utf8.RuneCountInString(text) > 50 {
			return invalid("Label", "name", "custom"), true
		}
	}
	switch m["state"] {
	case nil, "open", "closed":
	default:
		return invalid(resource, "state", "invalid"), true
	}
	switch m["state_reason"] {
	case nil, "completed", "not_planned", "duplicate", "reopened":
		return reply{}, false
	}
	return invalid("Issue", "state_reason", "invalid"), true
}
