//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/heedhq/heed/test/peer"
)

// Options of a stand; the zero value is what most tests want.
type Options struct {
	Limits Limits // see SetLimits
	// App adds the App's installation to every webhook, as GitHub does for Apps.
	App bool
	// Unjudged is for a test that itself sends what GitHub would not understand.
	Unjudged bool
}

// Stand is a running GitHub with two repositories, acme/roadmap (public) and
// acme/secret (private), and two accounts that may write to both.
type Stand struct {
	BaseURL       string // for go-github and HEED_GITHUB__API_URL, no slash at the end
	BotToken      string // of BotLogin: the product's
	HumanToken    string // of HumanLogin: a person on GitHub
	OutsiderToken string // of an account that may not write and not see what is private
	BotLogin      string
	HumanLogin    string
	WebhookSecret string // of the hooks SetHookTarget makes

	AppID, InstallationID int64
	AppKey                string // PEM, PKCS #1

	proxy  *proxy
	server *http.Server
	emu    *emulator
	judge  *judge // nil when nobody judges
}

// StartT is Start for a test: it skips aloud where the stand is not installed, fails
// where HEED_TEST_REQUIRE names "github", and stops the stand at the test's end. Then it
// fails the test for every request that is not valid by GitHub's own description.
func StartT(t testing.TB, opts Options) *Stand {
	t.Helper()
	if !opts.Unjudged {
		go description() // takes a while, and so does emulate
	}
	s, err := Start(t.Context(), opts)
	if err == nil {
		t.Cleanup(s.Close)
		if !opts.Unjudged {
			err = s.judgeUntil(t)
		}
	}
	if errors.Is(err, ErrNotInstalled) {
		peer.Missing(t, "github", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Start brings up emulate behind the proxy and gives it back ready; the caller must
// Close it. ctx bounds the start only. ErrNotInstalled when npm has not been run.
func Start(ctx context.Context, opts Options) (*Stand, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the GitHub stand: %w", err)
	}
	s := &Stand{BaseURL: "http://" + listener.Addr().String(), BotLogin: "heed-bot", HumanLogin: "human",
		BotToken: "ghp_bot" + guid()[:8], HumanToken: "ghp_human" + guid()[:8], OutsiderToken: "ghp_outsider" + guid()[:8], WebhookSecret: guid(), AppID: 4242, InstallationID: 77}
	if err := s.bringUp(ctx, listener, opts); err != nil {
		s.Close()
		return nil, errors.Join(err, ignoreClosed(listener.Close()))
	}
	return s, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *Stand) bringUp(ctx context.Context, listener net.Listener, opts Options) error {
	var err error
	if s.AppKey, err = appKey(); err != nil {
		return err
	}
	people := []identity{{s.BotLogin, "Heed Bot", s.BotToken, true}, {s.HumanLogin, "A Human", s.HumanToken, true}, {"outsider", "An Outsider", s.OutsiderToken, false}}
	config, aliases := seed(people, s.AppID, s.InstallationID, s.AppKey)
	if s.emu, err = startEmulate(ctx, config, s.BaseURL); err != nil {
		return err
	}
	p := &proxy{base: s.BaseURL, upstream: s.emu.url, aliases: aliases, outsider: s.OutsiderToken, sent: map[string]int{}, stats: newStats(),
		gone: map[string]goneAnswer{}, repos: map[int64]string{}, moved: map[string]int64{}, doubles: duplicates{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: sameAnswer}}
	p.relay = &relay{p: p, client: &http.Client{Timeout: 10 * time.Second, CheckRedirect: sameAnswer}} // GitHub's deadline
	if opts.App {
		p.relay.installation = s.InstallationID
	}
	s.proxy = p
	s.SetLimits(opts.Limits)
	s.server = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	go s.server.Serve(listener) // ends with ErrServerClosed when Close is called
	for _, repo := range []string{"acme/roadmap", "acme/secret"} {
		if err := s.adopt(ctx, repo); err != nil {
			return err
		}
	}
	return nil
}

// sameAnswer hands redirects on instead of following them.
func sameAnswer(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// adopt learns the repository's id and has emulate send its events to the proxy.
func (s *Stand) adopt(ctx context.Context, repo string) error {
	var r struct{ ID int64 }
	if err := s.human(ctx, http.MethodGet, "/repos/"+repo, nil, &r); err != nil {
		return err
	}
	s.proxy.mu.Lock()
	s.proxy.repos[r.ID] = repo
	s.proxy.mu.Unlock()
	return s.human(ctx, http.MethodPost, "/repos/"+repo+"/hooks", map[string]any{"name": "web", "active": true, "events": []string{"*"},
		"config": map[string]any{"url": s.BaseURL + hookPath, "content_type": "json"}}, nil)
}

// Close stops the proxy and emulate. It is safe to call twice.
func (s *Stand) Close() {
	if s.server != nil {
		_ = s.server.Close() // open connections are cut: the test is over
	}
	if s.emu != nil {
		s.emu.stop()
	}
}

// EmulatorOutput is the last that emulate printed, for a failing test's log.
func (s *Stand) EmulatorOutput() string { return s.emu.output.String() }

// APIError is a refusal of emulate's to one of the verbs.
type APIError struct {
	Method, Path string
	Status       int
	Body         string
}

func (e *APIError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, e.Body)
}

// human asks emulate as the person, past faults, limits and log.
func (s *Stand) human(ctx context.Context, method, path string, in, out any) error {
	return s.as(ctx, s.HumanToken, method, path, in, out)
}

func (s *Stand) as(ctx context.Context, token, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	forward := func() (reply, error) {
		return s.proxy.forward(ctx, method, path, token, http.Header{"Content-Type": {"application/json"}}, body)
	}
	var rep reply
	var err error
	if method == http.MethodPatch && oneIssue.MatchString(path) {
		rep, err = s.proxy.renaming(ctx, path, token, forward)
	} else {
		rep, err = forward()
	}
	if err != nil {
		return err
	}
	if rep.status >= 300 {
		return &APIError{Method: method, Path: path, Status: rep.status, Body: string(rep.body)}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(rep.body, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
