package issuesync

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

func withReleases(o *Options) { o.Releases = true }

func (w *world) release(fields map[string]any) githubstand.Release {
	w.t.Helper()
	return must[githubstand.Release](w.t)(w.stand.CreateRelease(w.t.Context(), roadmap, fields))
}

// drafts are the versions of the open drafts, the latest first.
func (w *world) drafts() (all []themes.ReleaseDraft, versions []string) {
	w.t.Helper()
	all = must[[]themes.ReleaseDraft](w.t)(w.th.ReleaseDrafts(w.t.Context(), pm))
	for _, d := range all {
		versions = append(versions, d.Version)
	}
	return all, versions
}

func (w *world) visits() {
	w.t.Helper()
	if err := w.Visit(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// clean takes the releases away that another database's turn has left.
func (w *world) clean() {
	w.t.Helper()
	for _, r := range must[[]githubstand.Release](w.t)(w.stand.ListReleases(w.t.Context(), roadmap)) {
		if err := w.stand.DeleteRelease(w.t.Context(), roadmap, r.ID); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) activities() (n int64) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context()).Model(&models.Activity{}).Count(&n).Error; err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A release on GitHub is a draft here: it proposes what its notes name and what is ready, and
// tells and moves nothing until a person ships it.
func TestAReleaseOnGitHubBecomesADraft(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand, withReleases)
		w.clean()
		w.release(map[string]any{"tag_name": "v0.9.0"})
		time.Sleep(1100 * time.Millisecond) // GitHub's time has whole seconds
		named, l := w.linked("Named in the notes")
		ready, done := w.linked("Ready by its issue")
		other, _ := w.linked("Neither of both")
		w.close(done, "completed")
		w.pull(done)
		before := w.activities()
		w.release(map[string]any{"tag_name": "v1.0.0-rc.1", "prerelease": true})
		w.release(map[string]any{"tag_name": "v1.0.0-draft", "draft": true})
		notes := fmt.Sprintf("Fixes #%d.\r\n\r\n<!-- generated -->Key: ghp_%s\n", l.Number, strings.Repeat("a1B2", 9))
		r := w.release(map[string]any{"tag_name": "v1.0.0", "name": "One <b>", "body": notes})
		w.visits()
		all, versions := w.drafts()
		if !slices.Equal(versions, []string{"1.0.0"}) {
			t.Fatalf("drafts of %v, want the release alone", versions)
		}
		d := all[0]
		if d.Name != "One <b>" || d.URL != r.HTMLURL || d.Repository != roadmap || d.GithubID != r.ID || !strings.HasPrefix(d.Notes.EN, "Fixes #") ||
			strings.Contains(d.Notes.EN, "generated") || strings.Contains(d.Notes.EN, "ghp_a1B2") || strings.Contains(d.Notes.EN, "\r") {
			t.Errorf("the draft is %+v", d.ReleaseDraft)
		}
		got := map[string]bool{}
		for _, th := range d.Themes {
			got[th.ID] = th.Named
		}
		if n, ok := got[named.ID]; !ok || !n {
			t.Errorf("%v: the theme that the notes name is not proposed as such", got)
		}
		if n, ok := got[ready.ID]; !ok || n {
			t.Errorf("%v: the ready theme is not proposed as such", got)
		}
		if _, ok := got[other.ID]; ok || len(got) != 2 {
			t.Errorf("%v are proposed, want the two", got)
		}
		if n := w.activities(); n != before || w.themeNow(named).Status != models.StatusInProgress {
			t.Errorf("%d new activities, and the theme is %s: a draft does nothing", n-before, w.themeNow(named).Status)
		}

		// Nothing new is free, and writes nothing.
		stand.ResetLog()
		w.visits()
		for _, req := range stand.Requests() {
			if strings.HasSuffix(req.Path, "/releases") && req.Status != http.StatusNotModified {
				t.Errorf("an unchanged list cost an answer of %d", req.Status)
			}
		}
		if again, _ := w.drafts(); !again[0].UpdatedAt.Equal(d.UpdatedAt) {
			t.Error("the same state wrote something")
		}

		// What changes there changes an open draft, and takes it away.
		must[githubstand.Release](t)(stand.EditRelease(t.Context(), roadmap, r.ID, map[string]any{"body": "修复了导出很慢的问题。"}))
		w.visits()
		if all, _ = w.drafts(); all[0].ID != d.ID || all[0].Notes.ZH == "" || all[0].Notes.EN != "" || len(all[0].Themes) != 1 || all[0].Themes[0].ID != ready.ID {
			t.Errorf("after the edit the draft is %+v", all[0])
		}
		must[githubstand.Release](t)(stand.EditRelease(t.Context(), roadmap, r.ID, map[string]any{"prerelease": true}))
		w.visits()
		if _, versions = w.drafts(); len(versions) != 0 {
			t.Errorf("drafts of %v, of what is a pre-release now", versions)
		}
	})
}

