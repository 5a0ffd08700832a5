//go:build unix

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/test/process"
	"github.com/heedhq/heed/test/smtpsink"
)

const (
	api        = "/api/v1"
	repository = "acme/roadmap"
)

// house is an instance of heed with the peers it talks to.
type house struct {
	*process.Process
	t     *testing.T
	sink  *smtpsink.Sink
	stand *githubstand.Stand
}

// open starts a house on the database; env adds to the settings.
func open(t *testing.T, database string, env map[string]string) *house {
	t.Helper()
	h := &house{t: t, sink: smtpsink.Start(t), stand: githubstand.StartT(t, githubstand.Options{})}
	settings := map[string]string{
		"HEED_DATABASE__URL": database, "HEED_GITHUB__API_URL": h.stand.BaseURL, "HEED_GITHUB__TOKEN": h.stand.BotToken,
		"HEED_GITHUB__WEBHOOK_SECRET": h.stand.WebhookSecret, "HEED_GITHUB__REPOSITORY": repository, "HEED_GITHUB__ON_COMPLETED": "ship",
		"HEED_CRON__GITHUB_RECENT": "@every 2s", "HEED_CRON__DELIVER": "@every 1s", "HEED_CRON__SETTLE": "@every 1s", "HEED_CRON__FAN_OUT": "@every 1s",
	}
	for k, v := range env {
		settings[k] = v
	}
	h.Process = process.New(t, process.Options{SMTP: h.sink.URL(), Env: settings}).Start()
	h.stand.SetHookTarget(h.URL + "/webhooks/github")
	return h
}

// on is the house as a subtest uses it.
func (h *house) on(t *testing.T) *house {
	same := *h
	same.t = t
	return &same
}

// eachDatabase runs the test on SQLite, and on PostgreSQL where there is one.
func eachDatabase(t *testing.T, run func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { run(t, modelstest.SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, modelstest.PostgresURL(t)) })
}

// poster sends one POST and reads the answer into out, which may be nil. key is its
// Idempotency-Key, "" for none.
type poster func(key, path string, body, out any) error

// once is the poster of a calm day: any refusal is an error.
func (h *house) once(key, path string, body, out any) error {
	headers := map[string]string{}
	if key != "" {
		headers["Idempotency-Key"] = key
	}
	a, err := h.Try(http.MethodPost, api+path, body, headers)
	if err != nil {
		return err
	}
	return decode(a, "POST "+path, out)
}

func decode(a process.Answer, what string, out any) error {
	if a.Status >= 300 {
		return fmt.Errorf("%s: %d %s", what, a.Status, a.Body)
	}
	if out == nil {
		return nil
	}
	return unmarshal(a.Body, out)
}

// get reads a path of the API; the test fails when it is refused.
func (h *house) get(path string, out any) {
	h.t.Helper()
	h.Call(http.MethodGet, api+path, nil).Want(h.t, http.StatusOK).Into(h.t, out)
}

// The steps of the story. Each has a key of its own, so that a poster may repeat it.

// file files a suggestion: every second one is marked by external_id alone, the
// others carry the mark in source_url and rely on the key.
func (s *said) file(post poster) error {
	body := map[string]any{"text": s.text, "source": "story", "person": s.by.body()}
	key := ""
	if s.n%2 == 0 {
		body["external_id"] = s.mark()
	} else {
		body["source_url"] = "https://example.test/" + s.mark()
		key = "file-" + s.mark()
	}
	var filed struct{ ID string }
	err := post(key, "/suggestions", body, &filed)
	s.id = filed.ID
	return err
}

func (s *said) mark() string { return fmt.Sprintf("said-%03d", s.n) }

func (s *said) assign(post poster) error {
	return post("assign-"+s.mark(), "/suggestions/"+s.id+"/assign", map[string]any{"theme": s.of.theme}, nil)
}

func (tp *topic) make(post poster) error {
	var made struct{ ID string }
	err := post(tp.key("make"), "/themes", map[string]any{"title": "Team: " + tp.title.EN}, &made)
	tp.theme = made.ID
	return err
}

func (tp *topic) key(verb string) string { return fmt.Sprintf("%s-topic-%02d", verb, tp.n) }

func (tp *topic) confirm(post poster) error {
	return post(tp.key("confirm"), "/themes/"+tp.theme+"/confirm", map[string]any{"public_title": tp.title, "public": true}, nil)
}

func (tp *topic) follow(post poster) error {
	return post(tp.key("follow"), "/themes/"+tp.theme+"/votes", map[string]any{"person": tp.follower.body()}, nil)
}

