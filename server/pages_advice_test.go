package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// shippedTo ships a theme and is the link by which the person of a suggestion says
// whether that solves it.
func (r *rig) shippedTo(theme, version, receipt string) string {
	r.t.Helper()
	person := must(r.intake.ByReceipt(ctx, receipt))(r.t).Suggestion.PersonID
	act, _, err := r.themes.SetStatus(ctx, ana, theme, themes.StatusChange{Status: models.StatusShipped, Version: version, Notify: true})
	return r.link("solved", must(act, err)(r.t), person)
}

// A bare no is no alarm, whatever the theme is called: those words are ours. What the
// person says beside it is theirs.
func TestATitleOfOursAlarmsNobody(t *testing.T) {
	s := newStreet(t)
	for _, title := range []string{"XSS in the export", "My wallet was drained after the update"} {
		th := s.theme(title, "导出中的 XSS 漏洞", "It is mended.")
		f := s.file("It is not safe to open the export", "mei@example.com")
		s.assign(th.ID, f.Suggestion.ID)
		path := s.shippedTo(th.ID, "4.2", f.Suggestion.Receipt)
		for _, b := range []*browser{s.visitor(), s.visitor().in("zh")} {
			b.post(path, "answer", "no").want(http.StatusOK).hides("banner danger safety")
		}
		all := s.suggestions()
		if last := all[len(all)-1]; last.Confidential || s.emergencies() != 0 {
			t.Errorf("%s: %+v, %d emergencies", title, last, s.emergencies())
		}
	}
	path := s.shippedTo(s.public.ID, "4.3", s.receipt)
	s.visitor().post(path, "answer", "no", "words", "There is an XSS in it").want(http.StatusOK).says("banner danger safety")
	if s.emergencies() != 1 {
		t.Errorf("%d emergencies", s.emergencies())
	}
}

// A phrase with a slip is warned of behind the links of mails as everywhere else.
func TestASlipIsWarnedOfBehindTheLinksOfMails(t *testing.T) {
	for _, answer := range []string{"yes", "no"} {
		t.Run(answer, func(t *testing.T) {
			s := newStreet(t)
			path := s.shippedTo(s.public.ID, "4.2", s.receipt)
			s.visitor().post(path, "answer", answer, "words", "Mine is "+slipped).want(http.StatusOK).says("reads like a recovery phrase with a mistake").hides("winner")
			s.visitor().in("zh").post(path, "words", "还是 "+slipped).want(http.StatusOK).says("写错了的助记词").hides("winner")
			s.visitor().get("/t/" + s.public.ID).hides("winner")
		})
	}
	s := newStreet(t)
	path, sug := s.merged()
	s.visitor().post(path, "suggestion", sug.ID, "words", slipped).want(http.StatusOK).says("It is taken out", "reads like a recovery phrase with a mistake").hides("winner")
	if found := must(s.intake.Found(ctx, ana, sug.ID))(t); len(found) != 1 || found[0].Kind != models.FindingWarning {
		t.Errorf("staff are not shown it: %+v", found)
	}
}

// merged is the link by which somebody whose suggestion went elsewhere takes it out.
func (s *street) merged() (string, models.Suggestion) {
	s.t.Helper()
	from := s.theme("CSV export", "导出 CSV", "csv")
	sug := s.file("Give me a CSV of my board", "dora@example.com").Suggestion
	s.assign(from.ID, sug.ID)
	act, _, err := s.themes.MergeTold(ctx, ana, from.ID, s.public.ID, true)
	return s.link("meant", must(act, err)(s.t), sug.PersonID), sug
}