// A draft that was decided is never touched again, whatever becomes of its release.
func TestADecidedDraftStays(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, withReleases)
	th, l := w.linked("Ships with it")
	used := w.release(map[string]any{"tag_name": "2.0", "body": fmt.Sprintf("acme/ROADMAP#%d", l.Number)})
	unwanted := w.release(map[string]any{"tag_name": "2.0.1"})
	deleted := w.release(map[string]any{"tag_name": "2.0.2"})
	w.visits()
	all, versions := w.drafts()
	if len(versions) != 3 {
		t.Fatalf("drafts of %v", versions)
	}
	for _, d := range all {
		var err error
		switch d.GithubID {
		case used.ID:
			if len(d.Themes) != 1 || d.Themes[0].ID != th.ID {
				t.Errorf("it proposes %+v", d.Themes)
			}
			_, err = w.th.ShipRelease(t.Context(), pm, themes.Release{Version: d.Version, Themes: []string{th.ID}, Draft: d.ID})
		case unwanted.ID:
			_, err = w.th.DismissDraft(t.Context(), pm, d.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []githubstand.Release{used, unwanted} {
		must[githubstand.Release](t)(stand.EditRelease(t.Context(), roadmap, r.ID, map[string]any{"body": "other notes"}))
	}
	if err := stand.DeleteRelease(t.Context(), roadmap, deleted.ID); err != nil {
		t.Fatal(err)
	}
	w.visits()
	var rows []models.ReleaseDraft
	if err := w.db.Read(t.Context()).Order("github_id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].State != models.DraftUsed || rows[0].DecidedBy != pm.Name || rows[0].ReleaseID == "" || rows[1].State != models.DraftDismissed ||
		rows[0].Notes.EN+rows[1].Notes.EN != rows[0].Notes.EN || strings.Contains(rows[0].Notes.EN+rows[0].Notes.Any, "other") {
		t.Errorf("the drafts are %+v", rows)
	}
	if now := w.themeNow(th); now.Status != models.StatusShipped || now.Version != "2.0" {
		t.Errorf("the theme is %s with %q", now.Status, now.Version)
	}
}

// The webhook is a hint only, and of watched repositories alone.
func TestReleaseHooksAreHints(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, withReleases)
	off := newWorld(t, w.db, stand)
	w.linked("Watched")
	w.start()
	url, outcomes := receiver(t, w)
	stand.SetHookTarget(url)
	defer stand.SetHookTarget("")
	stand.PlanHooks(githubstand.HookPlan{DoubleEvery: 2, ForgeEvery: 3})
	r := w.release(map[string]any{"tag_name": "v3.0.0"})
	must[githubstand.Release](t)(stand.CreateRelease(t.Context(), "acme/secret", map[string]any{"tag_name": "v9"}))
	must[githubstand.Release](t)(stand.EditRelease(t.Context(), roadmap, r.ID, map[string]any{"name": "Three"}))
	if err := stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settled()
	all, versions := w.drafts()
	if !slices.Equal(versions, []string{"3.0.0"}) || all[0].Name != "Three" {
		t.Errorf("drafts of %v, %+v", versions, all)
	}
	if err := stand.DeleteRelease(t.Context(), roadmap, r.ID); err != nil {
		t.Fatal(err)
	}
	if err := stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.settled()
	if _, versions = w.drafts(); len(versions) != 0 {
		t.Errorf("drafts of %v, which was deleted", versions)
	}
	var of []string
	err := w.db.Read(t.Context()).Model(&models.HookDelivery{}).Where("event = 'release'").Order("repository, received_at").Pluck("outcome", &of).Error
	if err != nil || strings.Join(of, " ") != "queued queued queued ignored" || outcomes()["unauthenticated"] == 0 {
		t.Errorf("%v (%v), outcomes %v", of, err, outcomes())
	}
	body := []byte(`{"action":"published","repository":{"id":1,"full_name":"` + roadmap + `"}}`)
	out, err := off.Receive(t.Context(), Delivery{GUID: "off", Event: "release", Body: body, Signature256: "sha256=" + signature(stand.WebhookSecret, body)})
	if err != nil || out != Ignored {
		t.Errorf("with github.releases off: %s, %v", out, err)
	}
}

// Of two that read at the same time the later view need not be the last to be written: then
// the list is read anew, and not taken for unchanged.
func TestTwoReadersOfReleases(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, withReleases)
	r := w.release(map[string]any{"tag_name": "v4", "body": "before"})
	path := "repos/" + roadmap + "/releases?per_page=30"
	read := func() reading {
		var all []any
		return must[reading](t)(w.unlessSame(t.Context(), path, &all))
	}
	early := read()
	must[githubstand.Release](t)(stand.EditRelease(t.Context(), roadmap, r.ID, map[string]any{"body": "after"}))
	late := read()
	for _, one := range []reading{late, early} {
		if err := w.remember(t.Context(), path, one); err != nil {
			t.Fatal(err)
		}
	}
	if again := read(); again.had != "" {
		t.Error("the list counts as taken over")
	}
	if err := w.remember(t.Context(), path, late); err != nil {
		t.Fatal(err)
	}
	var all []any
	if _, err := w.unlessSame(t.Context(), path, &all); asTrouble(err) == nil || asTrouble(err).end != unchanged {
		t.Errorf("read by one alone: %v", err)
	}
}

// A token that may not read releases is told of quietly; an App asks for no right that it
// was not given.
func TestReleasesThatMayNotBeRead(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	for _, c := range bothWays(stand) {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sqlite(t), stand, c.change, withReleases)
			w.linked("Of " + c.name)
			path := "/repos/" + roadmap + "/releases"
			w.visits() // the list is taken over, and stays as it is
			stand.Gone(path, http.StatusForbidden)
			w.visits()
			trouble := func() (s string) {
				var rows []models.GithubReleaseList
				if err := w.db.Read(t.Context()).Find(&rows).Error; err != nil || len(rows) != 1 {
					t.Fatal(rows, err)
				}
				return rows[0].Trouble
			}
			if got := trouble(); !strings.HasPrefix(got, codeReleasesUnread+": 403") {
				t.Errorf("noted is %q", got)
			}
			stand.Restore(path)
			w.visits()
			if got := trouble(); got != "" {
				t.Errorf("noted is still %q", got)
			}
		})
	}
}

