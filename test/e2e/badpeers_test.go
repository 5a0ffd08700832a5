//go:build unix

package e2e

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
)

// themeOf makes a published theme that one person is behind.
func (h *house) themeOf(t *testing.T, n int, title string) *topic {
	t.Helper()
	tp := &topic{n: n, title: bilingual{title, title + "（中文）"}, follower: person{"waiting@example.test", "Wen", "en"}}
	if err := errors.Join(tp.make(h.once), tp.confirm(h.once), tp.follow(h.once)); err != nil {
		t.Fatal(err)
	}
	return tp
}

// A mail server that is down loses nothing: the mail waits, staff see it wait and
// why, and it goes out once the server is back.
func TestMailServerDown(t *testing.T) {
	h := open(t, modelstest.SQLiteURL(t), nil)
	if err := h.sink.Close(); err != nil {
		t.Fatal(err)
	}
	tp := h.themeOf(t, 0, "Dark mode")
	if err := tp.give(h.once, "planned", bilingual{}); err != nil {
		t.Fatal(err)
	}
	type delivery struct {
		ID, Address, State, Answer string
		Attempts                   int
	}
	only := func() (d delivery) {
		var list struct{ Deliveries []delivery }
		h.get("/deliveries", &list)
		if len(list.Deliveries) == 1 {
			d = list.Deliveries[0]
		}
		return d
	}
	waitFor(t, "the waiting mail says why it waits", 20*time.Second, func() bool { return only().Answer != "" })
	if d := only(); d.Address != tp.follower.Email || d.State == "sent" || d.State == "failed" || d.State == "expired" {
		t.Errorf("with the mail server down the delivery is %+v, want it waiting for %s", d, tp.follower.Email)
	}
	h.Kill()
	h.Start()
	if d := only(); d.Address == "" || d.State == "sent" || d.State == "failed" {
		t.Errorf("after a kill the delivery is %+v, want it waiting", d)
	}
	if err := h.sink.Reopen(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	mails := h.sink.Wait(t, 1, 90*time.Second)
	t.Logf("sent %s after the mail server came back", time.Since(began).Round(100*time.Millisecond))
	waitFor(t, "the ledger says that it was sent", 10*time.Second, func() bool { return only().State == "sent" })
	if len(mails) != 1 || mails[0].To != tp.follower.Email {
		t.Errorf("mails %v, want one to %s", mails, tp.follower.Email)
	}
	h.sound()
	h.Stop()
}

var newIssues = regexp.MustCompile(`^/repos/acme/roadmap/issues$`)

// What GitHub refuses is shown on the theme with a reason, tried again or held, and
// ends as exactly one issue once it is mended.
func TestGitHubRefuses(t *testing.T) {
	h := open(t, modelstest.SQLiteURL(t), nil)
	fault := func(kind githubstand.FaultKind, status int, message string) githubstand.Fault {
		return githubstand.Fault{Method: "POST", Path: newIssues, Kind: kind, Status: status, Message: message, DocURL: "https://docs.github.com/rest", Count: -1}
	}
	for n, c := range []struct {
		name  string
		fault githubstand.Fault
		code  string
		held  bool // a person must act; otherwise it goes on by itself
		made  bool // the issue was made, so the first look finds it
	}{
		{"401", fault(githubstand.Unauthorized, 0, ""), "github_token_refused", true, false},
		{"403", fault(githubstand.Status, 403, "Resource not accessible by personal access token"), "github_forbidden", true, false},
		{"404", fault(githubstand.Status, 404, "Not Found"), "github_repository_not_found", true, false},
		{"410", fault(githubstand.Status, 410, "Issues are disabled for this repo"), "github_issues_off", true, false},
		{"422", fault(githubstand.Status, 422, "Validation Failed"), "github_rejected", true, false},
		{"502", fault(githubstand.HTML502, 0, ""), "github_unsure", false, false},
		{"500", fault(githubstand.Status, 500, "Server Error"), "github_unsure", false, false},
		{"lost answer", fault(githubstand.DropAfter, 0, ""), "github_unsure", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := h.on(t)
			tp := h.themeOf(t, n, "Refused with "+c.name)
			h.stand.Fail(c.fault)
			if err := tp.link(h.once); err != nil {
				t.Fatal(err)
			}
			var shown issue
			waitFor(t, "the refusal is shown on the theme", 15*time.Second, func() bool {
				if all := h.issues(tp.theme); len(all) == 1 {
					shown = all[0]
				}
				return shown.LastError != ""
			})
			if !strings.HasPrefix(shown.LastError, c.code) || (shown.State == "held") != c.held {
				t.Errorf("shown as %+v, want %s and held: %v", shown, c.code, c.held)
			}
			if !c.held && shown.NotBefore == nil {
				t.Errorf("it does not say when it is tried again: %+v", shown)
			}
			h.stand.ClearFaults()
			h.linked(tp, !c.made)
			h.hasOneIssue(t, tp)
		})
	}
	h.sound()
	h.Stop()
}

func (h *house) hasOneIssue(t *testing.T, tp *topic) {
	t.Helper()
	all, err := h.stand.ListIssues(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, is := range all {
		if is.Title == tp.title.EN {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d issues named %q on GitHub, want exactly one", n, tp.title.EN)
	}
}
