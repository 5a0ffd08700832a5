package issuesync

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// byApp has the world show an App's key instead of a token.
func byApp(stand *githubstand.Stand) func(*Options) {
	return func(o *Options) { o.Token, o.AppID, o.PrivateKey = "", stand.AppID, []byte(stand.AppKey) }
}

// identity is a way to show GitHub who we are.
type identity struct {
	name, login string
	change      func(*Options)
}

func bothWays(stand *githubstand.Stand) []identity {
	return []identity{{"by token", stand.BotLogin, func(*Options) {}}, {"by App", "heed[bot]", byApp(stand)}}
}

// shown reports whether the request showed what it had to: the token, or in an App's world
// the App's own signature for its affairs and an installation's token for all else.
func (w *world) shown(r githubstand.Request) bool {
	switch {
	case w.opts.AppID == 0:
		return r.Token == w.opts.Token
	case ofTheApp.MatchString(r.Path):
		return anyJWT.MatchString(r.Token)
	}
	return strings.HasPrefix(r.Token, "ghs_")
}

var (
	ofTheApp  = regexp.MustCompile(`^/app(/|$)|/installation$`)
	getsToken = regexp.MustCompile(`^/app/installations/\d+/access_tokens$`)
	anIssue   = regexp.MustCompile(`/issues/\d+$`)
)

// tokensTaken counts the installation tokens that were asked for.
func tokensTaken(stand *githubstand.Stand) (n int) {
	for _, r := range stand.Requests() {
		if getsToken.MatchString(r.Path) {
			n++
		}
	}
	return n
}

func TestAnAppLooksForItsIssueAndReadsIt(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := newWorld(t, sqlite(t), stand, byApp(stand), ship)
	stand.Fail(githubstand.Fault{Method: "POST", Path: createPath, Kind: githubstand.DropAfter})
	th, l := w.linked("Made by an App")
	if got := w.issues("Made by an App"); len(got) != 1 || got[0].ID != l.IssueID || got[0].User.Login != "heed[bot]" {
		t.Errorf("the answer was lost; there are %+v, and the link is to %d", got, l.IssueID)
	}
	w.close(l, "completed")
	w.pull(l)
	if now := w.themeNow(th); now.Status != models.StatusShipped {
		t.Errorf("the issue was closed, the theme is %s", now.Status)
	}
	for _, r := range stand.Requests() {
		if !w.shown(r) {
			t.Errorf("%s %s went out with %q", r.Method, r.Path, r.Token)
		}
	}
	if n := tokensTaken(stand); n != 1 {
		t.Errorf("%d tokens were taken, one lasts an hour", n)
	}
}

func TestAnAppWithoutARepositoryFindsItsOnlyInstallation(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, byApp(stand), func(o *Options) { o.Repository = "" })
	if repo, err := w.api.repository(t.Context(), "acme/secret"); err != nil || !repo.private {
		t.Errorf("%+v, %v", repo, err)
	}
}

func TestARefusedInstallationTokenIsReplacedOnce(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, byApp(stand))
	_, l := w.linked("Refused for a moment")
	read := func() error {
		_, err := w.api.issue(t.Context(), l.RepositoryID, l.Repository, l.Number)
		return err
	}
	stand.ResetLog()
	stand.Fail(githubstand.Fault{Path: anIssue, Kind: githubstand.Unauthorized})
	if err := read(); err != nil || tokensTaken(stand) != 1 {
		t.Errorf("after one 401: %v, %d tokens taken, want one", err, tokensTaken(stand))
	}
	title := "Changed with a second token"
	stand.Fail(githubstand.Fault{Method: "PATCH", Path: anIssue, Kind: githubstand.Unauthorized})
	if is, err := w.api.edit(t.Context(), &l, edit{Title: &title}); err != nil || is.title != title {
		t.Errorf("an edit after one 401: %q, %v", is.title, err)
	}
	stand.ResetLog()
	stand.Fail(githubstand.Fault{Path: anIssue, Kind: githubstand.Unauthorized, Count: 2})
	err := read()
	if tr := asTrouble(err); tr == nil || tr.end != refused || tr.code() != codeToken || tokensTaken(stand) != 1 {
		t.Errorf("after two: %v, %d tokens taken, want a refusal and one", err, tokensTaken(stand))
	}
	if err := read(); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestAnInstallationTokenIsRenewedBeforeItsEnd(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, byApp(stand))
	who := w.api.via.who.(*installation)
	first := must[string](t)(who.bearer(t.Context()))
	ends := who.held.Load().until
	for left, same := range map[time.Duration]bool{early + time.Minute: true, early - time.Minute: false} {
		who.held.Store(&grant{token: first, until: ends})
		who.app.via.ahead = time.Until(ends) - left // as if so much time had passed
		if next := must[string](t)(who.bearer(t.Context())); (next == first) != same {
			t.Errorf("%s before its end the same token is shown: %v", left, next == first)
		}
	}
}

