//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedhq/heed/models/modelstest"
)

// Who has no file to edit connects GitHub in the browser, with the keyboard alone. The issues
// are made at once and by the App, also after a kill, and its secrets stand nowhere as they are.
func TestGitHubIsConnectedByKeyboard(t *testing.T) {
	chromium(t)
	h := open(t, modelstest.SQLiteURL(t), map[string]string{"HEED_GITHUB__TOKEN": "", "HEED_GITHUB__WEBHOOK_SECRET": "", "HEED_GITHUB__REPOSITORY": ""})
	h.CLI("member", "add", "--email", "pm@example.test", "--role", "owner", "--name", "Ana")
	made := h.stand.MakeApp()
	screens := 0
	for _, f := range browse(t, "github_setup.mjs", map[string]any{"url": h.URL, "signIn": h.signInLink("pm@example.test"), "github": h.stand.BaseURL, "code": made.Code}) {
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
	for n, title := range []string{"Dark mode", "Larger fonts"} {
		tp := h.themeOf(t, n, title)
		if err := tp.link(h.once); err != nil {
			t.Fatal(err)
		}
		h.linked(tp, false)
		h.hasOneIssue(t, tp)
		h.Kill()
		h.Start()
	}
	all, err := h.stand.ListIssues(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range all {
		if is.User.Login != "heed[bot]" {
			t.Errorf("%s is by %s", is.Title, is.User.Login)
		}
	}
	key := strings.Split(h.stand.AppKey, "\n")[3]
	err = filepath.WalkDir(h.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range []string{made.WebhookSecret, made.Code, key} {
			if strings.Contains(string(b), secret) {
				t.Errorf("%q stands in %s", secret, path)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	h.sound()
	h.Stop()
}
