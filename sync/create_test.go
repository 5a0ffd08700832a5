package issuesync

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

func TestAnIssueCarriesThePublicFieldsAndNothingElse(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		for _, by := range bothWays(stand) {
			t.Run(by.name, func(t *testing.T) { carriesPublicFields(t, newWorld(t, db, stand, by.change), by.login) })
		}
	})
}

func carriesPublicFields(t *testing.T, w *world, author string) {
	th := w.theme("Dark mode")
	text := models.Text{EN: "For the night. Ask @octocat or bob@example.com, see #12.", ZH: "晚上用。"}
	name := models.Text{EN: "Dark mode", ZH: "深色模式"}
	if _, _, err := w.th.Edit(t.Context(), pm, th.ID, 0, themes.Draft{PublicTitle: &name, PublicText: &text}); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE themes SET people_count = 31 WHERE id = ?", th.ID)
	w.start()
	wanted := w.create(th)
	if wanted.State != models.LinkWanted || wanted.Repository != roadmap {
		t.Errorf("the link begins as %+v", wanted)
	}
	l := w.waitFor(wanted.ID, models.LinkLinked)
	is := must[githubstand.Issue](t)(w.stand.GetIssue(t.Context(), roadmap, l.Number))
	if l.IssueID != is.ID || l.RepositoryID == 0 || l.URL != is.HTMLURL || l.IssueState != "open" || l.LastError != "" {
		t.Errorf("the link says %+v of issue %+v", l, is)
	}
	if is.Title != "Dark mode" || is.User.Login != author {
		t.Errorf("issue %q by %s", is.Title, is.User.Login)
	}
	if m := contains(is.Body, "For the night.", "31 people asked for this.", "**深色模式**", "晚上用。", "31 人支持。",
		"https://feedback.example.test/t/"+th.ID, "<!-- heed:"+l.ID+":"); len(m) > 0 {
		t.Errorf("the body lacks %q:\n%s", m, is.Body)
	}
	if strings.Index(is.Body, "night") > strings.Index(is.Body, "晚上") {
		t.Error("Chinese comes before English")
	}
	for _, private := range []string{"internal name", "@octocat", "bob@", "#12", pm.Name, w.stand.BotToken} {
		if strings.Contains(is.Title+is.Body, private) {
			t.Errorf("the issue tells %q:\n%s", private, is.Body)
		}
	}
	if w.marked(is.Body) != l.ID {
		t.Error("the marker is not ours")
	}
	if a, b := w.count(th.ID, models.IssueWanted), w.count(th.ID, models.IssueLinked); a != 1 || b != 1 {
		t.Errorf("%d wanted and %d linked activities, want one each", a, b)
	}
}

func TestWhatCreateRefuses(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	th := w.theme("Named")
	title := "unnamed"
	bare := must[*models.Theme](t)(w.th.Create(t.Context(), pm, themes.Draft{Title: &title}))
	off := newWorld(t, w.db, nil, func(o *Options) { o.Token = "" })
	nowhere := newWorld(t, w.db, nil, func(o *Options) { o.Repository = "" })
	support := auth.Actor{Kind: models.ActorMember, ID: "mem_2", Role: models.RoleSupport}
	for _, c := range []struct {
		name        string
		s           *world
		a           auth.Actor
		theme, repo string
		want        string
	}{
		{"no public title", w, pm, bare.ID, "", "public_title public_title_required"},
		{"no token", off, pm, th.ID, "", "repository github_not_configured"},
		{"no repository", nowhere, pm, th.ID, "", "repository github_not_configured"},
		{"not a repository", w, pm, th.ID, "https://github.com/acme/roadmap", "repository repository_invalid"},
		{"a path", w, pm, th.ID, "acme/..", "repository repository_invalid"},
		{"no such theme", w, pm, "thm_none", "", " theme_not_found"},
		{"support", w, support, th.ID, "", " not_allowed"},
		{"a visitor", w, auth.Anonymous(), th.ID, "", " sign_in_first"},
	} {
		if _, err := c.s.Create(t.Context(), c.a, c.theme, c.repo); code(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if links := must[[]models.IssueLink](t)(w.Links(t.Context(), pm, th.ID)); len(links) != 0 || w.jobs() != 0 {
		t.Errorf("refused calls left %d links and %d jobs", len(links), w.jobs())
	}
}

func TestTwentyCallsAtOnceMakeOneLinkAndOneIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand)
		w.start()
		title := "Asked for twenty times on " + db.Dialect()
		th := w.theme(title)
		var mu sync.Mutex
		ids := map[string]int{}
		var calls sync.WaitGroup
		for i := range 20 {
			calls.Go(func() {
				l, err := w.Create(t.Context(), pm, th.ID, []string{"", roadmap}[i%2])
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[l.ID]++
			})
		}
		calls.Wait()
		again := must[models.IssueLink](t)(w.Create(t.Context(), pm, th.ID, "Acme/Roadmap")) // GitHub does not tell them apart
		ids[again.ID]++
		w.settled()
		if len(ids) != 1 || len(w.issues(title)) != 1 || w.count(th.ID, models.IssueWanted) != 1 {
			t.Errorf("links %v, %d issues, %d activities; want one of each", ids, len(w.issues(title)), w.count(th.ID, models.IssueWanted))
		}
	})
}

