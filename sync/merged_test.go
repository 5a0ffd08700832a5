package issuesync

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

func onMerged(to string) func(*Options) { return func(o *Options) { o.OnMerged = to } }

// pullFor opens a pull request with a body in which # stands for the issue.
func (b *bond) pullFor(repo, body string) int {
	b.t.Helper()
	return must[int](b.t)(b.stand.OpenPull(b.t.Context(), repo, "work", strings.ReplaceAll(body, "#", fmt.Sprint("#", b.l.Number))))
}

func (b *bond) merge(repo, body string) int {
	b.t.Helper()
	n := b.pullFor(repo, body)
	if err := b.stand.MergePull(b.t.Context(), repo, n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// decided lists what pull requests did to the theme: before → after.
func (b *bond) decided() (all []string) {
	b.t.Helper()
	rows, _, err := b.Ledger(b.t.Context(), pm, LedgerFilter{Theme: b.th.ID})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range rows {
		if strings.HasPrefix(r.Field, opMerged) {
			if r.State != models.OpDone || r.Way != models.WayIn || r.DoneAt == nil {
				b.t.Errorf("the ledger says %+v", r)
			}
			all = append(all, r.Was+" → "+r.Becomes)
		}
	}
	return all
}

// hooks lets deliveries reach the process while do lasts, and then whatever they ask for.
func (b *bond) hooks(t *testing.T, plan githubstand.HookPlan, do func()) {
	t.Helper()
	url, _ := receiver(t, b.world)
	b.stand.SetHookTarget(url)
	b.stand.PlanHooks(plan)
	do()
	if err := b.stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.stand.SetHookTarget("")
	b.stand.PlanHooks(githubstand.HookPlan{})
	stop := b.start()
	b.settled()
	stop()
}

func (b *bond) gives(c themes.StatusChange) {
	b.t.Helper()
	if _, _, err := b.world.th.SetStatus(b.t.Context(), pm, b.th.ID, c); err != nil {
		b.t.Fatal(err)
	}
}

// A merged pull request moves its issues' themes as far as it is set to, and none of them back.
func TestAMergedPullRequestMovesTheTheme(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	reason := models.Text{EN: "no"}
	for _, c := range []struct {
		to, body string
		at       themes.StatusChange
		says     string
		decided  string
	}{
		{"", "fixes #", themes.StatusChange{Status: models.StatusPlanned}, "A planned | A open [heed: planned]", ""},
		{MergedInProgress, "fixes #", themes.StatusChange{Status: models.StatusPlanned}, "A in_progress | A open [heed: in progress]", "planned → in_progress"},
		{MergedInProgress, "Resolves: acme/RoadMap#", themes.StatusChange{Status: models.StatusUnderReview}, "A in_progress | A open [heed: in progress]", "under_review → in_progress"},
		{MergedInProgress, "see #", themes.StatusChange{Status: models.StatusPlanned}, "A planned | A open [heed: planned]", ""},
		{MergedInProgress, "`fixes #`", themes.StatusChange{Status: models.StatusPlanned}, "A planned | A open [heed: planned]", ""},
		{MergedInProgress, "fixes #", themes.StatusChange{Status: models.StatusInProgress}, "A in_progress | A open [heed: in progress]", "in_progress → in_progress"},
		{MergedInProgress, "fixes #", themes.StatusChange{Status: models.StatusPostponed, Reason: reason}, "A in_progress | A open [heed: in progress]", "postponed → in_progress"},
		{MergedInProgress, "fixes #", themes.StatusChange{Status: models.StatusShipped}, "A shipped | A closed completed", "shipped → shipped"},
		{MergedInProgress, "fixes #", themes.StatusChange{Status: models.StatusDeclined, Reason: reason}, "A declined | A closed not_planned", "declined → declined"},
		{MergedReady, "fixes #", themes.StatusChange{Status: models.StatusPlanned}, "A planned ready | A open [heed: planned]", "planned → ready"},
		{MergedReady, "fixes #", themes.StatusChange{Status: models.StatusShipped}, "A shipped | A closed completed", "shipped → shipped"},
		{MergedReady, "fixes #", themes.StatusChange{Status: models.StatusDeclined, Reason: reason}, "A declined | A closed not_planned", "declined → declined"},
	} {
		for _, way := range []string{"hook", "list"} {
			t.Run(fmt.Sprintf("%s/%s/%s/%s", c.to, c.body, c.at.Status, way), func(t *testing.T) {
				b := bound(t, newWorld(t, sqlite(t), stand, onMerged(c.to)), "A")
				b.gives(c.at)
				b.deed(".")
				if way == "hook" {
					b.hooks(t, githubstand.HookPlan{DoubleEvery: 1}, func() { b.merge(roadmap, c.body) })
				} else {
					b.merge(roadmap, c.body)
				}
				for range 2 {
					if err := b.Reconcile(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				b.deed(".")
				if got := b.says(); got != c.says {
					t.Errorf("they say\n%s, want\n%s", got, c.says)
				}
				if got := strings.Join(b.decided(), ", "); got != c.decided {
					t.Errorf("decided %q, want %q", got, c.decided)
				}
				n := len(stand.Writes())
				b.deed(".")
				if len(stand.Writes()) != n {
					t.Errorf("it goes on writing: %+v", stand.Writes()[n:])
				}
			})
		}
	}
}

// Each pull request counts once: staff may move the theme back, and its author may write
// more into it.
func TestAPullRequestCountsOnce(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, onMerged(MergedInProgress))
		b, other := bound(t, w, "Once "+db.Dialect()), bound(t, w, "Other "+db.Dialect())
		b.gives(themes.StatusChange{Status: models.StatusPlanned})
		other.gives(themes.StatusChange{Status: models.StatusPlanned})
		b.deed(".")
		n := b.merge(roadmap, "fixes # and closes #")
		look := func() {
			t.Helper()
			if err := w.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := w.mergedJob(t.Context(), models.Job{Key: mergedKey(b.l.RepositoryID, n)}); err != nil {
				t.Fatal(err)
			}
		}
		look()
		if got := b.themeNow(b.th).Status; got != models.StatusInProgress {
			t.Fatalf("it is %s", got)
		}
		b.gives(themes.StatusChange{Status: models.StatusPlanned})
		if err := stand.EditPull(t.Context(), roadmap, n, fmt.Sprintf("fixes #%d and fixes #%d", b.l.Number, other.l.Number)); err != nil {
			t.Fatal(err)
		}
		look()
		if got := b.themeNow(b.th).Status; got != models.StatusPlanned || len(b.decided()) != 1 {
			t.Errorf("staff moved it back, and it is %s by %v", got, b.decided())
		}
		if got := other.themeNow(other.th).Status; got != models.StatusPlanned || len(other.decided()) != 0 {
			t.Errorf("what was written into it later moved another theme to %s", got)
		}
		b.merge(roadmap, "fixes #") // another one
		look()
		if got := b.themeNow(b.th).Status; got != models.StatusInProgress || len(b.decided()) != 2 {
			t.Errorf("after another one it is %s by %v", got, b.decided())
		}
	})
}

// A pull request may be elsewhere than the issue that it closes; its own numbers mean its own
// repository.
func TestAPullRequestOfAnotherRepository(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, by := range bothWays(stand) {
		t.Run(by.name, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand, by.change, onMerged(MergedReady)), "A")
			b.hooks(t, githubstand.HookPlan{}, func() { b.merge("acme/secret", "fixes #") })
			if b.themeNow(b.th).ReadyAt != nil {
				t.Error("a number of another repository was taken for its own")
			}
			b.hooks(t, githubstand.HookPlan{}, func() { b.merge("acme/secret", "fixes ACME/roadmap#") })
			if b.themeNow(b.th).ReadyAt == nil || b.count(b.th.ID, models.ThemeReady) != 1 {
				t.Error("the theme is not ready")
			}
		})
	}
}

