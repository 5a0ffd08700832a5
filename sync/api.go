package issuesync

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/heedhq/heed/models"
)

// api is what this package asks of GitHub. Every error of its methods is a
// trouble, or the caller's own ended context.
type api struct {
	gh  *github.Client
	via *transport
	app *api // asks in the App's own name; nil for a token
	// showing is another with other credentials.
	showing func(credentials) *api

	mu    sync.Mutex
	login string // of our account, once known
}

// issue is what matters of an issue.
type issue struct {
	id          int64
	number      int
	url         string
	title       string
	body        string
	labels      []string
	author      string
	state       string // open or closed
	reason      string // completed, not_planned, duplicate, reopened or ""
	repository  string // owner/name as it is called now
	updated     time.Time
	closed      time.Time // zero while open
	milestone   milestone // zero for none
	milestoneAt time.Time // when the milestone itself was changed
	retitled    time.Time // when it got its title, if that was asked for
	isPull      bool
	merged      time.Time // of a pull request, zero for one that was not
}

// repository is what matters of a repository.
type repository struct {
	id        int64
	name      string // owner/name as it is called now
	hasIssues bool
	private   bool
	archived  bool
	open      int // issues and pull requests
}

// newAPI shows the App's key, or where that is nil the token.
func newAPI(base *url.URL, o Options, key *rsa.PrivateKey, now func() time.Time) *api {
	next := http.DefaultTransport
	if o.HTTPClient != nil && o.HTTPClient.Transport != nil {
		next = o.HTTPClient.Transport
	}
	var connect func(credentials) *api
	connect = func(who credentials) *api {
		via := &transport{next: next, base: base, who: who, timeout: o.Pace.Timeout, patient: o.Pace.LimitBase, now: now, keep: func(context.Context, time.Time) {}}
		gh := github.NewClient(&http.Client{Transport: via})
		gh.BaseURL = base
		gh.UserAgent = "heed"
		return &api{gh: gh, via: via, showing: connect}
	}
	a := connect(personal(o.Token))
	if key != nil {
		a = asApp(connect, o, key)
	}
	a.login = o.login
	return a
}

// do sends one request and reads the answer into v.
func (a *api) do(ctx context.Context, method, path string, in, v any) (*github.Response, error) {
	return a.ask(ctx, method, path, "", in, v)
}