var createPath = regexp.MustCompile(`/issues$`)

// createFault is what befalls the requests that create, and what a held link
// says before it is repaired ("" when it mends itself).
type createFault struct {
	name   string
	faults []githubstand.Fault
	held   string
}

func createFaults() []createFault {
	type fault = githubstand.Fault
	return []createFault{
		{"dropped before", []fault{{Kind: githubstand.DropBefore}}, ""},
		{"dropped after", []fault{{Kind: githubstand.DropAfter}}, ""},
		{"dropped before three times", []fault{{Kind: githubstand.DropBefore, Count: 3}}, ""},
		{"502 page", []fault{{Kind: githubstand.HTML502}}, ""},
		{"503", []fault{{Kind: githubstand.Status, Status: 503}}, ""},
		{"cut JSON", []fault{{Kind: githubstand.CutJSON}}, ""},
		{"later than our patience", []fault{{Kind: githubstand.Delay, Delay: 1500 * time.Millisecond}}, ""},
		{"dropped after, then every look fails twice", []fault{{Kind: githubstand.DropAfter}, {Method: "GET", Kind: githubstand.HTML502, Count: 2}}, ""},
		{"dropped before, then after", []fault{{Kind: githubstand.DropBefore}, {Kind: githubstand.DropAfter}}, ""},
		{"dropped before, then refused", []fault{{Kind: githubstand.DropBefore}, {Kind: githubstand.Status, Status: 403, Message: "Resource not accessible", DocURL: "https://docs.github.com/rest"}}, ""},
		{"401", []fault{{Kind: githubstand.Unauthorized}}, ""},
		{"403", []fault{{Kind: githubstand.Status, Status: 403, Message: "Resource not accessible", DocURL: "https://docs.github.com/rest"}}, ""},
		{"404", []fault{{Kind: githubstand.Status, Status: 404, Message: "Not Found"}}, ""},
		{"410", []fault{{Kind: githubstand.Status, Status: 410, Message: "Issues are disabled for this repo"}}, "github_issues_off: 410 Issues are disabled for this repo"},
		{"422", []fault{{Kind: githubstand.Status, Status: 422, Message: "Validation Failed"}}, "github_rejected: 422 Validation Failed"},
		{"429 with Retry-After", []fault{{Kind: githubstand.Status, Status: 429, RetryAfter: 1}}, ""},
		{"429 without", []fault{{Kind: githubstand.Status, Status: 429}}, ""},
		{"403 of a secondary limit, three times", []fault{{Kind: githubstand.Status, Status: 403, Count: 3}}, ""},
		{"403 with another documentation page", []fault{{Kind: githubstand.Status, Status: 403, RetryAfter: 1, Message: "slow down", DocURL: "https://docs.github.com/elsewhere"}}, ""},
	}
}

