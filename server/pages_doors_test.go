package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

const lostPhrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

// open is how many emergencies there are.
func (r *rig) emergencies() (n int64) {
	r.db.Read(ctx).Model(&models.Emergency{}).Count(&n)
	return n
}

// A comment that is an emergency is none: its person reads what to do, the team is
// alerted, and the theme's page has nothing of it.
func TestACommentThatIsAnEmergency(t *testing.T) {
	s := newStreet(t)
	page, dora := "/t/"+s.public.ID, s.signedIn("dora@example.com")
	for i, text := range []string{"Here: " + lostPhrase, "My wallet was drained yesterday!", "I found a vulnerability in the export"} {
		dora.post(page+"/comments", "text", text).to("/suggest/thanks")
		dora.get("/suggest/thanks").want(http.StatusOK).says("class=\"banner danger safety\"", "Our team has been alerted").hides("winner")
		if got := s.emergencies(); got != int64(i+1) {
			t.Fatalf("%q: %d emergencies", text, got)
		}
	}
	dora.in("zh").get("/suggest/thanks").says("团队")
	var comments int64
	if s.db.Read(ctx).Model(&models.Comment{}).Count(&comments); comments != 0 {
		t.Errorf("%d comments", comments)
	}
	var sug models.Suggestion
	s.db.Read(ctx).First(&sug, "source = ?", intake.SourceComment)
	if !sug.Confidential || sug.PersonID == "" || sug.ThemesCount != 0 || !strings.Contains(string(must(sug.Context.Value())(t).(string)), s.public.ID) {
		t.Errorf("%+v", sug)
	}
	s.visitor().get(page).hides("···", "drained", "vulnerability")
	s.member(models.RolePM).post("/themes/"+s.public.ID+"/comments", "text", "He sent "+lostPhrase)
	s.visitor().get(page).hides("···", "winner", "He sent")
	if got := s.emergencies(); got != 3 {
		t.Errorf("%d emergencies", got)
	}
}

// Other secrets wait for a person to look, and so does a phrase with a slip.
func TestACommentWithASecretWaits(t *testing.T) {
	s := newStreet(t)
	page, dora := "/t/"+s.public.ID, s.signedIn("dora@example.com")
	dora.post(page+"/comments", "text", "It is password=hunter2secret for me").to(page)
	dora.get(page).says("Something secret was taken out").hides("hunter2", "···")
	dora.post(page+"/comments", "text", strings.Replace(lostPhrase, "yellow", "zebra", 1)).to(page)
	s.visitor().get(page).hides("winner", "···")
	s.member(models.RolePM).get("/comments").says("had a secret").hides("hunter2")
	if s.emergencies() != 0 {
		t.Error("an emergency")
	}
}

// The pages behind the links of mails say at once what to do.
func TestAnswersThatAreAnEmergency(t *testing.T) {
	s := newStreet(t)
	mei := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	for i, answer := range []string{"yes", "no"} {
		t.Run(answer, func(t *testing.T) {
			act, _, err := s.themes.SetStatus(ctx, ana, s.public.ID, themes.StatusChange{Status: models.StatusShipped, Version: fmt.Sprint("4.", i), Notify: true})
			if err != nil {
				t.Fatal(err)
			}
			path := s.link("solved", act, mei)
			for range 2 { // and again, who loads it anew
				s.visitor().post(path, "answer", answer, "words", "Take "+lostPhrase).want(http.StatusOK).says("move your assets now", "is never published").hides("winner")
			}
			s.visitor().in("zh").get(path).says("立即")
			if got := s.emergencies(); got != int64(i+1) {
				t.Fatalf("%d emergencies", got)
			}
			s.member(models.RolePM).get("/themes/"+s.public.ID).hides("winner", "···")
			if _, _, err := s.themes.SetStatus(ctx, ana, s.public.ID, themes.StatusChange{Status: models.StatusInProgress}); err != nil {
				t.Fatal(err)
			}
		})
	}
	from := s.theme("CSV export", "导出 CSV", "csv")
	sug := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	s.assign(from.ID, sug.ID)
	act, _, err := s.themes.MergeTold(ctx, ana, from.ID, s.public.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	s.visitor().post(s.link("meant", act, sug.PersonID), "suggestion", sug.ID, "words", lostPhrase).want(http.StatusOK).says("move your assets now", "It is taken out").hides("winner")
	s.db.Read(ctx).First(&sug, "id = ?", sug.ID)
	if !sug.Confidential || s.emergencies() != 3 {
		t.Errorf("%+v, %d emergencies", sug, s.emergencies())
	}
}

// Words beside a yes are kept, for the team alone.
func TestWordsBesideAYes(t *testing.T) {
	s := newStreet(t)
	mei := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	act, _, err := s.themes.SetStatus(ctx, ana, s.public.ID, themes.StatusChange{Status: models.StatusShipped, Version: "4.2", Notify: true})
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.suggestions())
	s.visitor().post(s.link("solved", act, mei), "answer", "yes", "words", "Lovely, but slow on Mondays. password=hunter2secret").want(http.StatusOK).says("Good to hear")
	s.member(models.RolePM).get("/themes/"+s.public.ID).says("1 yes, 0 no", "What people say to it", "slow on Mondays").hides("hunter2")
	s.visitor().get("/t/" + s.public.ID).hides("Mondays")
	if len(s.suggestions()) != before {
		t.Error("it made a report")
	}
}

