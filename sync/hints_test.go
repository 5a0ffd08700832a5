package issuesync

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

func itoa(n int) string { return strconv.Itoa(n) }

// receiver stands for the server's hook: it hands deliveries to Receive and
// counts the outcomes.
func receiver(t *testing.T, w *world) (url string, outcomes func() map[string]int) {
	var mu sync.Mutex
	seen := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		out, err := w.Receive(r.Context(), Delivery{GUID: r.Header.Get("X-GitHub-Delivery"), Event: r.Header.Get("X-GitHub-Event"),
			Signature256: r.Header.Get("X-Hub-Signature-256"), Body: body})
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			seen[string(models.KindOf(err))]++
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		seen[string(out)]++
		rw.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		out := map[string]int{}
		for k, n := range seen {
			out[k] = n
		}
		return out
	}
}

func TestHooksBringChangesHoweverTheyArrive(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range []struct {
		name string
		plan githubstand.HookPlan
		must []string // outcomes that must be among them
	}{
		{"in order", githubstand.HookPlan{}, []string{"queued"}},
		{"doubled", githubstand.HookPlan{DoubleEvery: 1}, []string{"queued", "duplicate"}},
		{"forged before each", githubstand.HookPlan{ForgeEvery: 1}, []string{"queued", "unauthenticated"}},
		{"reordered", githubstand.HookPlan{Reorder: 3}, []string{"queued"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sqlite(t), stand, ship)
			th, l := w.linked(c.name)
			w.start()
			url, outcomes := receiver(t, w)
			stand.SetHookTarget(url)
			defer stand.SetHookTarget("")
			stand.PlanHooks(c.plan)
			w.close(l, "completed")
			w.reopen(l)
			w.close(l, "not_planned")
			if err := stand.FlushHooks(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.settled()
			now := w.read(l.ID)
			if got := w.themeNow(th); got.Status != models.StatusInProgress || got.WantsReasonAt == nil || now.StateReason != "not_planned" {
				t.Errorf("the theme is %s (wants a reason: %v), the issue %s/%s", got.Status, got.WantsReasonAt, now.IssueState, now.StateReason)
			}
			got := outcomes()
			for _, o := range c.must {
				if got[o] == 0 {
					t.Errorf("outcomes %v, want %s among them", got, o)
				}
			}
			var stored int64
			if err := w.db.Read(t.Context()).Model(&models.HookDelivery{}).Where("outcome <> ''").Count(&stored).Error; err != nil || stored != int64(got["queued"]+got["ignored"]) {
				t.Errorf("%d deliveries stored (%v), outcomes %v", stored, err, got)
			}
		})
	}
}

func TestReceiveTakesWhatItDoesNotKnowAndNothingUnsigned(t *testing.T) {
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, nil)
		open := newWorld(t, db, nil, func(o *Options) { o.WebhookSecret = "" })
		sign := func(secret string, d Delivery) Delivery {
			d.Signature256 = "sha256=" + signature(secret, d.Body)
			return d
		}
		issue := []byte(`{"action":"closed","issue":{"number":7},"repository":{"id":1,"full_name":"acme/roadmap"}}`)
		for _, c := range []struct {
			name string
			w    *world
			d    Delivery
			want Outcome
			err  string
		}{
			{"an issue of nobody's", w, sign("hook secret", Delivery{GUID: "1", Event: "issues", Body: issue}), Ignored, ""},
			{"an event of next year", w, sign("hook secret", Delivery{GUID: "2", Event: "sub_issues", Body: []byte(`{"action":"sub_issue_added"}`)}), Ignored, ""},
			{"an action of next year", w, sign("hook secret", Delivery{GUID: "3", Event: "issues", Body: []byte(`{"action":"frozen","issue":{"number":7},"repository":{"id":1}}`)}), Ignored, ""},
			{"the first again", w, sign("hook secret", Delivery{GUID: "1", Event: "issues", Body: issue}), Duplicate, ""},
			{"no JSON", w, sign("hook secret", Delivery{GUID: "4", Event: "issues", Body: []byte("payload=%7B")}), Unreadable, ""},
			{"JSON of another shape", w, sign("hook secret", Delivery{GUID: "5", Event: "issues", Body: []byte(`{"issue":"seven"}`)}), Unreadable, ""},
			{"another secret", w, sign("old secret", Delivery{GUID: "6", Event: "issues", Body: issue}), "", " webhook_signature"},
			{"no signature", w, Delivery{GUID: "7", Event: "issues", Body: issue}, "", " webhook_signature"},
			{"a body changed on the way", w, Delivery{GUID: "8", Event: "issues", Body: append(issue, ' '), Signature256: "sha256=" + signature("hook secret", issue)}, "", " webhook_signature"},
			{"no secret set, signed with none", open, sign("", Delivery{GUID: "9", Event: "issues", Body: issue}), "", " webhook_signature"},
			{"no id", w, sign("hook secret", Delivery{Event: "issues", Body: issue}), "", "X-GitHub-Delivery webhook_guid_required"},
		} {
			out, err := c.w.Receive(t.Context(), c.d)
			if out != c.want || code(err) != c.err {
				t.Errorf("%s: %q, %v; want %q, %s", c.name, out, err, c.want, c.err)
			}
		}
		var stored []string
		if err := db.Read(t.Context()).Model(&models.HookDelivery{}).Order("guid").Pluck("guid", &stored).Error; err != nil || strings.Join(stored, "") != "12345" {
			t.Errorf("stored %v (%v), want what was signed, once", stored, err)
		}
		if w.jobs() != 0 {
			t.Errorf("%d jobs for nothing of ours", w.jobs())
		}
	})
}

