//go:build unix

package e2e

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/test/process"
)

// A release reaches who asked for it, and what they answer comes back.
func TestReleaseAndAnswers(t *testing.T) {
	chromium(t)
	h := &house{t: t, Process: process.New(t, process.Options{Demo: true, Env: map[string]string{"HEED_FOLLOWUPS__SETTLE": "1s"}}).Start()}
	h.CLI("member", "add", "--email", "pm@example.test", "--role", "pm", "--name", "Petra")
	screens := 0
	for _, f := range browse(t, "told.mjs", map[string]any{"url": h.URL, "signIn": h.signInLink("pm@example.test")}) {
		t.Run(f.Name, func(t *testing.T) {
			if !f.OK {
				t.Error(f.Detail)
			}
		})
		if strings.HasSuffix(f.Name, " px") {
			screens++
		}
	}
	if want := 6 * 2 * 2 * 2; screens != want {
		t.Errorf("axe looked at %d screens, want %d", screens, want)
	}
	h.Stop()
}
