package issuesync

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-github/v60/github"
)

// credentials are what a transport's requests show GitHub.
type credentials interface {
	// bearer is the token to show. Its error is a trouble, or the caller's own ended context.
	bearer(ctx context.Context) (string, error)
	// renew reports whether there may be a better token than the refused one.
	renew(refused string) bool
	// hide takes the tokens out of a text, whoever put them there.
	hide(text string) string
}

// masked stands where a token stood.
const masked = "···"

// personal is a token that somebody made by hand: there is no other.
type personal string

func (p personal) bearer(context.Context) (string, error) { return string(p), nil }

func (p personal) renew(string) bool { return false }

func (p personal) hide(text string) string { return without(text, string(p)) }

func without(text, token string) string {
	if token == "" {
		return text
	}
	return strings.ReplaceAll(text, token, masked)
}

// appSelf is what the App shows when it asks in its own name: a JWT of its key, each time
// a new one.
type appSelf struct {
	app int64
	key *rsa.PrivateKey
	now func() time.Time // by GitHub's clock, as far as it is known
}

// bearer stays well within the ten minutes that GitHub lets a JWT live, with a minute for
// clocks that differ.
func (s *appSelf) bearer(context.Context) (string, error) {
	now := s.now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{Issuer: strconv.FormatInt(s.app, 10),
		IssuedAt: jwt.NewNumericDate(now.Add(-time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(5 * time.Minute))}).SignedString(s.key)
	if err != nil {
		return "", &trouble{end: unsent, message: "the App's key does not sign"}
	}
	return token, nil
}

// renew: our clock may have been wrong, and the refusal told the right time.
func (s *appSelf) renew(string) bool { return true }