func TestReconcileFindsWhatTheHooksLost(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, ship)
		th, l := w.linked("Lost on the way " + db.Dialect())
		if err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		cursor := func() (c models.GithubRepository) {
			if err := db.Read(t.Context()).First(&c, "name = ?", roadmap).Error; err != nil {
				t.Fatal(err)
			}
			return c
		}
		before := cursor()
		if age := time.Since(before.Since); age > 3*time.Minute || age < 2*time.Minute-2*time.Second {
			t.Errorf("the cursor stands at %s, want two minutes ago", before.Since)
		}
		w.close(l, "completed")
		stand.ClearFaults()
		stand.Fail(githubstand.Fault{Method: "GET", Kind: githubstand.HTML502})
		if err := w.Reconcile(t.Context()); err == nil {
			t.Error("a failed page was no error")
		}
		if c := cursor(); !c.Since.Equal(before.Since) || c.LastError == "" {
			t.Errorf("a failed page moved the cursor from %s to %s (%q)", before.Since, c.Since, c.LastError)
		}
		if err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		if now := w.themeNow(th); now.Status != models.StatusShipped {
			t.Errorf("the theme is %s", now.Status)
		}
		n := len(w.verbs(th.ID))
		stand.ResetLog()
		for range 3 {
			if err := w.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.verbs(th.ID)) != n || len(stand.Writes()) != 0 || len(stand.Requests()) != 3 || cursor().LastError != "" {
			t.Errorf("quiet rounds: %d new activities, %d requests, %d of them writes", len(w.verbs(th.ID))-n, len(stand.Requests()), len(stand.Writes()))
		}
		stand.ExhaustPrimary(stand.BotToken, 2*time.Second)
		if err := w.Reconcile(t.Context()); err == nil || !strings.Contains(err.Error(), "again at") {
			t.Errorf("without budget: %v, want a time to come back", err)
		}
		stand.SetLimits(githubstand.Limits{})
	})
}

func TestReconcileReadsAllPages(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	th, l := w.linked("Among many")
	for i := range 230 {
		must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, fmt.Sprint("noise ", i), ""))
	}
	w.close(l, "completed") // the latest change of all: on the last page
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := w.themeNow(th); now.ReadyAt == nil {
		t.Error("a change on the third page was missed")
	}
	w.reopen(l)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := w.themeNow(th); now.ReadyAt != nil {
		t.Error("the sweep missed a change")
	}
}

func TestTheSweepAdoptsWhatIsStillInDoubt(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	_, seen := w.linked("Known")
	th, l := w.linked("In doubt")
	w.exec("UPDATE issue_links SET state = 'uncertain', issue_id = 0, number = 0, url = '' WHERE id = ?", l.ID)
	stand.DeleteIssue(roadmap, seen.Number)
	stand.ResetLog()
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := w.read(l.ID); now.State != models.LinkLinked || now.IssueID != l.IssueID || now.Number != l.Number {
		t.Errorf("in doubt still: %+v", now)
	}
	w.start()
	w.waitFor(seen.ID, models.LinkGone) // the list did not have it, so it was asked for
	if len(stand.Writes()) != 0 || len(w.issues("In doubt")) != 1 || w.count(th.ID, models.IssueLinked) != 2 {
		t.Errorf("%d writes, %d issues, %d linked activities", len(stand.Writes()), len(w.issues("In doubt")), w.count(th.ID, models.IssueLinked))
	}
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	for guid, age := range map[string]time.Duration{"old": 15 * 24 * time.Hour, "young": 13 * 24 * time.Hour} {
		w.exec("INSERT INTO hook_deliveries (guid, event, action, repository, number, body_hash, outcome, received_at) VALUES (?, 'issues', '', '', 0, '', 'ignored', ?)",
			guid, w.db.Now().Add(-age))
	}
	if err := w.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	var kept []string
	if err := w.db.Read(t.Context()).Model(&models.HookDelivery{}).Pluck("guid", &kept).Error; err != nil || strings.Join(kept, ",") != "young" {
		t.Errorf("kept %v (%v), want what is younger than 14 days", kept, err)
	}
}

