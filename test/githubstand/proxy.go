//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// hookPath is where emulate sends its own deliveries; everything else is the API.
const hookPath = "/__hook"

// upstreamCalls is how often one emulate token is used: emulate itself refuses the
// 5001st call of an hour, so each public token stands for several of its tokens.
const upstreamCalls = 4500

// proxy is what the product believes to be api.github.com.
type proxy struct {
	base     string // own URL, without a slash at the end
	upstream string // emulate's
	client   *http.Client
	relay    *relay
	aliases  map[string][]string // public token → emulate's
	outsider string              // the token of one who may not write

	mu      sync.Mutex
	sent    map[string]int // calls to emulate by public token
	faults  []*Fault
	limits  Limits
	budgets map[string]*budget
	gone    map[string]goneAnswer // path prefix → what it answers for ever
	repos   map[int64]string      // id → current full name
	moved   map[string]int64      // former full name → id
	renames map[string][]rename   // of an issue, by its path
	planned map[string][]planned  // milestones of the events of an issue, by its path
	doubles duplicates
	pulls   bool                      // there is a pull request
	codes   map[string]map[string]any // Apps that were made, by the code that is good for them once
	log     []*Request
	stats   Stats
}

// goneAnswer is what a path says that has no resource any more.
type goneAnswer struct {
	status   int
	location string
}

var scheme = regexp.MustCompile(`(?i)^(bearer|token)\s+`)

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == hookPath {
		p.relay.receive(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		cut(w) // the caller died while sending: nothing was asked for yet
		return
	}
	token := strings.TrimSpace(scheme.ReplaceAllString(r.Header.Get("Authorization"), ""))
	entry := p.enter(r, token, body)
	rep, fault, acted := p.answer(r, token, body)
	p.finish(entry, rep, fault, acted)
	rep.write(w)
}

// answer plays GitHub: refusals first, then the request itself, then what the
// answer looks like. acted says whether the request was carried out.
func (p *proxy) answer(r *http.Request, token string, body []byte) (rep reply, fault *Fault, acted bool) {
	if !p.knows(token) {
		return refusal(http.StatusUnauthorized, "Bad credentials", docREST), nil, false
	}
	rep, refused := p.refuse(r, token, body)
	if !refused {
		fault = p.takeFault(r.Method, r.URL.Path)
		rep, refused = fault.before(r)
	}
	if refused {
		if rep.status != 0 && (fault == nil || fault.Kind != HTML502) {
			rep = p.account(rep, token)
		}
		return rep, fault, false
	}
	rep = p.act(r, token, body).likeGitHub().revalidate(r, token)
	return fault.after(r, p.account(rep, token)), fault, true
}

// knows says whether the token is one of ours: personal, installation or an App's
// signed assertion. No token at all is a visitor.
func (p *proxy) knows(token string) bool {
	return token == "" || p.aliases[token] != nil || strings.HasPrefix(token, "ghs_") || strings.HasPrefix(token, "eyJ")
}

// refuse gives the answer of a request that must not be carried out. It also
// resolves paths by repository id to paths by name.
func (p *proxy) refuse(r *http.Request, token string, body []byte) (reply, bool) {
	if rep, over := p.overLimit(r, token); over {
		return rep, true
	}
	if rep, elsewhere := p.locate(r); elsewhere {
		return rep, true
	}
	return tooLong(r, body)
}

var (
	byRepositoryID = regexp.MustCompile(`^/repositories/(\d+)(/.*)?$`)
	byName         = regexp.MustCompile(`^/repos/([^/]+/[^/]+)(/.*)?$`)
)

// locate follows ids, renames and transfers.
func (p *proxy) locate(r *http.Request) (reply, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := r.URL.EscapedPath()
	if m := byRepositoryID.FindStringSubmatch(path); m != nil {
		id, _ := strconv.ParseInt(m[1], 10, 64) // digits by the pattern; too many give an unknown id
		if name := p.repos[id]; name != "" {
			setPath(r, "/repos/"+name+m[2])
		}
	}
	if m := byName.FindStringSubmatch(path); m != nil {
		for _, name := range p.repos {
			if strings.EqualFold(name, m[1]) { // GitHub reads names in any letters, emulate does not
				setPath(r, "/repos/"+name+m[2])
			}
		}
		if id, ok := p.moved[strings.ToLower(m[1])]; ok {
			return p.redirect(r, fmt.Sprintf("/repositories/%d%s", id, m[2])), true
		}
	}
	for prefix, g := range p.gone {
		if r.URL.Path != prefix && !strings.HasPrefix(r.URL.Path, prefix+"/") {
			continue
		}
		if g.location != "" {
			return p.redirect(r, g.location+strings.TrimPrefix(r.URL.Path, prefix)), true
		}
		message := http.StatusText(g.status)
		if g.status == http.StatusGone {
			message = "This issue was deleted"
		}
		return refusal(g.status, message, docREST), true
	}
	return reply{}, false
}

// redirect is 301 for reads and 307 for writes, as GitHub does it.
func (p *proxy) redirect(r *http.Request, path string) reply {
	status, to := http.StatusMovedPermanently, p.base+path
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusTemporaryRedirect
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	rep := jsonReply(status, map[string]any{"message": http.StatusText(status), "url": to, "documentation_url": docREST})
	rep.header.Set("Location", to)
	return rep
}

