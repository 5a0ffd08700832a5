package issuesync

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

var attemptsPath = regexp.MustCompile(`/deliveries/\d+/attempts$`)

// hooked has the stand's webhooks send to the world, until the test ends.
func hooked(t *testing.T, w *world) {
	t.Helper()
	url, _ := receiver(t, w)
	w.opts.PublicURL = url
	w.sendTo(t, url+HookPath)
}

// sendTo sets the webhook up, of the repositories or where there is an App of the App.
func (w *world) sendTo(t *testing.T, target string) {
	set := w.stand.SetHookTarget
	if w.opts.AppID != 0 {
		set = w.stand.SetAppHook
	}
	set(target)
	t.Cleanup(func() { set(""); w.stand.PlanHooks(githubstand.HookPlan{}) })
}

func (w *world) flush() {
	w.t.Helper()
	if err := w.stand.FlushHooks(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// asked counts how often lost deliveries were asked for again since the log was reset.
func (w *world) asked() (n int) {
	for _, r := range w.stand.Requests() {
		if r.Method == http.MethodPost && attemptsPath.MatchString(r.Path) {
			n++
		}
	}
	return n
}

// hookNow is what is known of the webhook: the codes of what is wrong, and what is said
// quietly.
func (w *world) hookNow() (codes []string, quiet string) {
	w.t.Helper()
	var row models.GithubHook
	if err := w.db.Read(w.t.Context()).First(&row).Error; err != nil {
		w.t.Fatal(err)
	}
	for _, p := range row.Problems.V {
		code, _, _ := strings.Cut(p, ": ")
		codes = append(codes, code)
	}
	quiet, _, _ = strings.Cut(row.Quiet, ": ")
	return codes, quiet
}

// However many webhooks are lost, an hour later GitHub is asked for them again, and the
// themes move by them: no list of changes is read.
func TestLostWebhooksAreAskedForAgain(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	each(t, func(t *testing.T, db *models.DB) {
		for _, c := range bothWays(stand) {
			for lost, every := range map[string]int{"a third": 3, "all": 1} {
				t.Run(c.name+", "+lost, func(t *testing.T) {
					w := newWorld(t, db, stand, c.change, ship)
					hooked(t, w)
					var ths []*models.Theme
					var links []models.IssueLink
					for i := range 4 {
						th, l := w.linked(fmt.Sprintf("Lost %d, %s, %s, %s", i, db.Dialect(), c.name, lost))
						ths, links = append(ths, th), append(links, l)
					}
					w.visits() // nobody was there before
					w.flush()
					w.start()
					w.settled()
					stand.PlanHooks(githubstand.HookPlan{LoseEvery: every})
					stand.ResetLog()
					for _, l := range links {
						w.close(l, "completed")
					}
					w.flush()
					w.settled()
					waiting := 0
					for _, th := range ths {
						if w.themeNow(th).Status != models.StatusShipped {
							waiting++
						}
					}
					if waiting == 0 {
						t.Fatal("nothing was lost")
					}
					stand.PlanHooks(githubstand.HookPlan{}) // what Heed writes to the issues is told
					w.visits()
					w.flush()
					w.settled()
					for _, th := range ths {
						if now := w.themeNow(th); now.Status != models.StatusShipped {
							t.Errorf("%s is %s", now.Title, now.Status)
						}
					}
					n := w.asked()
					for _, r := range stand.Requests() {
						if strings.HasSuffix(r.Path, "/issues") {
							t.Errorf("%s %s?%s: a list was read", r.Method, r.Path, r.Query)
						}
						if !w.shown(r) {
							t.Errorf("%s %s went out with %q", r.Method, r.Path, r.Token)
						}
					}
					w.visits()
					if again := w.asked(); n == 0 || again != n {
						t.Errorf("%d were asked for, and %d more when all had come", n, again-n)
					}
					if codes, quiet := w.hookNow(); len(codes) != 0 || quiet != "" {
						t.Errorf("wrong is %v, %q", codes, quiet)
					}
				})
			}
		}
	})
}

// What cannot be delivered is asked for three times, not twice within the hour; a request
// that was lost itself is asked for again.
func TestAWebhookThatNeverArrivesIsGivenUp(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	_, l := w.linked("Never told")
	broken := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(broken.Close)
	w.opts.PublicURL = broken.URL
	w.flush()
	w.sendTo(t, broken.URL+HookPath)
	w.visits()
	w.close(l, "completed")
	w.flush()
	stand.ResetLog()
	stand.Fail(githubstand.Fault{Method: "POST", Path: attemptsPath, Kind: githubstand.DropBefore})
	if err := w.Visit(t.Context()); err == nil {
		t.Error("a lost request was no error")
	}
	w.visits()
	if n := w.asked(); n != 1 {
		t.Errorf("asked %d times within the hour", n)
	}
	for range 5 {
		time.Sleep(w.opts.Pace.Refused)
		w.visits()
		w.flush()
	}
	if n := w.asked(); n != mostTries {
		t.Errorf("asked %d times, want %d", n, mostTries)
	}
	if codes, _ := w.hookNow(); !slices.Equal(codes, []string{codeHookFailing}) {
		t.Errorf("wrong is %v", codes)
	}
	var row models.GithubHook
	if err := w.db.Read(t.Context()).First(&row).Error; err != nil || time.Since(row.Since) > 3*time.Minute {
		t.Errorf("deliveries are read since %s (%v), although nothing is left to be asked for", row.Since, err)
	}
}

// A hundred an hour are enough: what is lost beyond is but a hint.
func TestNoMoreThanAHundredAreAskedForInAnHour(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	hooked(t, w)
	_, l := w.linked("One too many")
	w.flush()
	stand.PlanHooks(githubstand.HookPlan{LoseEvery: 1})
	w.close(l, "completed")
	w.flush()
	err := w.db.Write(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		var rows []models.GithubRedelivery
		for i := range mostAgain {
			rows = append(rows, models.GithubRedelivery{GUID: itoa(i), RepositoryID: 1, Attempts: 1, AskedAt: w.db.Now()})
		}
		return tx.Create(&rows).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	stand.ResetLog()
	w.visits()
	if n := w.asked(); n != 0 {
		t.Errorf("%d more were asked for", n)
	}
}

// Each setting that keeps webhooks from Heed is named, and no other.
func TestWhatIsWrongWithAWebhookIsNamed(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, withReleases, func(o *Options) {
		o.Comments, o.Milestones, o.OnMerged = CommentsBoth, MilestonesMatch, MergedReady
	})
	_, l := w.linked("Watched closely")
	w.flush()
	at := func(address string) func(*githubstand.HookSettings) {
		return func(*githubstand.HookSettings) { w.opts.PublicURL = address }
	}
	for _, c := range []struct {
		name   string
		change func(h *githubstand.HookSettings)
		want   string
		says   string
	}{
		{"all well", func(*githubstand.HookSettings) {}, "", ""},
		{"just what is needed", func(h *githubstand.HookSettings) {
			h.Events = []string{"issues", "issue_comment", "milestone", "pull_request", "release"}
		}, "", ""},
		{"off", func(h *githubstand.HookSettings) { h.Active = false }, codeHookInactive, "Active"},
		{"another's events", func(h *githubstand.HookSettings) { h.Events = []string{"push", "issues"} }, codeHookEvents, "issue_comment, milestone, pull_request, release"},
		{"a form", func(h *githubstand.HookSettings) { h.Form = true }, codeHookForm, "application/json"},
		{"no certificate, where there is none", func(h *githubstand.HookSettings) { h.Insecure = true }, "", ""},
		{"elsewhere", at("https://elsewhere.example"), codeHookMissing, "https://elsewhere.example/webhooks/github"},
		{"the same, with a slash", func(*githubstand.HookSettings) { w.opts.PublicURL = strings.TrimSuffix(w.opts.PublicURL, "/") + "/" }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			hooked(t, w)
			stand.ChangeHooks(c.change)
			w.visits()
			codes, quiet := w.hookNow()
			if got := strings.Join(codes, " "); got != c.want || quiet != "" {
				t.Errorf("wrong is %q, want %q; quiet %q", got, c.want, quiet)
			}
			h, err := w.Health(t.Context(), pm)
			if err != nil || len(h.Repositories) != 1 || h.Repositories[0].Hook == nil || h.App != nil {
				t.Fatalf("%+v, %v", h, err)
			}
			if said := fmt.Sprint(h.Repositories[0].Hook.Problems); c.says != "" && c.want != codeHookInactive && c.want != codeHookForm && !strings.Contains(said, c.says) {
				t.Errorf("it says %s, want %s in it", said, c.says)
			}
		})
	}
	insecure := hook{Active: true, Events: []string{"*"}, Config: hookConfig{ContentType: "json", InsecureSSL: []byte(`"1"`)}}
	w.opts.PublicURL = "https://feedback.example.test"
	if got := w.wrongWith(&insecure); !slices.Equal(got, []string{note(codeHookInsecure, "")}) {
		t.Errorf("unchecked certificates: %v", got)
	}

	// Another secret: nothing is asked for again until it is right, and then all of it is.
	hooked(t, w)
	w.start()
	stand.ChangeHooks(func(h *githubstand.HookSettings) { h.Secret = "another" })
	for range 2 {
		w.close(l, "completed")
		w.reopen(l)
	}
	w.flush()
	stand.ResetLog()
	w.visits()
	if codes, _ := w.hookNow(); !slices.Equal(codes, []string{codeHookSecret}) || w.asked() != 0 {
		t.Errorf("with another secret wrong is %v, and %d were asked for", codes, w.asked())
	}
	stand.ChangeHooks(func(h *githubstand.HookSettings) { h.Secret = stand.WebhookSecret })
	must[githubstand.Issue](t)(stand.EditIssue(t.Context(), roadmap, l.Number, map[string]any{"title": "Told at last"}))
	w.flush()
	w.visits()
	w.flush()
	w.settled()
	if codes, _ := w.hookNow(); len(codes) != 0 || w.asked() < 4 {
		t.Errorf("with the right one wrong is %v, and %d were asked for", codes, w.asked())
	}
}

// That Heed may not see webhooks, or ask for them, is no error and stops nothing.
func TestWebhooksThatMayNotBeSeen(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	hooked(t, w)
	_, l := w.linked("Unseen")
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		path := "/repos/" + roadmap + "/hooks"
		stand.Gone(path, status)
		w.visits()
		if codes, quiet := w.hookNow(); len(codes) != 0 || quiet != codeHooksUnread {
			t.Errorf("%d: wrong is %v, %q", status, codes, quiet)
		}
		stand.Restore(path)
	}
	w.flush()
	stand.PlanHooks(githubstand.HookPlan{LoseEvery: 1})
	w.close(l, "completed")
	w.flush()
	stand.Fail(githubstand.Fault{Method: "POST", Path: attemptsPath, Kind: githubstand.Status, Status: 403, Message: "Resource not accessible by personal access token"})
	w.visits()
	if _, quiet := w.hookNow(); quiet != codeHookNoAgain {
		t.Errorf("quiet is %q", quiet)
	}

	// Who wants no webhooks is asked nothing about them.
	w.opts.WebhookSecret = ""
	stand.ResetLog()
	w.visits()
	for _, r := range stand.Requests() {
		if strings.Contains(r.Path, "/hooks") {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
}

// The repository where new issues go is looked at before it has any.
func TestARepositoryWithoutIssuesIsLookedAt(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, withReleases)
	w.visits()
	w.release(map[string]any{"tag_name": "v7"})
	w.visits()
	h, err := w.Health(t.Context(), pm)
	if err != nil || len(h.Repositories) != 1 || h.Repositories[0].Repository != roadmap || h.Repositories[0].Linked != 0 || len(h.Repositories[0].Hook.Problems) != 1 {
		t.Errorf("%+v, %v", h, err)
	}
	if _, versions := w.drafts(); !slices.Equal(versions, []string{"7"}) {
		t.Errorf("drafts of %v", versions)
	}
}

func TestWhoMayHaveItLookedAtAgain(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	owner := auth.Actor{Kind: models.ActorMember, ID: "mem_0", Role: models.RoleOwner}
	if err := w.LookAgain(t.Context(), pm); code(err) != " not_allowed" {
		t.Error(err)
	}
	if err := newWorld(t, w.db, nil, func(o *Options) { o.Token = "" }).LookAgain(t.Context(), owner); code(err) != "repository github_not_configured" {
		t.Error(err)
	}
	for range 2 {
		if err := w.LookAgain(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
	}
	if w.jobs() != 1 {
		t.Errorf("%d jobs", w.jobs())
	}
	w.start()
	w.settled()
	if codes, _ := w.hookNow(); !slices.Equal(codes, []string{codeHookMissing}) {
		t.Errorf("wrong is %v", codes)
	}
}
