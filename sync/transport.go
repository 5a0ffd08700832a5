package issuesync

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// longest answer taken; a page of 100 issues with long bodies stays below it.
const maxAnswer = 32 << 20

// transport carries the requests. It hands on whole answers only, turns
// everything else into a trouble, and keeps silent while GitHub wants it so.
type transport struct {
	next    http.RoundTripper
	base    *url.URL
	who     credentials
	timeout time.Duration
	patient time.Duration // first pause after a limit
	now     func() time.Time

	mu     sync.Mutex
	until  time.Time     // silent until then
	spare  time.Time     // and until then but for people
	inARow int           // limits without a success between them
	ahead  time.Duration // GitHub's clock minus ours
	keep   func(ctx context.Context, until time.Time)
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if until := t.silent(isForPerson(r.Context())); !until.IsZero() {
		return nil, &trouble{end: limited, message: "waiting for the rate limit to end", until: until}
	}
	if !t.ours(r.URL) { // a redirect elsewhere must not carry the token along
		return t.carry(r, "")
	}
	token, err := t.who.bearer(r.Context())
	if err != nil {
		return nil, err
	}
	res, err := t.carry(r, token)
	tr := asTrouble(err)
	if tr == nil || tr.status != http.StatusUnauthorized || r.Body != nil && r.GetBody == nil || !t.who.renew(token) {
		return res, err
	}
	if token, err = t.who.bearer(r.Context()); err != nil {
		return nil, err
	}
	return t.carry(r, token) // it was not carried out: once more does no harm
}

// carry sends the request with the token, "" for none, and waits for the whole answer.
func (t *transport) carry(r *http.Request, token string) (*http.Response, error) {
	var gone bool // whether a byte may have left
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { gone = true }})
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", "heed")
	r.Header.Del("Authorization")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if r.GetBody != nil { // each attempt reads it from its beginning
		body, err := r.GetBody()
		if err != nil {
			return nil, t.broken(err, false)
		}
		r.Body = body
	}
	res, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, t.broken(err, gone)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	server := t.heard(res)
	t.spend(res.Header, server)
	ok := res.StatusCode < 300 || res.StatusCode < 400 && res.Header.Get("Location") != ""
	if !ok {
		return nil, t.judge(r.Context(), res, body, server)
	}
	if err != nil {
		return nil, t.broken(err, true)
	}
	t.mu.Lock()
	t.inARow = 0
	t.mu.Unlock()
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	// go-github would refuse calls by itself once it has seen a spent budget.
	for _, h := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		res.Header.Del(h)
	}
	return res, nil
}

func (t *transport) ours(u *url.URL) bool { return u.Scheme == t.base.Scheme && u.Host == t.base.Host }

// silent gives the end of the pause GitHub asked for, zero when there is none. The last fifth
// of the budget is kept for requests that a person waits for.
func (t *transport) silent(person bool) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	until := t.until
	if !person {
		until = later(until, t.spare)
	}
	if until.After(t.now()) {
		return until
	}
	return time.Time{}
}

// hush notes a pause that another node was asked for, or a former life of this one.
func (t *transport) hush(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = later(t.until, until)
}

type personKey struct{}

// forPerson marks requests that a person waits for.
func forPerson(ctx context.Context) context.Context {
	return context.WithValue(ctx, personKey{}, true)
}

func isForPerson(ctx context.Context) bool { return ctx.Value(personKey{}) != nil }

// spend notes what is left of the budget.
func (t *transport) spend(h http.Header, server time.Time) {
	limit, err1 := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	left, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	reset, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || h.Get("X-RateLimit-Resource") != "" && h.Get("X-RateLimit-Resource") != "core" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spare = (time.Time{}); left*5 < limit {
		t.spare = t.now().Add(time.Unix(reset, 0).Sub(server) + time.Second)
	}
}

// broken is the trouble of a connection that gave no whole answer.
func (t *transport) broken(err error, sent bool) *trouble {
	tr := &trouble{end: unsent, message: t.tell(err.Error())}
	if sent {
		tr.end = lost
	}
	return tr
}

// tell keeps tokens out of a text, whoever put them there.
func (t *transport) tell(s string) string { return clip(t.who.hide(s), 300) }

// heard notes GitHub's time and returns it, ours where it told none.
func (t *transport) heard(res *http.Response) time.Time {
	now := t.now()
	server, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return now
	}
	ahead := server.Sub(now)
	if ahead > -time.Second && ahead <= 0 { // it tells whole seconds: as far as one can see the clocks agree
		ahead = 0
	}
	t.mu.Lock()
	t.ahead = ahead
	t.mu.Unlock()
	return server
}

// gitHubNow is the time by GitHub's clock.
func (t *transport) gitHubNow() time.Time { return t.onGitHub(t.now()) }

// onGitHub is a time of ours by GitHub's clock.
func (t *transport) onGitHub(at time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return at.Add(t.ahead)
}

func (t *transport) judge(ctx context.Context, res *http.Response, body []byte, server time.Time) *trouble {
	tr := classify(res.StatusCode, res.Header, []byte(t.who.hide(string(body)))) // before a part of a token is all that is left of it
	if tr.end != limited {
		return tr
	}
	t.mu.Lock()
	t.until = later(t.until, t.now().Add(pause(res.Header, server, t.patient, t.inARow)))
	t.inARow++
	tr.until = t.until
	t.mu.Unlock()
	t.keep(ctx, tr.until)
	return tr
}