// What a webhook says of a pull request is not believed: it is asked for.
func TestAMergeIsNotBelievedFromAPayload(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand, onMerged(MergedInProgress)), "A")
	b.gives(themes.StatusChange{Status: models.StatusPlanned})
	open, closed := b.pullFor(roadmap, "fixes #"), b.pullFor(roadmap, "fixes #")
	if err := stand.ClosePull(t.Context(), roadmap, closed); err != nil {
		t.Fatal(err)
	}
	issue := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "no pull request", fmt.Sprint("fixes #", b.l.Number)))
	for i, n := range []int{open, closed, issue.Number, 99_999} {
		d := Delivery{GUID: models.NewID("g"), Event: "pull_request", Body: fmt.Appendf(nil,
			`{"action":"closed","number":%d,"pull_request":{"number":%[1]d,"merged":true,"merged_at":"2030-01-01T00:00:00Z","body":"fixes #%d"},"repository":{"id":%d,"full_name":"acme/roadmap"}}`, n, b.l.Number, b.l.RepositoryID)}
		d.Signature256 = "sha256=" + signature(stand.WebhookSecret, d.Body)
		if out, err := b.Receive(t.Context(), d); out != Queued || err != nil {
			t.Errorf("%d: %s, %v", i, out, err)
		}
	}
	b.deed(".")
	if err := b.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.themeNow(b.th).Status; got != models.StatusPlanned || len(b.decided()) != 0 {
		t.Errorf("it is %s by %v", got, b.decided())
	}
}

