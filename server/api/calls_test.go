package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/notifier/outbound"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

var (
	pia      = auth.Actor{Kind: models.ActorMember, ID: "mem_pia", Name: "Pia", Role: models.RolePM, Locale: "en"}
	filer    = auth.Actor{Kind: models.ActorAgent, ID: "tok_f", TokenID: "tok_f", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}, Locale: "en"}
	herald   = auth.Actor{Kind: models.ActorService, ID: "tok_h", TokenID: "tok_h", Scopes: []auth.Scope{auth.ScopeFollowupsSend}, Locale: "en"}
	somebody = auth.Actor{Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1", Email: "mei@example.com", Locale: "en"}
)

// desk is the API over a store of the test's own, without a socket.
type desk struct {
	Services
	t  *testing.T
	db *models.DB
	e  *echo.Echo
	by auth.Actor // who asks next
}

func newDesk(t *testing.T, stand *githubstand.Stand) *desk {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	catalog, err := i18n.Load()
	check(err)
	key := []byte("0123456789abcdef0123456789abcdef")
	d := &desk{t: t, db: modelstest.Open(t, modelstest.SQLiteURL(t), nil), e: echo.New(), by: pia}
	d.Catalog, d.Themes = catalog, themes.New(d.db, themes.Options{})
	d.Intake = intake.New(d.db, d.Themes, redact.New(redact.Options{Key: key}), "en")
	d.People = people.New(d.db, redact.New(redact.Options{Key: key}))
	d.Themes.UndoWith(models.PersonMerged, d.People.TakeBack)
	queue := jobs.New(d.db, "test", 1)
	renderer, err := notifier.NewRenderer(catalog, notifier.RenderOptions{From: mail.Address{Address: "heed@example.com"}, Product: "Heed", PublicURL: "http://heed.test"})
	check(err)
	d.Notifier = notifier.New(d.db, queue, auth.New(d.db, auth.Options{Key: key}), notifier.LedgerOptions{Renderer: renderer, From: "heed@example.com", PublicURL: "http://heed.test", Owner: "test"})
	d.Webhooks = webhooks.New(d.db, auth.New(d.db, auth.Options{Key: key}), webhooks.Options{Client: outbound.New(true), Catalog: catalog, PublicURL: "http://heed.test", Product: "Heed", Owner: "test"})
	o := issuesync.Options{Secret: key, File: func(context.Context, issuesync.Filing) (func(context.Context) (issuesync.Filed, error), error) {
		return nil, context.Canceled
	}}
	if stand != nil {
		o.APIURL, o.Token, o.WebhookSecret, o.Repository = stand.BaseURL, stand.BotToken, stand.WebhookSecret, "acme/roadmap"
	}
	d.Sync, err = issuesync.New(d.db, queue, d.Themes, o)
	check(err)
	d.Consider = d.consider // announcing as a whole would count inside of the Write
	group := d.e.Group(Prefix, func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			ctx := web.WithLocale(web.WithActor(r.Context(), d.by), i18n.EN)
			c.SetRequest(r.WithContext(WithRequest(ctx, r.Method+" "+r.URL.RequestURI(), body)))
			return next(c)
		}
	})
	Mount(d.e, group, d.Services)
	run, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { d.Themes.Run(run); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	for d.Themes.Warming() {
		time.Sleep(time.Millisecond)
	}
	return d
}

// consider counts the audience, which no Write may wait for.
func (d *desk) consider(ctx context.Context, a auth.Actor, theme string, c themes.StatusChange, exact bool) (out Announced, err error) {
	count := d.Notifier.Estimate
	if exact {
		count = d.Notifier.Preview
	}
	if out.Theme, err = d.Themes.TryStatus(ctx, a, theme, c); err == nil {
		out.Audience, err = count(ctx, a, out.Theme.ID, c.Reason, c.Notify)
	}
	return out, err
}

// call asks as by; key may be "".
func (d *desk) call(by auth.Actor, method, path, key, body string) *httptest.ResponseRecorder {
	d.t.Helper()
	d.by = by
	r := httptest.NewRequest(method, Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	d.e.ServeHTTP(w, r)
	return w
}

// want checks the status of an answer and gives its body.
func want(t *testing.T, w *httptest.ResponseRecorder, status int) string {
	t.Helper()
	if w.Code != status {
		t.Fatalf("%d, want %d: %s", w.Code, status, w.Body)
	}
	return w.Body.String()
}

func (d *desk) theme(title string, public bool) *models.Theme {
	d.t.Helper()
	th, err := d.Themes.Create(d.t.Context(), pia, themes.Draft{Title: &title})
	if err == nil && public {
		th, _, err = d.Themes.Confirm(d.t.Context(), pia, th.ID, models.Text{EN: title}, &public)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return th
}

func TestPeopleHaveThePortal(t *testing.T) {
	d := newDesk(t, nil)
	d.theme("Seen by all", true)
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/themes", ""}, {"GET", "/similar?text=seen", ""}, {"POST", "/suggestions", `{"text":"x","source":"zendesk","external_id":"1"}`},
	} {
		w := d.call(somebody, c.method, c.path, "", c.body)
		body := want(t, w, http.StatusForbidden)
		if !strings.Contains(body, `"team_only"`) || strings.Contains(body, "Seen") || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %s %s", c.method, c.path, w.Header().Get("Content-Type"), body)
		}
	}
	var n int64
	d.db.Read(t.Context()).Model(&models.Suggestion{}).Count(&n)
	if n != 0 {
		t.Errorf("%d suggestions were filed", n)
	}
	want(t, d.call(filer, "POST", "/suggestions", "", `{"text":"x","source":"zendesk","external_id":"1"}`), http.StatusCreated)
	want(t, d.call(pia, "GET", "/themes", "", ""), http.StatusOK)
}

