//go:build unix

// Package browser runs the scripts beside it in the system's Chromium, which has no way out
// of this machine, and gives what they found.
//
// It must not know what the scripts look at: that is between a script and its test.
package browser

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/test/peer"
)

const scriptWithin = 15 * time.Minute

// Finding is one line that a script said: a test of its own.
type Finding struct {
	Name   string
	OK     bool
	Detail string
}

// folder is where the scripts are: found from this file, or with -trimpath from the module.
func folder(t testing.TB) string {
	t.Helper()
	if _, here, _, ok := runtime.Caller(0); ok && filepath.IsAbs(here) {
		return filepath.Dir(here)
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "test", "browser")
}

// Chromium finds the browser and what drives it, or ends the test aloud.
func Chromium(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		peer.Missing(t, "browser", err)
	}
	if _, err := os.Stat(filepath.Join(folder(t), "node_modules", "playwright-core")); err != nil {
		peer.Missing(t, "browser", errors.New("npm ci --ignore-scripts --prefix test/browser has not been run"))
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	peer.Missing(t, "browser", errors.New("no chromium in PATH"))
	return ""
}

// Run runs a script with its configuration, to which it adds "chromium".
func Run(t testing.TB, script string, config map[string]any) []Finding {
	t.Helper()
	config["chromium"] = Chromium(t)
	in, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	cmd := exec.Command("node", script)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = folder(t), bytes.NewReader(in), &out, &said
	child, err := peer.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer child.Kill() // the browser with it
	select {
	case <-child.Done():
	case <-time.After(scriptWithin):
		child.Kill()
		t.Errorf("%s did not end within %s", script, scriptWithin)
	}
	if code := child.ExitCode(); code != 0 {
		t.Errorf("%s: exit code %d\n%s", script, code, said.String())
	}
	var found []Finding
	for line := range strings.Lines(out.String()) {
		var f Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s said %q: %v", script, line, err)
		}
		found = append(found, f)
	}
	return found
}
