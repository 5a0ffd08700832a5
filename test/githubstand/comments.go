//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listsComments is the call emulate lacks: the comments of a whole repository.
var listsComments = regexp.MustCompile(`^/repos/([^/]+/[^/]+)/issues/comments$`)

// datedComment is a comment as emulate wrote it, with what sorting needs.
type datedComment struct {
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	raw       json.RawMessage
}

// repositoryComments answers from emulate's issues and their comments, with
// GitHub's since, sort, direction and paging.
func (p *proxy) repositoryComments(ctx context.Context, repo, token string, u *url.URL) reply {
	all, failed := p.gatherComments(ctx, repo, token)
	if failed != nil {
		return *failed
	}
	q := u.Query()
	if since, err := time.Parse(time.RFC3339, q.Get("since")); err == nil {
		all = slices.DeleteFunc(all, func(c datedComment) bool { return c.UpdatedAt.Before(since) })
	}
	when := func(c datedComment) time.Time { return c.CreatedAt }
	if q.Get("sort") == "updated" {
		when = func(c datedComment) time.Time { return c.UpdatedAt }
	}
	slices.SortStableFunc(all, func(a, b datedComment) int { return when(a).Compare(when(b)) })
	if q.Get("direction") == "desc" {
		slices.Reverse(all)
	}
	size, page := atLeast(q.Get("per_page"), 30), atLeast(q.Get("page"), 1)
	size = min(size, 100)
	from, to := min(len(all), (page-1)*size), min(len(all), page*size)
	bodies := []json.RawMessage{}
	for _, c := range all[from:to] {
		bodies = append(bodies, c.raw)
	}
	rep := jsonReply(http.StatusOK, bodies)
	if to < len(all) {
		q.Set("page", itoa(page+1))
		rep.header.Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, p.base, u.Path, q.Encode()))
	}
	return rep
}

// gatherComments reads every comment of the repository; failed is emulate's answer
// when it refused.
func (p *proxy) gatherComments(ctx context.Context, repo, token string) (all []datedComment, failed *reply) {
	issues, failed := p.everyPage(ctx, "/repos/"+repo+"/issues?state=all", token)
	if failed != nil {
		return nil, failed
	}
	for _, raw := range issues {
		var issue struct{ Number, Comments int }
		if json.Unmarshal(raw, &issue) != nil || issue.Comments == 0 {
			continue
		}
		path := fmt.Sprintf("/repos/%s/issues/%d", repo, issue.Number)
		if p.isGone(path) {
			continue
		}
		comments, failed := p.everyPage(ctx, path+"/comments?", token)
		if failed != nil {
			return nil, failed
		}
		for _, raw := range comments {
			c := datedComment{raw: raw}
			if json.Unmarshal(raw, &c) == nil {
				all = append(all, c)
			}
		}
	}
	return all, nil
}

// everyPage reads a list to its end; uri already has its question mark.
func (p *proxy) everyPage(ctx context.Context, uri, token string) (all []json.RawMessage, failed *reply) {
	for page := 1; ; page++ {
		rep, err := p.forward(ctx, http.MethodGet, fmt.Sprintf("%s&per_page=100&page=%d", uri, page), token, nil, nil)
		if err != nil {
			rep = refusal(http.StatusBadGateway, err.Error(), docREST)
		}
		if rep.status != http.StatusOK {
			return nil, &rep
		}
		var list []json.RawMessage
		if err := json.Unmarshal(rep.body, &list); err != nil {
			rep = refusal(http.StatusBadGateway, err.Error(), docREST)
			return nil, &rep
		}
		all = append(all, list...)
		if !strings.Contains(rep.header.Get("Link"), `rel="next"`) {
			return all, nil
		}
	}
}

func (p *proxy) isGone(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, gone := p.gone[path]
	return gone
}

// atLeast reads a positive number, or gives the default.
func atLeast(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}
