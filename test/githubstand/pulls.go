//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Pull requests are issues to GitHub: it lists them among the others and reads them by the
// same path. emulate keeps them apart, so the proxy puts them together once there is one.

var opensPull = regexp.MustCompile(`^/repos/[^/]+/[^/]+/pulls$`)

// pullIDs is added to the ids of pull requests: as issues they have other ones.
const pullIDs = 700_000_000

// learnPulls takes note of the first pull request; the lock is held.
func (p *proxy) learnPulls(method, uri string, status int) {
	p.pulls = p.pulls || method == http.MethodPost && status == http.StatusCreated && opensPull.MatchString(uri)
}

func (p *proxy) hasPulls() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pulls
}

// pullAsIssue answers for an issue that emulate does not have, where it is a pull request.
func (p *proxy) pullAsIssue(ctx context.Context, path, token string, rep reply) reply {
	if !p.hasPulls() || rep.status != http.StatusNotFound || !oneIssue.MatchString(path) {
		return rep
	}
	pull, err := p.forward(ctx, http.MethodGet, strings.Replace(path, "/issues/", "/pulls/", 1), token, nil, nil)
	if err != nil || pull.status != http.StatusOK {
		return rep
	}
	v, err := asIssue(pull.body)
	if err != nil {
		return rep
	}
	return jsonReply(http.StatusOK, v)
}

// asIssue is a pull request as the issue that it is, too.
func asIssue(pull []byte) (map[string]any, error) {
	var v map[string]any
	numbers := json.NewDecoder(bytes.NewReader(pull))
	numbers.UseNumber()
	if err := numbers.Decode(&v); err != nil {
		return nil, err
	}
	id, _ := v["id"].(json.Number)
	n, err := id.Int64()
	if err != nil {
		return nil, err
	}
	self, _ := v["issue_url"].(string)
	out := map[string]any{"id": pullIDs + n, "url": self, "labels_url": self + "/labels{/name}", "comments_url": self + "/comments", "events_url": self + "/events",
		"timeline_url": self + "/timeline", "state_reason": nil, "performed_via_github_app": nil}
	out["repository_url"], _, _ = strings.Cut(self, "/issues/")
	for _, same := range []string{"node_id", "html_url", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone", "comments", "created_at", "updated_at",
		"closed_at", "body", "author_association"} {
		out[same] = v[same]
	}
	out["pull_request"] = map[string]any{"url": v["url"], "html_url": v["html_url"], "diff_url": v["diff_url"], "patch_url": v["patch_url"], "merged_at": v["merged_at"]}
	return out, nil
}

// listed is an issue of a list, with what it is chosen and sorted by.
type listed struct {
	State     string
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	User      Account
	Labels    []Label
	Milestone *Milestone
	raw       json.RawMessage
}

// withPulls lists issues and pull requests together, as GitHub does.
func (p *proxy) withPulls(ctx context.Context, u *url.URL, token string) reply {
	q := u.Query()
	size, page := min(atLeast(q.Get("per_page"), 30), 100), atLeast(q.Get("page"), 1)
	q.Del("per_page")
	q.Del("page")
	raws, failed := p.everyPage(ctx, u.Path+"?"+q.Encode(), token)
	if failed != nil {
		return *failed
	}
	pulls, failed := p.everyPage(ctx, strings.TrimSuffix(u.Path, "/issues")+"/pulls?state=all", token)
	if failed != nil {
		return *failed
	}
	var all []listed
	for i, raw := range append(raws, pulls...) {
		l := listed{raw: raw}
		if i >= len(raws) {
			v, err := asIssue(raw)
			if err == nil {
				l.raw, err = json.Marshal(v)
			}
			if err != nil {
				return refusal(http.StatusBadGateway, err.Error(), docREST)
			}
		}
		if err := json.Unmarshal(l.raw, &l); err != nil {
			return refusal(http.StatusBadGateway, err.Error(), docREST)
		}
		if i < len(raws) || l.matches(q) {
			all = append(all, l)
		}
	}
	when := func(l listed) time.Time { return l.CreatedAt }
	if q.Get("sort") == "updated" {
		when = func(l listed) time.Time { return l.UpdatedAt }
	}
	slices.SortStableFunc(all, func(a, b listed) int { return when(a).Compare(when(b)) })
	if q.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	from, to := min(len(all), (page-1)*size), min(len(all), page*size)
	bodies := []json.RawMessage{}
	for _, l := range all[from:to] {
		bodies = append(bodies, l.raw)
	}
	rep := jsonReply(http.StatusOK, bodies)
	if to < len(all) {
		q.Set("per_page", itoa(size))
		q.Set("page", itoa(page+1))
		rep.header.Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, p.base, u.Path, q.Encode()))
	}
	return rep
}

