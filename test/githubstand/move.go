//go:build unix

package githubstand

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// DeleteIssue makes the issue answer 410 for ever and leave every list.
func (s *Stand) DeleteIssue(repo string, number int) {
	s.Gone(issuePath(repo, number), http.StatusGone)
}

// Gone makes the path and everything under it answer the status (404, 410, …) to
// the product until Restore.
func (s *Stand) Gone(path string, status int) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.gone[path] = goneAnswer{status: status}
}

// Restore undoes Gone for that path.
func (s *Stand) Restore(path string) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	delete(s.proxy.gone, path)
}

// SetPrivate changes who can see the repository.
func (s *Stand) SetPrivate(ctx context.Context, repo string, private bool) error {
	return s.human(ctx, http.MethodPatch, "/repos/"+repo, map[string]any{"private": private}, nil)
}

// EditRepository changes what a PATCH of a repository names: archived, has_issues and others.
func (s *Stand) EditRepository(ctx context.Context, repo string, fields map[string]any) error {
	return s.human(ctx, http.MethodPatch, "/repos/"+repo, fields, nil)
}

// LockIssue closes the discussion of an issue to outsiders.
func (s *Stand) LockIssue(ctx context.Context, repo string, number int) error {
	return s.human(ctx, http.MethodPut, fmt.Sprintf("/repos/%s/issues/%d/lock", repo, number), map[string]string{"lock_reason": "resolved"}, nil)
}

// Rename gives the repository another name and returns its new full name. The former
// name redirects by id, 301 for reads and 307 for writes, and hooks move along.
func (s *Stand) Rename(ctx context.Context, repo, name string) (string, error) {
	var hooks []struct {
		ID     int64
		Config struct{ URL string }
	}
	if err := s.human(ctx, http.MethodGet, "/repos/"+repo+"/hooks", nil, &hooks); err != nil {
		return "", err
	}
	// emulate binds a hook to the name, so the relay's own is made anew.
	for _, h := range hooks {
		if err := s.human(ctx, http.MethodDelete, fmt.Sprintf("/repos/%s/hooks/%d", repo, h.ID), nil, nil); err != nil {
			return "", err
		}
	}
	var r struct {
		ID       int64
		FullName string `json:"full_name"`
	}
	if err := s.human(ctx, http.MethodPatch, "/repos/"+repo, map[string]any{"name": name}, &r); err != nil {
		return "", err
	}
	if err := s.adopt(ctx, r.FullName); err != nil {
		return "", err
	}
	p := s.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved[strings.ToLower(repo)] = r.ID
	delete(p.moved, strings.ToLower(r.FullName)) // a name that came back is nobody's former one
	for _, h := range p.relay.hooks {
		if strings.EqualFold(h.repo, repo) {
			h.repo = r.FullName
		}
	}
	return r.FullName, nil
}

// TransferIssue moves an issue to another repository, as GitHub does: new id and
// number, same author and text, the old path redirects, and the old repository's
// hooks hear issues.transferred with new_issue and new_repository.
func (s *Stand) TransferIssue(ctx context.Context, repo string, number int, to string) (Issue, error) {
	old, err := s.GetIssue(ctx, repo, number)
	if err != nil {
		return Issue{}, err
	}
	token := s.HumanToken
	if old.User.Login == s.BotLogin {
		token = s.BotToken
	}
	var moved Issue
	in := map[string]any{"title": old.Title, "body": old.Body, "labels": old.LabelNames()}
	if err := s.as(ctx, token, http.MethodPost, "/repos/"+to+"/issues", in, &moved); err != nil {
		return Issue{}, err
	}
	if old.State == "closed" {
		if moved, err = s.CloseIssue(ctx, to, moved.Number, old.StateReason); err != nil {
			return Issue{}, err
		}
	}
	payload, err := s.transferred(ctx, repo, number, to, moved.Number)
	if err != nil {
		return Issue{}, err
	}
	p := s.proxy
	p.mu.Lock()
	for id, name := range p.repos {
		if strings.EqualFold(name, to) {
			p.gone[issuePath(repo, number)] = goneAnswer{location: fmt.Sprintf("/repositories/%d/issues/%d", id, moved.Number)}
		}
	}
	p.mu.Unlock()
	p.relay.raise("issues", payload)
	return moved, nil
}

// transferred builds the payload emulate cannot make.
func (s *Stand) transferred(ctx context.Context, repo string, number int, to string, newNumber int) (map[string]any, error) {
	get := func(path string) (v map[string]any, err error) {
		err = s.human(ctx, http.MethodGet, path, nil, &v)
		return v, err
	}
	parts := make([]map[string]any, 0, 5)
	for _, path := range []string{issuePath(repo, number), "/repos/" + repo, issuePath(to, newNumber), "/repos/" + to, "/user"} {
		v, err := get(path)
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
	}
	if slices.ContainsFunc(parts, func(m map[string]any) bool { return len(m) == 0 }) {
		return nil, fmt.Errorf("transfer %s#%d: an empty answer", repo, number)
	}
	return map[string]any{"action": "transferred", "issue": parts[0], "repository": parts[1], "sender": parts[4],
		"changes": map[string]any{"new_issue": parts[2], "new_repository": parts[3]}}, nil
}
