//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/heedhq/heed/test/process"
)

// ScreenshotsVariable, set to 1, renews the README's pictures in docs/img.
const ScreenshotsVariable = "HEED_TEST_SCREENSHOTS"

func TestScreenshots(t *testing.T) {
	if os.Getenv(ScreenshotsVariable) != "1" {
		t.Skipf("%s=1 renews the README's pictures", ScreenshotsVariable)
	}
	folder, err := filepath.Abs("../../docs/img")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, Process: process.New(t, process.Options{Demo: true}).Start()}
	for _, f := range browse(t, "screenshots.mjs", map[string]any{"url": h.URL, "signIn": h.signInLink("anna.keller@example.com"), "folder": folder}) {
		t.Errorf("%s: %s", f.Name, f.Detail)
	}
	for _, name := range []string{"inbox", "theme", "portal", "suggest-zh", "mail"} {
		if info, err := os.Stat(filepath.Join(folder, name+".png")); err != nil || info.Size() < 10_000 {
			t.Errorf("%s.png: %v", name, err)
		}
	}
	h.Stop()
}
