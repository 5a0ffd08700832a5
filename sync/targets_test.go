package issuesync

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// An issue in each of two repositories: each has its own milestone of that title.
func TestATargetGoesToEveryRepositoryOfATheme(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, creating)
	b := bound(t, w, "Two of them")
	second := must[models.IssueLink](t)(w.Create(t.Context(), pm, b.th.ID, "acme/secret"))
	b.deed("gh.milestone:Common")
	b.deed(".")
	b.deed(".")
	second = b.read(second.ID)
	there := func() string {
		is := must[githubstand.Issue](t)(stand.GetIssue(t.Context(), "acme/secret", second.Number))
		if is.Milestone == nil {
			return ""
		}
		return is.Milestone.Title
	}
	if b.aims() != "Common | Common" || there() != "Common" || w.titled("acme/secret", "Common") != 1 {
		t.Errorf("%q and %q", b.aims(), there())
	}
	if _, err := stand.EditIssue(t.Context(), "acme/secret", second.Number, map[string]any{"milestone": nil}); err != nil {
		t.Fatal(err)
	}
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deed(".")
	if b.aims() != " | " || there() != "" {
		t.Errorf("taken away there: %q and %q", b.aims(), there())
	}
}

// A milestone's title is what anybody with write access there types: it is cut, masked and
// one line; what goes out mentions nobody.
func TestAMilestonesTitleIsHostileText(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	secret := "ghp_" + strings.Repeat("aB3d", 9)
	b := bound(t, newWorld(t, sqlite(t), stand, creating), "A")
	b.deed("gh.milestone:" + strings.Repeat("long\u00a0\u2028", 30) + "_" + secret)
	b.deed(".")
	if got := b.themeNow(b.th).Target; len([]rune(got)) > themes.MaxTarget || strings.ContainsAny(got, "\n\u2028") || !strings.HasPrefix(got, "long long") {
		t.Errorf("the target is %q", got)
	}
	b.deed("gh.milestone:key_" + secret)
	b.deed(".")
	if got := b.themeNow(b.th).Target; strings.Contains(got, secret) || !strings.HasPrefix(got, "key ") {
		t.Errorf("the target is %q", got)
	}
	if len(stand.Writes()) != 0 {
		t.Errorf("it wrote back %+v", stand.Writes())
	}
	b.deed("target:for_@octo,_closes_#12")
	b.deed(".")
	for _, r := range stand.Writes() {
		if mentions.Match(r.Body) || strings.Contains(string(r.Body), "closes") {
			t.Errorf("it wrote %s", r.Body)
		}
	}
	if b.issue().Milestone == nil || b.themeNow(b.th).Target != "for @octo, closes #12" {
		t.Errorf("they say %q", b.aims())
	}
	n := len(stand.Writes())
	b.deed(".")
	b.deed("mend:ours")
	b.deed(".")
	if len(stand.Writes()) != n {
		t.Errorf("it goes on writing: %+v", stand.Writes()[n:])
	}
}

// While it is found out that a target has no milestone, a title comes in and a person asks for
// something: neither is forgotten.
func TestATargetThatIsLeftTakesNothingElseBack(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, matching)
	b := bound(t, w, "A")
	b.deed("target:Unheard_of")
	late := must[*meeting](t)(w.met(t.Context(), w.db.Read(t.Context()), b.l.ID, must[issue](t)(w.api.issue(t.Context(), b.l.RepositoryID, b.l.Repository, b.l.Number))))
	if late.ways[fieldTarget] != push {
		t.Fatalf("the target goes %v", late.ways)
	}
	b.deed("gh.title:Renamed_there")
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deed("mend:theirs")
	before := must[shadow](t)(readShadow(new(b.read(b.l.ID))))
	if err := w.leaveTarget(t.Context(), late, note(codeNoMilestone, "Unheard of")); err != nil {
		t.Fatal(err)
	}
	now := b.read(b.l.ID)
	after := must[shadow](t)(readShadow(&now))
	if before[fieldTitle] != (pair{"Renamed there", "Renamed there"}) || after[fieldTitle] != before[fieldTitle] {
		t.Errorf("the title was last %+v, and now is said to have been %+v", before[fieldTitle], after[fieldTitle])
	}
	if now.Force != string(MendTheirs) {
		t.Errorf("what a person asked for is now %q", now.Force)
	}
}