// What was said below a theme that went into another is read and answered there; undo
// gives it back with its answers. What never was public does not become so.
func TestTalkOfAMergedTheme(t *testing.T) {
	s := newStreet(t)
	from := s.theme("CSV export", "导出 CSV", "csv")
	hidden := must(s.themes.Create(ctx, ana, themes.Draft{Title: new("Never public")}))(t)
	dora := s.signedIn("dora@example.com")
	dora.post("/t/"+from.ID+"/comments", "text", "Semicolons, please").to("/t/" + from.ID)
	if _, err := s.themes.WriteUpdate(ctx, ana, from.ID, themes.Update{Text: models.Text{EN: "CSV is half done."}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.themes.Comment(ctx, ana, hidden.ID, themes.NewComment{Text: "Between us"}); err != nil {
		t.Fatal(err)
	}
	act, _, err := s.themes.Merge(ctx, ana, from.ID, s.public.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.themes.Merge(ctx, ana, hidden.ID, s.public.ID); err != nil {
		t.Fatal(err)
	}
	page := "/t/" + s.public.ID
	s.visitor().get(page).says("Semicolons, please", "CSV is half done.").hides("Between us")
	s.visitor().get(page + "/updates.atom").says("CSV is half done.")
	pm := s.member(models.RolePM)
	pm.get("/themes/"+s.public.ID).says("Semicolons, please", "CSV is half done.", "Between us")
	var said models.Comment
	s.db.Read(ctx).First(&said, "text LIKE 'Semi%'")
	pm.post("/themes/"+s.public.ID+"/comments", "text", "They come.", "reply_to", said.ID).to("/themes/" + s.public.ID)
	s.visitor().get(page).says("They come.", "answers")
	s.visitor().post(page+"/comments", "text", "x", "reply_to", said.ID)
	if _, err := s.themes.Undo(ctx, ana, act); err != nil {
		t.Fatal(err)
	}
	s.visitor().get(page).hides("Semicolons", "half done", "They come.")
	s.visitor().get("/t/"+from.ID).says("Semicolons, please", "CSV is half done.", "They come.")
}

// However much is said, the newest is on the page, and the rest a link away.
func TestCommentsComeInPages(t *testing.T) {
	s := newStreet(t)
	for i := range 61 {
		if _, err := s.themes.Comment(ctx, ana, s.public.ID, themes.NewComment{Text: fmt.Sprintf("Word %02d.", i)}); err != nil {
			t.Fatal(err)
		}
	}
	talk := must(s.themes.Comments(ctx, ana, s.public.ID, "", 0))(t)
	if len(talk.Comments) != 50 || talk.Comments[0].Text != "Word 60." || talk.Next != talk.Comments[49].ID {
		t.Fatalf("%d, %s, %s", len(talk.Comments), talk.Comments[0].Text, talk.Next)
	}
	page := "/t/" + s.public.ID
	s.visitor().get(page).says("Word 60.", "Word 11.", "Earlier comments", "?before="+talk.Next).hides("Word 10.", "Newest comments")
	s.visitor().get(page+"?before="+talk.Next).says("Word 10.", "Word 00.", "Newest comments").hides("Word 11.", "Earlier comments")
	if _, err := s.themes.Comments(ctx, ana, s.public.ID, "cmt_x", 0); models.KindOf(err) != models.Invalid {
		t.Error(err)
	}
}
