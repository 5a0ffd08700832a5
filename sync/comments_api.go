package issuesync

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/heedhq/heed/models"
)

// remark is what matters of a comment on an issue.
type remark struct {
	id     int64
	author string
	bot    bool
	body   string
	number int // its issue's
	url    string
	inside bool // its author belongs to the repository
}

func commentPath(l *models.IssueLink, id int64) string {
	return fmt.Sprintf("%s/issues/comments/%d", at(l.RepositoryID, l.Repository), id)
}

// comment makes or changes a comment and gives its id.
func (a *api) comment(ctx context.Context, method, path, body string) (int64, error) {
	var c github.IssueComment
	if _, err := a.do(ctx, method, path, map[string]string{"body": body}, &c); err != nil {
		return 0, err
	}
	if c.GetID() == 0 {
		return 0, &trouble{end: lost, message: cutShort}
	}
	return c.GetID(), nil
}

// remarkAt reads one comment.
func (a *api) remarkAt(ctx context.Context, path string) (remark, error) {
	var c github.IssueComment
	if _, err := a.do(ctx, http.MethodGet, path, nil, &c); err != nil {
		return remark{}, err
	}
	if c.GetID() == 0 {
		return remark{}, &trouble{end: unsent, message: cutShort}
	}
	return remarkFrom(&c), nil
}

// remarks reads a page of comments, as list does one of issues.
func (a *api) remarks(ctx context.Context, path, etag string) (page, error) {
	var cs []*github.IssueComment
	res, err := a.ask(ctx, http.MethodGet, path, etag, nil, &cs)
	if err != nil {
		return page{}, err
	}
	p := a.pageFrom(res)
	for _, c := range cs {
		p.last, p.ids = c.GetUpdatedAt().Time, append(p.ids, c.GetID())
		p.remarks = append(p.remarks, remarkFrom(c))
	}
	return p, nil
}

func remarkFrom(c *github.IssueComment) remark {
	r := remark{id: c.GetID(), author: c.GetUser().GetLogin(), bot: c.GetUser().GetType() == "Bot", body: c.GetBody(), url: c.GetHTMLURL(), inside: isInside(c.GetAuthorAssociation())}
	if i := strings.LastIndex(c.GetIssueURL(), "/"); i >= 0 {
		_, _ = fmt.Sscan(c.GetIssueURL()[i+1:], &r.number) // 0 for what is no number: no link has it
	}
	return r
}
