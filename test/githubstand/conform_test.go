//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-github/v60/github"
)

// row is one thing that GitHub does by its documentation, and whether the stand does.
type row struct {
	name    string
	differs string // why the stand does otherwise; "" where it is like GitHub
	check   func(c *caller) error
}

// group is the rows of one subject. Rows do not rely on each other.
type group struct {
	name string
	rows []row
}

// A stand that drifts from GitHub would let tests pass that GitHub would fail. The table
// says how far it can be trusted, and is true in both directions: what was like GitHub has
// to stay so, and what has become so must not be listed as different any more.
func TestHowMuchOfGitHubTheStandIs(t *testing.T) {
	s := StartT(t, Options{App: true, Unjudged: true}) // half of the rows are there to be refused
	c := newCaller(t, s)
	var table strings.Builder
	like, all := 0, 0
	for _, g := range []group{{"repositories", repositoryRows}, {"labels and milestones", labelRows}, {"issues", issueRows}, {"who may do what", accessRows},
		{"comments", commentRows}, {"lists", listRows}, {"pull requests", mergedRows}, {"HTTP", httpRows}, {"webhooks", hookRows}, {"App", appRows}, {"releases", releaseRows}, {"beside issues", besideRows}} {
		for _, r := range g.rows {
			all++
			err := attempt(c, r)
			word := "like"
			switch {
			case err == nil && r.differs != "":
				t.Errorf("%s: %s: is like GitHub now; the table says: %s", g.name, r.name, r.differs)
			case err != nil && r.differs == "":
				t.Errorf("%s: %s: is not like GitHub: %v", g.name, r.name, err)
			}
			if err == nil {
				like++
			} else {
				word = "DIFFERS"
			}
			fmt.Fprintf(&table, "%-8s| %-22s| %s", word, g.name, r.name)
			if err != nil {
				fmt.Fprintf(&table, " | %s | %s", r.differs, short(err.Error()))
			}
			table.WriteByte('\n')
		}
	}
	clean, kinds := c.witness.tell(t, &table)
	t.Logf("checks like GitHub: %d of %d; kinds of answer valid by its description: %d of %d\n%s", like, all, clean, kinds, table.String())
}

// attempt runs one row; whatever it needs on the way and does not get is a difference, too.
func attempt(c *caller, r row) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case unexpected:
			err = p.error
		default:
			panic(p)
		}
	}()
	return r.check(c)
}

// unexpected ends a row before its end.
type unexpected struct{ error }

// got is a call that GitHub would not refuse.
func got[T any](v T, _ *github.Response, err error) T {
	if err != nil {
		panic(unexpected{err})
	}
	return v
}

// is says what was there instead.
func is(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// refused wants a refusal with that status and text.
func refused(want int, fragment string, err error) error {
	if err == nil {
		return fmt.Errorf("not refused, want %d", want)
	}
	return is(status(err) == want && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(fragment)), "refused with %v, want %d %s", err, want, fragment)
}

// second is the error of a call whose value does not matter; third the same of one more.
func second(_ *github.Response, err error) error            { return err }
func third[T any](_ T, _ *github.Response, err error) error { return err }

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 160 {
		s = s[:160] + "…"
	}
	return s
}

// witness judges the answers that pass by, by GitHub's description.
type witness struct {
	router routers.Router
	mu     sync.Mutex
	seen   map[string]string // method, path and status → what is wrong, "" for nothing
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(in *http.Request) (*http.Response, error) {
	var sent []byte
	if in.Body != nil {
		var err error
		if sent, err = io.ReadAll(in.Body); err != nil {
			return nil, err
		}
		in = in.Clone(in.Context())
		in.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := http.DefaultTransport.RoundTrip(in)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	w.judge(&Request{Method: in.Method, escaped: in.URL.EscapedPath(), Query: in.URL.RawQuery, Body: sent, ContentType: "application/json"}, res, body)
	return res, nil
}

// judge passes over what the description does not have: paths, and many a refusal.
func (w *witness) judge(r *Request, res *http.Response, body []byte) {
	path, _ := inDescription(r.escaped)
	j, err := find(w.router, r, path)
	if err != nil || j.Route.Operation.Responses.Status(res.StatusCode) == nil {
		return
	}
	kind, problem := fmt.Sprintf("%s %s %d", r.Method, j.Route.Path, res.StatusCode), ""
	if err := judgeAnswer(w.router, r, res.StatusCode, res.Header, body); err != nil {
		problem = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[kind] == "" {
		w.seen[kind] = problem
	}
}

// tell compares what was seen with what is known to differ.
func (w *witness) tell(t *testing.T, table io.Writer) (clean, all int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kind := range slices.Sorted(maps.Keys(w.seen)) {
		problem, reason := w.seen[kind], answersThatDiffer[kind]
		switch {
		case problem == "" && reason != "":
			t.Errorf("the answer %s is valid now; the table says: %s", kind, reason)
		case problem != "" && reason == "":
			t.Errorf("the answer %s is not valid: %s", kind, problem)
		}
		if problem == "" {
			clean++
		} else {
			fmt.Fprintf(table, "%-8s| %-22s| %s | %s | %s\n", "DIFFERS", "answer", kind, reason, short(problem))
		}
	}
	for kind := range answersThatDiffer {
		if _, asked := w.seen[kind]; !asked {
			t.Errorf("the answer %s is listed as different, but no row asks for it", kind)
		}
	}
	return clean, len(w.seen)
}

// caller is everybody who calls the stand, by their tokens.
type caller struct {
	t                                                          *testing.T
	s                                                          *Stand
	ctx                                                        context.Context
	bot, human, outsider, stranger, visitor, app, installation *github.Client
	witness                                                    *witness
	hook                                                       *receiver
	names                                                      int
}

func newCaller(t *testing.T, s *Stand) *caller {
	router, err := description()
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{t: t, s: s, ctx: t.Context(), witness: &witness{router: router, seen: map[string]string{}}, hook: newReceiver(t, "the product's own")}
	c.bot, c.human, c.outsider, c.stranger, c.visitor = c.as(s.BotToken), c.as(s.HumanToken), c.as(s.OutsiderToken), c.as("ghp_stranger"), c.as("")
	c.app = c.as(assertion(t, s, s.AppID))
	token := got(c.app.Apps.CreateInstallationToken(c.ctx, s.InstallationID, &github.InstallationTokenOptions{}))
	c.installation = c.as(token.GetToken())
	return c
}

// as is go-github for the bearer of the token.
func (c *caller) as(token string) *github.Client {
	of := github.NewClient(&http.Client{Transport: c.witness})
	if token != "" {
		of = of.WithAuthToken(token)
	}
	of.BaseURL = product(c.t, c.s, "").BaseURL
	return of
}
