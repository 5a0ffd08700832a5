package server_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/app/devmail"
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
	"github.com/heedhq/heed/server"
	"github.com/heedhq/heed/server/api"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

var ctx = context.Background()

// ana is a product manager who acts behind the pages' back.
var ana = auth.Actor{Kind: models.ActorMember, ID: "mem_ana", Name: "Ana", Role: models.RolePM, Locale: "en"}

// rig is the whole server over a store of the test's own, without a socket.
type rig struct {
	t        testing.TB
	db       *models.DB
	auth     *auth.Auth
	themes   *themes.Themes
	intake   *intake.Intake
	people   *people.People
	notifier *notifier.Notifier
	webhooks *webhooks.Hooks
	queue    *jobs.Queue
	handler  http.Handler
	box      *devmail.Box

	mu    sync.Mutex
	codes map[string]string // the last code mailed, by address
}

func newRig(t testing.TB) *rig { return newRigWith(t, nil, nil) }

// newRigWith is a rig whose site or mail is not the usual one; nil is.
func newRigWith(t testing.TB, site func(*server.Options), post func(*notifier.LedgerOptions)) *rig {
	t.Helper()
	r := &rig{t: t, codes: map[string]string{}}
	r.db = modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	catalog := must(i18n.Load())(t)
	key := []byte("0123456789abcdef0123456789abcdef")
	isSecret := func(s string) bool { return r.intake.Unsaid(s) != s }
	r.auth = auth.New(r.db, auth.Options{Key: key, IsSecret: isSecret, SendCode: func(_ context.Context, _ *gorm.DB, email, _, code string) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.codes[email] = code
		return nil
	}})
	masks := redact.New(redact.Options{Key: key})
	r.themes = themes.New(r.db, themes.Options{Remeasure: -1, Wait: 5 * time.Second, Mask: masks.Clean, Unfit: masks.Unfit, IsSecret: isSecret}) // measured every time
	r.intake = intake.New(r.db, r.themes, masks, "en")
	r.people = people.New(r.db, masks)
	r.themes.UndoWith(models.PersonMerged, r.people.TakeBack)
	queue := jobs.New(r.db, "test", 1)
	renderer := must(notifier.NewRenderer(catalog, notifier.RenderOptions{From: mail.Address{Name: "Heed", Address: "heed@example.com"}, Product: "Heed", PublicURL: "http://heed.test"}))(t)
	ledger := notifier.LedgerOptions{Renderer: renderer, From: "heed@example.com", PublicURL: "http://heed.test", Owner: "test"}
	if post != nil {
		post(&ledger)
	}
	r.webhooks = webhooks.New(r.db, r.auth, webhooks.Options{Client: outbound.New(true), Catalog: catalog, PublicURL: "http://heed.test", Product: "Heed", Owner: "test"})
	r.notifier = notifier.New(r.db, queue, r.auth, ledger)
	r.themes.UndoWith(models.FollowUpTold, r.notifier.TakeBackTold)
	r.queue = queue
	links := must(issuesync.New(r.db, queue, r.themes, issuesync.Options{Secret: key, Repository: "acme/web"}))(t)
	r.box = must(devmail.Start())(t)
	t.Cleanup(func() { r.box.Close() })
	both := &app.App{DB: r.db, Intake: r.intake, Themes: r.themes, Notifier: r.notifier}
	o := server.Options{PublicURL: "http://heed.test", DefaultLocale: i18n.EN, DB: r.db, Auth: r.auth, Metrics: server.NewMetrics(),
		UI: must(ui.New(catalog, ui.Options{}))(t), Product: "Heed", Settle: 5 * time.Minute, Mail: r.box, Demo: true,
		API: api.Services{Intake: r.intake, Themes: r.themes, Notifier: r.notifier, Webhooks: r.webhooks, People: r.people, Sync: links, Catalog: catalog, Announce: both.Announce, Consider: both.Consider,
			WriteUpdate: both.WriteUpdate, Ship: both.Ship, Solved: both.Solved, Solve: both.Solve, Meant: both.Meant, NotMeant: both.NotMeant}}
	if site != nil {
		site(&o)
	}
	r.handler = server.New(o).Handler()
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { r.themes.Run(run); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	for r.themes.Warming() {
		time.Sleep(time.Millisecond)
	}
	return r
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// file stores a suggestion as an integration would.
func (r *rig) file(text, email string) intake.Filed {
	r.t.Helper()
	s := intake.Submission{Text: text}
	if email != "" {
		s.Person = &intake.PersonInput{Email: email, Name: strings.Split(email, "@")[0]}
	}
	return must(r.intake.File(ctx, ana, s))(r.t)
}

// theme makes a published theme.
func (r *rig) theme(en, zh, text string) *models.Theme {
	r.t.Helper()
	yes, body := true, models.Text{EN: text}
	th := must(r.themes.Create(ctx, ana, themes.Draft{Title: &en, PublicText: &body}))(r.t)
	th, _, err := r.themes.Confirm(ctx, ana, th.ID, models.Text{EN: en, ZH: zh}, &yes)
	return must(th, err)(r.t)
}

func (r *rig) assign(theme string, suggestions ...string) string {
	r.t.Helper()
	act, _, err := r.themes.Assign(ctx, ana, suggestions, themes.Assignment{Theme: theme})
	return must(act, err)(r.t)
}

// browser keeps cookies, as browsers do.
type browser struct {
	r       *rig
	cookies map[string]string
	// accept is the Accept header; empty means a page.
	accept string
	header http.Header
}

func (r *rig) visitor() *browser { return &browser{r: r, cookies: map[string]string{}} }

// signedIn is a browser in which the address signed in by code.
func (r *rig) signedIn(email string) *browser {
	r.t.Helper()
	b := r.visitor()
	b.post("/sign-in", "email", email).want(http.StatusSeeOther)
	r.mu.Lock()
	code := r.codes[strings.ToLower(email)]
	r.mu.Unlock()
	b.post("/sign-in/code", "code", code).want(http.StatusSeeOther)
	return b
}

// member is a browser of a member with that role.
func (r *rig) member(role models.Role) *browser {
	r.t.Helper()
	email := string(role) + "@team.example"
	must(r.auth.AddMember(ctx, email, role, "Ana"))(r.t)
	return r.signedIn(email)
}

func (b *browser) in(locale string) *browser { b.cookies["heed_locale"] = locale; return b }

func (b *browser) get(path string) *page { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, pairs ...string) *page {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) *page {
	b.r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "text/html")
	if b.accept != "" {
		req.Header.Set("Accept", b.accept)
	}
	for name, values := range b.header {
		req.Header[name] = values
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	b.r.handler.ServeHTTP(rec, req)
	for _, ck := range rec.Result().Cookies() {
		if ck.MaxAge < 0 {
			delete(b.cookies, ck.Name)
		} else {
			b.cookies[ck.Name] = ck.Value
		}
	}
	return &page{t: b.r.t, what: method + " " + path, code: rec.Code, header: rec.Header(), body: rec.Body.String()}
}

// page is an answer.
type page struct {
	t      testing.TB
	what   string
	code   int
	header http.Header
	body   string
}

func (p *page) want(code int) *page {
	p.t.Helper()
	if p.code != code {
		p.t.Fatalf("%s: %d, want %d\n%s", p.what, p.code, code, short(p.body))
	}
	return p
}

func (p *page) to(location string) *page {
	p.t.Helper()
	p.want(http.StatusSeeOther)
	if got := p.header.Get("Location"); got != location {
		p.t.Fatalf("%s leads to %q, want %q", p.what, got, location)
	}
	return p
}

func (p *page) says(texts ...string) *page {
	p.t.Helper()
	for _, s := range texts {
		if !strings.Contains(p.body, s) {
			p.t.Errorf("%s does not say %q\n%s", p.what, s, short(p.body))
		}
	}
	return p
}

func (p *page) hides(texts ...string) *page {
	p.t.Helper()
	for _, s := range texts {
		if strings.Contains(p.body, s) {
			p.t.Errorf("%s says %q", p.what, s)
		}
	}
	return p
}

func short(s string) string {
	if i := strings.Index(s, "<main"); i >= 0 {
		s = s[i:]
	}
	if len(s) > 3000 {
		return s[:3000] + "…"
	}
	return s
}

var moreLink = regexp.MustCompile(`<p class="more"><a [^>]*href="([^"]+)"`)

// hrefOf is where "Load 50 more" leads.
func hrefOf(t testing.TB, body string) string {
	t.Helper()
	found := moreLink.FindStringSubmatch(body)
	if found == nil {
		t.Fatal("no link to more")
	}
	return html.UnescapeString(found[1])
}
