//go:build unix

package githubstand

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Issue is what tests look at in an issue.
type Issue struct {
	ID          int64
	Number      int
	Title       string
	Body        string
	State       string // open, closed
	StateReason string `json:"state_reason"` // completed, not_planned, duplicate, reopened or ""
	Comments    int
	HTMLURL     string    `json:"html_url"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	User        Account
	Labels      []Label
	Milestone   *Milestone
}

// Account is who wrote something.
type Account struct{ Login string }

// Label is a label on an issue.
type Label struct{ Name string }

// Milestone is the milestone of an issue.
type Milestone struct {
	Number int
	Title  string
	DueOn  *time.Time `json:"due_on"`
}

// IssueComment is one comment.
type IssueComment struct {
	ID   int64
	Body string
	User Account
}

// LabelNames gives the names in GitHub's order.
func (i Issue) LabelNames() []string {
	names := []string{}
	for _, l := range i.Labels {
		names = append(names, l.Name)
	}
	return names
}

// The verbs below are what a person does on GitHub, repo being "owner/name". They
// raise webhooks like anything else.

// CreateIssue opens an issue.
func (s *Stand) CreateIssue(ctx context.Context, repo, title, body string, labels ...string) (out Issue, err error) {
	in := map[string]any{"title": title, "body": body}
	if len(labels) > 0 {
		in["labels"] = labels
	}
	err = s.human(ctx, http.MethodPost, "/repos/"+repo+"/issues", in, &out)
	return out, err
}

// GetIssue reads one issue; an *APIError with 404 when there is none.
func (s *Stand) GetIssue(ctx context.Context, repo string, number int) (out Issue, err error) {
	err = s.human(ctx, http.MethodGet, issuePath(repo, number), nil, &out)
	return out, err
}

// ListIssues reads all issues, open and closed, by number; deleted and transferred
// ones are left out.
func (s *Stand) ListIssues(ctx context.Context, repo string) ([]Issue, error) {
	all := []Issue{}
	for page := 1; ; page++ {
		var some []Issue
		path := fmt.Sprintf("/repos/%s/issues?state=all&sort=created&direction=asc&per_page=100&page=%d", repo, page)
		if err := s.human(ctx, http.MethodGet, path, nil, &some); err != nil {
			return nil, err
		}
		for _, issue := range some {
			if !s.proxy.isGone(issuePath(repo, issue.Number)) {
				all = append(all, issue)
			}
		}
		if len(some) < 100 {
			return all, nil
		}
	}
}

// EditIssue changes fields by GitHub's names: title, body, state, labels, milestone.
func (s *Stand) EditIssue(ctx context.Context, repo string, number int, fields map[string]any) (out Issue, err error) {
	err = s.human(ctx, http.MethodPatch, issuePath(repo, number), fields, &out)
	return out, err
}

// CloseIssue closes it with a reason: completed, not_planned or duplicate.
func (s *Stand) CloseIssue(ctx context.Context, repo string, number int, reason string) (Issue, error) {
	return s.EditIssue(ctx, repo, number, map[string]any{"state": "closed", "state_reason": reason})
}

// ReopenIssue opens it again.
func (s *Stand) ReopenIssue(ctx context.Context, repo string, number int) (Issue, error) {
	return s.EditIssue(ctx, repo, number, map[string]any{"state": "open"})
}

// AddLabels adds labels; unknown ones come into being.
func (s *Stand) AddLabels(ctx context.Context, repo string, number int, names ...string) error {
	return s.human(ctx, http.MethodPost, issuePath(repo, number)+"/labels", map[string]any{"labels": names}, nil)
}

// CreateMilestone makes a milestone; due may be zero.
func (s *Stand) CreateMilestone(ctx context.Context, repo, title string, due time.Time) (out Milestone, err error) {
	in := map[string]any{"title": title}
	if !due.IsZero() {
		in["due_on"] = due.UTC().Format(time.RFC3339)
	}
	err = s.human(ctx, http.MethodPost, "/repos/"+repo+"/milestones", in, &out)
	return out, err
}

// Comment writes a comment.
func (s *Stand) Comment(ctx context.Context, repo string, number int, body string) (out IssueComment, err error) {
	err = s.human(ctx, http.MethodPost, issuePath(repo, number)+"/comments", map[string]any{"body": body}, &out)
	return out, err
}

// EditComment replaces a comment's text.
func (s *Stand) EditComment(ctx context.Context, repo string, id int64, body string) error {
	return s.human(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/issues/comments/%d", repo, id), map[string]any{"body": body}, nil)
}

// DeleteComment removes a comment.
func (s *Stand) DeleteComment(ctx context.Context, repo string, id int64) error {
	return s.human(ctx, http.MethodDelete, fmt.Sprintf("/repos/%s/issues/comments/%d", repo, id), nil, nil)
}

// Comments reads up to 100 comments of an issue, oldest first.
func (s *Stand) Comments(ctx context.Context, repo string, number int) (out []IssueComment, err error) {
	err = s.human(ctx, http.MethodGet, issuePath(repo, number)+"/comments?per_page=100", nil, &out)
	return out, err
}

func issuePath(repo string, number int) string {
	return fmt.Sprintf("/repos/%s/issues/%d", repo, number)
}