// give gives the theme a status; reason may be zero.
func (tp *topic) give(post poster, status string, reason bilingual) error {
	body := map[string]any{"status": status}
	if reason != (bilingual{}) {
		body["reason"] = reason
	}
	return post(tp.key(status), "/themes/"+tp.theme+"/status", body, nil)
}

func (tp *topic) link(post poster) error {
	return post(tp.key("link"), "/themes/"+tp.theme+"/issues", map[string]any{"create": true}, nil)
}

// together does the same to all, with so many at a time; the errors are joined.
func together[T any](hands int, all []T, do func(T) error) error {
	errs := make([]error, hands)
	var next atomic.Int64
	var done sync.WaitGroup
	for hand := range hands {
		done.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(all) {
					return
				}
				if err := do(all[i]); err != nil {
					errs[hand] = errors.Join(errs[hand], err)
				}
			}
		})
	}
	done.Wait()
	return errors.Join(errs...)
}

// tell plays the story up to published themes.
func (s *story) tell(post poster) error {
	const hands = 4
	return errors.Join(
		together(hands, s.said(), func(x *said) error { return x.file(post) }),
		together(hands, s.topics, func(tp *topic) error { return tp.make(post) }),
		together(hands, s.said(), func(x *said) error { return x.assign(post) }),
		together(hands, s.topics, func(tp *topic) error { return errors.Join(tp.confirm(post), tp.follow(post)) }),
	)
}

// issue is an issue link as the API shows it.
type issue struct {
	ID, Repository, State, URL string
	Number                     int
	LastError                  string  `json:"last_error"`
	NotBefore                  *string `json:"not_before"`
}

func (h *house) issues(theme string) []issue {
	h.t.Helper()
	var list struct{ Issues []issue }
	h.get("/themes/"+theme+"/issues", &list)
	return list.Issues
}

// waitFor fails the test when what never comes true; what says what is awaited.
func waitFor(t *testing.T, what string, patience time.Duration, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// linked waits until the theme's one issue stands on GitHub. With press, it presses
// "Retry" meanwhile, as staff may: by itself Heed looks for an issue whose answer was
// lost for ten minutes before it asks again.
func (h *house) linked(tp *topic, press bool) issue {
	h.t.Helper()
	var got []issue
	pressed := time.Now()
	waitFor(h.t, "the issue of "+tp.title.EN+" is linked", 40*time.Second, func() bool {
		got = h.issues(tp.theme)
		if len(got) == 1 && got[0].State != "linked" && press && time.Since(pressed) > time.Second {
			pressed = time.Now()
			if err := h.once("", "/themes/"+tp.theme+"/issues/"+got[0].ID+"/repair", nil, nil); err != nil {
				h.t.Fatal(err)
			}
		}
		return len(got) == 1 && got[0].State == "linked"
	})
	return got[0]
}

func (h *house) status(theme string) string {
	h.t.Helper()
	var th struct{ Status string }
	h.get("/themes/"+theme, &th)
	return th.Status
}

// filed is a suggestion as the API lists it.
type filed struct {
	ID         string
	ExternalID string `json:"external_id"`
	SourceURL  string `json:"source_url"`
	Text       string
	Themes     []struct{ ID string }
}

// mark is what the story marked it with, in one place or the other.
func (f filed) mark() string {
	return f.ExternalID + strings.TrimPrefix(f.SourceURL, "https://example.test/")
}

// everySuggestion reads the whole list, page by page.
func (h *house) everySuggestion(query string) []filed {
	h.t.Helper()
	var all []filed
	for cursor := ""; ; {
		var page struct {
			Suggestions []filed
			Next        string `json:"next_cursor"`
		}
		h.get("/suggestions?limit=500&cursor="+url.QueryEscape(cursor)+query, &page)
		all = append(all, page.Suggestions...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// sound asks doctor, which must find every invariant kept.
func (h *house) sound() {
	h.t.Helper()
	out, said, code := h.TryCLI("", "doctor", "--json")
	var report struct {
		OK         bool
		Invariants []struct {
			Name   string
			Broken int
		}
	}
	if err := unmarshal([]byte(out), &report); err != nil || code != 0 || !report.OK || len(report.Invariants) < 10 {
		h.t.Errorf("doctor: exit code %d (%v)\n%s%s", code, err, out, said)
	}
	for _, i := range report.Invariants {
		if i.Broken != 0 {
			h.t.Errorf("doctor: %q is broken in %d rows", i.Name, i.Broken)
		}
	}
}
