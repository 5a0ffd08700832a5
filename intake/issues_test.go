package intake_test

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// bring takes an issue in, as package sync does.
func (d door) bring(t *testing.T, i intake.Issue) intake.Filed {
	t.Helper()
	p, err := d.PrepareIssue(ctx, auth.GitHub(), i)
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.Commit(ctx, auth.GitHub(), p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnIssueIsNobodysAndAlarmsNobody(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		phrase := seed(t)
		f := d.bring(t, intake.Issue{Title: "Importing a wallet fails", Text: "All my funds were stolen! It says " + phrase + " is wrong.\x00 Mail ann@example.com", URL: "https://github.com/acme/web/issues/7",
			ExternalID: "github.com:5:1007", Author: "octo-ann", Name: "acme/web#7"})
		s := f.Suggestion
		if f.Theme == nil || f.Theme.Status != models.StatusCandidate || f.Theme.Public || f.Cause != "" || s.Confidential || s.Action != models.ActionNew {
			t.Errorf("brought in as %+v in %+v", s, f.Theme)
		}
		if strings.Contains(s.Text, phrase) || strings.Contains(f.Theme.Title, phrase) || len(f.Findings) == 0 {
			t.Errorf("a secret was kept: %q, found %v", s.Text, f.Findings)
		}
		if s.Source != intake.SourceGitHub || s.ExternalID != "github.com:5:1007" || s.PersonID != "" || s.ReplyDueAt != nil || s.FilerKind != models.ActorGitHub || s.Context.V["github_author"] != "octo-ann" || s.SourceURL != "https://github.com/acme/web/issues/7" {
			t.Errorf("%+v", s)
		}
		again := d.bring(t, intake.Issue{Title: "Renamed since", Text: "other words", ExternalID: "github.com:5:1007"})
		if !again.Again || again.Suggestion.ID != s.ID || again.Suggestion.Title != s.Title {
			t.Errorf("twice: %+v", again)
		}
		var people, alarms, votes int64
		d.db.Read(ctx).Model(&models.Person{}).Count(&people)
		d.db.Read(ctx).Model(&models.Emergency{}).Count(&alarms)
		d.db.Read(ctx).Model(&models.Vote{}).Count(&votes)
		if people+alarms+votes != 0 {
			t.Errorf("%d people, %d alarms, %d votes", people, alarms, votes)
		}
	})
}

func TestAnIssueIsCutComparedAndTakenByGitHubAlone(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		first := d.file(t, intake.Submission{Text: "Please add dark mode to the wallet"})
		bare := d.bring(t, intake.Issue{Title: "please add DARK mode to the wallet", Text: " \n\u200b", ExternalID: "1"})
		if bare.Theme == nil || bare.Theme.ID != first.Theme.ID || bare.Suggestion.Action != models.ActionAttached || bare.Suggestion.Title != "" {
			t.Errorf("the same words, as a title: %+v", bare)
		}
		like := d.bring(t, intake.Issue{Title: "Dark mode", Text: "I want a dark mode please, for the wallet", ExternalID: "2"})
		if like.Theme != nil || like.Suggestion.LikelyTheme != first.Theme.ID {
			t.Fatalf("what is alike waits for a person: %+v", like)
		}
		own, err := d.th.OpenFor(ctx, auth.GitHub(), like.Suggestion.ID)
		if err != nil || own.Status != models.StatusCandidate || own.ID == first.Theme.ID || own.SuggestionsCount != 1 || own.Title != "Dark mode" {
			t.Fatalf("its own theme: %+v, %v", own, err)
		}
		if same, err := d.th.OpenFor(ctx, auth.GitHub(), like.Suggestion.ID); err != nil || same.ID != own.ID {
			t.Errorf("another one: %+v, %v", same, err)
		}
		var s models.Suggestion
		if err := d.db.Read(ctx).First(&s, "id = ?", like.Suggestion.ID).Error; err != nil || !s.Waiting || s.LikelyTheme != first.Theme.ID || s.ThemesCount != 1 {
			t.Errorf("the inbox no longer shows what it is like: %+v, %v", s, err)
		}
		long := d.bring(t, intake.Issue{Title: strings.Repeat("长", 300), Text: strings.Repeat("导出很慢", 10_000), ExternalID: "3"})
		if n, m := len([]rune(long.Suggestion.Title)), len([]rune(long.Suggestion.Text)); n != intake.MaxTitle || m != intake.MaxText || !strings.HasSuffix(long.Suggestion.Text, "…") {
			t.Errorf("%d and %d characters", n, m)
		}
		quiet := d.bring(t, intake.Issue{Title: "!!!", ExternalID: "4"}) // names nothing, as others do
		other := d.bring(t, intake.Issue{Title: "!!!", ExternalID: "5"})
		if quiet.Theme != nil || other.Theme != nil {
			t.Errorf("what names nothing stands in %v and %v", quiet.Theme, other.Theme)
		}
		for _, f := range []intake.Filed{other, quiet} {
			if th, err := d.th.OpenFor(ctx, auth.GitHub(), f.Suggestion.ID); err != nil || th.SuggestionsCount != 1 {
				t.Errorf("%+v, %v", th, err)
			}
		}
		for _, a := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1"}} {
			if _, err := d.PrepareIssue(ctx, a, intake.Issue{Title: "x", ExternalID: "6"}); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s: %v", a.Kind, err)
			}
			if _, err := d.th.OpenFor(ctx, a, like.Suggestion.ID); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s: %v", a.Kind, err)
			}
		}
		if _, err := d.PrepareIssue(ctx, auth.GitHub(), intake.Issue{ExternalID: "7"}); models.KindOf(err) != models.Invalid {
			t.Errorf("an issue without a word: %v", err)
		}
	})
}