// Whatever happens to the request that creates, in the end there is exactly one
// issue. Refusals wait for a person (or an hour) and are clear about it.
func TestEveryFaultOfTheRequestEndsInOneIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, by := range bothWays(stand) {
		for _, c := range createFaults() {
			t.Run(by.name+"/"+c.name, func(t *testing.T) { endsInOneIssue(t, newWorld(t, sqlite(t), stand, by.change), c) })
		}
	}
}

func endsInOneIssue(t *testing.T, w *world, c createFault) {
	w.stand.ClearFaults()
	w.stand.ResetLog()
	for _, f := range c.faults {
		if f.Method == "" {
			f.Method = "POST"
		}
		f.Path = createPath
		w.stand.Fail(f)
	}
	title := c.name
	if w.opts.AppID != 0 {
		title += ", by the App"
	}
	th := w.theme(title)
	w.start()
	start := time.Now()
	l := w.create(th)
	if c.held != "" {
		held := w.waitFor(l.ID, models.LinkHeld)
		w.settled() // it does not try again by itself
		if held.LastError != c.held || held.SentAt != nil {
			t.Errorf("held with %q and sent %v, want %q and never", held.LastError, held.SentAt, c.held)
		}
		if err := w.Repair(t.Context(), pm, th.ID, l.ID, MendAgain); err != nil {
			t.Fatal(err)
		}
	}
	l = w.waitFor(l.ID, models.LinkLinked)
	w.settled()
	got := w.issues(title)
	if len(got) != 1 || got[0].ID != l.IssueID {
		t.Errorf("%d issues, link to %d: want one, linked", len(got), l.IssueID)
	}
	if l.LastError != "" || w.count(th.ID, models.IssueLinked) != 1 {
		t.Errorf("in the end the link says %q, with %d linked activities", l.LastError, w.count(th.ID, models.IssueLinked))
	}
	if f := c.faults[0]; f.RetryAfter > 0 && time.Since(start) < time.Duration(f.RetryAfter)*time.Second {
		t.Errorf("asked again after %s, GitHub wanted %d s", time.Since(start), f.RetryAfter)
	}
	for _, r := range w.stand.Requests() {
		if !w.shown(r) {
			t.Errorf("%s %s went out with %q", r.Method, r.Path, r.Token)
		}
	}
}

// A process may die between any two steps; the next one finds the rows as they
// were left.
func TestADeadProcessLeavesOneIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range []struct {
		name     string
		posted   bool // whether the request reached GitHub
		row      string
		released bool
	}{
		{"before the request was written down", false, "state = 'wanted', sent_at = NULL", true},
		{"after it was written down, before it left", false, "state = 'creating'", true},
		{"after GitHub carried it out, before the answer was written down", true, "state = 'creating'", true},
		{"the same, and the lease runs out by itself", true, "state = 'creating'", false},
		{"between two looks", true, "state = 'uncertain', probes = 2", true},
		{"between two looks, never sent", false, "state = 'uncertain', probes = 2", true},
		{"after the last look, before asking again", true, "state = 'wanted'", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := sqlite(t)
			dead := newWorld(t, db, stand)
			th := dead.theme(c.name)
			l := dead.create(th)
			if c.posted {
				stop := dead.start()
				dead.waitFor(l.ID, models.LinkLinked)
				dead.settled()
				stop()
			}
			dead.exec("UPDATE issue_links SET issue_id = 0, repository_id = 0, number = 0, url = '', issue_state = '', github_at = NULL, sent_at = ?, "+c.row+" WHERE id = ?",
				db.Now(), l.ID)
			if err := dead.q.Enqueue(t.Context(), CreateJob, l.ID, "", db.Now()); err != nil {
				t.Fatal(err)
			}
			dead.exec("UPDATE jobs SET lease_owner = 'dead', lease_until = ?", db.Now().Add(300*time.Millisecond))
			next := newWorld(t, db, stand)
			if c.released {
				if err := next.q.ReleaseStale(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			next.start()
			now := next.waitFor(l.ID, models.LinkLinked)
			next.settled()
			if got := next.issues(c.name); len(got) != 1 || got[0].ID != now.IssueID {
				t.Errorf("%d issues, link to %d: want one, linked", len(got), now.IssueID)
			}
		})
	}
}

