//go:build unix

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"

	"github.com/heedhq/heed/test/process"
)

// mostKeys is what a typist of sixty words a minute presses in 15 seconds: five
// keys a second.
const mostKeys = 15 * 5

// A support agent captures and answers in the browser.
func TestQuickCapture(t *testing.T) {
	chromium(t)
	h := &house{t: t, Process: process.New(t, process.Options{Demo: true}).Start()}
	h.CLI("member", "add", "--email", "sam@example.test", "--role", "support", "--name", "Sam")
	entropy := make([]byte, 16)
	entropy[0] = 7
	phrase, err := bip39.NewMnemonic(entropy)
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]any{"url": h.URL, "signIn": h.signInLink("sam@example.test"), "text": "Exporting transfers to CSV is slow",
		"textZh": "导出转账记录为表格太慢", "customer": "marisol", "phrase": phrase}
	found := browse(t, "capture.mjs", config)
	config["screens"], config["signIn"] = true, h.signInLink("sam@example.test")
	screens := 0
	for _, f := range append(found, browse(t, "capture.mjs", config)...) {
		t.Run(f.Name, func(t *testing.T) {
			if !f.OK {
				t.Error(f.Detail)
			}
			if strings.HasPrefix(f.Name, "candidates at") {
				t.Log(f.Detail)
			}
			if strings.HasPrefix(f.Name, "an agent captures") && f.OK {
				h.wasCaptured(t, f.Detail)
			}
		})
		if strings.HasSuffix(f.Name, " px") {
			screens++
		}
	}
	if want := 3 * 2 * 2 * 2; screens != want {
		t.Errorf("axe looked at %d screens, want %d", screens, want)
	}
	h.Stop()
}

// wasCaptured: few enough keys for 15 seconds of typing, and the answer names no
// address and nothing private.
func (h *house) wasCaptured(t *testing.T, detail string) {
	t.Helper()
	var done struct {
		ID      string
		Keys    int
		Seconds float64
		Said    string
	}
	if err := json.Unmarshal([]byte(detail), &done); err != nil || done.ID == "" {
		t.Fatalf("%q: %v", detail, err)
	}
	t.Logf("%d keys, %.1f s at sixty words a minute; told: %s", done.Keys, done.Seconds, done.Said)
	if done.Keys > mostKeys {
		t.Errorf("%d keys, at most %d", done.Keys, mostKeys)
	}
}
