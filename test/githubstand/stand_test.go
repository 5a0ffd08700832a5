//go:build unix

package githubstand

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

const roadmap = "acme/roadmap"

// product is go-github as the product would use it.
func product(t *testing.T, s *Stand, token string) *github.Client {
	t.Helper()
	c := github.NewClient(&http.Client{Timeout: 5 * time.Second}).WithAuthToken(token)
	base, err := url.Parse(s.BaseURL + "/")
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL = base
	return c
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// status is the HTTP status of go-github's error, 0 for none or a broken connection.
func status(err error) int {
	var response *github.ErrorResponse
	var rate *github.RateLimitError
	var abuse *github.AbuseRateLimitError
	switch {
	case errors.As(err, &response):
		return response.Response.StatusCode
	case errors.As(err, &rate):
		return rate.Response.StatusCode
	case errors.As(err, &abuse):
		return abuse.Response.StatusCode
	}
	return 0
}

func TestAPersonsVerbsAreSeenByTheProductButNotLogged(t *testing.T) {
	s := StartT(t, Options{})
	ctx := t.Context()
	issue := must[Issue](t)(s.CreateIssue(ctx, roadmap, "Dark mode", "please", "feedback"))
	must[Issue](t)(s.CloseIssue(ctx, roadmap, issue.Number, "not_planned"))
	must[IssueComment](t)(s.Comment(ctx, roadmap, issue.Number, "sorry"))
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests logged for the person, want none", n)
	}
	got, _, err := product(t, s, s.BotToken).Issues.Get(ctx, "acme", "roadmap", issue.Number)
	if err != nil {
		t.Fatal(err)
	}
	if got.GetState() != "closed" || got.GetStateReason() != "not_planned" || got.GetComments() != 1 || got.GetUser().GetLogin() != s.HumanLogin {
		t.Errorf("the product sees %s/%s, %d comments by %s", got.GetState(), got.GetStateReason(), got.GetComments(), got.GetUser().GetLogin())
	}
	if got.Labels[0].GetName() != "feedback" || got.GetID() != issue.ID {
		t.Errorf("the product sees labels %v and id %d, want feedback and %d", got.Labels, got.GetID(), issue.ID)
	}
	if !strings.HasPrefix(got.GetURL(), s.BaseURL) {
		t.Errorf("link %s leads past the proxy", got.GetURL())
	}
	log := s.Requests()
	if len(log) != 1 || log[0].Method != "GET" || log[0].Status != 200 || log[0].Token != s.BotToken || !log[0].Acted || log[0].Write() {
		t.Errorf("log %+v, want the product's one GET", log)
	}
	reopened := must[Issue](t)(s.ReopenIssue(ctx, roadmap, issue.Number))
	if reopened.State != "open" {
		t.Errorf("reopened issue is %s", reopened.State)
	}
}

func TestFaults(t *testing.T) {
	s := StartT(t, Options{})
	create := regexp.MustCompile(`/issues$`)
	for _, c := range []struct {
		name   string
		fault  Fault
		acted  bool // whether an issue came into being
		status int  // go-github's; 0 for a broken connection or broken JSON
		logged int
	}{
		{"drop before", Fault{Kind: DropBefore}, false, 0, 0},
		{"drop after", Fault{Kind: DropAfter}, true, 0, 0},
		{"403 of a secondary limit", Fault{Kind: Status, Status: 403, RetryAfter: 7}, false, 403, 403},
		{"429 without Retry-After", Fault{Kind: Status, Status: 429}, false, 429, 429},
		{"502 page", Fault{Kind: HTML502}, false, 502, 502},
		{"half an answer", Fault{Kind: CutJSON}, true, 0, 201},
		{"unauthorized", Fault{Kind: Unauthorized}, false, 401, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.ResetLog()
			before := len(must[[]Issue](t)(s.ListIssues(t.Context(), roadmap)))
			c.fault.Method, c.fault.Path = "POST", create
			s.Fail(c.fault)
			in := &github.IssueRequest{Title: github.String("t"), Body: github.String("b")}
			_, _, err := product(t, s, s.BotToken).Issues.Create(t.Context(), "acme", "roadmap", in)
			if err == nil {
				t.Fatal("no error reached the product")
			}
			if got := status(err); got != c.status {
				t.Errorf("the product sees %d (%v), want %d", got, err, c.status)
			}
			if after := len(must[[]Issue](t)(s.ListIssues(t.Context(), roadmap))); (after == before+1) != c.acted || after > before+1 {
				t.Errorf("%d issues became %d, acted should be %v", before, after, c.acted)
			}
			log := s.Writes()
			if len(log) != 1 || log[0].Fault != c.fault.Kind || log[0].Acted != c.acted || log[0].Status != c.logged {
				t.Errorf("log %+v", log)
			}
			if n := s.Stats().Faults[c.fault.Kind]; n != 1 {
				t.Errorf("%d faults counted, want 1", n)
			}
			if _, _, err := product(t, s, s.BotToken).Issues.Create(t.Context(), "acme", "roadmap", in); err != nil {
				t.Errorf("the request after the fault: %v", err)
			}
		})
	}
}

