package issuesync

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

func TestADuplicateIsNamedInGitHubsOwnWords(t *testing.T) {
	w := newWorld(t, sqlite(t), nil, func(o *Options) { o.APIURL = "https://api.github.com" })
	l := &models.IssueLink{Repository: roadmap, Number: 9}
	for text, want := range map[string]string{
		"Duplicate of #5": "acme/roadmap#5",
		"Thanks! Closing as a duplicate of #12, please follow that one.":    "acme/roadmap#12",
		"**duplicate of** nothing":                                          "",
		"Duplicate of: #7":                                                  "acme/roadmap#7",
		"Duplicate of acme/other.repo#3":                                    "acme/other.repo#3",
		"Duplicate of https://github.com/acme/web/issues/41.":               "acme/web#41",
		"Duplicate of https://github.com/acme/web/issues/41#issuecomment-1": "acme/web#41",
		"Duplicate of https://elsewhere.example/acme/web/issues/41":         "",
		"Duplicate of https://github.com/acme/web/pull/41":                  "",
		"Duplicate of #5\r\n\r\nNo, wait. Duplicate of #6":                  "acme/roadmap#6",
		"This is not a duplicate of #5":                                     "",
		"It isn't a duplicate of #5":                                        "",
		"> Duplicate of #5\n\nI do not think so":                            "",
		"```\nDuplicate of #5\n```":                                         "",
		"say `Duplicate of #5` to close it":                                 "",
		"<!-- Duplicate of #5 -->":                                          "",
		"Duplicate of #9":                                                   "", // itself
		"Duplicate of #0":                                                   "",
		"Duplicate of #5 \u2014 and <script>alert(1)</script>":              "acme/roadmap#5",
		"triplicate of #5":                                                  "",
		"nonduplicate of #5":                                                "",
		"DUPLICATE OF Acme/Roadmap#9":                                       "",
	} {
		got := ""
		if of := w.named(l, text, "here"); of != nil {
			got = of.name()
		}
		if got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

// merges lists the open proposals as "theme → other", with the words of GitHub behind.
func (w *world) merges() (all []string) {
	w.t.Helper()
	ps, _, err := w.th.Proposals(w.t.Context(), pm, models.ProposeMerge, "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range ps {
		said := ""
		for _, r := range p.Reasons.V {
			if r.Kind == models.ReasonGitHub {
				said += " " + strings.Join(r.Words, " ")
			}
		}
		all = append(all, p.Theme.ID+" → "+p.Other.ID+said)
	}
	return all
}

// twins are two themes with their issues, of which somebody says on GitHub that the first is a
// duplicate of the second.
func (w *world) twins(name string) (dup, kept *models.Theme, dl, kl models.IssueLink) {
	w.t.Helper()
	kept, kl = w.linked("The first " + name)
	dup, dl = w.linked("The second " + name)
	return dup, kept, dl, kl
}

func (w *world) says(l models.IssueLink, words string) {
	w.t.Helper()
	must[githubstand.IssueComment](w.t)(w.stand.Comment(w.t.Context(), l.Repository, l.Number, words))
}

// asDuplicate closes an issue as a duplicate, and waits for what follows.
func (w *world) asDuplicate(l models.IssueLink) {
	w.t.Helper()
	w.close(l, "duplicate")
	w.pull(l)
	w.settled()
}

// unsays deletes all that was said on an issue.
func (w *world) unsays(l models.IssueLink) {
	w.t.Helper()
	for _, c := range must[[]githubstand.IssueComment](w.t)(w.stand.Comments(w.t.Context(), l.Repository, l.Number)) {
		if err := w.stand.DeleteComment(w.t.Context(), l.Repository, c.ID); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ready waits until all is done, and forgets what GitHub was asked.
func (w *world) ready() {
	w.t.Helper()
	w.settled()
	w.stand.ResetLog()
}

func TestADuplicateProposesAMerge(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, ship)
		dup, kept, dl, kl := w.twins("of " + db.Dialect())
		w.start()
		w.ready()
		w.says(dl, fmt.Sprintf("Duplicate of #%d", kl.Number))
		w.asDuplicate(dl)
		want := []string{fmt.Sprintf("%s → %s %s#%d", dup.ID, kept.ID, roadmap, kl.Number)}
		if got := w.merges(); !slices.Equal(got, want) {
			t.Fatalf("proposed %q, want %q", got, want)
		}
		if now := w.themeNow(dup); now.ID != dup.ID || now.Status != models.StatusInProgress || w.read(dl.ID).LastError != "" {
			t.Errorf("nothing was to be carried out: %s %s, %q", now.ID, now.Status, w.read(dl.ID).LastError)
		}
		var ps []models.Proposal
		if err := db.Read(t.Context()).Find(&ps).Error; err != nil || len(ps) != 1 || !strings.Contains(ps[0].Reasons.V[0].URL, fmt.Sprint("/issues/", dl.Number)) {
			t.Errorf("%+v, %v: want one, which says where it was said", ps, err)
		}
		n := len(w.verbs(dup.ID))
		for range 2 { // the same again
			w.says(dl, "me too")
			if err := w.queue.Enqueue(t.Context(), DuplicateJob, dl.ID, "", db.Now()); err != nil {
				t.Fatal(err)
			}
			w.pull(dl)
			w.settled()
		}
		var again []models.Proposal
		if err := db.Read(t.Context()).Find(&again).Error; err != nil || len(again) != 1 || !again[0].UpdatedAt.Equal(ps[0].UpdatedAt) || len(w.verbs(dup.ID)) != n {
			t.Errorf("the same again wrote: %+v (%v), %d activities more", again, err, len(w.verbs(dup.ID))-n)
		}

		w.reopen(dl)
		w.pull(dl)
		w.settled()
		if got := w.merges(); len(got) != 0 {
			t.Errorf("the issue is open again, and %q is proposed", got)
		}
		w.asDuplicate(dl)
		if got := w.merges(); !slices.Equal(got, want) {
			t.Fatalf("closed again: proposed %q, want %q", got, want)
		}
		if _, err := w.th.DismissProposal(t.Context(), pm, ps[0].ID); err != nil {
			t.Fatal(err)
		}
		w.reopen(dl)
		w.pull(dl)
		w.asDuplicate(dl)
		if got := w.merges(); len(got) != 0 || w.read(dl.ID).LastError != "" {
			t.Errorf("a person said no, and there is %q, %q", got, w.read(dl.ID).LastError)
		}
		if writes := stand.Writes(); len(writes) != 0 {
			t.Errorf("GitHub was written to: %v", writes)
		}
	})
}

func TestADuplicateOfNobodyKnowsWhatIsNotForgotten(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	dup, kept, dl, kl := w.twins("unknown")
	w.start()
	w.ready()
	url, outcomes := receiver(t, w)
	stand.SetHookTarget(url)
	defer stand.SetHookTarget("")
	note := func(code string) {
		t.Helper()
		eventually(t, "note "+code, func() bool {
			now := w.read(dl.ID).LastError
			return code == "" && now == "" || code != "" && strings.HasPrefix(now, code+":")
		}, func() any { return w.read(dl.ID) })
	}
	w.close(dl, "duplicate")
	note(codeDuplicate)
	w.settled()
	troubled, err := w.Troubled(t.Context(), pm, 10)
	if err != nil || len(troubled) != 1 || Explain(&troubled[0]).Code != codeDuplicate || len(Explain(&troubled[0]).Args) != 0 {
		t.Fatalf("a person sees %+v, %v", troubled, err)
	}
	before := w.read(dl.ID)
	w.pull(dl) // the same again
	if now := w.read(dl.ID); !now.UpdatedAt.Equal(before.UpdatedAt) || now.LastError != before.LastError {
		t.Errorf("the same again made %+v of %+v", now, before)
	}

	other := must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, "Nobody's", ""))
	w.says(dl, fmt.Sprintf("Duplicate of #%d", other.Number))
	note(codeDuplicateAlone)
	w.settled()
	third := w.theme("Its theme now")
	must[models.IssueLink](t)(w.Link(t.Context(), pm, third.ID, other.HTMLURL))
	note("")
	w.settled()
	if got := w.merges(); len(got) != 1 || !strings.HasPrefix(got[0], dup.ID+" → "+third.ID) {
		t.Errorf("once that issue has a theme, %q is proposed", got)
	}

	w.says(dl, fmt.Sprintf("Sorry: duplicate of #%d", kl.Number)) // whoever said it last
	w.settled()
	if err := stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settled()
	if got := w.merges(); len(got) != 1 || !strings.HasPrefix(got[0], dup.ID+" → "+kept.ID) {
		t.Errorf("%q is proposed, want one for what was said last", got)
	}
	w.unsays(dl)
	note(codeDuplicate) // what was said is unsaid
	if got := w.merges(); len(got) != 0 {
		t.Errorf("nobody says so any more, and %q is proposed", got)
	}
	if outcomes()["queued"] == 0 || len(stand.Writes()) != 0 {
		t.Errorf("outcomes %v, %d writes", outcomes(), len(stand.Writes()))
	}
}