// What keeps the App from its token says nothing about what was asked for: no issue is taken
// for gone, and no request for one that may have been carried out.
func TestTroubleOverATokenIsNotTroubleOfTheRequest(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	finds := regexp.MustCompile(`/installation$`)
	for _, c := range []struct {
		name  string
		fault githubstand.Fault
		end   end
		code  string
		says  string
	}{
		{"not installed", githubstand.Fault{Path: finds, Kind: githubstand.Status, Status: 404, Message: "Not Found"}, refused, codeToken, "the App's installation for acme/roadmap: 404 Not Found"},
		{"suspended", githubstand.Fault{Path: getsToken, Kind: githubstand.Status, Status: 403, Message: "This installation has been suspended", DocURL: "https://docs.github.com/rest"}, refused, codeToken,
			"the App got no token: 403 This installation has been suspended"},
		{"another key", githubstand.Fault{Path: finds, Kind: githubstand.Unauthorized, Count: 2}, refused, codeToken, "the App's installation for acme/roadmap: 401 Bad credentials"},
		{"the answer is lost", githubstand.Fault{Path: getsToken, Kind: githubstand.DropAfter}, unsent, codeUnreachable, "the App got no token: "},
		{"a broken answer", githubstand.Fault{Path: getsToken, Kind: githubstand.CutJSON}, unsent, codeUnreachable, cutShort},
		{"GitHub is down", githubstand.Fault{Path: getsToken, Kind: githubstand.HTML502}, unsent, codeUnreachable, "502 Bad Gateway"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stand.ClearFaults()
			stand.Fail(c.fault)
			w := newWorld(t, sqlite(t), stand, byApp(stand))
			_, err := w.api.create(t.Context(), roadmap, c.name, "", nil)
			tr := asTrouble(err)
			if tr == nil || tr.end != c.end || tr.code() != c.code || tr.vanished() || !strings.Contains(tr.detail(), c.says) {
				t.Errorf("%+v", tr)
			}
			if tr != nil && tr.end == refused && !tr.mends() {
				t.Error("it is not tried again by itself")
			}
			if got := w.issues(c.name); len(got) != 0 {
				t.Errorf("%d issues were made", len(got))
			}
		})
	}
}

func TestALimitOfTheAppDoesNotSilenceItsInstallation(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, byApp(stand), func(o *Options) { o.Pace.LimitBase = time.Hour })
	must[repository](t)(w.api.repository(t.Context(), roadmap))
	stand.Fail(githubstand.Fault{Path: regexp.MustCompile(`^/app$`), Kind: githubstand.Status, Status: 429})
	for range 2 { // the second does not ask
		if _, err := w.api.bot(t.Context()); asTrouble(err) == nil || asTrouble(err).end != limited {
			t.Errorf("who are we? %v", err)
		}
	}
	if _, err := w.api.repository(t.Context(), roadmap); err != nil {
		t.Errorf("with the installation's token: %v", err)
	}
}

func TestAClockThatIsWrongDoesNotKeepTheAppOut(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, byApp(stand))
	self := w.api.app.via.who.(*appSelf)
	slow := func() time.Time { return w.db.Now().Add(-time.Hour) }
	w.api.via.now, w.api.app.via.now = slow, slow
	if login, err := w.api.bot(t.Context()); err != nil || login != "heed[bot]" {
		t.Errorf("an hour late: %q, %v", login, err)
	}
	if off := time.Since(self.now()); off.Abs() > time.Minute {
		t.Errorf("GitHub's time is known to %s", off)
	}
}

// pemOf is a key as PEM.
func pemOf(t *testing.T, kind string, bits int, encode func(*rsa.PrivateKey) ([]byte, error)) []byte {
	t.Helper()
	der := must[[]byte](t)(encode(must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, bits))))
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs1(k *rsa.PrivateKey) ([]byte, error) { return x509.MarshalPKCS1PrivateKey(k), nil }

