package issuesync

import (
	"context"
	"encoding/json"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// Whatever GitHub has been seen to send is taken: what is about an issue of ours lets that
// issue be read, the rest is passed over, and nothing is an error.
func TestEveryWebhookGitHubIsKnownToSendIsTaken(t *testing.T) {
	examples := githubstand.ExamplesT(t)
	if len(examples) < 329 {
		t.Errorf("%d examples, want the 329 that there were", len(examples))
	}
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, nil)
		ours := linkToAnExample(w)
		about := 0
		got := map[Outcome]int{}
		for _, e := range examples {
			out, err := w.Receive(t.Context(), Delivery{GUID: models.NewID("guid"), Event: e.Event, Signature256: "sha256=" + signature("hook secret", e.Body), Body: e.Body})
			if err != nil || out != Queued && out != Ignored {
				t.Errorf("%s: %q, %v: %.200s", e.Event, out, err, e.Body)
			}
			if e.Event == "issues" && isAbout(t, e, ours) {
				if about++; out != Queued {
					t.Errorf("an event of our own issue is %s: %.200s", out, e.Body)
				}
			}
			got[out]++
		}
		if about == 0 {
			t.Error("no example is about the issue that was to be ours")
		}
		if n, err := w.takeHints(t.Context()); err != nil || n != got[Queued] {
			t.Errorf("%d of %d are acted upon, %v", n, got[Queued], err)
		}
		if w.jobs() == 0 {
			t.Error("no job: the issue would not be read")
		}
		t.Logf("%d examples: %d queued, %d ignored", len(examples), got[Queued], got[Ignored])
	})
}

// linkToAnExample ties a theme to the issue that most of the examples are about.
func linkToAnExample(w *world) models.IssueLink {
	w.t.Helper()
	l := models.IssueLink{ID: models.NewID("lnk"), ThemeID: w.theme("Known to the examples").ID, Repository: "Codertocat/Hello-World",
		RepositoryID: 186853002, IssueID: 444500041, Number: 1, State: models.LinkLinked, CreatedAt: w.db.Now(), UpdatedAt: w.db.Now()}
	if err := w.db.Write(w.t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&l).Error }); err != nil {
		w.t.Fatal(err)
	}
	return l
}

// isAbout reads the example as GitHub documents it, apart from what Receive makes of it.
func isAbout(t *testing.T, e githubstand.Example, l models.IssueLink) bool {
	t.Helper()
	var p struct {
		Issue      struct{ Number int }
		Repository struct{ ID int64 }
	}
	if err := json.Unmarshal(e.Body, &p); err != nil {
		t.Fatal(err)
	}
	return p.Repository.ID == l.RepositoryID && p.Issue.Number == l.Number
}
