//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/test/peer"
)

const (
	scripts      = "../browser"
	scriptWithin = 15 * time.Minute
)

// finding is one line of a script of ../browser.
type finding struct {
	Name   string
	OK     bool
	Detail string
}

// chromium finds the browser and what drives it, or ends the test aloud.
func chromium(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		peer.Missing(t, "browser", err)
	}
	if _, err := os.Stat(filepath.Join(scripts, "node_modules", "playwright-core")); err != nil {
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

// browse runs a script with its configuration and gives what it found.
func browse(t *testing.T, script string, config map[string]any) []finding {
	t.Helper()
	config["chromium"] = chromium(t)
	in, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	cmd := exec.Command("node", script)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = scripts, bytes.NewReader(in), &out, &said
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
	var found []finding
	for line := range strings.Lines(out.String()) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s said %q: %v", script, line, err)
		}
		found = append(found, f)
	}
	return found
}

// inTheBrowser lets visitors see the shipped theme and staff work in the inbox.
func (h *house) inTheBrowser(t *testing.T, shipped *topic) {
	h.fillInbox(t)
	h.CLI("member", "add", "--email", "pm@example.test", "--role", "owner", "--name", "Ana")
	config := map[string]any{"url": h.URL, "signIn": h.signInLink("pm@example.test"), "theme": shipped.theme,
		"title": shipped.title, "shipped": sentence(t, "status.shipped"), "preferences": h.preferencesPath(t)}
	found := browse(t, "loop.mjs", config)
	screens := 0
	for _, f := range found {
		t.Run(f.Name, func(t *testing.T) {
			if !f.OK {
				t.Error(f.Detail)
			}
			if strings.HasPrefix(f.Name, "A assigns") && f.OK {
				h.wasAssigned(t, f.Detail)
			}
		})
		if strings.HasSuffix(f.Name, " px") {
			screens++
		}
	}
	if want := 34 * 2 * 2 * 2; screens != want {
		t.Errorf("axe looked at %d screens, want %d", screens, want)
	}
}

// fillInbox files what waits for staff: more of what is known, and something new.
func (h *house) fillInbox(t *testing.T) {
	t.Helper()
	for i, text := range []string{
		"A dark mode for the night, please. The white screen hurts.", "夜间模式什么时候有？白屏太刺眼了。",
		"Let me set the gas fee by hand.", "The balance is old until I restart the app.", "Can I print my receive address as a poster for my shop?",
	} {
		body := map[string]any{"text": text, "person": map[string]any{"email": "late" + string(rune('a'+i)) + "@example.test"}}
		if err := h.once("", "/suggestions", body, nil); err != nil {
			t.Fatal(err)
		}
	}
	var alarm struct{ ID string } // closed: it would stand on top of what the keyboard is tried on
	if err := h.once("", "/suggestions", map[string]any{"text": "My wallet was hacked, 500 USDT are gone to TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "person": map[string]any{"email": "robbed@example.test"}}, &alarm); err != nil {
		t.Fatal(err)
	}
	h.Call("PATCH", api+"/suggestions/"+alarm.ID, map[string]any{"state": "closed"}).Want(t, 200)
}

func (h *house) signInLink(email string) string {
	h.t.Helper()
	var link struct{ URL string }
	if err := unmarshal([]byte(h.CLI("signin-link", "--email", email, "--json")), &link); err != nil || !strings.HasPrefix(link.URL, h.URL) {
		h.t.Fatalf("heed signin-link said %+v (%v)", link, err)
	}
	return link.URL
}

// wasAssigned checks that the store has what the keyboard did.
func (h *house) wasAssigned(t *testing.T, detail string) {
	t.Helper()
	var done struct {
		IDs   []string
		Theme string
	}
	if err := json.Unmarshal([]byte(detail), &done); err != nil || len(done.IDs) == 0 {
		t.Fatalf("%q: %v", detail, err)
	}
	for _, id := range done.IDs {
		var s filed
		h.get("/suggestions/"+id, &s)
		if len(s.Themes) != 1 || s.Themes[0].ID != done.Theme {
			t.Errorf("suggestion %s stands in %v, want %s", id, s.Themes, done.Theme)
		}
	}
}

// preferencesPath is where the foot of somebody's follow-up leads.
func (h *house) preferencesPath(t *testing.T) string {
	t.Helper()
	for _, m := range h.sink.Mails() {
		if _, token, ok := strings.Cut(m.Read(t).Header.Get("List-Unsubscribe"), "/unsubscribe/"); ok {
			return "/preferences/" + strings.TrimSuffix(token, ">")
		}
	}
	t.Fatal("no follow-up has a way to stop it")
	return ""
}
