package issuesync

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// Whatever labels people think of stay as they are, while ours come and go beside them.
func TestLabelsOfPeopleStayWhateverTheyAreCalled(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "A")
	theirs := []string{"a/b", "c#7", "100%", "50%25", "🚀 go", "缺陷", "heed: mine", "heed:planned", "x?y=z&w"}
	if err := stand.AddLabels(t.Context(), roadmap, b.l.Number, theirs...); err != nil {
		t.Fatal(err)
	}
	for _, deeds := range []string{"status:planned .", "status:shipped .", "status:under_review .", "status:declined/no .", "status:in_progress ."} {
		for _, word := range strings.Fields(deeds) {
			b.deed(word)
		}
	}
	want := append([]string{"heed: in progress"}, theirs...)
	got := b.issue().LabelNames()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("labels %q, want %q", got, want)
	}
	if before := len(b.wrote()); before == 0 {
		t.Error("nothing was written")
	} else if b.deed("."); len(b.wrote()) != before {
		t.Errorf("then %d writes more", len(b.wrote())-before)
	}
}

// One of our labels that somebody writes in other letters is ours all the same; with a
// slash in a label that merely looks like it, nothing else of the repository is hit.
func TestOurLabelInOtherLettersIsTakenAway(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "A")
	b.deed("gh.unlabel:heed:_in_progress")
	b.deed("gh.label:HEED:_In_Progress")
	b.deed("status:planned")
	b.deed(".")
	if got := b.says(); got != "A planned | A open [heed: planned]" {
		t.Error(got)
	}
}

// An issue that has no room left for our block is left as it is; a person reads why, and when
// there is room again the block is written.
func TestABodyWithoutRoomIsLeftAndSaid(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "A")
	room := 65_536 - len([]rune(b.issue().Body)) - 4
	b.deed("gh.above:" + strings.Repeat("x", room))
	full := b.issue().Body
	b.deed("public:" + strings.Repeat("many words ", 800))
	b.deed(".")
	b.deed(".")
	if b.issue().Body != full || len(b.wrote()) != 1 {
		t.Errorf("its body has %d characters, was %d; %d writes", len(b.issue().Body), len(full), len(b.wrote()))
	}
	if e := Explain(new(b.read(b.l.ID))); e == nil || e.Code != codeRejected {
		t.Errorf("the link says %+v", e)
	}
	must[githubstand.Issue](t)(stand.EditIssue(t.Context(), roadmap, b.l.Number, map[string]any{"body": full[room:]}))
	b.deed("mend:again")
	b.deed(".")
	if got := b.issue().Body; !strings.Contains(got, "many words many words") {
		t.Errorf("its body is %q", got)
	}
}

// A theme whose text is longer than an issue may be gets an issue that is cut, with its marker.
func TestATextOfSeventyThousandCharactersIsCut(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand)
	th := w.theme("Long")
	long := models.Text{EN: strings.Repeat("长 @octocat fixes #1 ", 4_000)} // more than any door takes
	w.exec("UPDATE themes SET public_text = ? WHERE id = ?", long, th.ID)
	stop := w.start()
	l := w.waitFor(w.create(th).ID, models.LinkLinked)
	w.settled()
	stop()
	is := must[githubstand.Issue](t)(stand.GetIssue(t.Context(), roadmap, l.Number))
	if n := len([]rune(is.Body)); n > 65_536 || n < 50_000 || w.marked(is.Body) != l.ID {
		t.Errorf("%d characters, marked for %q", n, w.marked(is.Body))
	}
	if live := regexp.MustCompile(`(?i)(^|\s)(@octocat|#1\b|fixes #)`).FindString(is.Body); live != "" {
		t.Errorf("it holds %q", live)
	}
}

// A locked issue takes what its collaborators write: Heed is one.
func TestALockedIssueIsKeptInStep(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	k := talk{bound(t, newWorld(t, sqlite(t), stand, both), "Locked")}
	if err := stand.LockIssue(t.Context(), roadmap, k.l.Number); err != nil {
		t.Fatal(err)
	}
	k.say(pm, "still told")
	k.deed("status:planned")
	k.deed(".")
	if got := k.says(); got != "Locked planned | Locked open [heed: planned]" {
		t.Error(got)
	}
	k.want("there stands", k.there(), "**The team:** still told")
}

// To an archived repository nothing is written, and one without issues loses none: when it is
// as before, both are brought in step.
func TestARepositoryThatTakesNothingForAWhile(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range []struct {
		name string
		off  map[string]any
		on   map[string]any
		code string
	}{
		{"archived", map[string]any{"archived": true}, map[string]any{"archived": false}, codeArchived},
		{"issues switched off", map[string]any{"has_issues": false}, map[string]any{"has_issues": true}, codeGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			const secret = "acme/secret"
			w := newWorld(t, sqlite(t), stand, func(o *Options) { o.Repository = secret })
			th, l := w.linked("For a while " + c.name)
			if err := stand.EditRepository(t.Context(), secret, c.off); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = stand.EditRepository(t.Context(), secret, c.on) })
			if err := w.Visit(t.Context()); err != nil {
				t.Fatal(err)
			}
			stand.ResetLog()
			if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: models.StatusPlanned}); err != nil {
				t.Fatal(err)
			}
			stop := w.start()
			eventually(t, "it is said", func() bool { return strings.HasPrefix(w.read(l.ID).LastError, c.code) }, func() any { return w.read(l.ID) })
			if n := len(stand.Writes()); n != 0 {
				t.Errorf("%d writes: %v", n, stand.Writes())
			}
			if err := stand.EditRepository(t.Context(), secret, c.on); err != nil {
				t.Fatal(err)
			}
			if err := w.Visit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := w.Sweep(t.Context()); err != nil { // the night
				t.Fatal(err)
			}
			eventually(t, "in step", func() bool {
				is, err := stand.GetIssue(t.Context(), secret, l.Number)
				return err == nil && fmt.Sprint(is.LabelNames()) == "[heed: planned]"
			}, func() any { return w.read(l.ID) })
			w.settled()
			stop()
			if now := w.read(l.ID); now.State != models.LinkLinked || now.LastError != "" {
				t.Errorf("the link is %s, %s", now.State, now.LastError)
			}
		})
	}
}
