//go:build unix

package githubstand

import (
	"fmt"
	"slices"

	"github.com/google/go-github/v60/github"
)

// released makes a release of that kind and gives it back with the list as it is then.
func (c *caller) released(r *github.RepositoryRelease) (made *github.RepositoryRelease, list []*github.RepositoryRelease) {
	r.TagName = text(fmt.Sprintf("v1.%d.0", c.issue().GetNumber()))
	made = got(c.human.Repositories.CreateRelease(c.ctx, "acme", "roadmap", r))
	return made, got(c.bot.Repositories.ListReleases(c.ctx, "acme", "roadmap", &github.ListOptions{PerPage: 30}))
}

func among(list []*github.RepositoryRelease, id int64) bool {
	return slices.ContainsFunc(list, func(r *github.RepositoryRelease) bool { return r.GetID() == id })
}

var releaseRows = []row{
	{"a release is listed first, with when it came out", "", func(c *caller) error {
		r, list := c.released(&github.RepositoryRelease{Name: text("One"), Body: text("What is new")})
		return is(list[0].GetID() == r.GetID() && !list[0].GetPublishedAt().IsZero() && list[0].GetBody() == "What is new" && !list[0].GetPrerelease(), "%v", list[0])
	}},
	{"a pre-release is listed as one", "", func(c *caller) error {
		r, list := c.released(&github.RepositoryRelease{Prerelease: github.Bool(true)})
		return is(among(list, r.GetID()) && r.GetPrerelease(), "%v", r)
	}},
	{"a draft did not come out", "", func(c *caller) error {
		r, _ := c.released(&github.RepositoryRelease{Draft: github.Bool(true)})
		return is(r.GetDraft() && r.GetPublishedAt().IsZero(), "%v", r)
	}},
	{"an unchanged list of releases is not sent again", "", func(c *caller) error {
		_, _ = c.released(&github.RepositoryRelease{})
		_, res, err := c.bot.Repositories.ListReleases(c.ctx, "acme", "roadmap", nil)
		if err != nil {
			return err
		}
		req, err := c.bot.NewRequest("GET", "repos/acme/roadmap/releases", nil)
		if err != nil {
			return err
		}
		req.Header.Set("If-None-Match", res.Header.Get("ETag"))
		res, _ = c.bot.Do(c.ctx, req, nil)
		return is(res.StatusCode == 304, "%d", res.StatusCode)
	}},
	{"a deleted release is not found, nor listed", "", func(c *caller) error {
		r, _ := c.released(&github.RepositoryRelease{})
		if err := c.s.DeleteRelease(c.ctx, roadmap, r.GetID()); err != nil {
			return err
		}
		if among(got(c.bot.Repositories.ListReleases(c.ctx, "acme", "roadmap", nil)), r.GetID()) {
			return fmt.Errorf("it is listed")
		}
		return refused(404, "Not Found", third(c.bot.Repositories.GetRelease(c.ctx, "acme", "roadmap", r.GetID())))
	}},
	{"a release that comes out, is edited or deleted is told", "", func(c *caller) error {
		return c.hooked(func(*github.Hook) error {
			before := len(c.hook.seen())
			r, _ := c.released(&github.RepositoryRelease{})
			if _, err := c.s.EditRelease(c.ctx, roadmap, r.GetID(), map[string]any{"body": "more"}); err != nil {
				return err
			}
			if err := c.s.DeleteRelease(c.ctx, roadmap, r.GetID()); err != nil {
				return err
			}
			c.flush()
			heard := c.hook.seen()[before:]
			return is(slices.Equal(heard, []string{"release", "release", "release"}), "only %v", heard)
		}, "release")
	}},
}