func pkcs8(k *rsa.PrivateKey) ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k) }

func public(k *rsa.PrivateKey) ([]byte, error) { return x509.MarshalPKIXPublicKey(&k.PublicKey) }

func TestOnlyAWholeAppIsTaken(t *testing.T) {
	good := pemOf(t, "RSA PRIVATE KEY", 2048, pkcs1)
	for name, c := range map[string]struct {
		o    Options
		want string // the option that the error begins with, "" for none
	}{
		"as GitHub gives it":  {Options{AppID: 7, PrivateKey: good}, ""},
		"as OpenSSL gives it": {Options{AppID: 7, PrivateKey: pemOf(t, "PRIVATE KEY", 2048, pkcs8)}, ""},
		"neither":             {Options{Token: "t"}, ""},
		"a token as well":     {Options{AppID: 7, PrivateKey: good, Token: "t"}, "github.token"},
		"no key":              {Options{AppID: 7}, "github.private_key_file"},
		"no id":               {Options{PrivateKey: good}, "github.app_id"},
		"no PEM":              {Options{AppID: 7, PrivateKey: []byte("secret words")}, "github.private_key_file"},
		"a public key":        {Options{AppID: 7, PrivateKey: pemOf(t, "PUBLIC KEY", 2048, public)}, "github.private_key_file"},
		"cut":                 {Options{AppID: 7, PrivateKey: good[:len(good)/2]}, "github.private_key_file"},
		"too short":           {Options{AppID: 7, PrivateKey: pemOf(t, "RSA PRIVATE KEY", 1024, pkcs1)}, "github.private_key_file"},
	} {
		key, err := appKey(c.o)
		if (key != nil) != (c.want == "" && c.o.AppID != 0) || (err != nil) != (c.want != "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", name, key != nil, err, c.want)
		}
	}
	if _, err := New(nil, nil, nil, Options{AppID: 7, PrivateKey: []byte("secret words")}); err == nil || strings.Contains(err.Error(), "secret words") {
		t.Errorf("New says %v", err)
	}
}

// echo is a GitHub that repeats what it was shown wherever it can, and leads elsewhere.
func echo(t *testing.T, elsewhere string) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		shown := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case strings.HasSuffix(r.URL.Path, "/installation"):
			fmt.Fprint(rw, `{"id":77}`)
		case getsToken.MatchString(r.URL.Path):
			rw.WriteHeader(http.StatusCreated)
			fmt.Fprintf(rw, `{"token":"v1.anoldform","expires_at":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))
		case r.URL.Path == "/repos/acme/away":
			http.Redirect(rw, r, elsewhere, http.StatusFound)
		default:
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(rw, `{"message":"%s %s may not do this"}`, strings.Repeat("long ", 57), shown)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestNeitherKeyNorTokensOfAnAppAreTold(t *testing.T) {
	logged := captureLog(t)
	var elsewhere string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere += r.Header.Get("Authorization") }))
	defer other.Close()
	gitHub := echo(t, other.URL)
	key := pemOf(t, "RSA PRIVATE KEY", 2048, pkcs1)
	w := newWorld(t, sqlite(t), nil, func(o *Options) { o.APIURL, o.Token, o.AppID, o.PrivateKey = gitHub.URL, "", 7, key })
	var told []string
	for _, ask := range []func() error{
		func() error { _, err := w.api.repository(t.Context(), roadmap); return err },
		func() error { _, err := w.api.repository(t.Context(), "acme/away"); return err },
		func() error { _, err := w.api.bot(t.Context()); return err },
		func() error {
			_, err := w.api.app.do(t.Context(), http.MethodGet, "app", nil, new(github.App))
			return err
		},
	} {
		err := ask()
		if err == nil {
			t.Error("it was not refused")
			continue
		}
		told = append(told, err.Error())
	}
	if elsewhere != "" {
		t.Errorf("another host was sent %q", elsewhere)
	}
	th := w.theme("Refused")
	stop := w.start()
	l := w.waitFor(w.create(th).ID, models.LinkHeld)
	stop()
	told = append(told, l.LastError, logged())
	inKey := string(key[64:128])
	for _, text := range told {
		for _, secret := range []string{"v1.anol", "eyJ", inKey} { // also where the text was cut
			if strings.Contains(text, secret) {
				t.Errorf("%q is told: %s", secret, text)
			}
		}
	}
}