func TestACommentWhoseHookIsLostIsFoundByTheRound(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	dup, kept, dl, kl := w.twins("later")
	w.start()
	w.close(dl, "duplicate")
	w.pull(dl)
	w.ready()
	if got := w.read(dl.ID).LastError; !strings.HasPrefix(got, codeDuplicate+":") {
		t.Fatalf("the link says %q", got)
	}
	time.Sleep(1100 * time.Millisecond) // GitHub's times are whole seconds
	w.says(dl, fmt.Sprintf("Duplicate of %s#%d", strings.ToUpper(roadmap), kl.Number))
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settled()
	if got := w.merges(); len(got) != 1 || !strings.HasPrefix(got[0], dup.ID+" → "+kept.ID) || w.read(dl.ID).LastError != "" {
		t.Errorf("proposed %q, and the link says %q", got, w.read(dl.ID).LastError)
	}
}

func TestWhatMayNotMergeIsToldAndWhatIsOneStaysSo(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, ship)
	dup, kept, dl, kl := w.twins("apart")
	status := func(th *models.Theme, st models.Status, reason string) {
		t.Helper()
		if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: st, Reason: models.Text{EN: reason}}); err != nil {
			t.Fatal(err)
		}
	}
	status(kept, models.StatusDeclined, "Not for us")
	status(dup, models.StatusUnderReview, "")
	w.start()
	w.settled()
	w.says(dl, fmt.Sprintf("Duplicate of #%d", kl.Number))
	w.asDuplicate(dl)
	if got := w.merges(); len(got) != 0 || !strings.HasPrefix(w.read(dl.ID).LastError, codeDuplicateApart+":") {
		t.Errorf("an open theme may not go into a declined one: %q, %q", got, w.read(dl.ID).LastError)
	}
	status(kept, models.StatusPlanned, "")
	w.settled()
	if err := w.Repair(t.Context(), pm, dup.ID, dl.ID, MendAgain); err != nil { // a person asks again
		t.Fatal(err)
	}
	w.settled()
	ps, _, err := w.th.Proposals(t.Context(), pm, models.ProposeMerge, "", 0)
	if err != nil || len(ps) != 1 || w.read(dl.ID).LastError != "" {
		t.Fatalf("both are open now: %d proposed (%v), the link says %q", len(ps), err, w.read(dl.ID).LastError)
	}
	act, _, err := w.th.AcceptProposal(t.Context(), pm, ps[0].ID, "")
	if err != nil {
		t.Fatal(err)
	}
	w.settled()
	status(kept, models.StatusInProgress, "")
	w.settled()
	if err := w.queue.Enqueue(t.Context(), DuplicateJob, dl.ID, "", w.db.Now()); err != nil {
		t.Fatal(err)
	}
	w.settled()
	is := must[githubstand.Issue](t)(stand.GetIssue(t.Context(), roadmap, dl.Number))
	if got := w.merges(); len(got) != 0 || w.read(dl.ID).LastError != "" || is.State != "closed" || is.StateReason != "duplicate" {
		t.Errorf("they are one: proposed %q, the link says %q, the duplicate is %s %s", got, w.read(dl.ID).LastError, is.State, is.StateReason)
	}
	stand.ResetLog()
	undone := must[string](t)(w.th.Undo(t.Context(), pm, act))
	w.settled()
	if got := w.merges(); len(got) != 0 || w.themeNow(dup).ID != dup.ID || len(stand.Writes()) != 0 {
		t.Errorf("the merge is undone: proposed %q, %d writes", got, len(stand.Writes()))
	}
	must[string](t)(w.th.Undo(t.Context(), pm, undone)) // and made again
	w.settled()
	w.close(kl, "completed")
	w.pull(kl)
	w.settled()
	if now := w.themeNow(dup); now.ID != kept.ID || now.Status != models.StatusShipped {
		t.Errorf("the theme %s is %s: its duplicate held it up", now.ID, now.Status)
	}
}

func TestADeclinedThemeHasItsEndAndAnUntiedIssueSaysNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	dup, _, dl, kl := w.twins("ended")
	two, _, tl, _ := w.twins("untied")
	w.start()
	w.asDuplicate(dl)
	if _, _, err := w.th.SetStatus(t.Context(), pm, dup.ID, themes.StatusChange{Status: models.StatusDeclined, Reason: models.Text{EN: "Said elsewhere"}}); err != nil {
		t.Fatal(err)
	}
	w.settled()
	if got := w.read(dl.ID).LastError; got != "" {
		t.Errorf("the theme was declined, and its issue still asks: %q", got)
	}
	w.says(tl, fmt.Sprintf("Duplicate of #%d", kl.Number))
	w.asDuplicate(tl)
	if got := w.merges(); len(got) != 1 {
		t.Fatalf("proposed %q", got)
	}
	if err := w.Unlink(t.Context(), pm, two.ID, tl.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.merges(); len(got) != 0 {
		t.Errorf("the issue is untied, and %q is proposed", got)
	}
}