// What was merged before its issue was linked moves nothing when it is read for the first time.
func TestWhatWasMergedBeforeTheLinkMovesNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, onMerged(MergedInProgress))
	first := bound(t, w, "First") // the repository is watched from here on
	is := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "Old", ""))
	old := &bond{world: w, l: models.IssueLink{Number: is.Number}}
	old.merge(roadmap, "fixes #")
	time.Sleep(1100 * time.Millisecond) // GitHub's times are whole seconds
	old.th = w.theme("Old")
	old.gives(themes.StatusChange{Status: models.StatusPlanned})
	old.l = must[models.IssueLink](t)(w.Link(t.Context(), pm, old.th.ID, is.HTMLURL))
	for range 2 {
		if err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.themeNow(old.th).Status; got != models.StatusPlanned || len(old.decided()) != 0 || len(first.decided()) != 0 {
		t.Errorf("it is %s by %v", got, old.decided())
	}
	old.merge(roadmap, "fixes #")
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.themeNow(old.th).Status; got != models.StatusInProgress {
		t.Errorf("merged since, and it is %s", got)
	}
}

// GitHub closes the issue with the merge: whichever is read first, the theme is ready in the
// end, and nothing is written back.
func TestAMergeThatClosesTheIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, order := range []string{"merge first", "close first"} {
		t.Run(order, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand, onMerged(MergedInProgress)), "A")
			b.gives(themes.StatusChange{Status: models.StatusPlanned})
			b.deed(".")
			n := b.merge(roadmap, "fixes #")
			b.deed("gh.close:completed")
			merged := func() {
				if err := b.mergedJob(t.Context(), models.Job{Key: mergedKey(b.l.RepositoryID, n)}); err != nil {
					t.Fatal(err)
				}
			}
			if order == "merge first" {
				merged()
			}
			b.deed(".")
			merged()
			b.deed(".")
			th, is := b.themeNow(b.th), b.issue()
			if th.ReadyAt == nil || is.State != "closed" || is.StateReason != "completed" {
				t.Errorf("they say %s", b.says())
			}
		})
	}
}

// A merge that GitHub does not tell at once is asked for again, and lost by no error.
func TestAMergeThatCannotBeReadIsReadLater(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, f := range []githubstand.Fault{{Kind: githubstand.HTML502}, {Kind: githubstand.CutJSON}, {Kind: githubstand.Status, Status: 403, Message: "Forbidden"}, {Kind: githubstand.Status, Status: 429, Message: "slow down"}} {
		b := bound(t, newWorld(t, sqlite(t), stand, onMerged(MergedReady)), "A")
		n := b.merge(roadmap, "fixes #")
		if err := b.queue.Enqueue(t.Context(), MergedJob, mergedKey(b.l.RepositoryID, n), "", b.db.Now()); err != nil {
			t.Fatal(err)
		}
		f.Method = "GET"
		stand.Fail(f)
		stop := b.start()
		b.settled()
		stop()
		if b.themeNow(b.th).ReadyAt == nil || len(b.decided()) != 1 {
			t.Errorf("%s %d: not ready, by %v", f.Kind, f.Status, b.decided())
		}
		stand.ClearFaults()
	}
}

// Where merged pull requests begin to move themes, those of long ago do not: what people have
// decided since stands.
func TestWhatWasMergedLongAgoMovesNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand, onMerged(MergedInProgress)), "A")
	b.gives(themes.StatusChange{Status: models.StatusPlanned})
	b.exec("UPDATE issue_links SET created_at = ?", b.db.Now().AddDate(0, -6, 0))
	pr := issue{number: 900, isPull: true, body: fmt.Sprintf("Closes #%d", b.l.Number)}
	for _, c := range []struct {
		days int
		want models.Status
	}{{-60, models.StatusPlanned}, {-2, models.StatusInProgress}} {
		pr.number, pr.merged = pr.number+1, time.Now().AddDate(0, 0, c.days)
		if err := b.merged(t.Context(), b.l.RepositoryID, pr); err != nil {
			t.Fatal(err)
		}
		if got := b.themeNow(b.th).Status; got != c.want {
			t.Errorf("merged %d days ago: the theme is %s, want %s", -c.days, got, c.want)
		}
	}
}