func TestWhatReleaseNotesName(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	host := webHost(w.api.gh.BaseURL)
	for text, want := range map[string]string{
		"#7, #7 and (#8)":                  "#7 #8",
		"acme/roadmap#3 Acme/Other#4 GH-5": "#3 acme/other#4 #5",
		"by @x in https://" + host + "/acme/other/pull/12 and http://" + host + "/Acme/Roadmap/issues/9#issuecomment-1": "#9",
		"https://elsewhere.example/acme/roadmap/issues/9":                                                               "",
		"# 1. Heading, &#39; and #abc, #0, #99999999999":                                                                "",
	} {
		var got []string
		for _, ref := range w.namedIn(text, roadmap) {
			got = append(got, fmt.Sprintf("%s#%d", ref.Repository, ref.Number))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q names %q, want %q", text, s, want)
		}
	}
	for tag, want := range map[string]string{"v2.4.0": "2.4.0", "V3": "3", "2.4": "2.4", "v": "v", "vista": "vista", "app-v2": "app-v2"} {
		if got := versionOf(tag); got != want {
			t.Errorf("%q is version %q, want %q", tag, got, want)
		}
	}
	if got := w.notesOf("a<!-- b\n-->c " + strings.Repeat("界", 20_000) + "<!-- open"); len([]rune(got)) != themes.MaxText || strings.Contains(got, "b") {
		t.Errorf("%d characters: %.20s", len([]rune(got)), got)
	}
}
