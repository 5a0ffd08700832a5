//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var milestonesOf = regexp.MustCompile(`^/repos/[^/]+/[^/]+/milestones$`)

// titled refuses a second milestone with the title of another, which emulate would make.
func (p *proxy) titled(ctx context.Context, path, token string, body []byte) (reply, bool) {
	var in struct{ Title string }
	if !milestonesOf.MatchString(path) || json.Unmarshal(body, &in) != nil {
		return reply{}, false
	}
	all, failed := p.everyPage(ctx, path+"?state=all", token)
	if failed != nil {
		return *failed, true
	}
	for _, raw := range all {
		var m Milestone
		if json.Unmarshal(raw, &m) == nil && strings.EqualFold(m.Title, strings.TrimSpace(in.Title)) {
			return invalid("Milestone", "title", "already_exists"), true
		}
	}
	return reply{}, false
}

// Milestones reads all milestones, open and closed.
func (s *Stand) Milestones(ctx context.Context, repo string) (all []Milestone, err error) {
	for page := 1; ; page++ {
		var some []Milestone
		if err := s.human(ctx, http.MethodGet, fmt.Sprintf("/repos/%s/milestones?state=all&per_page=100&page=%d", repo, page), nil, &some); err != nil {
			return nil, err
		}
		if all = append(all, some...); len(some) < 100 {
			return all, nil
		}
	}
}

// RenameMilestone gives a milestone another title.
func (s *Stand) RenameMilestone(ctx context.Context, repo string, number int, title string) error {
	return s.human(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/milestones/%d", repo, number), map[string]any{"title": title}, nil)
}

// DeleteMilestone removes a milestone, also from its issues.
func (s *Stand) DeleteMilestone(ctx context.Context, repo string, number int) error {
	return s.human(ctx, http.MethodDelete, fmt.Sprintf("/repos/%s/milestones/%d", repo, number), nil, nil)
}
