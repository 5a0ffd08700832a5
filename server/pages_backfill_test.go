package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
)

// How far a repository has been brought in is for staff to see; to begin and to stop is for who
// administers.
func TestTheGitHubPageShowsHowFarIssuesWereBroughtIn(t *testing.T) {
	s := newStreet(t)
	pm := s.member(models.RolePM)
	pm.get("/github").hides("backfill")
	now := s.db.Now()
	b := models.GithubBackfill{RepositoryID: 7, Repository: "acme/web", State: models.BackfillRunning, Round: 1, Total: 250, Made: 100, Joined: 20, Skipped: 5, StartedName: "Ada <b>Min", StartedAt: now.Add(-time.Minute),
		UpdatedAt: now, LastError: "github_limited: 2026-01-02T15:04:05Z"}
	s.store(&b)
	pm.get("/github").says("Bring in open issues", "acme/web", "Under way", "125 of 250 issues", "done about", "100 themes made", "20 joined a theme", "5 were here already", `max="250" value="125"`, "GitHub wants fewer requests", "Ada &lt;b&gt;Min").
		hides("could not be brought in", "/github/backfill", "<b>Min")
	pm.get("/github?which=failed").hides("acme/web")
	pm.in("zh").get("/github").says("导入中", "已处理 125 / 250 个 Issue", "新建 100 个需求")
	for _, path := range []string{"/github/backfill", "/github/backfill/cancel"} {
		pm.post(path, "repository", "acme/web").want(http.StatusForbidden)
	}
	owner := s.member(models.RoleOwner)
	owner.get("/github").says(`action="/github/backfill/cancel"`)
	owner.post("/github/backfill/cancel", "repository", "acme/web").to("/github#backfill-title")
	owner.get("/github").says("Stopped; what came in of acme/web stays", "Stopped").hides("/github/backfill/cancel", "Under way", "<progress", "every 5s")
	owner.post("/github/backfill/cancel", "repository", "acme/web").to("/github#backfill-title")
	owner.get("/github").says("No issues of acme/web are being brought in")
	owner.post("/github/backfill", "repository", "acme/web").to("/github?backfill=acme%2Fweb#backfill-title")
	owner.get("/github").says("GitHub is not set up here")
	s.visitor().get("/github?backfill=acme/web").to("/sign-in?next=%2Fgithub%3Fbackfill%3Dacme%2Fweb")
}
