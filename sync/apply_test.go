package issuesync

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// linked makes a theme that is in progress, with its issue.
func (w *world) linked(title string) (*models.Theme, models.IssueLink) {
	w.t.Helper()
	th := w.theme(title)
	if _, _, err := w.th.SetStatus(w.t.Context(), pm, th.ID, themes.StatusChange{Status: models.StatusInProgress}); err != nil {
		w.t.Fatal(err)
	}
	stop := w.start()
	l := w.create(th)
	l = w.waitFor(l.ID, models.LinkLinked)
	w.settled()
	stop()
	return th, l
}

// pull reads the issue now, as a hint would have it done.
func (w *world) pull(l models.IssueLink) {
	w.t.Helper()
	err := w.pullJob(w.t.Context(), models.Job{Key: l.ID})
	for again, ok := errors.AsType[jobs.Later](err); ok; again, ok = errors.AsType[jobs.Later](err) { // there is something to write
		time.Sleep(time.Until(again.At))
		err = w.pullJob(w.t.Context(), models.Job{Key: l.ID})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close(l models.IssueLink, reason string) {
	w.t.Helper()
	must[githubstand.Issue](w.t)(w.stand.CloseIssue(w.t.Context(), l.Repository, l.Number, reason))
}

func (w *world) reopen(l models.IssueLink) {
	w.t.Helper()
	must[githubstand.Issue](w.t)(w.stand.ReopenIssue(w.t.Context(), l.Repository, l.Number))
}

func ship(o *Options) { o.OnCompleted = Ship }

type step = func(*world, models.IssueLink)

func closeAs(reason string) step {
	return func(w *world, l models.IssueLink) { w.close(l, reason) }
}

// given is a status that a person gives in between.
func given(c themes.StatusChange) step {
	return func(w *world, l models.IssueLink) {
		w.t.Helper()
		if _, _, err := w.th.SetStatus(w.t.Context(), pm, l.ThemeID, c); err != nil {
			w.t.Fatal(err)
		}
	}
}

// effect is what a theme in progress comes to after the steps. Loud is how many
// statuses given by GitHub people hear of.
type effect struct {
	name   string
	mode   func(*Options)
	steps  []step
	status models.Status
	ready  bool
	reason bool
	loud   int
}

func effects() []effect {
	reopen := func(w *world, l models.IssueLink) { w.reopen(l) }
	return []effect{
		{"completed, held", nil, []step{closeAs("completed")}, models.StatusInProgress, true, false, 0},
		{"completed, shipped", ship, []step{closeAs("completed")}, models.StatusShipped, false, false, 1},
		{"not planned", nil, []step{closeAs("not_planned")}, models.StatusInProgress, false, true, 0},
		{"not planned, in ship mode", ship, []step{closeAs("not_planned")}, models.StatusInProgress, false, true, 0},
		{"completed and reopened, held", nil, []step{closeAs("completed"), reopen}, models.StatusInProgress, false, false, 0},
		{"completed and reopened, shipped", ship, []step{closeAs("completed"), reopen}, models.StatusInProgress, false, false, 2},
		{"not planned and reopened", nil, []step{closeAs("not_planned"), reopen}, models.StatusInProgress, false, false, 0},
		{"completed, then not planned after all", ship, []step{closeAs("completed"), closeAs("not_planned")}, models.StatusInProgress, false, true, 2},
		{"not planned, then completed", nil, []step{closeAs("not_planned"), closeAs("completed")}, models.StatusInProgress, true, false, 0},
		{"a person shipped it, then reopened", nil, []step{closeAs("completed"), given(themes.StatusChange{Status: models.StatusShipped}), reopen}, models.StatusShipped, false, false, 0},
		{"a person planned it after GitHub shipped, then reopened", ship,
			[]step{closeAs("completed"), given(themes.StatusChange{Status: models.StatusPlanned}), reopen}, models.StatusPlanned, false, false, 1},
		{"declined by a person, then completed", ship,
			[]step{given(themes.StatusChange{Status: models.StatusDeclined, Reason: models.Text{EN: "no"}}), closeAs("completed")}, models.StatusDeclined, true, false, 0},
		{"shipped already", ship, []step{given(themes.StatusChange{Status: models.StatusShipped}), closeAs("completed")}, models.StatusShipped, false, false, 0},
	}
}

func TestWhatAnIssueDoesToItsTheme(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range effects() {
		t.Run(c.name, func(t *testing.T) {
			if c.mode == nil {
				c.mode = func(*Options) {}
			}
			w := newWorld(t, sqlite(t), stand, c.mode)
			th, l := w.linked(c.name)
			for _, do := range c.steps {
				do(w, l)
				w.pull(l)
			}
			now := w.themeNow(th)
			if now.Status != c.status || (now.ReadyAt != nil) != c.ready || (now.WantsReasonAt != nil) != c.reason {
				t.Errorf("the theme is %s, ready %v, wants a reason %v", now.Status, now.ReadyAt, now.WantsReasonAt)
			}
			loud := 0
			for _, a := range w.verbs(th.ID) {
				change, err := a.Change()
				if err != nil {
					t.Fatal(err)
				}
				if a.ActorKind == models.ActorGitHub && a.Verb == models.ThemeStatus && change.Notify {
					loud++
				}
			}
			if loud != c.loud {
				t.Errorf("people hear %d times of GitHub, want %d", loud, c.loud)
			}
			before := len(w.verbs(th.ID))
			stamp := w.read(l.ID).UpdatedAt
			w.pull(l)
			if after := len(w.verbs(th.ID)); after != before || !w.read(l.ID).UpdatedAt.Equal(stamp) {
				t.Errorf("the same state again wrote %d activities, or the link", after-before)
			}
		})
	}
}

// The stand knows no duplicates, so GitHub's answer is played.
func TestADuplicateIsLeftToAPerson(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, ship)
	th, l := w.linked("Told twice")
	is, err := w.api.issue(t.Context(), l.RepositoryID, l.Repository, l.Number)
	if err != nil {
		t.Fatal(err)
	}
	is.state, is.reason = "closed", "duplicate"
	if _, err := w.apply(t.Context(), l.ID, is); err != nil {
		t.Fatal(err)
	}
	now := w.themeNow(th)
	if now.Status != models.StatusInProgress || now.ReadyAt != nil || now.WantsReasonAt != nil {
		t.Errorf("a duplicate made the theme %s (ready %v, wants a reason %v)", now.Status, now.ReadyAt, now.WantsReasonAt)
	}
	if got := w.read(l.ID); got.StateReason != "duplicate" || w.count(th.ID, models.IssueChanged) != 1 {
		t.Errorf("the link says %s/%s, %d activities", got.IssueState, got.StateReason, w.count(th.ID, models.IssueChanged))
	}
}

func TestBackFromShippedKeepsReasonAndDate(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, ship)
		th, l := w.linked("Postponed " + db.Dialect())
		day := themes.Date{Time: models.Milli(db.Now().AddDate(0, 1, 0))}
		c := themes.StatusChange{Status: models.StatusPostponed, Reason: models.Text{EN: "after the move"}, PromiseDate: &day}
		if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, c); err != nil {
			t.Fatal(err)
		}
		w.close(l, "completed")
		w.pull(l)
		if now := w.themeNow(th); now.Status != models.StatusShipped {
			t.Fatalf("not shipped but %s", now.Status)
		}
		w.reopen(l)
		w.pull(l)
		now := w.themeNow(th)
		if now.Status != models.StatusPostponed || now.Reason.EN != "after the move" || now.PromiseDate == nil || !now.PromiseDate.Equal(day.Time) {
			t.Errorf("back to %s because %q, next news %v", now.Status, now.Reason.EN, now.PromiseDate)
		}
		// Received cannot be given; the nearest is.
		fresh := w.theme("Never judged " + db.Dialect())
		stop := w.start()
		fl := w.create(fresh)
		fl = w.waitFor(fl.ID, models.LinkLinked)
		stop()
		w.close(fl, "completed")
		w.pull(fl)
		w.reopen(fl)
		w.pull(fl)
		if now := w.themeNow(fresh); now.Status != models.StatusUnderReview {
			t.Errorf("back to %s", now.Status)
		}
	})
}