// Whoever is in danger is told what to do by the next page, also where what they sent is
// refused, and the team is alerted once: by what was sent, not by how often.
func TestARefusedFormIsReadForDangerAllTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("many doors, one visitor at each")
	}
	long := strings.Repeat("long ", 3000)
	for door, send := range map[string]func(s *street, words string) *page{
		"suggest": func(s *street, words string) *page {
			return s.signedIn("dora@example.com").post("/suggest", "title", strings.Repeat("x", 300), "text", words, "confirmed", "1").want(http.StatusUnprocessableEntity)
		},
		"suggest, too long": func(s *street, words string) *page {
			return s.signedIn("dora@example.com").post("/suggest", "title", "Help", "text", words+". "+long+long, "confirmed", "1").want(http.StatusUnprocessableEntity)
		},
		"suggest, without having seen what is alike": func(s *street, words string) *page {
			return s.signedIn("dora@example.com").post("/suggest", "title", "Faster exports of big boards "+strings.Repeat("x", 300), "text", words).want(http.StatusUnprocessableEntity)
		},
		"solved without a choice": func(s *street, words string) *page {
			return s.visitor().post(s.shippedTo(s.public.ID, "4.2", s.receipt), "words", words).want(http.StatusUnprocessableEntity)
		},
		"solved, too long": func(s *street, words string) *page {
			return s.visitor().post(s.shippedTo(s.public.ID, "4.2", s.receipt), "answer", "yes", "words", words+". "+long).want(http.StatusUnprocessableEntity)
		},
		"meant, taken out before": func(s *street, words string) *page {
			path, sug := s.merged()
			s.visitor().post(path, "suggestion", sug.ID).want(http.StatusOK)
			return s.visitor().post(path, "suggestion", sug.ID, "words", words).want(http.StatusUnprocessableEntity)
		},
		"link that is none": func(s *street, words string) *page {
			return s.visitor().post("/solved/nothing", "answer", "yes", "words", words).want(http.StatusNotFound)
		},
		"receipt": func(s *street, words string) *page {
			return s.visitor().post("/receipt", "code", words, "text", words).want(http.StatusUnprocessableEntity)
		},
		"thread": func(s *street, words string) *page {
			b := s.signedIn("mei@example.com")
			f := must(s.intake.ByReceipt(ctx, s.receipt))(s.t)
			return b.post("/s/"+f.Suggestion.ID, "text", words+". "+long).want(http.StatusUnprocessableEntity)
		},
		"thread of another": func(s *street, words string) *page {
			b := s.signedIn("dora@example.com")
			f := must(s.intake.ByReceipt(ctx, s.receipt))(s.t)
			b.post("/s/"+f.Suggestion.ID, "text", words).to("/suggest/thanks")
			return b.get("/suggest/thanks")
		},
		"comment of nobody": func(s *street, words string) *page {
			b := s.visitor()
			b.post("/t/"+s.public.ID+"/comments", "text", words).to("/suggest/thanks")
			return b.get("/suggest/thanks")
		},
		"comment, too long": func(s *street, words string) *page {
			b := s.signedIn("dora@example.com")
			b.post("/t/"+s.public.ID+"/comments", "text", words+". "+long+long).to("/suggest/thanks")
			return b.get("/suggest/thanks")
		},
		"comment on nothing": func(s *street, words string) *page {
			return s.signedIn("dora@example.com").post("/t/"+models.NewID(models.PrefixTheme)+"/comments", "text", words).want(http.StatusNotFound)
		},
	} {
		for words, advice := range map[string]string{"It is " + lostPhrase: "move your assets now", "All my coins were stolen": "Save what is left first"} {
			t.Run(door+"/"+advice, func(t *testing.T) {
				s := newStreet(t)
				send(s, words).says(advice, "Our team has been alerted")
				if n := s.emergencies(); n != 1 {
					t.Errorf("%d emergencies", n)
				}
				all := s.suggestions()
				if last := all[len(all)-1]; !last.Confidential || strings.Contains(last.Text, "winner") {
					t.Errorf("%+v", last)
				}
			})
		}
	}
}

