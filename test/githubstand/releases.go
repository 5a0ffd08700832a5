//go:build unix

package githubstand

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Release is what tests look at in a release.
type Release struct {
	ID          int64
	TagName     string `json:"tag_name"`
	Name        string
	Body        string
	HTMLURL     string `json:"html_url"`
	Draft       bool
	Prerelease  bool
	PublishedAt *time.Time `json:"published_at"`
}

// CreateRelease makes a release with fields by GitHub's names: tag_name, name, body, draft,
// prerelease.
func (s *Stand) CreateRelease(ctx context.Context, repo string, fields map[string]any) (out Release, err error) {
	err = s.human(ctx, http.MethodPost, "/repos/"+repo+"/releases", fields, &out)
	return out, err
}

// EditRelease changes such fields. emulate raises no event for it, so the stand does.
func (s *Stand) EditRelease(ctx context.Context, repo string, id int64, fields map[string]any) (out Release, err error) {
	if err = s.human(ctx, http.MethodPatch, releasePath(repo, id), fields, &out); err == nil {
		err = s.raiseRelease(ctx, repo, "edited", out)
	}
	return out, err
}

// DeleteRelease removes a release; that, too, is told.
func (s *Stand) DeleteRelease(ctx context.Context, repo string, id int64) error {
	if err := s.human(ctx, http.MethodDelete, releasePath(repo, id), nil, nil); err != nil {
		return err
	}
	return s.raiseRelease(ctx, repo, "deleted", Release{ID: id})
}

func (s *Stand) raiseRelease(ctx context.Context, repo, action string, r Release) error {
	var repository map[string]any
	if err := s.human(ctx, http.MethodGet, "/repos/"+repo, nil, &repository); err != nil {
		return err
	}
	s.proxy.relay.raise("release", map[string]any{"action": action, "repository": repository,
		"release": map[string]any{"id": r.ID, "tag_name": r.TagName, "name": r.Name, "body": r.Body, "draft": r.Draft, "prerelease": r.Prerelease}})
	return nil
}

func releasePath(repo string, id int64) string { return fmt.Sprintf("/repos/%s/releases/%d", repo, id) }

// ListReleases reads up to 100 releases, the latest first.
func (s *Stand) ListReleases(ctx context.Context, repo string) (out []Release, err error) {
	err = s.human(ctx, http.MethodGet, "/repos/"+repo+"/releases?per_page=100", nil, &out)
	return out, err
}
