//go:build unix

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/test/browser"
)

// finding is one line of a script of ../browser.
type finding = browser.Finding

// chromium finds the browser and what drives it, or ends the test aloud.
func chromium(t *testing.T) string { return browser.Chromium(t) }

// browse runs a script with its configuration and gives what it found.
func browse(t *testing.T, script string, config map[string]any) []finding {
	t.Helper()
	return browser.Run(t, script, config)
}

// inTheBrowser lets visitors see the shipped theme and staff work in the inbox.
func (h *house) inTheBrowser(t *testing.T, shipped *topic) {
	h.fillInbox(t)
	h.CLI("member", "add", "--email", "pm@example.test", "--role", "owner", "--name", "Ana")
	config := map[string]any{"url": h.URL, "signIn": h.signInLink("pm@example.test"), "theme": shipped.theme,
		"title": shipped.title, "shipped": sentence(t, "status.shipped"), "preferences": h.preferencesPath(t), "webhook": h.askedWebhook(t)}
	h.untold(t, shipped)
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
	if want := 38 * 2 * 2 * 2; screens != want {
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

// askedWebhook is the page of a webhook that was asked once, and of what came of it.
func (h *house) askedWebhook(t *testing.T) string {
	t.Helper()
	var hook, message struct{ ID string }
	if err := h.once("", "/webhooks", map[string]any{"name": "Helpdesk", "url": "https://hooks.example.test/heed", "channel": "telegram", "events": []string{"theme.status_changed"}}, &hook); err != nil {
		t.Fatal(err)
	}
	if err := h.once("", "/webhooks/"+hook.ID+"/test", nil, &message); err != nil {
		t.Fatal(err)
	}
	return "/settings/webhooks/" + hook.ID + "?message=" + message.ID
}

// untold writes an update of a theme of which one person can be told by hand alone and one
// waits for their digest.
func (h *house) untold(t *testing.T, tp *topic) {
	t.Helper()
	var found struct{ People []struct{ ID string } }
	if h.get("/people?q="+tp.follower.Email, &found); len(found.People) != 1 {
		t.Fatalf("%s is %+v", tp.follower.Email, found)
	}
	h.Call("PUT", api+"/people/"+found.People[0].ID+"/preferences", map[string]any{"all": "weekly"}).Want(t, 200)
	reader := map[string]any{"handle": map[string]any{"channel": "discord", "id": "@reader"}, "name": "Ines", "locale": "en"}
	if err := h.once("", "/themes/"+tp.theme+"/votes", map[string]any{"person": reader}, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.once("", "/themes/"+tp.theme+"/updates", map[string]any{"text": bilingual{"It is on its way to everybody.", "正在陆续推送给所有人。"}}, nil); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "somebody is to be told by hand", 15*time.Second, func() bool {
		var list struct {
			ToTell []struct{ Person string } `json:"to_tell"`
		}
		h.get("/tell-by-hand", &list)
		return len(list.ToTell) == 1
	})
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