// A refused form with a slip in its words is advised, and alerts nobody: nothing proves it.
func TestARefusedSlipIsAdvisedOf(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	b.post("/solved/nothing", "answer", "yes", "words", "Mine is "+slipped).want(http.StatusNotFound).says("move your assets now").hides("winner", "Our team has been alerted")
	b.post("/suggest", "title", "Help", "text", "Mine is "+slipped).want(http.StatusOK).says(`name="seen"`)
	s.rest(s.agentToken(), "POST", "/suggestions", map[string]any{"text": slipped, "kind": "wish"}).want(http.StatusUnprocessableEntity).says("move your assets now")
	if n := s.emergencies(); n != 0 {
		t.Errorf("%d emergencies", n)
	}
}

// What is not free text holds secrets, too: the phrase against phishing is where many
// would write the other one.
func TestARecoveryPhraseInAnotherFieldIsAnEmergency(t *testing.T) {
	s := newStreet(t)
	dora := s.signedIn("dora@example.com")
	for range 2 { // who sends it again is in the same one
		dora.post("/me/settings", "name", "Dora", "phrase", lostPhrase, "locale", "en").want(http.StatusUnprocessableEntity).says("move your assets now", "secret that must never be written").hides("winner")
	}
	if n := s.emergencies(); n != 1 {
		t.Errorf("%d emergencies", n)
	}
	dora.post("/me/settings", "name", "Dora", "phrase", slipped, "locale", "en").want(http.StatusUnprocessableEntity).says("move your assets now").hides("winner")
	s.visitor().post("/sign-in", "email", lostPhrase).says("move your assets now").hides("winner")
}

// A flood is told what to do, and alerts nobody.
func TestAFloodOfRefusalsAlertsNobody(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	for range 60 {
		if p := b.post("/receipt", "code", lostPhrase); p.code == http.StatusTooManyRequests {
			before := s.emergencies()
			b.post("/receipt", "code", lostPhrase).want(http.StatusTooManyRequests).says("move your assets now").hides("winner", "Our team has been alerted")
			if s.emergencies() != before {
				t.Error("alerted")
			}
			return
		}
	}
	t.Fatal("nothing was refused")
}

// Nor does one through a form that has no pace of its own.
func TestAFloodThroughAnyFormAlertsNobody(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	for range 60 {
		b.post("/unsubscribe/nothing", "text", lostPhrase).says("move your assets now").hides("winner")
	}
	before := s.emergencies()
	b.post("/preferences/nothing", "phrase", lostPhrase).says("move your assets now").hides("winner", "Our team has been alerted")
	if after := s.emergencies(); after != before || before == 0 || before >= 60 {
		t.Errorf("%d emergencies, then %d", before, after)
	}
}

// The first answer stands, and the page says so; what is said after it reaches the team.
func TestTheFirstAnswerStandsAndMoreCanBeSaid(t *testing.T) {
	s := newStreet(t)
	path, b := s.shippedTo(s.public.ID, "4.2", s.receipt), s.visitor()
	before := len(s.suggestions())
	for range 2 { // and the same form once more
		b.post(path, "answer", "yes", "words", "Lovely").want(http.StatusOK).says("Good to hear", "You answered: Yes, it does").hides("first answer stands")
	}
	b.post(path, "answer", "no").want(http.StatusOK).says("Your first answer stands", "You answered: Yes, it does", "<time ", `name="words"`).hides("is with the team, too")
	if len(s.suggestions()) != before {
		t.Fatal("it made a report")
	}
	for range 2 {
		b.post(path, "answer", "no", "words", "On Mondays it is slow again. password=hunter2secret").want(http.StatusOK).says("Your first answer stands", "You answered: Yes, it does", "/s/sug_").hides("hunter2")
	}
	b.in("zh").post(path, "words", "周二也慢").want(http.StatusOK).says("以您第一次的回答为准", "您刚才补充的话也已经转给团队")
	all := s.suggestions()
	if len(all) != before+1 || !strings.Contains(all[before].Text, "slow again") || strings.Contains(all[before].Text, "hunter2") {
		t.Fatalf("%d reports, %q", len(all)-before, all[len(all)-1].Text)
	}
	pm := s.member(models.RolePM)
	pm.get("/themes/"+s.public.ID).says("1 yes, 0 no", "Lovely")
	pm.get("/suggestions/"+all[before].ID).says("slow again", "周二也慢")
	b.in("en").post(path, "words", "My wallet was drained").want(http.StatusOK).says("Save what is left first")
	if s.emergencies() != 1 {
		t.Errorf("%d emergencies", s.emergencies())
	}
}