func TestAHeldLinkTriesAgainByItselfAndSaysWhy(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, func(o *Options) { o.Pace.Refused = time.Second })
	stand.Gone("/repos/"+roadmap, 404)
	th := w.theme("To a repository that is not there yet")
	w.start()
	l := w.create(th)
	held := w.waitFor(l.ID, models.LinkHeld)
	if held.LastError != "github_repository_not_found: 404 Not Found" {
		t.Errorf("it says %q", held.LastError)
	}
	if e := Explain(&held); e == nil || e.Code != "github_repository_not_found" || len(e.Args) != 1 || e.Args[0] != "404 Not Found" {
		t.Errorf("explained as %+v", e)
	}
	stand.Restore("/repos/" + roadmap)
	if l = w.waitFor(l.ID, models.LinkLinked); Explain(&l) != nil {
		t.Errorf("a linked issue complains: %q", l.LastError)
	}
}

func TestNetworkDownIsToldAndRetried(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	db := sqlite(t)
	down := newWorld(t, db, nil)
	th := down.theme("Written while offline")
	stop := down.start()
	l := down.create(th)
	eventually(t, "told", func() bool { return strings.HasPrefix(down.read(l.ID).LastError, "github_unreachable: ") }, func() any { return down.read(l.ID) })
	if now := down.read(l.ID); now.State != models.LinkWanted || now.SentAt != nil {
		t.Errorf("nothing was sent, but the link says %+v", now)
	}
	stop()
	w := newWorld(t, db, stand)
	w.start()
	w.waitFor(l.ID, models.LinkLinked)
}

func TestACopyByAnotherAccountIsNotAdopted(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	th := w.theme("Copied")
	l := w.create(th)
	copied := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "Copied", "as if\n\n"+w.marker(l.ID)))
	w.exec("UPDATE issue_links SET state = 'creating', sent_at = ? WHERE id = ?", w.db.Now(), l.ID)
	w.start()
	if now := w.waitFor(l.ID, models.LinkLinked); now.IssueID == copied.ID {
		t.Error("the link took a person's issue for its own")
	}
}

func TestUnlinkAndLinksStayWithTheirTheme(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	th, other := w.theme("One"), w.theme("Other")
	l := w.create(th)
	if err := w.Unlink(t.Context(), pm, other.ID, l.ID); code(err) != " issue_link_not_found" {
		t.Errorf("through another theme: %v", err)
	}
	w.exec("UPDATE issue_links SET state = 'uncertain'")
	if err := w.Unlink(t.Context(), pm, th.ID, l.ID); code(err) != " issue_link_unsure" {
		t.Errorf("while nobody knows whether the issue exists: %v", err)
	}
	w.exec("UPDATE issue_links SET state = 'held'")
	if err := w.Unlink(t.Context(), pm, th.ID, l.ID); err != nil {
		t.Fatal(err)
	}
	if links := must[[]models.IssueLink](t)(w.Links(t.Context(), pm, th.ID)); len(links) != 0 || w.count(th.ID, models.IssueUnlinked) != 1 {
		t.Errorf("%d links left, %d activities", len(links), w.count(th.ID, models.IssueUnlinked))
	}
	again := w.create(th)
	if again.ID == l.ID {
		t.Error("the old link came back")
	}
	if _, err := w.Links(t.Context(), auth.Anonymous(), th.ID); models.KindOf(err) != models.Unauthenticated {
		t.Errorf("a visitor reads links: %v", err)
	}
}

func TestNewNamesTheWrongOption(t *testing.T) {
	for want, o := range map[string]Options{
		"github.repository":   {Repository: "roadmap"},
		"github.on_completed": {OnCompleted: "maybe"},
		"github.api_url":      {APIURL: "nowhere"},
		"secret":              {Token: "t"},
	} {
		if _, err := New(nil, nil, nil, o); err == nil || !strings.Contains(err.Error(), want) || errors.Unwrap(err) != nil {
			t.Errorf("%v, want it to name %s", err, want)
		}
	}
}