func TestAThemeIsCompleteWhenAllItsIssuesAre(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, ship)
	th, one := w.linked("In two places")
	stop := w.start()
	other := must[models.IssueLink](t)(w.Create(t.Context(), pm, th.ID, "acme/secret"))
	two := w.waitFor(other.ID, models.LinkLinked)
	stop()
	w.close(one, "completed")
	w.pull(one)
	if now := w.themeNow(th); now.Status != models.StatusInProgress || now.ReadyAt != nil {
		t.Errorf("half done, and the theme is %s (ready %v)", now.Status, now.ReadyAt)
	}
	w.close(two, "not_planned")
	w.pull(two)
	w.reopen(one)
	w.pull(one)
	if now := w.themeNow(th); now.WantsReasonAt == nil {
		t.Error("an issue that is open again took away what the other one asks for")
	}
	w.close(one, "completed")
	w.pull(one)
	w.close(two, "completed")
	w.pull(two)
	if now := w.themeNow(th); now.Status != models.StatusShipped {
		t.Errorf("both done, and the theme is %s", now.Status)
	}
	w.reopen(two)
	w.pull(two)
	if now := w.themeNow(th); now.Status != models.StatusInProgress {
		t.Errorf("one open again, and the theme is %s", now.Status)
	}
}

func TestAMergedThemesIssueSpeaksForTheOther(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	into, a := w.linked("Stays")
	from, b := w.linked("Goes into it")
	if _, _, err := w.th.Merge(t.Context(), pm, from.ID, into.ID); err != nil {
		t.Fatal(err)
	}
	if links := must[[]models.IssueLink](t)(w.Links(t.Context(), pm, from.ID)); len(links) != 2 {
		t.Fatalf("%d links of the merged theme, want both", len(links))
	}
	w.close(a, "completed")
	w.pull(a)
	if now := w.themeNow(into); now.ReadyAt != nil {
		t.Error("ready while the merged theme's issue is open")
	}
	w.close(b, "completed")
	w.pull(b)
	if now := w.themeNow(into); now.ReadyAt == nil {
		t.Error("not ready though all issues are done")
	}
	rows, _, err := w.Ledger(t.Context(), pm, LedgerFilter{Theme: into.ID})
	if err != nil || !slices.ContainsFunc(rows, func(r LedgerRow) bool { return r.LinkID == b.ID && r.Field == opIssue }) {
		t.Errorf("the ledger leaves out what was before the merge: %+v, %v", rows, err)
	}
}

func TestAnIssueThatVanishesTouchesNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, gone := range []int{404, 410} {
		w := newWorld(t, sqlite(t), stand, ship)
		th, l := w.linked("Vanishes")
		stand.ResetLog()
		path := "/repos/" + roadmap + "/issues/" + itoa(l.Number)
		stand.Gone(path, gone)
		w.pull(l)
		now := w.read(l.ID)
		if now.State != models.LinkGone || !strings.HasPrefix(now.LastError, "github_issue_gone: ") || w.themeNow(th).Status != models.StatusInProgress {
			t.Errorf("after %d the link is %+v, the theme %s", gone, now, w.themeNow(th).Status)
		}
		if len(stand.Writes()) != 0 {
			t.Errorf("%d writes after the issue was gone", len(stand.Writes()))
		}
		if again := w.create(th); again.ID != l.ID {
			t.Error("asking again made a second link")
		}
		if err := w.Repair(t.Context(), pm, th.ID, l.ID, MendSkip); err != nil {
			t.Fatal(err)
		}
		w.pull(l)
		if rows, err := w.Troubled(t.Context(), pm, 10); err != nil || len(rows) > 0 {
			t.Errorf("left as it is, and still in trouble: %+v (%v)", rows, err)
		}
		stand.Restore(path)
		if err := w.Repair(t.Context(), pm, th.ID, l.ID, ""); err != nil {
			t.Fatal(err)
		}
		w.start()
		if back := w.waitFor(l.ID, models.LinkLinked); back.LastError != "" {
			t.Errorf("back, but it says %q", back.LastError)
		}
	}
}

