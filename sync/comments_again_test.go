package issuesync

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// An issue that is untied and tied again brings no comment over twice, in either direction,
// and what was said meanwhile comes.
func TestAnIssueTiedAgainKnowsItsComments(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		k := talk{bound(t, newWorld(t, db, stand, both), "Tied again "+db.Dialect())}
		must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "from there"))
		k.listen()
		k.say(pm, "from here")
		k.step()
		there, here := k.there(), k.here()
		if len(there) != 2 || len(here) != 2 {
			t.Fatalf("there %q, here %q", there, here)
		}
		if err := k.Unlink(t.Context(), pm, k.th.ID, k.l.ID); err != nil {
			t.Fatal(err)
		}
		must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "meanwhile"))
		k.l = must[models.IssueLink](t)(k.Link(t.Context(), pm, k.th.ID, k.l.URL))
		k.step()
		k.listen()
		k.want("there stand", k.there(), append(there, "meanwhile")...)
		k.want("here stand", k.here(), append(here, fmt.Sprintf("waiting github %s: meanwhile", strings.TrimSpace(strings.Split(strings.TrimPrefix(here[0], "waiting github "), ":")[0])))...)
	})
}

// A comment that was deleted there while no webhook came is found in the night, without a call
// for every issue; one that the list leaves out while it shifts is not taken for deleted.
func TestTheNightFindsDeletedComments(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, both)
	k, other := talk{bound(t, w, "With comments")}, talk{bound(t, w, "With others")}
	gone := must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "soon gone"))
	must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "stays"))
	must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, other.l.Number, "stays, too"))
	k.listen()
	other.listen()
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settledBy(k)
	stand.ResetLog()
	listed := map[int64]remark{} // the pages shifted while they were read
	if missing, err := k.missing(t.Context(), &k.l, listed); err != nil || len(missing) != 0 || len(listed) != 2 {
		t.Errorf("of what no list had, %v are taken for deleted and %v found, %v", missing, listed, err)
	}
	if err := stand.DeleteComment(t.Context(), roadmap, gone.ID); err != nil {
		t.Fatal(err)
	}
	stand.ResetLog()
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settledBy(k)
	var removed, waiting int
	for _, c := range append(k.here(), other.here()...) {
		removed += strings.Count(c, "removed github")
		waiting += strings.Count(c, "waiting github")
	}
	if removed != 1 || waiting != 2 {
		t.Errorf("%d removed, %d waiting: %q %q", removed, waiting, k.here(), other.here())
	}
	for _, r := range stand.Requests() {
		if strings.Contains(r.Path, fmt.Sprintf("/issues/%d/comments", other.l.Number)) {
			t.Errorf("asked for an issue whose comments are all there: %s %s", r.Method, r.Path)
		}
	}
}

// settledBy lets a process live until no job is left.
func (w *world) settledBy(k talk) {
	w.t.Helper()
	stop := k.start()
	w.settled()
	stop()
}
