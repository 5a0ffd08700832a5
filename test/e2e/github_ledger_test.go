//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
)

// What went between themes and issues can be read and mended by who has never seen a log: a
// write that GitHub refused, and a title that both sides changed.
func TestTheLedgerIsReadAndMended(t *testing.T) {
	chromium(t)
	h := open(t, modelstest.SQLiteURL(t), map[string]string{"HEED_CRON__GITHUB_RECENT": "@every 10m", "HEED_GITHUB__WEBHOOK_SECRET": ""})
	h.CLI("member", "add", "--email", "pm@example.test", "--role", "owner", "--name", "Ana")
	refused, both := h.themeOf(t, 1, "Export to spreadsheet"), h.themeOf(t, 2, "Dark mode")
	for _, tp := range []*topic{refused, both} {
		if err := tp.link(h.once); err != nil {
			t.Fatal(err)
		}
		h.linked(tp, false)
	}
	if err := both.give(h.once, "planned", bilingual{}); err != nil {
		t.Fatal(err)
	}
	h.settles(t, both)

	h.stand.Fail(githubstand.Fault{Method: "PATCH", Kind: githubstand.Status, Status: 422, Message: "Validation Failed"})
	h.retitle(refused, "Export to a spreadsheet")
	waitFor(t, "the refusal is shown", 15*time.Second, func() bool { return h.issues(refused.theme)[0].LastError != "" })

	number := h.issues(both.theme)[0].Number
	if _, err := h.stand.EditIssue(t.Context(), repository, number, map[string]any{"title": "Night mode"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // GitHub's clock has whole seconds
	h.retitle(both, "Dark theme")
	waitFor(t, "the later title counts", 15*time.Second, func() bool {
		is, err := h.stand.GetIssue(t.Context(), repository, number)
		return err == nil && is.Title == "Dark theme"
	})
	in := map[string]any{"url": h.URL, "signIn": h.signInLink("pm@example.test"), "refused": refused.theme, "conflict": both.theme}
	if os.Getenv(ScreenshotsVariable) == "1" {
		folder, err := filepath.Abs("../../docs/img")
		if err != nil {
			t.Fatal(err)
		}
		in["folder"] = folder
	}
	screens := 0
	for _, f := range browse(t, "github_ledger.mjs", in) {
		t.Run(f.Name, func(t *testing.T) {
			if !f.OK {
				t.Error(f.Detail)
			}
		})
		if strings.HasSuffix(f.Name, " px") {
			screens++
		}
	}
	if want := 4 * 2 * 2 * 2; screens != want {
		t.Errorf("axe looked at %d screens, want %d", screens, want)
	}
	is, err := h.stand.GetIssue(t.Context(), repository, h.issues(refused.theme)[0].Number)
	if err != nil || is.Title != "Export to a spreadsheet" {
		t.Errorf("what was asked for again: %q, %v", is.Title, err)
	}
	h.sound()
	h.Stop()
}

// retitle gives a theme another public title.
func (h *house) retitle(tp *topic, title string) {
	h.t.Helper()
	h.Call("PATCH", api+"/themes/"+tp.theme, map[string]any{"public_title": bilingual{title, tp.title.ZH}}).Want(h.t, 200)
}

// settles waits until a theme's issue has the label of its status, and that is written down.
func (h *house) settles(t *testing.T, tp *topic) {
	t.Helper()
	waitFor(t, "everything is written", 20*time.Second, func() bool {
		var all struct {
			Rows []struct{ Field, State string }
		}
		h.get("/github/ledger?theme="+tp.theme, &all)
		done := false
		for _, r := range all.Rows {
			done = done || r.Field == "label"
			if r.State != "done" {
				return false
			}
		}
		return done
	})
}