func TestTransferredAndRenamedIssuesAreFollowed(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, ship)
	th, l := w.linked("Travels")
	_, stays := w.linked("Stays where it is")
	moved := must[githubstand.Issue](t)(stand.TransferIssue(t.Context(), roadmap, l.Number, "acme/secret"))
	w.close(models.IssueLink{Repository: "acme/secret", Number: moved.Number}, "completed")
	w.pull(l)
	now := w.read(l.ID)
	if now.Repository != "acme/secret" || now.IssueID != moved.ID || now.Number != moved.Number || now.RepositoryID == l.RepositoryID || now.URL != moved.HTMLURL {
		t.Errorf("followed to %+v, want %+v", now, moved)
	}
	if got := w.themeNow(th); got.Status != models.StatusShipped {
		t.Errorf("closed over there, and the theme is %s", got.Status)
	}
	renamed := must[string](t)(stand.Rename(t.Context(), roadmap, "plans"))
	w.pull(stays)
	if now := w.read(stays.ID); now.Repository != renamed || now.State != models.LinkLinked || now.IssueID != stays.IssueID {
		t.Errorf("after the rename the link says %+v", now)
	}
	// The configured name is the former one now: still no second issue.
	stop := w.start()
	again := w.create(&models.Theme{ID: stays.ThemeID})
	held := w.waitFor(again.ID, models.LinkHeld)
	stop()
	if Explain(&held) == nil || Explain(&held).Code != "github_same_repository" {
		t.Errorf("held with %q", held.LastError)
	}
	var titles []string
	for _, is := range must[[]githubstand.Issue](t)(stand.ListIssues(t.Context(), renamed)) {
		titles = append(titles, is.Title)
	}
	if got := strings.Join(titles, ","); strings.Count(got, "Stays where it is") != 1 {
		t.Errorf("the renamed repository has %s, want one that stayed", got)
	}
}

func TestAnExistingIssueIsTiedByItsAddress(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, ship)
		th, other := w.theme("Tied"), w.theme("Other")
		is := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "Written by a person", "as they like"))
		second := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "Another", ""))
		must[githubstand.Issue](t)(stand.CloseIssue(t.Context(), roadmap, is.Number, "completed"))
		l := must[models.IssueLink](t)(w.Link(t.Context(), pm, th.ID, is.HTMLURL+"#issuecomment-1"))
		if l.State != models.LinkLinked || l.IssueID != is.ID || l.IssueState != "closed" || w.count(th.ID, models.IssueLinked) != 1 {
			t.Errorf("tied as %+v", l)
		}
		if now := w.themeNow(th); now.Status != models.StatusReceived || now.ReadyAt == nil {
			t.Errorf("closed long ago, and the theme is %s (ready %v): people must not hear of it yet", now.Status, now.ReadyAt)
		}
		if again := must[models.IssueLink](t)(w.Link(t.Context(), pm, th.ID, is.HTMLURL)); again.ID != l.ID {
			t.Error("the same issue was tied twice")
		}
		for name, c := range map[string]struct{ theme, url, want string }{
			"another issue of the repository": {th.ID, second.HTMLURL, "url issue_exists"},
			"another theme":                   {other.ID, is.HTMLURL, "url issue_linked_elsewhere"},
			"no such issue":                   {other.ID, stand.BaseURL + "/acme/roadmap/issues/99999", "url issue_not_found"},
			"another host":                    {other.ID, "https://github.example/acme/roadmap/issues/1", "url issue_address"},
			"a pull request":                  {other.ID, stand.BaseURL + "/acme/roadmap/pull/1", "url issue_address"},
			"words":                           {other.ID, "issue 1", "url issue_address"},
		} {
			if _, err := w.Link(t.Context(), pm, c.theme, c.url); code(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if _, err := w.Link(t.Context(), auth.Anonymous(), th.ID, is.HTMLURL); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("a visitor: %v", err)
		}
		if len(stand.Writes()) != 0 {
			t.Error("tying an issue wrote to GitHub")
		}
	})
}

// A Write may run twice: what the first run took over must not change the second.
func TestFollowingLeavesTheLinkItWasGiven(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, ship)
	_, l := w.linked("Travels")
	moved := must[githubstand.Issue](t)(stand.TransferIssue(t.Context(), roadmap, l.Number, "acme/secret"))
	given := w.read(l.ID)
	before := given
	if err := w.follow(t.Context(), &given, issue{id: moved.ID, number: moved.Number, url: moved.HTMLURL, repository: "acme/secret"}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(given, before) {
		t.Errorf("given %+v, now %+v", before, given)
	}
	if now := w.read(l.ID); now.Repository != "acme/secret" || now.IssueID != moved.ID {
		t.Errorf("followed to %+v", now)
	}
}
