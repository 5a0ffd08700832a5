package server_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// keeps asserts that the field's textarea holds the words, and that the page says why.
func (p *page) keeps(field, words string) *page {
	p.t.Helper()
	_, at, _ := strings.Cut(p.body, `<textarea id="`+field+`"`)
	at, _, _ = strings.Cut(at, "</textarea>")
	if !strings.HasSuffix(html.UnescapeString(at), ">"+words) {
		p.t.Errorf("%s: the field %s lost %q\n%s", p.what, field, words, short(p.body))
	}
	if strings.Count(html.UnescapeString(p.body), words) != 1 {
		p.t.Errorf("%s: the words stand %d times", p.what, strings.Count(p.body, words))
	}
	if c := p.header.Get("Cache-Control"); c != "no-store" {
		p.t.Errorf("%s may be kept: %s", p.what, c)
	}
	return p
}

// ship ships the street's theme and returns the activity.
func (s *street) ship() string {
	s.t.Helper()
	act, _, err := s.themes.SetStatus(ctx, ana, s.public.ID, themes.StatusChange{Status: models.StatusShipped, Version: "4.2", Notify: true})
	return must(act, err)(s.t)
}

// What is refused stands in its field again: nobody types it twice.
func TestARefusedCommentKeepsItsWords(t *testing.T) {
	s := newStreet(t)
	path, words := "/t/"+s.public.ID+"/comments", "Bitte <b>ja</b> & 请支持导出"
	s.visitor().post(path, "text", words).want(http.StatusUnauthorized).keeps("talk-text", words).says("You are signed out", `target="_blank"`, "/sign-in?next=%2ft%2f"+s.public.ID)
	s.visitor().in("zh").post(path, "text", words).want(http.StatusUnauthorized).keeps("talk-text", words).says("原文保留在这里")
	s.visitor().post(path, "text", "").want(http.StatusSeeOther)

	dora := s.signedIn("dora@example.com")
	dora.post(path, "text", "We need it too").to("/t/" + s.public.ID)
	var first models.Comment
	s.db.Read(ctx).First(&first)
	long := strings.Repeat("长", 4001)
	dora.post(path, "text", long).want(http.StatusUnprocessableEntity).keeps("talk-text", long)
	dora.post(path, "text", long, "reply_to", first.ID).want(http.StatusUnprocessableEntity).keeps("answer-"+first.ID, long).says("<details class=\"fold\" open>")
	dora.post(path, "text", words, "reply_to", models.NewID(models.PrefixComment)).want(http.StatusUnprocessableEntity).keeps("talk-text", words)
	dora.post("/t/"+models.NewID(models.PrefixTheme)+"/comments", "text", words).want(http.StatusNotFound)

	pm := s.member(models.RolePM)
	pm.post("/themes/"+s.public.ID+"/comments", "text", long).want(http.StatusUnprocessableEntity).keeps("talk-text", long)
	var n int64
	if s.db.Read(ctx).Model(&models.Comment{}).Count(&n); n != 1 {
		t.Errorf("%d comments, want the one that was taken", n)
	}
}

// fast sends the form until the pace is too fast, and returns that answer.
func (b *browser) fast(path string, pairs ...string) *page {
	b.r.t.Helper()
	for range 30 {
		if p := b.post(path, pairs...); p.code == http.StatusTooManyRequests {
			if p.header.Get("Retry-After") == "" {
				b.r.t.Errorf("%s does not say when to come back", p.what)
			}
			return p
		}
	}
	b.r.t.Fatalf("POST %s is never too fast", path)
	return nil
}

// Who is too fast keeps what they wrote, on each page of the portal that takes words.
func TestTooFastKeepsWords(t *testing.T) {
	s := newStreet(t)
	words := "Half of it works, the other half does not"
	dora := s.signedIn("dora@example.com")
	dora.fast("/t/"+s.public.ID+"/comments", "text", words, "reply_to", "cmt_none").keeps("talk-text", words)
	dora.fast("/suggest", "title", "", "text", "", "email", "none").want(http.StatusTooManyRequests)
	dora.post("/suggest", "title", "Stickers", "text", words).want(http.StatusTooManyRequests).keeps("text", words).says(`value="Stickers"`)

	mine := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	from := s.theme("CSV export", "导出 CSV", "csv")
	s.assign(from.ID, mine.ID)
	dora.fast("/s/"+mine.ID, "text", words, "kind", "nonsense").keeps("text", words)
	act, _, err := s.themes.MergeTold(ctx, ana, from.ID, s.public.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	dora.fast(s.link("meant", act, mine.PersonID), "suggestion", mine.ID+"x", "words", words)
	dora.post(s.link("meant", act, mine.PersonID), "suggestion", mine.ID, "words", words).want(http.StatusTooManyRequests).keeps("words-"+mine.ID, words)
	shipped := s.ship()
	dora.fast(s.link("solved", shipped, mine.PersonID), "answer", "", "words", words).keeps("words", words)
}

// Who is signed out meanwhile has their words back, and sees nothing of what they may not.
func TestAMessageIsNotLostByASession(t *testing.T) {
	s := newStreet(t)
	mine := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	words := "It is about the large board"
	s.visitor().post("/s/"+mine.ID, "text", words).want(http.StatusUnauthorized).keeps("kept", words).says("copy them").hides("Give me a CSV")
	s.visitor().post("/s/"+models.NewID(models.PrefixSuggestion), "text", words).want(http.StatusUnauthorized).keeps("kept", words)
	s.visitor().post("/s/"+mine.ID, "text", " ").to("/receipt?next=/s/" + mine.ID)
	s.signedIn("dora@example.com").post("/s/"+mine.ID, "text", strings.Repeat("x", 10_001)).want(http.StatusUnprocessableEntity).keeps("text", strings.Repeat("x", 10_001))
}

// The words for "did this solve it?" and "this is not what I meant" stand there again
// when they are too long.
func TestRefusedAnswersKeepTheirWords(t *testing.T) {
	s := newStreet(t)
	mine := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	from := s.theme("CSV export", "导出 CSV", "csv")
	s.assign(from.ID, mine.ID)
	act, _, err := s.themes.MergeTold(ctx, ana, from.ID, s.public.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("y", 30_000)
	s.visitor().post(s.link("meant", act, mine.PersonID), "suggestion", mine.ID, "words", long).want(http.StatusUnprocessableEntity).keeps("words-"+mine.ID, long)
	solved := s.link("solved", s.ship(), mine.PersonID)
	s.visitor().post(solved, "answer", "yes", "words", long).want(http.StatusUnprocessableEntity).keeps("words", long).says(`value="yes" required checked`)
	s.visitor().post(solved, "words", "so so").want(http.StatusUnprocessableEntity).keeps("words", "so so")
}
