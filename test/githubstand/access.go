//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

var (
	takesFromAnybody = regexp.MustCompile(`^(/repos/[^/]+/[^/]+)/issues$`)
	takesComments    = regexp.MustCompile(`^(/repos/[^/]+/[^/]+/issues/\d+)/comments$`)
	belowRepository  = regexp.MustCompile(`^(/repos/[^/]+/[^/]+)(/.*)?$`)
)

// keepOut refuses the outsider what emulate lets everybody do where all can read. It is
// a little too strict: GitHub lets people edit and close what they opened themselves.
func (p *proxy) keepOut(ctx context.Context, r *http.Request, token string) (reply, bool) {
	repo := belowRepository.FindStringSubmatch(r.URL.EscapedPath())
	if token != p.outsider || repo == nil {
		return reply{}, false
	}
	if p.statusOf(ctx, repo[1], token) != http.StatusOK {
		return notFound(), true
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return notFound(), strings.HasPrefix(repo[2], "/hooks")
	case http.MethodPost:
		if takesFromAnybody.MatchString(r.URL.Path) {
			return reply{}, false
		}
		if m := takesComments.FindStringSubmatch(r.URL.Path); m != nil {
			return refusal(http.StatusForbidden, "Unable to create comment because issue is locked.", docREST), p.locked(ctx, m[1], token)
		}
	}
	return refusal(http.StatusForbidden, "Must have admin rights to Repository.", docREST), true
}

// locked says whether the discussion of an issue was closed.
func (p *proxy) locked(ctx context.Context, path, token string) bool {
	rep, err := p.forward(ctx, http.MethodGet, path, token, nil, nil)
	var issue struct{ Locked bool }
	return err == nil && json.Unmarshal(rep.body, &issue) == nil && issue.Locked
}

func (p *proxy) statusOf(ctx context.Context, path, token string) int {
	rep, err := p.forward(ctx, http.MethodGet, path, token, nil, nil)
	if err != nil {
		return http.StatusBadGateway
	}
	return rep.status
}

var ofIssues = regexp.MustCompile(`^(/repos/[^/]+/[^/]+)/issues(/.*)?$`)

// withoutIssues says that a repository has its issues switched off, where emulate says
// that there is nothing.
func (p *proxy) withoutIssues(ctx context.Context, path, token string, rep reply) reply {
	m := ofIssues.FindStringSubmatch(path)
	if m == nil || rep.status != http.StatusNotFound {
		return rep
	}
	about, err := p.forward(ctx, http.MethodGet, m[1], token, nil, nil)
	var repo struct {
		HasIssues *bool `json:"has_issues"`
	}
	if err != nil || about.status != http.StatusOK || json.Unmarshal(about.body, &repo) != nil || repo.HasIssues == nil || *repo.HasIssues {
		return rep
	}
	return refusal(http.StatusGone, "Issues are disabled for this repo", docREST)
}

var oneRepository = regexp.MustCompile(`^/repos/[^/]+/[^/]+$`)

// withRights says of a repository what the outsider may do there, which emulate does not
// tell apart.
func (p *proxy) withRights(r *http.Request, token string, rep reply) reply {
	var repo map[string]any
	if token != p.outsider || r.Method != http.MethodGet || rep.status != http.StatusOK || !oneRepository.MatchString(r.URL.Path) || json.Unmarshal(rep.body, &repo) != nil {
		return rep
	}
	repo["permissions"] = map[string]bool{"admin": false, "maintain": false, "push": false, "triage": false, "pull": true}
	if body, err := json.Marshal(repo); err == nil {
		rep.body = body
	}
	return rep
}