func TestWhoMayNotReadIsToldNoPrivateTitle(t *testing.T) {
	d := newDesk(t, nil)
	const private = "Her own unpublished words"
	th, open := d.theme(private, false), d.theme("Seen by all", true)
	f, err := d.Intake.File(t.Context(), pia, intake.Submission{Text: "something else entirely"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Themes.Assign(t.Context(), pia, []string{f.Suggestion.ID}, themes.Assignment{Theme: th.ID}); err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a proposal": d.call(filer, "POST", "/suggestions/"+f.Suggestion.ID+"/decision", "", `{"same":"`+th.ID+`"}`),
		"a dry run":  d.call(herald, "POST", "/themes/"+th.ID+"/status?dry_run=true", "", `{"status":"planned"}`),
		"a status":   d.call(herald, "POST", "/themes/"+th.ID+"/status", "k", `{"status":"planned"}`),
	} {
		body := want(t, w, http.StatusOK)
		if !strings.Contains(body, th.ID) || strings.Contains(body, private) {
			t.Errorf("%s: %s", name, body)
		}
	}
	if body := want(t, d.call(herald, "POST", "/themes/"+open.ID+"/status?dry_run=true", "", `{"status":"planned"}`), 200); !strings.Contains(body, "Seen by all") {
		t.Errorf("a published title is kept back: %s", body)
	}
	if body := want(t, d.call(pia, "POST", "/suggestions/"+f.Suggestion.ID+"/decision", "", `{"same":"`+th.ID+`"}`), 200); !strings.Contains(body, private) {
		t.Errorf("staff does not see it: %s", body)
	}
}

func TestAStatusIsGivenOnceAndItsAnswerStays(t *testing.T) {
	d := newDesk(t, nil)
	th, other := d.theme("Larger text", true), d.theme("Readable text", true)
	path, body := "/themes/"+th.ID+"/status", `{"status":"planned"}`
	if said := want(t, d.call(pia, "POST", path+"?dry_run=true", "dry", body), 200); !strings.Contains(said, `"activity":""`) {
		t.Errorf("a dry run: %s", said)
	}
	if now, err := d.Themes.Get(t.Context(), pia, th.ID); err != nil || now.Status == models.StatusPlanned {
		t.Errorf("a dry run gave the status: %v", err)
	}
	first := want(t, d.call(pia, "POST", path, "k", body), 200)
	var told announced
	if err := json.Unmarshal([]byte(first), &told); err != nil || told.Activity == "" || told.Theme.Status != models.StatusPlanned {
		t.Errorf("announced: %s (%v)", first, err)
	}
	if _, _, err := d.Themes.Merge(t.Context(), pia, th.ID, other.ID); err != nil {
		t.Fatal(err)
	}
	again := d.call(pia, "POST", path, "k", body)
	if got := want(t, again, 200); got != first || again.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %s, want %s", got, first)
	}
	want(t, d.call(pia, "POST", path, "another", body), http.StatusConflict)
}

// GitHub is slow, and everybody else writes all the same.
func TestNobodyWaitsForGitHub(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	d := newDesk(t, stand)
	th := d.theme("Tied", true)
	is, err := stand.CreateIssue(t.Context(), "acme/roadmap", "Written by a person", "")
	if err != nil {
		t.Fatal(err)
	}
	path, body := "/themes/"+th.ID+"/issues", `{"url":"`+is.HTMLURL+`"}`
	const late = 900 * time.Millisecond
	stand.Fail(githubstand.Fault{Path: regexp.MustCompile(`/issues/\d+$`), Kind: githubstand.Delay, Delay: late, Count: -1})
	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() { answer <- d.call(pia, "POST", path, "k", body) }()
	var w *httptest.ResponseRecorder
	for writes := 0; w == nil; writes++ {
		began := time.Now()
		if err := d.db.Write(t.Context(), func(context.Context, *gorm.DB) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > late/2 {
			t.Errorf("write %d waited %v for GitHub", writes, took)
		}
		select {
		case w = <-answer:
		case <-time.After(late / 20):
		}
	}
	stand.ClearFaults()
	first := want(t, w, http.StatusCreated)
	if !strings.Contains(first, is.HTMLURL) {
		t.Errorf("tied: %s", first)
	}
	asked := len(stand.Requests())
	stand.Fail(githubstand.Fault{Kind: githubstand.HTML502, Count: -1})
	if again := want(t, d.call(pia, "POST", path, "k", body), http.StatusCreated); again != first || len(stand.Requests()) != asked {
		t.Errorf("again: %s; GitHub was asked %d times more", again, len(stand.Requests())-asked)
	}
	for _, both := range []string{`{}`, `{"create":true,"url":"` + is.HTMLURL + `"}`} {
		want(t, d.call(pia, "POST", path, "", both), http.StatusUnprocessableEntity)
	}
}