func TestAnOlderViewIsPassedBy(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	th, l := w.linked("Overtaken")
	stale, err := w.api.issue(t.Context(), l.RepositoryID, l.Repository, l.Number)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // GitHub's times are whole seconds
	w.close(l, "completed")
	w.pull(l)
	if _, err := w.apply(t.Context(), l.ID, stale); err != nil {
		t.Fatal(err)
	}
	if now := w.themeNow(th); now.ReadyAt == nil || w.read(l.ID).IssueState != "closed" {
		t.Error("an old page undid what a later answer said")
	}
}

// captureLog keeps what is logged until the test ends.
func captureLog(t *testing.T) (logged func() string) {
	var mu sync.Mutex
	var all bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return all.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(old) })
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestNoTokenIsTold(t *testing.T) {
	logged := captureLog(t)
	var elsewhere string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = r.Header.Get("Authorization") }))
	defer other.Close()
	const token = "ghp_averysecrettoken"
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/user":
			http.Redirect(rw, r, other.URL, http.StatusFound)
		case r.Header.Get("User-Agent") != "heed" || r.Header.Get("Authorization") != "Bearer "+token:
			t.Errorf("sent as %q with %q", r.Header.Get("User-Agent"), r.Header.Get("Authorization"))
		default:
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(rw, `{"message":"the token %s may not do this"}`, token)
		}
	}))
	defer api.Close()
	w := newWorld(t, sqlite(t), nil, func(o *Options) { o.APIURL, o.Token = api.URL, token })
	if _, err := w.api.bot(context.Background()); err == nil || elsewhere != "" {
		t.Errorf("another host was sent %q (%v)", elsewhere, err)
	}
	th := w.theme("Refused")
	stop := w.start()
	l := w.waitFor(w.create(th).ID, models.LinkHeld)
	stop()
	if strings.Contains(l.LastError, token) || !strings.Contains(l.LastError, "may not do this") {
		t.Errorf("the link says %q", l.LastError)
	}
	if strings.Contains(logged(), token) {
		t.Error("the token was logged")
	}
}

// Many issues that changed at once are read as a list; what has left the repository is in none,
// and is missed at once all the same.
func TestAnIssueThatLeavesInACrowdIsMissed(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	_, gone := w.linked("It leaves")
	_, stays := w.linked("It stays")
	stand.DeleteIssue(roadmap, gone.Number)
	for i := range crowd {
		w.exec(`INSERT INTO hook_deliveries (guid, event, action, repository, repository_id, number, body_hash, outcome, received_at) VALUES (?, 'issues', 'edited', ?, ?, ?, '', 'queued', ?)`,
			"crowd "+itoa(i), roadmap, gone.RepositoryID, stays.Number+i, w.db.Now())
	}
	for _, action := range []string{"edited", "deleted"} {
		w.exec(`INSERT INTO hook_deliveries (guid, event, action, repository, repository_id, number, body_hash, outcome, received_at) VALUES (?, 'issues', ?, ?, ?, ?, '', 'queued', ?)`,
			action, action, roadmap, gone.RepositoryID, gone.Number, w.db.Now())
	}
	stand.ResetLog()
	stop := w.start()
	w.settled()
	stop()
	if l := w.read(gone.ID); l.State != models.LinkGone {
		t.Errorf("the deleted issue's link is %s", l.State)
	}
	for _, r := range stand.Requests() {
		if strings.HasSuffix(r.Path, "/issues/"+itoa(stays.Number)) {
			t.Errorf("one of the crowd was read by itself: %s", r.Path)
		}
	}
}

// A crowd may come before its repository was ever read, and its job after the last link is gone.
func TestACrowdOfARepositoryThatWasNeverRead(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	_, l := w.linked("The only one")
	job := models.Job{Key: strconv.FormatInt(l.RepositoryID, 10)}
	w.exec("DELETE FROM github_repositories")
	if err := w.recentJob(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	var row models.GithubRepository
	if err := w.db.Read(t.Context()).First(&row, "id = ?", l.RepositoryID).Error; err != nil || row.Name != roadmap {
		t.Errorf("the repository is called %q, %v", row.Name, err)
	}
	w.exec("DELETE FROM github_repositories")
	w.exec("DELETE FROM issue_links")
	if err := w.recentJob(t.Context(), job); err != nil {
		t.Errorf("it is tried for ever: %v", err)
	}
}