// After a no, more words go to the report that it made.
func TestMoreWordsAfterANoAreInItsThread(t *testing.T) {
	s := newStreet(t)
	path, b := s.shippedTo(s.public.ID, "4.2", s.receipt), s.visitor()
	before := len(s.suggestions())
	b.post(path, "answer", "no", "words", "Still slow")
	b.post(path, "answer", "yes", "words", "Fast since this morning").want(http.StatusOK).says("Your first answer stands", "You answered: No, not yet", "is with the team, too")
	all := s.suggestions()
	if len(all) != before+1 {
		t.Fatalf("%d reports", len(all)-before)
	}
	s.member(models.RolePM).get("/suggestions/"+all[before].ID).says("Still slow", "Fast since this morning")
	b.post(path, "words", strings.Repeat("long ", 3000)).want(http.StatusUnprocessableEntity).says("You answered: No, not yet", "Keep it to")
}

// Where only a phrase in Chinese was written, no language is left of it once it is
// masked: the advice is in Chinese all the same.
func TestAPhraseInChineseIsAdvisedInChinese(t *testing.T) {
	for door, send := range map[string]func(s *street) *page{
		"yes": func(s *street) *page {
			return s.visitor().post(s.shippedTo(s.public.ID, "4.2", s.receipt), "answer", "yes", "words", han)
		},
		"no": func(s *street) *page {
			return s.visitor().post(s.shippedTo(s.public.ID, "4.2", s.receipt), "answer", "no", "words", han)
		},
		"meant": func(s *street) *page {
			path, sug := s.merged()
			return s.visitor().post(path, "suggestion", sug.ID, "words", han)
		},
		"refused": func(s *street) *page { return s.visitor().post("/receipt", "code", han) },
		"comment": func(s *street) *page {
			b := s.signedIn("dora@example.com")
			b.post("/t/"+s.public.ID+"/comments", "text", han)
			return b.get("/suggest/thanks")
		},
		"name": func(s *street) *page {
			return s.signedIn("dora@example.com").post("/me/settings", "name", han, "locale", "en")
		},
		"REST": func(s *street) *page {
			return s.rest(s.agentToken(), "POST", "/suggestions", map[string]any{"text": han}).says(`"lang":"zh"`)
		},
		"REST, refused": func(s *street) *page {
			return s.rest(s.agentToken(), "POST", "/suggestions", map[string]any{"text": han, "kind": "wish"}).want(http.StatusUnprocessableEntity).says(`"lang":"zh"`)
		},
	} {
		t.Run(door, func(t *testing.T) { send(newStreet(t)).says("立即转移资产").hides(han) })
	}
}

// Whom we know is advised in their language, whatever the integration that files for them
// speaks; of others, what came with the request decides, and then their words.
func TestWhomWeKnowIsAdvisedInTheirLanguage(t *testing.T) {
	s := newStreet(t)
	must(s.intake.File(ctx, ana, intake.Submission{Text: "深色模式", Person: &intake.PersonInput{Email: "chen@example.com", Locale: "zh"}}))(t)
	token := s.agentToken()
	type args = map[string]any
	for _, c := range []struct {
		body args
		lang string
	}{
		{args{"text": "My wallet was drained", "person": args{"email": "chen@example.com"}}, "zh"},
		{args{"text": "My wallet was drained", "lang": "en", "person": args{"email": "chen@example.com"}}, "zh"},
		{args{"text": "My wallet was drained", "person": args{"email": "chen@example.com"}, "kind": "wish"}, "zh"}, // refused
		{args{"text": "My wallet was drained twice", "person": args{"email": "new@example.com", "locale": "zh"}}, "zh"},
		{args{"text": "我的钱包被盗了", "lang": "en", "person": args{"email": "new2@example.com"}}, "en"},
		{args{"text": "我的钱包被盗了", "person": args{"email": "new3@example.com"}}, "zh"},
		{args{"text": "我的钱包被盗了"}, "zh"},
		{args{"text": "My wallet was drained"}, "en"},
	} {
		s.rest(token, "POST", "/suggestions", c.body).says(`"cause":"stolen","lang":"` + c.lang + `"`)
	}
	s.rest(token, "POST", "/themes/"+s.public.ID+"/comments", args{"text": "My wallet was drained", "person": args{"email": "chen@example.com"}}).says(`"lang":"zh"`)
}

