//go:build unix

package githubstand

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// receiver is the product's webhook endpoint.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	status int
	events []string // event.action by whole, rightly signed deliveries, in order
	guids  map[string]int
	forged int
	parsed []any
}

func newReceiver(t *testing.T, secret string) *receiver {
	r := &receiver{secret: secret, status: http.StatusAccepted, guids: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		payload, err := github.ValidatePayload(req, []byte(r.secret))
		if err != nil {
			r.forged++
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		event, err := github.ParseWebHook(github.WebHookType(req), payload)
		if err != nil {
			t.Errorf("go-github cannot read %s: %v", github.WebHookType(req), err)
		}
		name := github.WebHookType(req)
		if i, ok := event.(*github.IssuesEvent); ok {
			name += "." + i.GetAction()
		}
		r.events, r.parsed = append(r.events, name), append(r.parsed, event)
		r.guids[github.DeliveryID(req)]++
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.events...)
}

func flush(t *testing.T, s *Stand) {
	t.Helper()
	if err := s.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWebhooksReachTheTargetSignedAndReadable(t *testing.T) {
	s := StartT(t, Options{App: true})
	r := newReceiver(t, s.WebhookSecret)
	s.SetHookTarget(r.URL)
	ctx := t.Context()
	issue := must[Issue](t)(s.CreateIssue(ctx, roadmap, "a", "b"))
	flush(t, s)
	must[Issue](t)(s.EditIssue(ctx, roadmap, issue.Number, map[string]any{"title": "c"}))
	flush(t, s)
	must[Issue](t)(s.CloseIssue(ctx, roadmap, issue.Number, "completed"))
	flush(t, s)
	must[IssueComment](t)(s.Comment(ctx, roadmap, issue.Number, "done"))
	flush(t, s)
	want := []string{"issues.opened", "issues.edited", "issues.closed", "issue_comment"}
	if got := r.seen(); len(got) != len(want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	for i, event := range r.seen() {
		if event != want[i] {
			t.Errorf("event %d is %s, want %s", i, event, want[i])
		}
	}
	opened := r.parsed[0].(*github.IssuesEvent)
	if opened.GetRepo().GetFullName() != roadmap || opened.GetIssue().GetNumber() != issue.Number || opened.GetInstallation().GetID() != s.InstallationID {
		t.Errorf("opened is about %s#%d for installation %d", opened.GetRepo().GetFullName(), opened.GetIssue().GetNumber(), opened.GetInstallation().GetID())
	}
	must[Issue](t)(s.TransferIssue(ctx, roadmap, issue.Number, "acme/secret"))
	flush(t, s)
	if got := r.seen(); !contains(got, "issues.transferred") {
		t.Errorf("events %v, want issues.transferred among them", got)
	}
	before := len(r.seen())
	s.SetHookTarget("")
	must[Issue](t)(s.CreateIssue(ctx, roadmap, "unheard", ""))
	flush(t, s)
	if got := r.seen(); len(got) != before {
		t.Errorf("a hook that was taken away still delivers: %v", got[before:])
	}
}

func contains(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

func TestHookPlan(t *testing.T) {
	s := StartT(t, Options{})
	for _, c := range []struct {
		name                  string
		plan                  HookPlan
		first                 string // title order: "up" or "down"
		got, distinct, forged int
		least                 time.Duration
	}{
		{"nothing happens to them", HookPlan{}, "up", 6, 6, 0, 0},
		{"every third is lost", HookPlan{LoseEvery: 3}, "up", 4, 4, 0, 0},
		{"every third is doubled", HookPlan{DoubleEvery: 3}, "up", 8, 6, 0, 0},
		{"every second is preceded by a forged one", HookPlan{ForgeEvery: 2}, "up", 6, 6, 3, 0},
		{"reversed", HookPlan{Reorder: 6}, "down", 6, 6, 0, 0},
		{"a rest that never fills the batch", HookPlan{Reorder: 100}, "down", 6, 6, 0, 0},
		{"late", HookPlan{Delay: 200 * time.Millisecond}, "up", 6, 6, 0, 200 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReceiver(t, s.WebhookSecret)
			s.SetHookTarget(r.URL)
			s.PlanHooks(c.plan)
			start := time.Now()
			for range 6 {
				must[Issue](t)(s.CreateIssue(t.Context(), roadmap, "x", ""))
				time.Sleep(10 * time.Millisecond) // GitHub, too, makes no promise about a tie
			}
			flush(t, s)
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.events) != c.got || len(r.guids) != c.distinct || r.forged != c.forged {
				t.Errorf("%d deliveries, %d distinct, %d forged; want %d, %d, %d", len(r.events), len(r.guids), r.forged, c.got, c.distinct, c.forged)
			}
			if time.Since(start) < c.least {
				t.Errorf("done after %s", time.Since(start))
			}
			first, last := r.parsed[0].(*github.IssuesEvent).GetIssue().GetNumber(), r.parsed[len(r.parsed)-1].(*github.IssuesEvent).GetIssue().GetNumber()
			if (first < last) != (c.first == "up") {
				t.Errorf("first #%d, last #%d, want order %s", first, last, c.first)
			}
		})
	}
}

func TestTheProductsOwnHookAndRedelivery(t *testing.T) {
	s := StartT(t, Options{})
	ctx, bot := t.Context(), product(t, s, s.BotToken)
	r := newReceiver(t, "the product's own")
	in := &github.Hook{Active: github.Bool(true), Events: []string{"issues"}, Config: &github.HookConfig{URL: &r.URL, Secret: &r.secret, ContentType: github.String("json")}}
	hook, _, err := bot.Repositories.CreateHook(ctx, "acme", "roadmap", in)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := bot.Repositories.CreateHook(ctx, "acme", "roadmap", in); status(err) != 422 {
		t.Errorf("the same hook twice: %v, want 422", err)
	}
	flush(t, s)
	s.PlanHooks(HookPlan{LoseEvery: 1})
	issue := must[Issue](t)(s.CreateIssue(ctx, roadmap, "a", ""))
	must[IssueComment](t)(s.Comment(ctx, roadmap, issue.Number, "not subscribed"))
	flush(t, s)
	if got := r.seen(); len(got) != 1 || got[0] != "ping" {
		t.Fatalf("events %v, want only the ping", got)
	}
	list, _, err := bot.Repositories.ListHookDeliveries(ctx, "acme", "roadmap", hook.GetID(), nil)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d deliveries on record (%v), want the ping and the lost one", len(list), err)
	}
	lost := list[0]
	if lost.GetStatusCode() != 502 || lost.GetEvent() != "issues" {
		t.Errorf("newest delivery: %d %s, want the lost one", lost.GetStatusCode(), lost.GetEvent())
	}
	if _, _, err := bot.Repositories.RedeliverHookDelivery(ctx, "acme", "roadmap", hook.GetID(), lost.GetID()); err != nil {
		if _, accepted := err.(*github.AcceptedError); !accepted {
			t.Fatal(err)
		}
	}
	flush(t, s)
	if got := r.seen(); len(got) != 2 || got[1] != "issues.opened" || r.guids[lost.GetGUID()] != 1 {
		t.Errorf("after redelivery: %v, want issues.opened under its first GUID", got)
	}
	if _, err := bot.Repositories.DeleteHook(ctx, "acme", "roadmap", hook.GetID()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := bot.Repositories.GetHook(ctx, "acme", "roadmap", hook.GetID()); status(err) != 404 {
		t.Errorf("a deleted hook: %v, want 404", err)
	}
}

func TestDeliverSendsAnythingSignedAsAsked(t *testing.T) {
	s := StartT(t, Options{})
	var header http.Header
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		header, body = r.Header, string(raw)
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	code, err := s.Deliver(t.Context(), server.URL, "sub_issues", "key", []byte(`{"a":1}`))
	if err != nil || code != http.StatusTeapot {
		t.Fatalf("%d, %v", code, err)
	}
	if body != `{"a":1}` || header.Get("X-GitHub-Event") != "sub_issues" || header.Get("X-GitHub-Delivery") == "" {
		t.Errorf("delivered %q with %v", body, header)
	}
	if err := github.ValidateSignature(header.Get("X-Hub-Signature-256"), []byte(body), []byte("key")); err != nil {
		t.Error(err)
	}
}
