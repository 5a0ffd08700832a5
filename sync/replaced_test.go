package issuesync

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// What we wrote ourselves is nobody's word, also when its answer was lost and staff have
// thought better of it before it was looked for, and the next write has to wait for its turn.
func TestAWriteThatAnotherReplacesStaysKnownAsOurs(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range []struct{ method, deeds, then, says string }{
		{"POST", "status:postponed/later", "status:under_review", "A under_review | A open [heed: under review]"},
		{"PATCH", "status:declined/no", "status:planned", "A planned | A open [heed: planned]"},
		{"PATCH", "title:B", "title:C", "C in_progress | C open [heed: in progress]"},
		{"PATCH", "title:B", "title:A", "A in_progress | A open [heed: in progress]"},
	} {
		t.Run(c.deeds+" "+c.then, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand), "A")
			defer stand.ClearFaults()
			b.deed(c.deeds)
			stand.Fail(githubstand.Fault{Method: c.method, Kind: githubstand.DropAfter})
			for len(b.wrote()) == 0 { // until it is its turn; and then the process dies
				_ = b.pullJob(t.Context(), models.Job{Key: b.l.ID})
			}
			b.deed(c.then)
			for range 2 { // it is compared twice before it is its turn
				is := must[issue](t)(b.api.issue(t.Context(), b.l.RepositoryID, b.l.Repository, b.l.Number))
				must[*meeting](t)(b.apply(t.Context(), b.l.ID, is))
			}
			b.deed(".")
			if got := b.says(); got != c.says {
				t.Errorf("they say\n%s, want\n%s", got, c.says)
			}
			rows, _, err := b.Ledger(t.Context(), pm, LedgerFilter{Theme: b.th.ID})
			if err != nil || len(rows) == 0 {
				t.Fatal(rows, err)
			}
			for _, r := range rows {
				if r.Conflict || r.Way == models.WayIn || strings.Contains(string(r.State), "fail") {
					t.Errorf("the ledger speaks of others: %+v", r.IssueOp)
				}
			}
		})
	}
}