// Programs are told, too, when what they send is refused, and it is kept once however
// often they try.
func TestARefusedRequestTellsWhatToSay(t *testing.T) {
	s := newStreet(t)
	type args = map[string]any
	token := s.agentToken()
	for range 3 {
		s.rest(token, "POST", "/suggestions", args{"text": "It is " + lostPhrase, "kind": "wish"}).want(http.StatusUnprocessableEntity).says(`"safety":{`, `"cause":"secret"`, "move your assets now").hides("winner")
		s.rest(token, "POST", "/suggestions", args{"text": "It is " + lostPhrase, "nonsense": 1}).want(http.StatusUnprocessableEntity).says("move your assets now").hides("winner")
		s.rest(token, "POST", "/suggestions", args{"text": "x", "person": args{"handle": args{"channel": "telegram", "id": lostPhrase}}}).want(http.StatusUnprocessableEntity).says("move your assets now").hides("winner")
		s.rest(token, "POST", "/suggestions", args{"text": "x", "person": args{"handle": args{"channel": "telegram", "id": slipped}}}).want(http.StatusUnprocessableEntity).says("move your assets now").hides("winner")
	}
	if n := s.emergencies(); n != 2 { // the phrase, and the one with a slip
		t.Errorf("%d emergencies", n)
	}
	s.rest(token, "POST", "/suggestions", args{"text": "A dark mode", "kind": "wish"}).want(http.StatusUnprocessableEntity).hides("safety")
	a := s.agent(s.site(), token, "en")
	if _, text, failed := a.try("file_suggestion", args{"quote": "It is " + lostPhrase, "lang": "en", "source_url": "nowhere"}); !failed || !strings.Contains(text, "move your assets now") || strings.Contains(text, "winner") {
		t.Errorf("failed %v: %s", failed, text)
	}
	if _, text, failed := a.try("vote", args{"theme": s.public.ID, "person": args{"email": "dora@example.com", "name": slipped}}); !failed || !strings.Contains(text, "move your assets now") {
		t.Errorf("failed %v: %s", failed, text)
	}
	if got := s.called("dora@example.com"); got != "" {
		t.Errorf("called %q", got)
	}
}

// Whoever says in the thread that they are in danger reads there at once what to do, in
// the language of the page and in that of what they wrote now.
func TestAThreadAdvisesWhoIsInDanger(t *testing.T) {
	for text, says := range map[string]string{"All my coins were stolen": "Save what is left first", "It is " + lostPhrase: "move your assets now", han: "立即转移资产", "我的币被盗了": "先保住还在的资产"} {
		s := newStreet(t)
		f := must(s.intake.ByReceipt(ctx, s.receipt))(t)
		b := s.signedIn("mei@example.com")
		b.get("/s/" + f.Suggestion.ID).hides("banner danger safety")
		b.post("/s/"+f.Suggestion.ID, "text", text, "key", "k").to("/s/" + f.Suggestion.ID)
		b.get("/s/"+f.Suggestion.ID).says(says).hides("winner", han)
		if s.emergencies() != 1 {
			t.Errorf("%q: %d emergencies", text, s.emergencies())
		}
	}
}
