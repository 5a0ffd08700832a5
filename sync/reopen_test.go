package issuesync

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// reports files something from a version; whether it belongs to a theme is found out by itself.
func (w *world) reports(t *testing.T, text, version string) string {
	t.Helper()
	in := intake.New(w.db, w.th, redact.New(redact.Options{Key: []byte("test")}), "en")
	f, err := in.File(t.Context(), pm, intake.Submission{Text: text, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return f.Suggestion.ID
}

// indexed has the themes' index at work until the test ends.
func (w *world) indexed(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.th.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	for w.th.Warming() {
		time.Sleep(time.Millisecond)
	}
}

// Somebody has the trouble again in the version that was to end it, and staff opens the theme
// anew: its issue is opened, too, once, and says where the theme stands; what people wrote
// around Heed's block stays, and nothing comes back of it.
func TestAThemeThatIsOpenedAgainOpensItsIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for name, c := range map[string]struct {
		way   func(*Options)
		ships func(*bond)
	}{
		"shipped here": {func(*Options) {}, func(b *bond) {
			b.gives(themes.StatusChange{Status: models.StatusShipped, Version: "4.2"})
			b.deed(".")
		}},
		"completed there, shipped by a release": {func(*Options) {}, func(b *bond) {
			b.deed("gh.close:completed")
			b.deed(".")
			if _, err := b.world.th.ShipRelease(b.t.Context(), pm, themes.Release{Version: "4.2", Themes: []string{b.th.ID}}); err != nil {
				b.t.Fatal(err)
			}
			b.deed(".")
		}},
		"completed there, shipped by that": {ship, func(b *bond) {
			b.deed("gh.close:completed")
			b.deed(".")
			b.exec("UPDATE themes SET version = '4.2' WHERE id = ?", b.th.ID)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sqlite(t), stand, c.way)
			w.indexed(t)
			b := bound(t, w, "Exports")
			if _, _, err := w.th.Assign(t.Context(), pm, []string{w.reports(t, "The export of a big board takes minutes", "")}, themes.Assignment{Theme: b.th.ID}); err != nil {
				t.Fatal(err)
			}
			b.deed("gh.above:Notes")
			c.ships(b)
			if got := b.themeNow(b.th).Status; got != models.StatusShipped || b.issue().State != "closed" || b.issue().StateReason != "completed" {
				t.Fatalf("the theme is %s, the issue %s %s", got, b.issue().State, b.issue().StateReason)
			}
			time.Sleep(1100 * time.Millisecond) // GitHub's times are whole seconds
			again := w.reports(t, "The export of a big board takes minutes", "5.0")
			var p models.Proposal
			if err := w.db.Read(t.Context()).First(&p, "kind = ? AND theme_id = ? AND state = ?", models.ProposeReopen, b.th.ID, models.ProposalOpen).Error; err != nil || len(p.Items.V.Move) != 1 || p.Items.V.Move[0] != again {
				t.Fatalf("proposed: %+v, %v", p, err)
			}
			b.deed(".")
			stand.ResetLog()
			if _, _, err := w.th.AcceptProposal(t.Context(), pm, p.ID, ""); err != nil {
				t.Fatal(err)
			}
			b.hooks(t, githubstand.HookPlan{DoubleEvery: 1}, func() { b.deed(".") })
			if got := b.says(); got != "Exports under_review | Exports open [heed: under review]" {
				t.Error(got)
			}
			th, body := b.themeNow(b.th), b.issue().Body
			if _, block := b.compose(th, b.l.ID); body != "Notes\r\n\r\n"+b.blockIn(body, b.l.ID) || digest(b.blockIn(body, b.l.ID)) != digest(block) {
				t.Errorf("the body is %q", body)
			}
			wrote, acts := len(b.wrote()), len(b.verbs(b.th.ID))
			if wrote > 3 {
				t.Errorf("it took %v", b.wrote())
			}
			for range 3 {
				if err := w.Reconcile(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.deed(".")
			}
			if len(b.wrote()) != wrote || len(b.verbs(b.th.ID)) != acts || b.says() != "Exports under_review | Exports open [heed: under review]" {
				t.Errorf("an echo: %v, %d more activities; they say %s", b.wrote()[wrote:], len(b.verbs(b.th.ID))-acts, b.says())
			}
		})
	}
}