// matches reports whether a pull request is among those that were asked for.
func (l listed) matches(q url.Values) bool {
	if state := q.Get("state"); state != "all" && l.State != "closed" == (state == "closed") {
		return false
	}
	if since, err := time.Parse(time.RFC3339, q.Get("since")); err == nil && l.UpdatedAt.Before(since) {
		return false
	}
	for _, want := range strings.Split(q.Get("labels"), ",") {
		if want != "" && !slices.ContainsFunc(l.Labels, func(has Label) bool { return has.Name == want }) {
			return false
		}
	}
	if by := q.Get("creator"); by != "" && !strings.EqualFold(by, l.User.Login) || q.Get("assignee") != "" {
		return false
	}
	switch want := q.Get("milestone"); {
	case want == "":
		return true
	case want == "none":
		return l.Milestone == nil
	default:
		return l.Milestone != nil && (want == "*" || want == itoa(l.Milestone.Number))
	}
}

// OpenPull opens a pull request from a branch of its own and returns its number.
func (s *Stand) OpenPull(ctx context.Context, repo, title, body string) (int, error) {
	path := "/repos/" + repo
	var about struct {
		DefaultBranch string `json:"default_branch"`
	}
	if err := s.human(ctx, http.MethodGet, path, nil, &about); err != nil {
		return 0, err
	}
	var base struct {
		Object struct{ SHA string }
	}
	if err := s.human(ctx, http.MethodGet, path+"/git/ref/heads/"+about.DefaultBranch, nil, &base); err != nil {
		return 0, err
	}
	branch := "branch-" + guid()[:8]
	if err := s.human(ctx, http.MethodPost, path+"/git/refs", map[string]any{"ref": "refs/heads/" + branch, "sha": base.Object.SHA}, nil); err != nil {
		return 0, err
	}
	if err := s.human(ctx, http.MethodPut, path+"/contents/"+branch+".txt", map[string]any{"message": "m", "content": "eA==", "branch": branch}, nil); err != nil {
		return 0, err
	}
	var pull struct{ Number int }
	err := s.human(ctx, http.MethodPost, path+"/pulls", map[string]any{"title": title, "body": body, "head": branch, "base": about.DefaultBranch}, &pull)
	return pull.Number, err
}

// EditPull gives a pull request another body.
func (s *Stand) EditPull(ctx context.Context, repo string, number int, body string) error {
	return s.human(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/pulls/%d", repo, number), map[string]any{"body": body}, nil)
}

// ClosePull closes a pull request without merging it.
func (s *Stand) ClosePull(ctx context.Context, repo string, number int) error {
	return s.human(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/pulls/%d", repo, number), map[string]any{"state": "closed"}, nil)
}

// MergePull merges a pull request. Unlike GitHub, emulate leaves the issues open that its
// body closes.
func (s *Stand) MergePull(ctx context.Context, repo string, number int) error {
	return s.human(ctx, http.MethodPut, fmt.Sprintf("/repos/%s/pulls/%d/merge", repo, number), map[string]any{}, nil)
}