func TestFaultsSkipAndCountAndDelay(t *testing.T) {
	s := StartT(t, Options{})
	bot := product(t, s, s.BotToken)
	s.Fail(Fault{Method: "GET", Kind: Status, Status: 503, Skip: 1, Count: 2})
	var got []int
	for range 4 {
		_, _, err := bot.Repositories.Get(t.Context(), "acme", "roadmap")
		got = append(got, status(err))
	}
	if want := []int{0, 503, 503, 0}; !equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	s.Fail(Fault{Kind: Delay, Delay: 300 * time.Millisecond})
	start := time.Now()
	if _, _, err := bot.Repositories.Get(t.Context(), "acme", "roadmap"); err != nil || time.Since(start) < 300*time.Millisecond {
		t.Errorf("answered after %s with %v, want a late but whole answer", time.Since(start), err)
	}
	s.Fail(Fault{Kind: HTML502, Count: -1})
	s.ClearFaults()
	if _, _, err := bot.Repositories.Get(t.Context(), "acme", "roadmap"); err != nil {
		t.Errorf("a cleared fault still hits: %v", err)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestConditionalRequestsAreFree(t *testing.T) {
	s := StartT(t, Options{})
	ctx := t.Context()
	issue := must[Issue](t)(s.CreateIssue(ctx, roadmap, "a", "b"))
	get := func(token, tag string) *http.Response {
		req := must[*http.Request](t)(http.NewRequestWithContext(ctx, "GET", s.BaseURL+"/repos/acme/roadmap/issues/1", nil))
		req.Header.Set("Authorization", "token "+token)
		req.Header.Set("If-None-Match", tag)
		res := must[*http.Response](t)(http.DefaultClient.Do(req))
		res.Body.Close()
		return res
	}
	first := get(s.BotToken, "")
	tag := first.Header.Get("ETag")
	if first.StatusCode != 200 || tag == "" {
		t.Fatalf("%d with ETag %q", first.StatusCode, tag)
	}
	again := get(s.BotToken, tag)
	if again.StatusCode != 304 || again.Header.Get("X-RateLimit-Used") != first.Header.Get("X-RateLimit-Used") {
		t.Errorf("unchanged: %d, used %s then %s, want 304 for nothing", again.StatusCode, first.Header.Get("X-RateLimit-Used"), again.Header.Get("X-RateLimit-Used"))
	}
	if res := get(s.HumanToken, tag); res.StatusCode != 200 {
		t.Errorf("another token's ETag: %d, want 200", res.StatusCode)
	}
	must[Issue](t)(s.EditIssue(ctx, roadmap, issue.Number, map[string]any{"title": "c"}))
	if res := get(s.BotToken, tag); res.StatusCode != 200 {
		t.Errorf("after an edit: %d, want 200", res.StatusCode)
	}
	if st := s.Stats(); st.NotModified != 1 || st.Counted != 3 {
		t.Errorf("%d free and %d counted, want 1 and 3", st.NotModified, st.Counted)
	}
}

func TestEmulateEndsWithTheProcessThatStartedIt(t *testing.T) {
	s := StartT(t, Options{})
	// What the kernel does to the pipe when a test is killed.
	if err := s.emu.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.emu.child.Done():
	case <-time.After(10 * time.Second):
		t.Error("emulate would be left behind")
	}
}
