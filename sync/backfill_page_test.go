package issuesync

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// listed is a GitHub with one repository whose list is what pages say; it answers 422 to what
// is no page.
func listed(t *testing.T, pages map[string]string) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			t.Errorf("%s %s", r.Method, r.URL)
		case r.URL.Path == "/repos/acme/web":
			fmt.Fprint(rw, `{"id":5,"full_name":"acme/web","has_issues":true,"open_issues_count":7}`)
		default:
			body, there := pages[r.URL.Query().Get("after")]
			if !there {
				rw.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			if next, rest, more := strings.Cut(body, "|"); more {
				rw.Header().Set("Link", fmt.Sprintf(`<http://%s/repositories/5/issues?after=%s>; rel="next"`, r.Host, next))
				body = rest
			}
			fmt.Fprint(rw, body)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func asListed(n int, title, more string) string {
	return fmt.Sprintf(`{"id":%d,"number":%d,"title":%q,"html_url":"https://github.com/acme/web/issues/%d","state":"open","updated_at":"2026-01-02T03:04:05Z","user":{"login":"octo"}%s}`, 1000+n, n, title, n, more)
}

func TestABackfillLeavesPullRequestsAndFindsWhatMovedBetweenPages(t *testing.T) {
	pages := map[string]string{
		"":   "p2|[" + asListed(1, "Search in archived projects", "") + "," + asListed(2, "Fix a typo", `,"pull_request":{"url":"x"}`) + "]",
		"p2": "[" + asListed(9, "!!!", `,"body":"`+strings.Repeat("长", 30_000)+`"`) + "]",
	}
	srv := listed(t, pages)
	i := newImporter(t, sqlite(t), nil, func(o *Options) { o.APIURL, o.Token = srv.URL, "ghp_x" })
	l := must[Looked](t)(i.LookAt(t.Context(), admin, "acme/web"))
	if l.Exact || l.Open != 7 {
		t.Errorf("more than a page is counted with pull requests: %+v", l)
	}
	must[models.GithubBackfill](t)(i.Backfill(t.Context(), admin, l))
	job := models.Job{Key: "5"}
	step := func() error { return i.backfillJob(t.Context(), job) }
	if err := step(); err == nil || i.row().Made != 1 || i.row().Page != 1 || !strings.Contains(i.row().Next, "after=p2") {
		t.Fatalf("the first page: %v, %+v", err, i.row())
	}
	// While it waits the place in the list is forgotten, and an issue of the first page is there that
	// had been on the second.
	gone := pages["p2"]
	delete(pages, "p2")
	if err := step(); err == nil || i.row().Next != "" || i.row().State != models.BackfillRunning {
		t.Fatalf("an old place: %v, %+v", err, i.row())
	}
	pages["p2"] = gone
	pages[""] = strings.Replace(pages[""], "]", ","+asListed(4, "Undo in the calendar", "")+"]", 1)
	for range 10 {
		if err := step(); err == nil {
			break
		}
	}
	b := i.row()
	if b.State != models.BackfillDone || b.Made != 3 || b.Skipped != 0 || b.Failed != 0 || b.Round != 2 {
		t.Errorf("in the end: %+v", b)
	}
	var rows []models.Suggestion
	i.db.Read(t.Context()).Order("id").Find(&rows)
	titles := []string{}
	for _, r := range rows {
		if titles = append(titles, r.Title+r.Text); len([]rune(r.Text)) > intake.MaxText || r.ThemesCount != 1 {
			t.Errorf("%d characters, %d themes", len([]rune(r.Text)), r.ThemesCount)
		}
	}
	if len(rows) != 3 || titles[0] != "Search in archived projects" || slices.ContainsFunc(titles, func(s string) bool { return strings.Contains(s, "typo") }) {
		t.Errorf("brought in %.80q", titles)
	}
}

func TestAnIssueThatCannotBeBroughtInHoldsUpNoOther(t *testing.T) {
	srv := listed(t, map[string]string{"": "[" + asListed(1, "", "") + "," + asListed(2, "Search in archived projects", "") + "]"})
	i := newImporter(t, sqlite(t), nil, func(o *Options) { o.APIURL, o.Token = srv.URL, "ghp_x" })
	i.run()
	i.begin("acme/web")
	i.done()
	b := i.row()
	if b.Made != 1 || b.Failed != 1 || b.LastError != note(codeBackfillIssue, "#1") {
		t.Errorf("%+v", b)
	}
	if th, err := i.th.Similar(t.Context(), pm, "Search in archived projects", 1); err != nil || len(th) != 1 {
		t.Errorf("%v, %v", th, err)
	}
}

func TestWhatAPersonUntiedIsBroughtInByTheNextRun(t *testing.T) {
	srv := listed(t, map[string]string{"": "[" + asListed(1, "Search in archived projects", "") + "]"})
	i := newImporter(t, sqlite(t), nil, func(o *Options) { o.APIURL, o.Token = srv.URL, "ghp_x" })
	th := i.theme("Tied by hand")
	i.exec("INSERT INTO issue_links (id, theme_id, repository, repository_id, issue_id, number, url, state, issue_state, created_at, updated_at) VALUES (?, ?, 'acme/web', 5, 1001, 1, '', 'linked', 'open', ?, ?)",
		models.NewID(models.PrefixIssueLink), th.ID, i.db.Now(), i.db.Now())
	i.run()
	i.begin("acme/web")
	i.done()
	if b := i.row(); b.Made+b.Joined != 0 || b.Skipped != 1 {
		t.Errorf("it has a theme: %+v", b)
	}
	links := must[[]models.IssueLink](t)(i.Links(t.Context(), pm, th.ID))
	if err := i.Unlink(t.Context(), pm, th.ID, links[0].ID); err != nil {
		t.Fatal(err)
	}
	i.begin("acme/web")
	i.done()
	if b := i.row(); b.Made != 1 || b.Skipped != 0 {
		t.Errorf("it has none any more: %+v", b)
	}
}