func (a *api) ask(ctx context.Context, method, path, etag string, in, v any) (*github.Response, error) {
	req, err := a.gh.NewRequest(method, path, in)
	if err != nil {
		return nil, &trouble{end: unsent, message: err.Error()}
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := a.gh.Do(ctx, req, v)
	t := asTrouble(err)
	_, accepted := errors.AsType[*github.AcceptedError](err)
	switch {
	case err == nil || accepted: // to be done soon: what was asked for is not in the answer
		return res, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case t != nil:
	case res != nil: // a good status, but not the JSON that belongs to it
		t = &trouble{end: lost, message: cutShort}
	default:
		t = &trouble{end: unsent, message: a.via.tell(err.Error())}
	}
	if method == http.MethodGet && t.end == lost { // reading again does no harm
		t.end = unsent
	}
	return nil, t
}

const cutShort = "the answer was cut short"

// bot is the login of the account that our issues are by.
func (a *api) bot(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.login != "" {
		return a.login, nil
	}
	login, err := a.ownLogin(ctx)
	if err != nil {
		return "", err
	}
	if login == "" {
		return "", &trouble{end: unsent, message: cutShort}
	}
	a.login = login
	return a.login, nil
}

// repository reads a repository by name.
func (a *api) repository(ctx context.Context, name string) (repository, error) {
	return a.repositoryAt(ctx, "repos/"+name)
}

func (a *api) repositoryAt(ctx context.Context, path string) (repository, error) {
	var r github.Repository
	if _, err := a.do(ctx, http.MethodGet, path, nil, &r); err != nil {
		return repository{}, err
	}
	if r.GetID() == 0 || r.GetFullName() == "" {
		return repository{}, &trouble{end: unsent, message: cutShort}
	}
	return repository{id: r.GetID(), name: r.GetFullName(), hasIssues: r.HasIssues == nil || *r.HasIssues, private: r.GetPrivate(), archived: r.GetArchived(), open: r.GetOpenIssuesCount()}, nil
}

// create opens an issue. A trouble that is lost may have opened it.
func (a *api) create(ctx context.Context, name, title, body string, labels []string) (issue, error) {
	req := &github.IssueRequest{Title: &title, Body: &body}
	if len(labels) > 0 {
		req.Labels = &labels
	}
	return a.one(ctx, http.MethodPost, "repos/"+name+"/issues", req)
}

// edit changes what is named of an issue, and nothing else of it.
func (a *api) edit(ctx context.Context, l *models.IssueLink, to edit) (issue, error) {
	return a.one(ctx, http.MethodPatch, issuePath(l), to)
}

// edit is what a PATCH of an issue may change; nil stays.
type edit struct {
	Title     *string          `json:"title,omitempty"`
	Body      *string          `json:"body,omitempty"`
	State     *string          `json:"state,omitempty"`
	Reason    *string          `json:"state_reason,omitempty"`
	Milestone *milestoneNumber `json:"milestone,omitempty"`
}

// addLabel puts one label on an issue and leaves the others; GitHub makes one it does not
// have. removeLabel takes one away.
func (a *api) addLabel(ctx context.Context, l *models.IssueLink, name string) error {
	_, err := a.do(ctx, http.MethodPost, issuePath(l)+"/labels", map[string][]string{"labels": {name}}, nil)
	return err
}

func (a *api) removeLabel(ctx context.Context, l *models.IssueLink, name string) error {
	_, err := a.do(ctx, http.MethodDelete, issuePath(l)+"/labels/"+url.PathEscape(name), nil, nil) // go-github would not escape it
	return err
}

func issuePath(l *models.IssueLink) string {
	return fmt.Sprintf("%s/issues/%d", at(l.RepositoryID, l.Repository), l.Number)
}

// issue reads an issue by its repository's id, which outlives renames, or by
// name where the id is not known yet.
func (a *api) issue(ctx context.Context, repositoryID int64, name string, number int) (issue, error) {
	return a.one(ctx, http.MethodGet, fmt.Sprintf("%s/issues/%d", at(repositoryID, name), number), nil)
}

func at(repositoryID int64, name string) string {
	if repositoryID != 0 {
		return fmt.Sprintf("repositories/%d", repositoryID)
	}
	return "repos/" + name
}

func (a *api) one(ctx context.Context, method, path string, in any) (issue, error) {
	var x github.Issue
	if _, err := a.do(ctx, method, path, in, &x); err != nil {
		return issue{}, err
	}
	if x.GetID() == 0 || x.GetNumber() == 0 {
		return issue{}, &trouble{end: lost, message: cutShort}
	}
	return fromGitHub(&x), nil
}

// page is one page of a list: its issues without pull requests and those of them that were merged, or its comments, the last
// change on it (pull requests included), where the next page is ("" at the end), and GitHub's
// time.
type page struct {
	issues  []issue
	merged  []issue // pull requests
	remarks []remark
	ids     []int64 // of all, pull requests included
	last    time.Time
	next    string
	date    time.Time
	etag    string
}

// list reads the page at path, which begins with at(…) or is a page's next. With the etag of
// an earlier answer ("" for none), an unchanged page is the trouble "unchanged", and counts
// for no budget.
func (a *api) list(ctx context.Context, path, etag string) (page, error) {
	var xs []*github.Issue
	res, err := a.ask(ctx, http.MethodGet, path, etag, nil, &xs)
	if err != nil {
		return page{}, err
	}
	p := a.pageFrom(res)
	for _, x := range xs {
		p.last, p.ids = x.GetUpdatedAt().Time, append(p.ids, x.GetID())
		switch is := fromGitHub(x); {
		case !is.isPull:
			p.issues = append(p.issues, is)
		case !is.merged.IsZero():
			p.merged = append(p.merged, is)
		}
	}
	return p, nil
}

// pageFrom reads what an answer says of its page.
func (a *api) pageFrom(res *github.Response) page {
	p := page{etag: res.Header.Get("ETag"), next: a.following(res.Header.Get("Link"))}
	p.date, _ = http.ParseTime(res.Header.Get("Date")) // zero when it told none
	return p
}

var nextLink = regexp.MustCompile(`<([^<>]+)>\s*;[^,]*\brel="?next"?`)

// following takes the next page's address as GitHub gives it: its form (page
// number or cursor) is its own affair.
func (a *api) following(link string) string {
	m := nextLink.FindStringSubmatch(link)
	if m == nil {
		return ""
	}
	u, err := url.Parse(m[1])
	if err != nil || !a.via.ours(a.gh.BaseURL.ResolveReference(u)) {
		return ""
	}
	return m[1]
}

func fromGitHub(x *github.Issue) issue {
	name := x.GetRepositoryURL()
	if i := strings.Index(name, "/repos/"); i >= 0 {
		name = name[i+len("/repos/"):]
	}
	is := issue{id: x.GetID(), number: x.GetNumber(), url: x.GetHTMLURL(), title: x.GetTitle(), body: x.GetBody(), author: x.GetUser().GetLogin(),
		state: x.GetState(), reason: x.GetStateReason(), repository: name, updated: x.GetUpdatedAt().Time.UTC(), isPull: x.IsPullRequest()}
	if x.ClosedAt != nil && is.state == "closed" {
		is.closed = x.ClosedAt.Time.UTC()
	}
	if x.PullRequestLinks != nil && x.PullRequestLinks.MergedAt != nil {
		is.merged = x.PullRequestLinks.MergedAt.Time.UTC()
	}
	if m := x.Milestone; m != nil {
		is.milestone, is.milestoneAt = milestone{m.GetNumber(), m.GetTitle()}, m.GetUpdatedAt().Time.UTC()
	}
	for _, l := range x.Labels {
		is.labels = append(is.labels, l.GetName())
	}
	return is
}
