package issuesync

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

var owner = auth.Actor{Kind: models.ActorMember, ID: "mem_2", Name: "Olga Owner", Role: models.RoleOwner}

// What was written for the few who may read a repository does not go on when everybody may.
func TestARepositoryThatBecomesPublicWaitsForAWord(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	const secret = "acme/secret"
	w := newWorld(t, sqlite(t), stand, func(o *Options) { o.Repository = secret })
	if err := stand.SetPrivate(t.Context(), secret, true); err != nil {
		t.Fatal(err)
	}
	th, l := w.linked("Among us")
	if err := w.Visit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stand.SetPrivate(t.Context(), secret, false); err != nil {
		t.Fatal(err)
	}
	if err := w.Visit(t.Context()); err != nil {
		t.Fatal(err)
	}
	stand.ResetLog()
	if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: models.StatusPlanned}); err != nil {
		t.Fatal(err)
	}
	other := w.create(w.theme("Another"))
	stop := w.start()
	w.waitFor(other.ID, models.LinkHeld)
	eventually(t, "it is said", func() bool { return w.read(l.ID).LastError == note(codeNowPublic, secret) }, func() any { return w.read(l.ID) })
	if n := len(stand.Writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
	h, err := w.Health(t.Context(), pm)
	if err != nil || len(h.Repositories) != 1 || h.Repositories[0].Trouble != codeNowPublic {
		t.Errorf("its health is %+v, %v", h, err)
	}
	if err := w.Agree(t.Context(), pm, secret); models.KindOf(err) != models.Forbidden {
		t.Errorf("a product manager agreed: %v", err)
	}
	if err := w.Agree(t.Context(), owner, secret); err != nil {
		t.Fatal(err)
	}
	if err := w.Agree(t.Context(), owner, secret); code(err) != " repository_waits_for_nothing" {
		t.Errorf("twice: %v", err)
	}
	w.waitFor(other.ID, models.LinkLinked)
	w.settled()
	stop()
	is := must[githubstand.Issue](t)(stand.GetIssue(t.Context(), secret, l.Number))
	if got := is.LabelNames(); len(got) != 1 || got[0] != "heed: planned" {
		t.Errorf("labels %v", got)
	}
	if err := w.Visit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h, err = w.Health(t.Context(), pm); err != nil || h.Repositories[0].Trouble != "" {
		t.Errorf("its health is %+v, %v", h, err)
	}
}

// A status may make an issue of its theme: once, when there is a public title, and not again
// when a person has unlinked it.
func TestAStatusMakesAnIssue(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, func(o *Options) { o.CreateOn = models.StatusPlanned })
	links := func(th *models.Theme) []models.IssueLink {
		t.Helper()
		w.settled()
		return must[[]models.IssueLink](t)(w.Links(t.Context(), pm, th.ID))
	}
	status := func(th *models.Theme, st models.Status) {
		t.Helper()
		if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: st}); err != nil {
			t.Fatal(err)
		}
	}
	defer w.start()()
	th := w.theme("Planned soon")
	status(th, models.StatusUnderReview)
	if n := len(links(th)); n != 0 {
		t.Errorf("%d issues before it is planned", n)
	}
	status(th, models.StatusPlanned)
	ls := links(th)
	if len(ls) != 1 || ls[0].State != models.LinkLinked || len(w.issues("Planned soon")) != 1 {
		t.Fatalf("links %+v", ls)
	}
	if err := w.Unlink(t.Context(), pm, th.ID, ls[0].ID); err != nil {
		t.Fatal(err)
	}
	status(th, models.StatusInProgress)
	if n := len(links(th)); n != 0 {
		t.Errorf("%d issues after it was unlinked", n)
	}
	title := "No name yet"
	private := must[*models.Theme](t)(w.th.Create(t.Context(), pm, themes.Draft{Title: &title}))
	status(private, models.StatusPlanned)
	if n := len(links(private)); n != 0 {
		t.Errorf("%d issues without a public title", n)
	}
	if _, _, err := w.th.Edit(t.Context(), pm, private.ID, 0, themes.Draft{PublicTitle: &models.Text{EN: "Named"}}); err != nil {
		t.Fatal(err)
	}
	if n := len(links(private)); n != 1 {
		t.Errorf("%d issues once it has a title", n)
	}
}

// A repository that was given another name and made public at once is the same one, and what
// was seen of it long ago is looked at again before anything is written there.
func TestARepositoryUnderAnotherNameIsKnownByItsId(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	const secret = "acme/secret"
	w := newWorld(t, sqlite(t), stand, func(o *Options) { o.Repository = secret })
	if err := stand.SetPrivate(t.Context(), secret, true); err != nil {
		t.Fatal(err)
	}
	th, l := w.linked("Among us")
	renamed := must[string](t)(stand.Rename(t.Context(), secret, "open-secret"))
	if err := stand.SetPrivate(t.Context(), renamed, false); err != nil {
		t.Fatal(err)
	}
	for _, looked := range []string{"long ago", "a moment ago, and GitHub says that it changed"} {
		t.Run(looked, func(t *testing.T) { seemsPublic(t, w, th, l, renamed, looked == "long ago") })
	}
	if err := w.Agree(t.Context(), owner, strings.ToUpper(renamed)); err != nil {
		t.Fatal(err)
	}
	stop := w.start()
	w.settled()
	stop()
	is := must[githubstand.Issue](t)(stand.GetIssue(t.Context(), renamed, l.Number))
	if got := is.LabelNames(); len(got) != 1 || got[0] != "heed: planned" {
		t.Errorf("labels %v", got)
	}
}

// seemsPublic wants the next write of a link to wait for a word.
func seemsPublic(t *testing.T, w *world, th *models.Theme, l models.IssueLink, renamed string, long bool) {
	stand := w.stand
	if w.exec("UPDATE github_repositories SET private = TRUE, trouble = '', seen_at = ?", w.db.Now()); long {
		w.exec("UPDATE github_repositories SET seen_at = ?", w.db.Now().Add(-freshLook-time.Minute))
	} else {
		body := fmt.Appendf(nil, `{"action":"publicized","repository":{"id":%d,"full_name":%q}}`, l.RepositoryID, renamed)
		out := must[Outcome](t)(w.Receive(t.Context(), Delivery{GUID: models.NewID("g"), Event: "repository", Body: body, Signature256: "sha256=" + signature(stand.WebhookSecret, body)}))
		if out != Queued {
			t.Errorf("GitHub's word was %s", out)
		}
	}
	stand.ResetLog()
	w.exec("UPDATE issue_links SET last_error = ''")
	if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: models.StatusUnderReview}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.th.SetStatus(t.Context(), pm, th.ID, themes.StatusChange{Status: models.StatusPlanned}); err != nil {
		t.Fatal(err)
	}
	stop := w.start()
	eventually(t, "it is said", func() bool { return strings.HasPrefix(w.read(l.ID).LastError, codeNowPublic) }, func() any { return w.read(l.ID) })
	if n := len(stand.Writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
	h, err := w.Health(t.Context(), pm)
	if err != nil || len(h.Repositories) != 1 || h.Repositories[0].Repository != renamed || h.Repositories[0].Linked != 1 || h.Repositories[0].Trouble != codeNowPublic {
		t.Errorf("its health is %+v, %v", h, err)
	}
	stop()
}