var anyJWT = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*`)

func (s *appSelf) hide(text string) string { return anyJWT.ReplaceAllString(text, masked) }

// early is how long before its end a token is no longer shown: a request may take its time.
const early = 5 * time.Minute

// installation is the App where it is installed: it shows tokens that GitHub gives for an hour.
type installation struct {
	app        *api          // asks in the App's own name
	repository string        // tells which installation is meant; "" is the only one
	pulls      bool          // pull requests are read, too
	releases   bool          // they are to be read, where the App may read contents
	id         int64         // or says it
	turn       chan struct{} // one asks for a token, the others wait for it
	held       atomic.Pointer[grant]
}

// grant is a token, and the one before it, which late answers may still name.
type grant struct {
	token, former string
	until         time.Time // by GitHub's clock
	refused       bool
}

func (i *installation) bearer(ctx context.Context) (string, error) {
	if g := i.valid(); g != nil {
		return g.token, nil
	}
	select {
	case i.turn <- struct{}{}:
		defer func() { <-i.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if g := i.valid(); g != nil {
		return g.token, nil
	}
	return i.ask(ctx)
}

// valid is the token at hand, nil when a new one is needed.
func (i *installation) valid() *grant {
	g := i.held.Load()
	if g == nil || g.refused || !i.app.via.gitHubNow().Before(g.until.Add(-early)) {
		return nil
	}
	return g
}

func (i *installation) renew(refused string) bool {
	if g := i.held.Load(); g != nil && g.token == refused {
		bad := *g
		bad.refused = true
		i.held.CompareAndSwap(g, &bad) // else another request has had it replaced
	}
	return true
}

func (i *installation) hide(text string) string {
	if g := i.held.Load(); g != nil {
		text = without(without(text, g.token), g.former)
	}
	return i.app.via.who.hide(text)
}

// ask has GitHub make a token that may do no more than we do.
func (i *installation) ask(ctx context.Context) (string, error) {
	in, err := i.find(ctx)
	if err != nil {
		return "", err
	}
	may := map[string]string{"issues": "write", "metadata": "read"}
	has := in.GetPermissions() // GitHub refuses what the App does not have
	if i.pulls && has.GetPullRequests() != "" {
		may["pull_requests"] = "read"
	}
	if i.releases && has.GetContents() != "" {
		may["contents"] = "read"
	}
	var t github.InstallationToken
	if _, err := i.app.do(ctx, http.MethodPost, fmt.Sprintf("app/installations/%d/access_tokens", in.GetID()), map[string]any{"permissions": may}, &t); err != nil {
		return "", unknown(err, "the App got no token")
	}
	if t.GetToken() == "" || t.GetExpiresAt().IsZero() {
		return "", &trouble{end: unsent, message: cutShort}
	}
	g := &grant{token: t.GetToken(), until: t.GetExpiresAt().Time}
	if old := i.held.Load(); old != nil {
		g.former = old.token
	}
	i.held.Store(g)
	return g.token, nil
}

// find looks the installation up each time: it changes its id when somebody installs the App
// again.
func (i *installation) find(ctx context.Context) (*github.Installation, error) {
	if i.id != 0 {
		var in github.Installation
		if _, err := i.app.do(ctx, http.MethodGet, fmt.Sprintf("app/installations/%d", i.id), nil, &in); err != nil {
			return nil, unknown(err, "the App's installation")
		}
		return &in, nil
	}
	if i.repository != "" {
		var in github.Installation
		if _, err := i.app.do(ctx, http.MethodGet, "repos/"+i.repository+"/installation", nil, &in); err != nil {
			return nil, unknown(err, "the App's installation for "+i.repository)
		}
		if in.GetID() == 0 {
			return nil, &trouble{end: unsent, message: cutShort}
		}
		return &in, nil
	}
	var all []*github.Installation
	if _, err := i.app.do(ctx, http.MethodGet, "app/installations?per_page=2", nil, &all); err != nil {
		return nil, unknown(err, "the App's installations")
	}
	switch len(all) {
	case 0:
		return nil, &trouble{end: refused, signIn: true, message: "the App is not installed anywhere"}
	case 1:
		return all[0], nil
	}
	return nil, &trouble{end: refused, signIn: true, message: "the App is installed more than once, and github.repository does not say which is meant"}
}

// unknown is what the trouble of such a request means to one that was to follow it, and did
// not leave: its refusal says nothing about what that one wanted, only that we are not let in.
func unknown(err error, what string) error {
	t := asTrouble(err)
	switch {
	case t == nil || t.end == limited:
		return err
	case t.end == refused:
		return &trouble{end: refused, signIn: true, message: what + ": " + t.detail()}
	}
	return &trouble{end: unsent, message: what + ": " + t.detail()}
}

// ownLogin asks GitHub under which login it shows what we write.
func (a *api) ownLogin(ctx context.Context) (string, error) {
	if a.app == nil {
		var u github.User
		_, err := a.do(ctx, http.MethodGet, "user", nil, &u)
		return u.GetLogin(), err
	}
	var app github.App
	if _, err := a.app.do(ctx, http.MethodGet, "app", nil, &app); err != nil {
		return "", unknown(err, "the App")
	}
	if app.GetSlug() == "" {
		return "", nil
	}
	return app.GetSlug() + "[bot]", nil
}

// asApp is the api of an App's installation. The App's own requests have a transport of their
// own: GitHub counts them, and asks for pauses, apart.
func asApp(connect func(credentials) *api, o Options, key *rsa.PrivateKey) *api {
	self := &appSelf{app: o.AppID, key: key}
	app := connect(self)
	self.now = app.via.gitHubNow
	a := connect(&installation{app: app, repository: o.Repository, pulls: o.OnMerged != "", releases: o.Releases, turn: make(chan struct{}, 1)})
	a.app = app
	return a
}

// appKey is the App's key, nil where a token is used or nothing. Errors name the option.
func appKey(o Options) (*rsa.PrivateKey, error) {
	switch {
	case o.AppID == 0 && len(o.PrivateKey) == 0:
		return nil, nil
	case o.Token != "":
		return nil, errors.New("github.token stands beside github.app_id: leave one of them empty")
	case o.AppID <= 0:
		return nil, errors.New("github.app_id is missing beside github.private_key_file: GitHub shows the number on the App's page")
	case len(o.PrivateKey) == 0:
		return nil, errors.New("github.private_key_file is missing beside github.app_id: GitHub makes the key on the App's page")
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(o.PrivateKey)
	if err != nil || key.N.BitLen() < 2048 {
		return nil, errors.New("github.private_key_file: it is no PEM file of an RSA private key; make a new one on the App's page")
	}
	return key, nil
}