// setPath replaces the path by an escaped one.
func setPath(r *http.Request, escaped string) {
	if u, err := r.URL.Parse(escaped); err == nil {
		r.URL.Path, r.URL.RawPath = u.Path, u.RawPath
	}
}

var listsIssues = regexp.MustCompile(`^/repos/[^/]+/[^/]+/issues$`)

// act carries the request out.
func (p *proxy) act(r *http.Request, token string, body []byte) reply {
	ctx := context.WithoutCancel(r.Context()) // a caller's death does not undo a write
	if rep, refused := p.keepOut(ctx, r, token); refused {
		return rep
	}
	if rep, ok := p.relay.serveAPI(r, body); ok {
		return rep
	}
	if rep, ok := p.convert(r); ok {
		return rep
	}
	if rep, ok := p.reached(ctx, r, token); ok {
		return rep
	}
	if r.Method == http.MethodPost {
		if rep, refused := p.titled(ctx, r.URL.Path, token, body); refused {
			return rep
		}
	}
	if m := listsComments.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodGet {
		return p.repositoryComments(ctx, m[1], token, r.URL)
	}
	query := r.URL.Query()
	if since, err := time.Parse(time.RFC3339, query.Get("since")); err == nil {
		// emulate compares text: without the fraction, the same second is left out.
		query.Set("since", since.UTC().Format("2006-01-02T15:04:05.000Z"))
		r.URL.RawQuery = query.Encode()
	}
	forward := func() (reply, error) { return p.forward(ctx, r.Method, r.URL.RequestURI(), token, r.Header, body) }
	var rep reply
	var err error
	switch {
	case r.Method == http.MethodPatch && oneIssue.MatchString(r.URL.Path):
		rep, err = p.renaming(ctx, r.URL.Path, token, forward)
	case r.Method == http.MethodGet && listsIssues.MatchString(r.URL.Path) && p.hasPulls():
		rep = p.withPulls(ctx, r.URL, token)
	default:
		rep, err = forward()
	}
	if r.Method == http.MethodGet {
		rep = p.pullAsIssue(ctx, r.URL.Path, token, rep)
	}
	if m := itsEvents.FindStringSubmatch(r.URL.Path); m != nil {
		rep = p.withRenames(m[1], p.withMilestones(m[1], rep))
	}
	if err != nil {
		return refusal(http.StatusBadGateway, err.Error(), docREST)
	}
	rep = p.withRights(r, token, p.withoutIssues(ctx, r.URL.EscapedPath(), token, rep))
	unseen := rep.status == http.StatusForbidden && p.aliases[token] != nil || rep.status == http.StatusUnauthorized && token == ""
	if unseen && r.Method == http.MethodGet {
		return notFound() // GitHub does not tell that something private exists
	}
	if r.Method == http.MethodGet && rep.status == http.StatusOK && listsIssues.MatchString(r.URL.Path) {
		rep.body = p.withoutGone(r.URL.Path, rep.body)
	}
	return rep
}

// forward asks emulate. The uri is path and query, escaped.
func (p *proxy) forward(ctx context.Context, method, uri, token string, header http.Header, body []byte) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.upstream+uri, bytes.NewReader(body))
	if err != nil {
		return reply{}, fmt.Errorf("forward %s %s: %w", method, uri, err)
	}
	for k, v := range header {
		if k != "If-None-Match" && k != "Accept-Encoding" {
			req.Header[k] = v
		}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+p.upstreamToken(token))
	}
	res, err := p.client.Do(req)
	if err != nil {
		return reply{}, fmt.Errorf("forward %s %s: %w", method, uri, err)
	}
	defer res.Body.Close()
	rep := reply{status: res.StatusCode, header: http.Header{}}
	if rep.body, err = io.ReadAll(res.Body); err != nil {
		return reply{}, fmt.Errorf("forward %s %s: %w", method, uri, err)
	}
	for _, k := range []string{"Content-Type", "Link", "Location"} {
		if v := res.Header.Get(k); v != "" {
			rep.header.Set(k, strings.ReplaceAll(v, p.upstream, p.base))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.learnPulls(method, uri, rep.status)
	if rep.status == http.StatusOK {
		p.doubles.learn(method, body, rep.body)
		rep.body = p.doubles.show(rep.body)
	}
	return rep, nil
}

// upstreamToken spreads the calls of a public token over emulate's.
func (p *proxy) upstreamToken(token string) string {
	known := p.aliases[token]
	if len(known) == 0 {
		return token
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[token]++
	return known[p.sent[token]/upstreamCalls%len(known)]
}

// withoutGone takes deleted and transferred issues out of a list: emulate cannot
// delete an issue, so it still lists them.
func (p *proxy) withoutGone(path string, body []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []json.RawMessage
	if len(p.gone) == 0 || json.Unmarshal(body, &list) != nil {
		return body
	}
	kept := []json.RawMessage{}
	for _, raw := range list {
		var issue struct{ Number int }
		if json.Unmarshal(raw, &issue) == nil {
			if _, gone := p.gone[path+"/"+itoa(issue.Number)]; gone {
				continue
			}
		}
		kept = append(kept, raw)
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return body
	}
	return out
}
